//! `dataset.yaml`: what the owner of a dataset states about it. Unknown keys are refused with the nearest known one.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::contrast::nearest;
use super::{
    Contrast, DatasetError, FeatureLevel, KnownTruth, Quantity, Role, RollUpMethod, SampleMetadata,
    Scale, TechnicalReplicates,
};

/// The parsed manifest.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Manifest {
    /// Name of the dataset.
    pub name: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Scientific name of the organism.
    pub organism: Option<String>,
    /// Licence.
    pub licence: Option<String>,
    /// Origin.
    pub source: Option<String>,
    /// Citation.
    pub citation: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Tables of measurements.
    pub tables: Vec<TableEntry>,
    /// Sample sheets, the main one first.
    pub samples: Vec<SheetEntry>,
    /// Tables about the features: accessions, symbols, names.
    pub features: Vec<FeatureEntry>,
    /// Rows of the sheets that are dropped before anything else, by column and value.
    pub exclude: BTreeMap<String, OneOrMany>,
    /// Roles by column.
    pub roles: BTreeMap<String, Role>,
    /// Whether quality controls, pools and blanks stay among the samples.
    pub keep_controls: bool,
    /// What is done with technical replicates.
    pub technical_replicates: Option<TechnicalReplicates>,
    /// Label of the channels that the samples of their plex are divided by.
    pub plex_reference: Option<Word>,
    /// Assays that columns were computed from.
    pub derived_from: BTreeMap<String, String>,
    /// Cells of the sheets that mean missing.
    pub missing_codes: Option<Vec<String>>,
    /// Reference level by column.
    pub reference_levels: BTreeMap<String, Word>,
    /// Comparisons of interest.
    pub contrasts: Vec<ContrastEntry>,
    /// What is known to be true; never read by the engine.
    pub known_truth: Vec<KnownTruth>,
}

/// One table of measurements.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableEntry {
    /// File, relative to the manifest.
    pub file: String,
    /// Name of the assay.
    #[serde(default)]
    pub assay: Option<String>,
    /// What one row is.
    #[serde(default)]
    pub level: Option<FeatureLevel>,
    /// What one cell measures.
    #[serde(default)]
    pub quantity: Option<Quantity>,
    /// The scale in the file.
    #[serde(default)]
    pub scale: Option<Scale>,
    /// How its peptides are rolled up to proteins.
    #[serde(default)]
    pub roll_up: Option<RollUpChoice>,
    /// For single cells: the file that says what each channel measures, relative to the manifest.
    #[serde(default)]
    pub panel: Option<String>,
    /// For single cells as a table: the column that names the sample.
    #[serde(default)]
    pub sample: Option<String>,
    /// For single cells: the divisor before arcsinh.
    #[serde(default)]
    pub cofactor: Option<f64>,
}

/// How the peptides of a table are rolled up, or that they are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RollUpChoice {
    /// [`RollUpMethod::MaxLfq`]
    MaxLfq,
    /// [`RollUpMethod::MedianPolish`]
    MedianPolish,
    /// [`RollUpMethod::Sum`]
    Sum,
    /// [`RollUpMethod::Top3`]
    Top3,
    /// Not at all.
    None,
}

impl RollUpChoice {
    /// The method, where one is wanted.
    pub fn method(self) -> Option<RollUpMethod> {
        match self {
            Self::MaxLfq => Some(RollUpMethod::MaxLfq),
            Self::MedianPolish => Some(RollUpMethod::MedianPolish),
            Self::Sum => Some(RollUpMethod::Sum),
            Self::Top3 => Some(RollUpMethod::Top3),
            Self::None => None,
        }
    }
}

/// One sample sheet.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SheetEntry {
    /// File, relative to the manifest.
    pub file: String,
    /// Column that holds the sample names.
    #[serde(default)]
    pub id: Option<String>,
}

/// One table about features.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeatureEntry {
    /// File, relative to the manifest.
    pub file: String,
}

/// A value as it stands in a sheet; YAML may read it as a number or a truth value.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Scalar")]
pub(crate) struct Word(pub String);

#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Whole(i64),
    Number(f64),
    Truth(bool),
}

impl From<Scalar> for Word {
    fn from(scalar: Scalar) -> Self {
        Self(match scalar {
            Scalar::Text(t) => t,
            Scalar::Whole(n) => n.to_string(),
            Scalar::Number(x) => x.to_string(),
            Scalar::Truth(b) => b.to_string(),
        })
    }
}

/// A value or a list of values.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    /// One value.
    One(Word),
    /// Several values.
    Many(Vec<Word>),
}

impl OneOrMany {
    /// The values.
    pub fn values(&self) -> &[Word] {
        match self {
            Self::One(v) => std::slice::from_ref(v),
            Self::Many(all) => all,
        }
    }

