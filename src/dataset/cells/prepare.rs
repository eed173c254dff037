//! From cells as read to cells as they are analysed: what is no marker is set apart, markers get their names and kinds, and
//! signals come on the scale of the analysis.

use super::super::formats::SampleColumn;
use super::super::{DatasetError, ExcludedSample, Inference, Problem, Scale, Severity};
use super::channels::{is_fluorochrome, is_state, says_what};
use super::facts::{ChannelApart, SampleCells};
use super::gather::compacted;
use super::panel::Kind;
use super::transform::{self, Step, Transform};
use super::{Channel, Panel, RawCells};

/// Fewest markers that tell what a cell is, from which kinds told by name are used.
const FEWEST_TYPES: usize = 3;
/// A sample with fewer cells says little of its populations.
const FEW_CELLS: usize = 50;
/// Markers named in a sentence.
const SHOWN: usize = 12;

/// What the owner of the data declared.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Declared<'a> {
    /// The panel.
    pub panel: Option<&'a Panel>,
    /// The divisor before arcsinh.
    pub cofactor: Option<f64>,
    /// The scale in the file.
    pub scale: Option<Scale>,
}

/// A marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Marker {
    /// What it is called; unique.
    pub name: String,
    /// Whether it helps to tell populations.
    pub tells_type: bool,
    /// Whether its signal is compared within populations.
    pub tells_state: bool,
}

/// Cells × markers by sample, on the scale of the analysis.
#[derive(Debug, Clone)]
pub(crate) struct Cells {
    /// How messages call what was read.
    pub file: String,
    /// The markers.
    pub markers: Vec<Marker>,
    /// Channels that are no markers.
    pub apart: Vec<ChannelApart>,
    /// The scale.
    pub scale: Scale,
    /// One per sample.
    pub samples: Vec<PreparedSample>,
    /// Samples without a cell.
    pub empty: Vec<ExcludedSample>,
}

/// The cells of one sample.
#[derive(Debug, Clone)]
pub(crate) struct PreparedSample {
    /// Its name, as in the file and short.
    pub column: SampleColumn,
    /// Cells × markers, row by row; NaN where a cell has no number.
    pub values: Vec<f32>,
    /// How many cells, and how much was seen in each.
    pub depth: SampleCells,
}

/// Cells with what was concluded on the way.
pub(crate) struct Prepared {
    /// The cells.
    pub cells: Cells,
    /// What was concluded.
    pub inferences: Vec<Inference>,
    /// What is doubtful.
    pub problems: Vec<Problem>,
}

impl Cells {
    /// Sets apart, names and transforms.
    ///
    /// # Errors
    /// No channel is a marker, or no sample has a cell.
    pub fn prepare(mut raw: RawCells, declared: Declared<'_>) -> Result<Prepared, DatasetError> {
        let mut inferences = std::mem::take(&mut raw.inferences);
        let mut problems = std::mem::take(&mut raw.problems);
        let file = raw.file.clone();
        let (kept, mut markers, apart) = markers(&raw.channels, declared.panel);
        if kept.is_empty() {
            let found: Vec<String> = apart
                .iter()
                .map(|c| format!("`{}`: {}", c.name, c.reason))
                .collect();
            return Err(DatasetError::NoNumbers {
                file,
                found: format!("no channel is a marker ({})", shortened(&found)),
            });
        }
        name_instrument(&mut raw, declared.panel);
        let transform = transform::choose(
            &raw,
            &kept,
            &raw.instrument,
            (declared.cofactor, declared.scale),
        );
        let kinds = kinds_in_words(&mut markers, declared.panel);
        inferences.push(said_of_scale(&file, &transform));
        if !transform.certain {
            problems.push(
                Problem::new(
                    Severity::Warn,
                    "scale_uncertain",
                    format!("the scale of the cells was told from weak evidence: {}", transform.because),
                    if transform.step == Step::Stay {
                        "declare `scale: !asinh {cofactor: 5}` of the table in `dataset.yaml` if it is right, or `scale: linear`"
                    } else {
                        "declare `cofactor: 5` (mass cytometry) or `cofactor: 150` (fluorescence) of the table in `dataset.yaml`"
                    },
                )
                .in_file(file.clone()),
            );
        }
        inferences.push(Inference::new(
            format!("markers of `{file}`"),
            kinds.0,
            kinds.1,
            "give a panel with the columns `antigen` and `marker_class` (type, state), or name it as `panel:` of the table in `dataset.yaml`",
        ));
        if !apart.is_empty() {
            let told: Vec<String> = apart
                .iter()
                .map(|c| format!("`{}` ({})", c.name, c.reason))
                .collect();
            inferences.push(Inference::new(
                format!("channels of `{file}` set apart"),
                shortened(&told),
                "their names",
                "rename the channel, or give its antigen in a panel",
            ));
        }
        let width = raw.channels.len();
        let (mut samples, mut empty) = (Vec::new(), Vec::new());
        for sample in raw.samples {
            if sample.values.len() < width {
                empty.push(ExcludedSample {
                    id: sample.column.label,
                    reason: "it holds no cell".to_string(),
                });
                continue;
            }
            let mut values = compacted(sample.values, width, &kept);
            let depth = depth(&sample.column.label, &values, kept.len());
            for x in &mut values {
                *x = transform.apply(*x);
            }
            samples.push(PreparedSample {
                column: sample.column,
                values,
                depth,
            });
        }
        if samples.is_empty() {
            return Err(DatasetError::Empty {
                file,
                found: format!("{} samples without a single cell", empty.len()),
            });
        }
        problems.extend(few_cells(&samples, &file));
        let cells = Self {
            file,
            markers,
            apart,
            scale: transform.scale,
            samples,
            empty,
        };
        Ok(Prepared {
            cells,
            inferences,
            problems,
        })
    }
}

