//! MaxQuant `evidence.txt`: one row per peptide feature and raw file. Precursors (modified sequence and charge) are
//! summed within an experiment; reporter-ion and SILAC channels become samples of their own, named by experiment and
//! channel. Reverse hits and contaminants carry a `+`.

use super::super::grid::Grid;
use super::super::label::canonical;
use super::super::long::{self, LongLayout, Repeats, ValueColumn};
use super::super::{DatasetError, FeatureLevel, Inference, Quantity};
use super::{Evidence, Format, RawTable, RowFlag, has_numbers, no_values};

/// The format.
pub(crate) struct MaxQuantEvidence;

impl Format for MaxQuantEvidence {
    fn name(&self) -> &'static str {
        "maxquant_evidence"
    }

    fn title(&self) -> &'static str {
        "MaxQuant evidence"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Precursor
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        layout(grid, None).map(|_| {
            Evidence::certain(
                "it has the columns `Raw file`, `Modified sequence`, `Charge` and the intensities of peptide features",
            )
        })
    }

    fn layout(&self, head: &Grid, declared: Option<Quantity>) -> Option<LongLayout> {
        layout(head, declared)
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let layout = self.layout(grid, declared).ok_or_else(|| no_values(grid))?;
        long::read_grid(grid, &layout)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}

fn layout(grid: &Grid, declared: Option<Quantity>) -> Option<LongLayout> {
    let raw_file = grid.find(&["Raw file"])?;
    let peptide = grid.find(&["Modified sequence"])?;
    let charge = grid.find(&["Charge"])?;
    grid.find(&["Leading razor protein", "Leading proteins", "Proteins"])?;
    grid.find(&[
        "MS/MS IDs",
        "Best MS/MS",
        "Calibrated retention time",
        "Match time difference",
    ])?;
    if grid.find(&["Scan number", "Evidence ID"]).is_some() {
        return None;
    }
    let (values, quantity, kind) = values(grid, declared)?;
    let experiment = experiment(grid, raw_file, quantity);
    let sample = experiment.unwrap_or(raw_file);
    let mut layout = LongLayout::new(
        FeatureLevel::Precursor,
        quantity,
        vec![sample],
        vec![peptide, charge],
        values[0].column,
    );
    if let Some(channels) = kind {
        layout.inferences.push(Inference::new(
            format!("channels of `{}`", grid.file),
            channels,
            format!(
                "each {} holds one sample per channel, named `{}` and the channel",
                if experiment.is_some() {
                    "experiment"
                } else {
                    "raw file"
                },
                grid.header[sample]
            ),
            "give a table without these columns",
        ));
    }
    layout.values = values;
    layout.repeats = Repeats::Sum;
    layout.path = experiment
        .filter(|&j| one_to_one(grid, j, raw_file))
        .map(|_| raw_file);
    layout.accessions = grid.find(&["Leading razor protein", "Leading proteins", "Proteins"]);
    layout.assigned = grid
        .find(&["Leading razor protein", "Leading proteins"])
        .is_some();
    layout.genes = grid.find(&["Gene names"]);
    layout.descriptions = ["Protein names", "Proteins"]
        .iter()
        .filter_map(|name| grid.find(&[name]))
        .collect();
    layout.flags = grid
        .find(&["Reverse"])
        .map(|j| (j, RowFlag::Decoy))
        .into_iter()
        .chain(
            grid.find(&["Potential contaminant", "Contaminant"])
                .map(|j| (j, RowFlag::Contaminant)),
        )
        .collect();
    Some(layout)
}

type Values = (Vec<ValueColumn>, Quantity, Option<String>);

/// Reporter intensities (corrected ones first), SILAC intensities, or the intensity.
fn values(grid: &Grid, declared: Option<Quantity>) -> Option<Values> {
    let reporters = declared != Some(Quantity::Intensity);
    for (prefix, said) in [
        (
            "reporterintensitycorrected",
            "corrected reporter intensities",
        ),
        ("reporterintensity", "reporter intensities"),
    ] {
        let channels: Vec<ValueColumn> = grid
            .header
            .iter()
            .enumerate()
            .filter_map(|(column, h)| {
                let name = canonical(h);
                let number = name.strip_prefix(prefix)?;
                let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
                digits.then(|| ValueColumn {
                    column,
                    channel: Some((format!("Reporter intensity {number}"), number.to_string())),
                })
            })
            .collect();
        if reporters && channels.iter().any(|c| has_numbers(grid, c.column)) {
            let found = format!("{said} of up to {} channels", channels.len());
            return Some((channels, Quantity::ReporterIntensity, Some(found)));
        }
    }
    let silac: Vec<ValueColumn> = ["L", "M", "H"]
        .iter()
        .filter_map(|label| {
            let column = grid.find(&[&format!("Intensity {label}")])?;
            has_numbers(grid, column).then(|| ValueColumn {
                column,
                channel: Some((format!("Intensity {label}"), (*label).to_string())),
            })
        })
        .collect();
    if silac.len() > 1 {
        let found = format!("intensities of {} isotope labels", silac.len());
        return Some((silac, Quantity::Intensity, Some(found)));
    }
    let column = grid
        .find(&["Intensity"])
        .filter(|&j| has_numbers(grid, j))?;
    Some((
        vec![ValueColumn {
            column,
            channel: None,
        }],
        Quantity::Intensity,
        None,
    ))
}

/// The column `Experiment`, where it is filled and tells samples apart.
fn experiment(grid: &Grid, raw_file: usize, quantity: Quantity) -> Option<usize> {
    let column = grid.find(&["Experiment"])?;
    let filled = grid.column(column).all(|c| !c.is_empty());
    let differ = |j: usize| grid.column(j).any(|c| c != grid.cell(0, j));
    let several = differ(column) || !differ(raw_file) || quantity == Quantity::ReporterIntensity;
    (filled && several).then_some(column)
}

/// Whether no experiment spans several raw files.
fn one_to_one(grid: &Grid, experiment: usize, raw_file: usize) -> bool {
    let mut file_of = std::collections::HashMap::new();
    grid.column(experiment)
        .zip(grid.column(raw_file))
        .all(|(e, f)| *file_of.entry(e).or_insert(f) == f)
}