    /// Whether a cell is one of the values.
    pub fn contains(&self, cell: &str) -> bool {
        self.values().iter().any(|v| v.0 == cell)
    }
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContrastEntry {
    /// Name for people; the comparison itself is `variable:target-reference`.
    #[serde(default, alias = "id")]
    pub name: Option<String>,
    /// Variable.
    pub variable: String,
    /// Reference level, or `other`.
    pub reference: Word,
    /// Target level.
    pub target: Word,
    /// Blocking variables; inferred when left out.
    #[serde(default)]
    pub blocking: Option<OneOrMany>,
    /// Variables to adjust for.
    #[serde(default)]
    pub covariates: Vec<String>,
}

/// A longer text is no manifest.
const LONGEST: usize = 1 << 20;

/// Brackets nested deeper are no manifest; the parser's time grows with the square of the depth.
const DEEPEST: usize = 200;

/// How deep brackets nest, those in text counted too.
fn nested(text: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Keys of the manifest, for suggestions.
const KEYS: [&str; 35] = [
    "name",
    "title",
    "organism",
    "licence",
    "source",
    "citation",
    "description",
    "tables",
    "samples",
    "features",
    "exclude",
    "roles",
    "derived_from",
    "missing_codes",
    "reference_levels",
    "contrasts",
    "known_truth",
    "keep_controls",
    "technical_replicates",
    "plex_reference",
    "file",
    "assay",
    "level",
    "quantity",
    "scale",
    "roll_up",
    "panel",
    "sample",
    "cofactor",
    "id",
    "variable",
    "reference",
    "target",
    "blocking",
    "covariates",
];

impl Manifest {
    /// Parses the text of a manifest.
    pub fn parse(text: &str, file: &str) -> Result<Self, DatasetError> {
        if text.len() > LONGEST {
            return Err(DatasetError::Manifest {
                file: file.to_string(),
                message: format!(
                    "it has {} kB, at most {} are read",
                    text.len() >> 10,
                    LONGEST >> 10
                ),
                hint:
                    "keep tables and sheets in files of their own and name them in `dataset.yaml`"
                        .to_string(),
            });
        }
        if nested(text) > DEEPEST {
            return Err(DatasetError::Manifest {
                file: file.to_string(),
                message: format!("its brackets nest more than {DEEPEST} deep"),
                hint: "no key of `dataset.yaml` takes lists of lists".to_string(),
            });
        }
        serde_yaml::from_str(text).map_err(|e| {
            let message = e.to_string();
            let unknown = message
                .split("unknown field `")
                .nth(1)
                .and_then(|t| t.split('`').next());
            let hint = match unknown {
                Some(key) => nearest(key, KEYS.iter().copied()).map_or_else(
                    || format!("the keys are {}", KEYS[..20].join(", ")),
                    |n| format!("did you mean `{n}`?"),
                ),
                None => "a table is listed as `tables: [{file: proteinGroups.txt}]`, a sheet as `samples: [{file: design.tsv, id: sample}]`; the bundled datasets have examples".to_string(),
            };
            DatasetError::Manifest {
                file: file.to_string(),
                message,
                hint,
            }
        })
    }

    /// Refuses names of columns that no sheet has.
    pub fn check_columns(
        &self,
        samples: &SampleMetadata,
        file: &str,
        excluded: &[String],
    ) -> Result<(), DatasetError> {
        let known: Vec<&str> = samples.variables.keys().map(String::as_str).collect();
        let named = [
            ("roles", self.roles.keys().collect::<Vec<_>>()),
            ("derived_from", self.derived_from.keys().collect()),
            ("reference_levels", self.reference_levels.keys().collect()),
        ];
        for (section, columns) in named {
            for column in columns {
                if !known.contains(&column.as_str()) && !excluded.contains(column) {
                    return Err(DatasetError::Manifest {
                        file: file.to_string(),
                        message: format!(
                            "`{section}` names the column `{column}`, which no sheet has"
                        ),
                        hint: nearest(column, known.iter().copied()).map_or_else(
                            || "use the headers of the sheets".into(),
                            |n| format!("did you mean `{n}`?"),
                        ),
                    });
                }
            }
        }
        for (column, level) in &self.reference_levels {
            let levels = samples
                .variables
                .get(column)
                .map(|v| v.levels())
                .unwrap_or_default();
            if !levels.is_empty() && !levels.contains(&level.0) {
                return Err(DatasetError::Manifest {
                    file: file.to_string(),
                    message: format!(
                        "`reference_levels` names `{}`, which is no level of `{column}`",
                        level.0
                    ),
                    hint: format!(
                        "the levels are {}",
                        levels
                            .iter()
                            .map(|l| format!("`{l}`"))
                            .collect::<Vec<_>>()
                            .join(", ")
                    ),
                });
            }
        }
        Ok(())
    }

    /// The declared comparisons, read against the samples.
    pub fn contrasts(
        &self,
        samples: &SampleMetadata,
    ) -> Result<Vec<(Contrast, bool)>, DatasetError> {
        self.contrasts
            .iter()
            .map(|entry| {
                let spec = format!(
                    "{}:{}-{}",
                    entry.variable, entry.target.0, entry.reference.0
                );
                let mut contrast = Contrast::parse(&spec, samples)?;
                contrast.name.clone_from(&entry.name);
                contrast.covariates.clone_from(&entry.covariates);
                if let Some(blocking) = &entry.blocking {
                    contrast.blocking = blocking.values().iter().map(|b| b.0.clone()).collect();
                }
                for name in contrast.blocking.iter().chain(&contrast.covariates) {
                    if !samples.variables.contains_key(name) {
                        return Err(DatasetError::UnknownContrast {
                            spec,
                            found: format!(
                                "it blocks on or adjusts for `{name}`, which is no variable"
                            ),
                            hint: nearest(name, samples.variables.keys().map(String::as_str))
                                .map_or_else(
                                    || "use the headers of the sheets".into(),
                                    |n| format!("did you mean `{n}`?"),
                                ),
                        });
                    }
                }
                Ok((contrast, entry.blocking.is_some()))
            })
            .collect()
    }
}
