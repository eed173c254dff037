//! Any delimited table with one row per sample and feature: a sample column, a feature column, a value column, and facts
//! about the sample that repeat on each of its rows.

use std::collections::{HashMap, HashSet};

use indexmap::{IndexMap, IndexSet};

use super::super::grid::Grid;
use super::super::label::{canonical, run_name, words};
use super::super::sheet::Sheet;
use super::super::{DatasetError, Feature, FeatureLevel, Inference, Quantity};
use super::accession::{flag_of, is_uniprot, organism_in, set_symbols, split_ids, text};
use super::{Evidence, Format, RawTable, SampleColumn};

/// The format.
pub(crate) struct PlainLong;

const SAMPLES: [&str; 14] = [
    "sampleid",
    "runid",
    "assayid",
    "rawfile",
    "filename",
    "file",
    "run",
    "rfilename",
    "samplename",
    "sample",
    "channel",
    "aliquot",
    "injection",
    "samplefile",
];
const FEATURES: [&str; 17] = [
    "olinkid",
    "proteinid",
    "proteinids",
    "uniprot",
    "uniprotid",
    "accession",
    "proteinaccession",
    "proteingroup",
    "protein",
    "proteinname",
    "feature",
    "featureid",
    "gene",
    "genesymbol",
    "genename",
    "symbol",
    "assay",
];
const VALUES: [(&str, Quantity); 16] = [
    ("lfqintensity", Quantity::LfqIntensity),
    ("maxlfq", Quantity::LfqIntensity),
    ("lfq", Quantity::LfqIntensity),
    ("npx", Quantity::Npx),
    ("log2intensity", Quantity::Intensity),
    ("log2abundance", Quantity::Intensity),
    ("logintensity", Quantity::Intensity),
    ("normalizedabundance", Quantity::LfqIntensity),
    ("abundance", Quantity::Intensity),
    ("abundanceraw", Quantity::Intensity),
    ("intensity", Quantity::Intensity),
    ("quantity", Quantity::Intensity),
    ("area", Quantity::Intensity),
    ("ratio", Quantity::Ratio),
    ("log2ratio", Quantity::Ratio),
    ("value", Quantity::Other),
];

struct Layout {
    sample: usize,
    feature: usize,
    value: usize,
    quantity: Quantity,
}

impl Format for PlainLong {
    fn name(&self) -> &'static str {
        "plain_long"
    }

    fn title(&self) -> &'static str {
        "plain table, long"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        let layout = layout(grid)?;
        Some(Evidence::shape(
            50,
            format!(
                "one row per `{}` and `{}` with a number in `{}`",
                grid.header[layout.sample], grid.header[layout.feature], grid.header[layout.value]
            ),
        ))
    }

    fn read(&self, grid: &Grid, _declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let Some(layout) = layout(grid) else {
            return Err(DatasetError::NoNumbers {
                file: grid.file.clone(),
                found: format!("the columns are {}", grid.header_excerpt()),
            });
        };
        read(grid, &layout)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}

fn layout(grid: &Grid) -> Option<Layout> {
    let named = |names: &[&str]| -> Vec<usize> {
        names
            .iter()
            .filter_map(|n| grid.header.iter().position(|h| canonical(h) == *n))
            .collect()
    };
    let (value, quantity) = VALUES.iter().find_map(|(name, quantity)| {
        let j = grid.header.iter().position(|h| canonical(h) == *name)?;
        let (numbers, _, texts) = grid.kinds(j);
        (numbers > 0 && texts * 20 <= numbers).then_some((j, *quantity))
    })?;
    let repeated = |j: usize| {
        let distinct = grid.column(j).collect::<HashSet<_>>().len();
        distinct >= 2 && distinct * 3 <= grid.n_rows() * 2
    };
    let features: Vec<usize> = named(&FEATURES)
        .into_iter()
        .filter(|&j| j != value && repeated(j))
        .collect();
    let samples: Vec<usize> = named(&SAMPLES)
        .into_iter()
        .filter(|&j| j != value && repeated(j))
        .collect();
    for &feature in &features {
        for &sample in samples.iter().filter(|s| **s != feature) {
            let mut seen = HashSet::new();
            if (0..grid.n_rows())
                .all(|i| seen.insert((grid.cell(i, sample), grid.cell(i, feature))))
            {
                return Some(Layout {
                    sample,
                    feature,
                    value,
                    quantity,
                });
            }
        }
    }
    None
}

