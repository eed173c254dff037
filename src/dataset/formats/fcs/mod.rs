//! FCS 2.0, 3.0 and 3.1, the Flow Cytometry Standard (Spidlen et al. 2010, doi:10.1002/cyto.a.20825), list mode: HEADER
//! and TEXT in [`text`], DATA in [`data`], spillover in [`compensation`]. One file is one sample, several are one dataset.
//!
//! Integers of any whole number of bytes in any byte order, floats and ASCII are read; amplification (`$PnE`) and gain
//! (`$PnG`) are taken out, integers are cut to their range (`$PnR`). Nothing is allocated because a file claims it: sizes
//! come from the bytes that are there.

mod compensation;
mod data;
#[cfg(test)]
mod tests;
mod text;

use std::io::{BufReader, Cursor, Read, Seek};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::super::cells::{
    Channel, Instrument, MOST_NUMBERS, RawCells, RawSample, says_what, too_many,
};
use super::super::container::hashed;
use super::super::container::packed::{self, Packing, unreadable};
use super::super::label::run_name;
use super::super::open::TableSource;
use super::super::{DatasetError, FeatureLevel, Inference, Problem, Severity, SourceFile};
use super::{FormatInfo, SampleColumn};
use text::Keywords;

/// Short name of the format.
pub(crate) const NAME: &str = "fcs";
const TITLE: &str = "FCS 2.0, 3.0 and 3.1: flow and mass cytometry";
/// Channels that all files must share.
const SHARED: usize = 1;

/// What a listing says of the format.
pub(crate) const INFO: FormatInfo = FormatInfo {
    name: NAME,
    title: TITLE,
    level: FeatureLevel::Marker,
    sample: "",
};

/// What was read of some files.
pub(crate) struct ReadFcs {
    /// The files with their hashes.
    pub files: Vec<SourceFile>,
    /// Their cells.
    pub cells: RawCells,
    /// Why they were taken for FCS.
    pub inference: Inference,
}

/// One file as read.
#[derive(Debug)]
struct OneFile {
    version: String,
    channels: Vec<Channel>,
    /// Cells × channels.
    values: Vec<f32>,
    instrument: Instrument,
    /// How spillover was taken out, in words.
    compensated: Option<String>,
    problems: Vec<Problem>,
}

/// The fault of a file that is not as the standard says.
fn malformed(file: &str, detail: impl Into<String>) -> DatasetError {
    DatasetError::Malformed {
        file: file.to_string(),
        kind: "FCS".to_string(),
        detail: detail.into(),
        hint: "export the file again from the instrument's software, or leave it out".to_string(),
    }
}

/// Reads some files as one dataset, each a sample called by its name.
///
/// # Errors
/// The first file that cannot be read, or files that share no channel.
pub(crate) fn read(sources: &[TableSource]) -> Result<ReadFcs, DatasetError> {
    let held = AtomicUsize::new(0);
    let read: Vec<Result<(OneFile, SourceFile), DatasetError>> = sources
        .par_iter()
        .map(|s| {
            let one = one(&s.path, &s.name)?;
            let before = held.fetch_add(one.values.len(), Ordering::Relaxed);
            if before + one.values.len() > MOST_NUMBERS {
                return Err(too_many(&s.name));
            }
            Ok((one, hashed(&s.path, &s.name)?))
        })
        .collect();
    let mut ones = Vec::with_capacity(read.len());
    let mut files = Vec::with_capacity(read.len());
    for file in read {
        let (one, source) = file?;
        ones.push(one);
        files.push(SourceFile {
            read_as: NAME.to_string(),
            ..source
        });
    }
    let names: Vec<&str> = sources.iter().map(|s| s.name.as_str()).collect();
    let versions: Vec<&str> = ones.iter().map(|o| o.version.as_str()).collect();
    let inference = Inference::new(
        format!("format of {}", in_short(&names)),
        TITLE,
        format!("they begin with {}", distinct(&versions)),
        "give a table in one of the formats listed by `proteus inspect --help`",
    );
    Ok(ReadFcs {
        files,
        cells: together(ones, &names)?,
        inference,
    })
}

