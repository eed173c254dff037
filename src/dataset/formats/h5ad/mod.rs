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

use super::super::cells::RawCells;
use super::super::container::packed::{self, Packing};
use super::super::container::{self, Measured, hashed};
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

/// What a file holds, before it is decided what its cells are.
struct Contents {
    obs: Frame,
    var: Frame,
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
    let packing = packed::open(path, name)?.1;
    let content = if packing == Packing::Plain {
        guarded(name, || {
            of_file(&opened(File::open_streaming(path), name)?, name, declared)
        })?
    } else {
        let (bytes, _) = packed::read_whole(path, name, |_| Ok(()))?;
        of_bytes(bytes, name, declared)?
    };
    Ok(ReadH5ad {
        source: hashed(path, name)?,
        content,
        inference: Inference::new(
            format!("format of `{name}`"),
            TITLE,
            "it is an HDF5 file with `obs` and `var`",
            "give a table in one of the formats listed by `proteus inspect --help`",
        ),
    })
}

/// Reads a file in memory.
fn of_bytes(bytes: Vec<u8>, name: &str, declared: &CellSource) -> Result<Measured, DatasetError> {
    guarded(name, || {
        of_file(&opened(File::from_bytes(bytes), name)?, name, declared)
    })
}

fn opened(file: Result<File, hdf5_pure::Error>, name: &str) -> Result<File, DatasetError> {
    file.map_err(|e| malformed(name, format!("it is no sound HDF5 file ({e})")))
}

/// Runs a reading whose library may give up on broken bytes by a panic, which is a fault of the file.
fn guarded<T>(
    name: &str,
    read: impl FnOnce() -> Result<T, DatasetError>,
) -> Result<T, DatasetError> {
    container::guarded(read)
        .unwrap_or_else(|_| Err(malformed(name, "its HDF5 structure is broken")))
}

fn of_file(file: &File, name: &str, declared: &CellSource) -> Result<Measured, DatasetError> {
    let frame = |group: &str| -> Result<Frame, DatasetError> {
        let found = file
            .group(group)
            .map_err(|_| malformed(name, format!("it has no group `{group}`")))?;
        Frame::read(&found).map_err(|e| malformed(name, format!("`{group}`: {e}")))
    };
    let (obs, var) = (frame("obs")?, frame("var")?);
    let matrix = matrix::choose(file, obs.len(), var.len()).map_err(|e| malformed(name, e))?;
    shape::measured(Contents { obs, var, matrix }, name, declared)
}

/// Samples at most for which every cell is one.
const MOST_SAMPLES: usize = 20_000;

/// Names of the samples and of the features that a file will give, for a look at its folder.
pub(crate) fn look(
    path: &Path,
    name: &str,
    declared: &CellSource,
) -> Option<(Vec<String>, Vec<String>)> {
    let read = read(path, name, declared).ok()?;
    match read.content {
        Measured::Cells(RawCells {
            samples, channels, ..
        }) => Some((
            samples.into_iter().map(|s| s.column.label).collect(),
            channels.into_iter().map(|c| c.header).collect(),
        )),
        Measured::Table(table) => Some((
            table.columns.into_iter().map(|c| c.label).collect(),
            table.features.into_iter().map(|f| f.id).collect(),
        )),
    }
}