/// The channels that are markers, what they are called, and the others.
fn markers(
    channels: &[Channel],
    panel: Option<&Panel>,
) -> (Vec<usize>, Vec<Marker>, Vec<ChannelApart>) {
    let told: Vec<_> = channels.iter().map(says_what).collect();
    let antigens = told.iter().any(|t| t.antigen && t.metal.is_some());
    let labelled = told
        .iter()
        .zip(channels)
        .any(|(t, c)| t.antigen && c.label.is_some());
    let unlabelled = |k: usize| {
        let channel = &channels[k];
        labelled && channel.label.is_none() && is_fluorochrome(&channel.header)
    };
    let area = |k: usize| {
        let header = &channels[k].header;
        let stem = header.strip_suffix("-H").or(header.strip_suffix("-W"));
        stem.is_some_and(|s| channels.iter().any(|c| c.header == format!("{s}-A")))
    };
    let (mut kept, mut markers, mut apart) = (Vec::new(), Vec::<Marker>::new(), Vec::new());
    for (k, channel) in channels.iter().enumerate() {
        let listed = panel.and_then(|p| p.of_channel(channel));
        let named = listed.and_then(|(antigen, _)| antigen);
        let kind = listed.and_then(|(_, kind)| kind);
        let reason = match (kind, told[k].apart) {
            (Some(Kind::Unused), _) => Some("the panel does not use it"),
            (Some(_), _) => None,
            (None, Some(reason)) => Some(reason),
            (None, None) if area(k) => Some("height or width of a channel whose area is used"),
            (None, None) if named.is_some() => None,
            (None, None) if !told[k].antigen && antigens => {
                Some("no antigen is named for its metal")
            }
            (None, None) if unlabelled(k) => Some("no antigen is named for its dye"),
            (None, None) => None,
        };
        if let Some(reason) = reason {
            apart.push(ChannelApart {
                name: channel.header.clone(),
                reason: reason.to_string(),
            });
            continue;
        }
        let mut name = named.unwrap_or(&told[k].name).to_string();
        if markers.iter().any(|m| m.name == name) {
            name = format!("{name} ({})", channel.header);
        }
        while markers.iter().any(|m| m.name == name) {
            name.push('\'');
        }
        kept.push(k);
        markers.push(Marker {
            name,
            tells_type: kind == Some(Kind::Type),
            tells_state: kind == Some(Kind::State),
        });
    }
    (kept, markers, apart)
}