/// `a.fcs`, or `a.fcs` and how many more.
fn in_short(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [first, more @ ..] => format!("`{first}` and {} more files", more.len()),
    }
}

fn distinct(texts: &[&str]) -> String {
    let mut all: Vec<&str> = texts.to_vec();
    all.sort_unstable();
    all.dedup();
    let quoted: Vec<String> = all.iter().map(|t| format!("`{t}`")).collect();
    quoted.join(", ")
}

/// Reads one file, plain or packed.
fn one(path: &Path, name: &str) -> Result<OneFile, DatasetError> {
    let (file, packing) = packed::open(path, name)?;
    if packing == Packing::Plain {
        let length = file.metadata().map_err(|e| unreadable(name, &e))?.len();
        return parse(&mut BufReader::with_capacity(1 << 20, file), length, name);
    }
    let (bytes, _) = packed::read_whole(path, name, |_| Ok(()))?;
    let length = bytes.len() as u64;
    parse(&mut Cursor::new(bytes), length, name)
}

/// The channels of a file, without a look at its events.
pub(crate) fn channels(path: &Path, name: &str) -> Result<Vec<Channel>, DatasetError> {
    let (file, packing) = packed::open(path, name)?;
    let parameters = if packing == Packing::Plain {
        let length = file.metadata().map_err(|e| unreadable(name, &e))?.len();
        Keywords::read(&mut BufReader::new(file), length, name)?.parameters(name)?
    } else {
        let (bytes, _) = packed::read_whole(path, name, |_| Ok(()))?;
        let length = bytes.len() as u64;
        Keywords::read(&mut Cursor::new(bytes), length, name)?.parameters(name)?
    };
    let channel = |p: text::Parameter| Channel {
        header: p.name,
        label: p.label,
    };
    Ok(parameters.into_iter().map(channel).collect())
}

/// Reads the first data set of a file of `length` bytes.
fn parse(
    reader: &mut (impl Read + Seek),
    length: u64,
    name: &str,
) -> Result<OneFile, DatasetError> {
    let keywords = Keywords::read(reader, length, name)?;
    let parameters = keywords.parameters(name)?;
    let (values, mut problems) = data::read(reader, length, &keywords, &parameters, name)?;
    let channels: Vec<Channel> = parameters
        .iter()
        .map(|p| Channel {
            header: p.name.clone(),
            label: p.label.clone(),
        })
        .collect();
    let instrument = instrument(&keywords, &channels);
    let mut one = OneFile {
        version: keywords.version.clone(),
        channels,
        values,
        instrument,
        compensated: None,
        problems: Vec::new(),
    };
    match compensation::of(&keywords, &one.channels) {
        Ok(Some(spill)) if one.instrument.mass.is_none() => {
            match spill.take_out(&mut one.values, one.channels.len()) {
                Ok(()) => one.compensated = Some(spill.in_words()),
                Err(fault) => problems.push(not_compensated(name, &fault)),
            }
        }
        Ok(_) => {}
        Err(fault) => problems.push(not_compensated(name, &fault)),
    }
    one.problems = problems;
    Ok(one)
}

fn not_compensated(file: &str, fault: &str) -> Problem {
    Problem::new(
        Severity::Warn,
        "not_compensated",
        format!("its spillover is not taken out: {fault}"),
        "export the file with a complete `$SPILLOVER`, or export compensated signals",
    )
    .in_file(file)
}

/// What keywords and names of channels say of the instrument.
fn instrument(keywords: &Keywords, channels: &[Channel]) -> Instrument {
    let cytometer = keywords.get("$CYT").unwrap_or_default();
    let upper = cytometer.to_uppercase();
    let mass = ["CYTOF", "HELIOS", "DVSSCIENCES", "DVS SCIENCES", "STARION"]
        .iter()
        .any(|w| upper.contains(w));
    let scatter = channels
        .iter()
        .find(|c| says_what(c).apart == Some("light scatter"));
    Instrument {
        mass: mass.then(|| format!("`$CYT` is `{cytometer}`")),
        fluorescence: scatter
            .filter(|_| !mass)
            .map(|c| format!("`{}` is light scatter", c.header)),
    }
}

