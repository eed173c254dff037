//! AnnData in HDF5 (`.h5ad`; Virshup et al. 2024, doi:10.21105/joss.04371): cells × features in `X`, what is known of cells
//! in `obs`, of features in `var`. With many cells for each value of a column of samples and a panel of features the cells
//! are read as such; else every cell is a sample, as single-cell proteomics is analysed.

mod frame;
mod matrix;
mod shape;
#[cfg(test)]
mod tests;

use std::path::Path;

use hdf5_pure::File;

use super::super::cells::{MOST_NUMBERS, too_many};
use super::super::container::packed::{self, Packing};
use super::super::container::{Measured, guarded, hashed};
use super::super::open::CellSource;
use super::super::{DatasetError, FeatureLevel, Inference, SourceFile};
use super::FormatInfo;
use frame::Frame;

/// Short name of the format.
pub(crate) const NAME: &str = "h5ad";
/// What the format is called in a sentence.
pub(crate) const TITLE: &str = "AnnData `.h5ad`: single cells, or cells as samples";

/// What a listing says of the format.
pub(crate) const INFO: FormatInfo = FormatInfo {
    name: NAME,
    title: TITLE,
    level: FeatureLevel::Marker,
    sample: "",
};

/// What was read of a file.
pub(crate) struct ReadH5ad {
    /// Size and hash.
    pub source: SourceFile,
    /// Cells × markers, or features × cells.
    pub content: Measured,
    /// Why it was taken for AnnData.
    pub inference: Inference,
}

/// What a file holds.
struct Contents {
    obs: Frame,
    var: Frame,
    samples: shape::Samples,
    matrix: matrix::Chosen,
}

/// The fault of a file that is not as AnnData writes it.
fn malformed(file: &str, detail: impl Into<String>) -> DatasetError {
    DatasetError::Malformed {
        file: file.to_string(),
        kind: "AnnData".to_string(),
        detail: detail.into(),
        hint: "write the object again with `AnnData.write_h5ad`, or export a table of cells"
            .to_string(),
    }
}

/// Reads a file, plain or packed.
///
/// # Errors
/// A file without `obs`, `var` and a matrix of their shape, or one that is broken.
pub(crate) fn read(
    path: &Path,
    name: &str,
    declared: &CellSource,
) -> Result<ReadH5ad, DatasetError> {
    let contents = opened(path, name, |file| contents(file, name, declared))?;
    Ok(ReadH5ad {
        source: hashed(path, name)?,
        content: shape::measured(contents, name)?,
        inference: Inference::new(
            format!("format of `{name}`"),
            TITLE,
            "it is an HDF5 file with `obs` and `var`",
            "give a table in one of the formats listed by `proteus inspect --help`",
        ),
    })
}

/// Names of the samples and of the features that a file will give, without a look at its numbers.
pub(crate) fn look(
    path: &Path,
    name: &str,
    declared: &CellSource,
) -> Option<(Vec<String>, Vec<String>)> {
    let told = opened(path, name, |file| {
        let (obs, var) = frames(file, name)?;
        let samples = shape::samples(&obs, var.len(), name, declared)?;
        Ok((shape::sample_names(&obs, &samples), var.index))
    });
    told.ok()
}

/// Opens a file, plain or packed, for the library of HDF5, which may give up on broken bytes by a panic.
fn opened<T>(
    path: &Path,
    name: &str,
    read: impl FnOnce(&File) -> Result<T, DatasetError>,
) -> Result<T, DatasetError> {
    if packed::open(path, name)?.1 == Packing::Plain {
        return sound(name, || File::open_streaming(path), read);
    }
    let (bytes, _) = packed::read_whole(path, name, |_| Ok(()))?;
    sound(name, || File::from_bytes(bytes), read)
}

fn sound<T>(
    name: &str,
    open: impl FnOnce() -> Result<File, hdf5_pure::Error>,
    read: impl FnOnce(&File) -> Result<T, DatasetError>,
) -> Result<T, DatasetError> {
    let all = guarded(|| {
        let fault = |e| malformed(name, format!("it is no sound HDF5 file ({e})"));
        read(&open().map_err(fault)?)
    });
    all.unwrap_or_else(|said| {
        let broken = format!("its HDF5 structure is broken ({said})");
        Err(malformed(name, broken))
    })
}

fn frames(file: &File, name: &str) -> Result<(Frame, Frame), DatasetError> {
    let frame = |group: &str| -> Result<Frame, DatasetError> {
        let found = file
            .group(group)
            .map_err(|_| malformed(name, format!("it has no group `{group}`")))?;
        Frame::read(&found, file.file_size())
            .map_err(|e| malformed(name, format!("`{group}`: {e}")))
    };
    Ok((frame("obs")?, frame("var")?))
}

fn contents(file: &File, name: &str, declared: &CellSource) -> Result<Contents, DatasetError> {
    let (obs, var) = frames(file, name)?;
    // What is refused is refused before its numbers are read.
    let samples = shape::samples(&obs, var.len(), name, declared)?;
    if obs.len().saturating_mul(var.len()) > MOST_NUMBERS {
        return Err(too_many(name));
    }
    let matrix = matrix::choose(file, obs.len(), var.len()).map_err(|e| malformed(name, e))?;
    Ok(Contents {
        obs,
        var,
        samples,
        matrix,
    })
}