fn read(grid: &Grid, layout: &Layout) -> Result<RawTable, DatasetError> {
    let numbers = grid.numbers(layout.value)?;
    let mut samples: IndexMap<&str, usize> = IndexMap::new();
    let mut features: IndexMap<&str, usize> = IndexMap::new();
    for i in 0..grid.n_rows() {
        samples.entry(grid.cell(i, layout.sample)).or_insert(i);
        features.entry(grid.cell(i, layout.feature)).or_insert(i);
    }
    let m = samples.len();
    let mut values = vec![f64::NAN; m * features.len()];
    for (i, x) in numbers.into_iter().enumerate() {
        let row = features.get_index_of(grid.cell(i, layout.feature));
        let column = samples.get_index_of(grid.cell(i, layout.sample));
        if let (Some(row), Some(column)) = (row, column) {
            values[row * m + column] = x;
        }
    }
    let gene = grid
        .find(&[
            "Gene",
            "Genes",
            "Gene name",
            "Gene symbol",
            "gene_name",
            "Symbol",
        ])
        .filter(|j| *j != layout.feature);
    let description = grid.find(&["Description", "Protein description"]);
    let accessions = features
        .keys()
        .filter(|id| split_ids(id).first().is_some_and(|a| is_uniprot(a)))
        .count();
    let by_gene = words(&grid.header[layout.feature])
        .iter()
        .any(|w| w == "gene" || w == "symbol");
    let level = if by_gene && 2 * accessions <= features.len() {
        FeatureLevel::Gene
    } else {
        FeatureLevel::ProteinGroup
    };
    let (rows, flags) = features
        .iter()
        .map(|(id, &line)| {
            let ids = if level == FeatureLevel::ProteinGroup {
                split_ids(id)
            } else {
                Vec::new()
            };
            let mut feature = Feature {
                id: ids.first().cloned().unwrap_or_else(|| (*id).to_string()),
                accessions: ids,
                description: text(grid, line, description),
                row: grid.line(line),
                ..Feature::default()
            };
            let symbol = if level == FeatureLevel::Gene {
                Some((*id).to_string())
            } else {
                text(grid, line, gene)
            };
            set_symbols(&mut feature, symbol.as_deref());
            (feature, flag_of(id))
        })
        .unzip();
    let mut inferences = grid.inferences.clone();
    inferences.push(Inference::new(
        format!("layout of `{}`", grid.file),
        format!(
            "samples in `{}`, features in `{}`, values in `{}`",
            grid.header[layout.sample], grid.header[layout.feature], grid.header[layout.value]
        ),
        "their headers say so and every pair of sample and feature occurs once",
        "give a wide table, or rename the columns",
    ));
    Ok(RawTable {
        level,
        quantity: layout.quantity,
        scale: None,
        id_column: grid.header[layout.feature].clone(),
        ids_are_groups: true,
        columns: samples
            .keys()
            .map(|s| SampleColumn {
                header: (*s).to_string(),
                label: run_name(s).to_string(),
            })
            .collect(),
        features: rows,
        flags,
        values,
        samples_in_rows: false,
        sheet: facts(grid, layout, &samples),
        set_apart: Vec::new(),
        organism: organism_in(grid, &[description]),
        inferences,
        problems: grid.problems.clone(),
    })
}

/// Columns with one value per sample, as a sheet.
fn facts(grid: &Grid, layout: &Layout, samples: &IndexMap<&str, usize>) -> Option<Sheet> {
    let constant_in_sample = |j: usize| {
        let mut value: HashMap<&str, &str> = HashMap::new();
        (0..grid.n_rows()).all(|i| {
            *value
                .entry(grid.cell(i, layout.sample))
                .or_insert(grid.cell(i, j))
                == grid.cell(i, j)
        })
    };
    let columns: Vec<usize> = (0..grid.n_columns())
        .filter(|&j| {
            j != layout.sample && j != layout.feature && j != layout.value && constant_in_sample(j)
        })
        .collect();
    let columns: IndexSet<usize> = std::iter::once(layout.sample).chain(columns).collect();
    (columns.len() > 1).then(|| Sheet {
        file: grid.file.clone(),
        header: columns.iter().map(|&j| grid.header[j].clone()).collect(),
        rows: samples
            .values()
            .map(|&i| {
                columns
                    .iter()
                    .map(|&j| grid.cell(i, j).to_string())
                    .collect()
            })
            .collect(),
        lines: samples.values().map(|&i| grid.line(i)).collect(),
        inferences: Vec::new(),
        problems: Vec::new(),
    })
}