/// Several files as one table of cells over the channels they share.
fn together(mut ones: Vec<OneFile>, names: &[&str]) -> Result<RawCells, DatasetError> {
    let file = in_short(names).replace('`', "");
    let mut problems: Vec<Problem> = ones
        .iter_mut()
        .flat_map(|o| std::mem::take(&mut o.problems))
        .collect();
    let place = |o: &OneFile, c: &Channel| o.channels.iter().position(|d| d.header == c.header);
    let Some(first) = ones.first() else {
        return Err(malformed(&file, "no file"));
    };
    let (shared, missing): (Vec<Channel>, Vec<Channel>) = first
        .channels
        .iter()
        .cloned()
        .partition(|c| ones.iter().all(|o| place(o, c).is_some()));
    if shared.len() < SHARED {
        return Err(malformed(
            &file,
            format!(
                "the files share no channel; the first has {}",
                list(&first.channels)
            ),
        ));
    }
    let further: usize = ones
        .iter()
        .map(|o| {
            o.channels
                .iter()
                .filter(|c| !shared.iter().any(|s| s.header == c.header))
                .count()
        })
        .sum();
    if further > 0 {
        problems.push(
            Problem::new(
                Severity::Warn,
                "channels_differ",
                format!(
                    "{} channels are in all files and are used; not in all: {}",
                    shared.len(),
                    if missing.is_empty() {
                        "channels of later files".to_string()
                    } else {
                        list(&missing)
                    }
                ),
                "export all files with the same channels",
            )
            .in_file(file.clone()),
        );
    }
    for channel in &shared {
        let labels: Vec<&str> = ones
            .iter()
            .filter_map(|o| o.channels[place(o, channel)?].label.as_deref())
            .collect();
        if labels.windows(2).any(|w| w[0] != w[1]) {
            problems.push(
                Problem::new(
                    Severity::Warn,
                    "channel_named_differently",
                    format!("the files call it {}", distinct(&labels)),
                    "check that it measures the same antigen in all files, or give a panel",
                )
                .in_file(file.clone())
                .in_column(channel.header.clone()),
            );
        }
    }
    let mut inferences = Vec::new();
    let compensated: Vec<&str> = ones
        .iter()
        .filter_map(|o| o.compensated.as_deref())
        .collect();
    if !compensated.is_empty() {
        inferences.push(Inference::new(
            format!("compensation of `{file}`"),
            format!(
                "spillover is taken out in {} of {} files",
                compensated.len(),
                ones.len()
            ),
            distinct(&compensated).replace('`', ""),
            "export signals without `$SPILLOVER` if they are compensated already",
        ));
    }
    let instrument = Instrument {
        mass: ones.iter().find_map(|o| o.instrument.mass.clone()),
        fluorescence: ones.iter().find_map(|o| o.instrument.fluorescence.clone()),
    };
    let samples = ones
        .into_iter()
        .zip(names)
        .map(|(o, name)| RawSample {
            column: SampleColumn {
                header: (*name).to_string(),
                label: sample_name(name).to_string(),
            },
            values: {
                let places: Vec<usize> = shared.iter().filter_map(|c| place(&o, c)).collect();
                chosen(o.values, o.channels.len(), &places)
            },
        })
        .collect();
    Ok(RawCells {
        file,
        channels: shared,
        samples,
        instrument,
        sheet: None,
        inferences,
        problems,
    })
}

/// The name of a file without its endings.
pub(crate) fn sample_name(name: &str) -> &str {
    let mut name = name;
    for ending in [".gz", ".zst", ".fcs", ".FCS"] {
        name = name.strip_suffix(ending).unwrap_or(name);
    }
    run_name(name)
}

fn list(channels: &[Channel]) -> String {
    let names: Vec<String> = channels
        .iter()
        .take(12)
        .map(|c| format!("`{}`", c.header))
        .collect();
    names.join(", ")
}

/// Rows with the given columns in the given order.
fn chosen(values: Vec<f32>, width: usize, places: &[usize]) -> Vec<f32> {
    if places.len() == width && places.iter().enumerate().all(|(k, p)| k == *p) {
        return values;
    }
    values
        .chunks_exact(width.max(1))
        .flat_map(|cell| places.iter().map(|&p| cell[p]))
        .collect()
}