/// Decides which markers tell types and which states, in words with the reason.
fn kinds_in_words(markers: &mut [Marker], panel: Option<&Panel>) -> (String, String) {
    let by_panel = markers.iter().any(|m| m.tells_type);
    let because = if by_panel {
        if markers.iter().all(|m| !m.tells_state) {
            for m in markers.iter_mut() {
                m.tells_state = !m.tells_type;
            }
        }
        panel.map_or_else(String::new, |p| format!("`{}` says so", p.file))
    } else {
        let states = markers.iter().filter(|m| is_state(&m.name)).count();
        let tell = states > 0 && markers.len() - states >= FEWEST_TYPES;
        for m in markers.iter_mut() {
            let state = is_state(&m.name);
            m.tells_type = !tell || !state;
            m.tells_state = !tell || state;
        }
        if tell {
            "no panel says so; phosphorylated and cleaved proteins, cytokines and marks of proliferation tell what a cell does".to_string()
        } else {
            "no panel and no name tells them apart, so that all tell populations and all are compared within them".to_string()
        }
    };
    // A panel of types alone leaves nothing to compare within populations but the types.
    if markers.iter().all(|m| !m.tells_state) {
        for m in markers.iter_mut() {
            m.tells_state = true;
        }
    }
    let list = |test: fn(&Marker) -> bool| {
        let names: Vec<String> = markers
            .iter()
            .filter(|m| test(m))
            .map(|m| m.name.clone())
            .collect();
        format!("{} ({})", names.len(), shortened(&names))
    };
    (
        format!(
            "types are told by {}; compared within them are {}",
            list(|m| m.tells_type),
            list(|m| m.tells_state)
        ),
        because,
    )
}

/// What the names of the channels, in the data or the panel, say of the instrument, where the file does not.
fn name_instrument(raw: &mut RawCells, panel: Option<&Panel>) {
    let in_panel = |c: &Channel| panel?.metal(c).map(str::to_string);
    let metals: Vec<String> = raw
        .channels
        .iter()
        .filter_map(|c| says_what(c).metal.or_else(|| in_panel(c)))
        .collect();
    if raw.instrument.mass.is_none() && metals.len() >= 3 {
        raw.instrument.mass = Some(format!(
            "channels are named after metals ({})",
            shortened(&metals)
        ));
    }
    if raw.instrument.mass.is_some() || raw.instrument.fluorescence.is_some() {
        return;
    }
    let scatter = |c: &&Channel| says_what(c).apart == Some("light scatter");
    if let Some(channel) = raw.channels.iter().find(scatter) {
        raw.instrument.fluorescence = Some(format!("`{}` is light scatter", channel.header));
    } else {
        let dyes: Vec<String> = (raw.channels.iter())
            .filter(|c| is_fluorochrome(&c.header))
            .map(|c| c.header.clone())
            .collect();
        if dyes.len() >= 2 {
            raw.instrument.fluorescence = Some(format!(
                "channels are named after dyes ({})",
                shortened(&dyes)
            ));
        }
    }
}

fn said_of_scale(file: &str, transform: &Transform) -> Inference {
    let value = match transform.step {
        Step::Asinh(cofactor) => format!("arcsinh(x / {cofactor})"),
        Step::ToLog2(_) => "log2".to_string(),
        Step::Stay => "as they stand".to_string(),
    };
    Inference::new(
        format!("scale of the cells of `{file}`"),
        value,
        transform.because.clone(),
        "declare `cofactor:` of the table in `dataset.yaml`, or `scale: linear`",
    )
}

/// Markers above zero and the sum of their signals, over the cells of a sample before they are transformed.
fn depth(name: &str, values: &[f32], width: usize) -> SampleCells {
    let cells = values.len() / width;
    let (mut detected, mut total) = (Vec::with_capacity(cells), Vec::with_capacity(cells));
    for cell in values.chunks_exact(width) {
        let above = cell.iter().filter(|x| **x > 0.0);
        detected.push(above.clone().count() as f32);
        total.push(above.sum::<f32>());
    }
    SampleCells {
        sample: name.to_string(),
        cells,
        markers_detected: super::assays::median(&mut detected).unwrap_or(0.0),
        total_signal: super::assays::median(&mut total).unwrap_or(0.0),
    }
}

fn few_cells(samples: &[PreparedSample], file: &str) -> Option<Problem> {
    let few: Vec<String> = samples
        .iter()
        .filter(|s| s.depth.cells < FEW_CELLS)
        .map(|s| format!("`{}` ({})", s.column.label, s.depth.cells))
        .collect();
    (!few.is_empty()).then(|| {
        Problem::new(
            Severity::Warn,
            "few_cells",
            format!("fewer than {FEW_CELLS} cells in {}", shortened(&few)),
            "leave the samples out with `exclude:` in `dataset.yaml`, or read them with this in mind",
        )
        .in_file(file)
    })
}

/// A list with at most some of its items.
fn shortened(items: &[String]) -> String {
    let more = items.len().saturating_sub(SHOWN);
    let shown = items[..items.len().min(SHOWN)].join(", ");
    if more > 0 {
        format!("{shown} and {more} more")
    } else {
        shown
    }
}
