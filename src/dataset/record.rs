//! What a run keeps of the dataset it was made from, so that a number can be followed back to a cell of an input file.
//!
//! In the run folder: `dataset.yaml` holds a [`DatasetRecord`], and each assay has a Parquet table at
//! [`AssayRecord::table`], written from [`Assay::as_read`]; proteins made of peptides have a second one at
//! [`AssayRecord::members`].

use polars::prelude::{Column, DataFrame, NamedFrom, PolarsError, Series};
use serde::{Deserialize, Serialize};

use super::{
    Assay, Dataset, DatasetProfile, DesignCheck, Removed, RolledUp, SampleMetadata, Source,
};

/// A dataset without its values (`dataset.yaml`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatasetRecord {
    /// Shapes, levels, contrasts, inferences and problems.
    pub profile: DatasetProfile,
    /// What its owner declared and the files that were read; expectations about the truth are left out.
    pub source: Source,
    /// BLAKE3 over all input bytes and overrides, hexadecimal.
    pub content_hash: String,
    /// The sample sheet.
    pub samples: SampleMetadata,
    /// What was checked of the comparisons and did not pass silently.
    pub checks: Vec<DesignCheck>,
    /// Where the cells of each assay came from.
    pub assays: Vec<AssayRecord>,
}

/// Where the cells of an assay came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssayRecord {
    /// Name of the assay.
    pub name: String,
    /// The file it was read from, as in [`Source::files`].
    pub file: String,
    /// The header of each sample's column in that file, in the order of the sample ids.
    pub columns: Vec<String>,
    /// Features with a value, per sample, in the order of the sample ids.
    pub observed: Vec<usize>,
    /// Rows that were read and left out.
    pub removed: Removed,
    /// The table of this assay in the run folder, for example `assays/proteins.parquet`.
    pub table: String,
    /// For proteins made of peptides: from which assay and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_up: Option<RolledUp>,
    /// For proteins made of peptides: the table in the run folder that names the peptides of each, written from
    /// [`Assay::members`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<String>,
}

/// What precedes the sample id in the header of a value column of [`Assay::as_read`].
pub const VALUE_PREFIX: &str = "log2 ";

impl DatasetRecord {
    /// The record of a dataset.
    pub fn of(dataset: &Dataset) -> Self {
        let assays = dataset.assays.values().enumerate();
        Self {
            profile: dataset.profile(),
            source: Source {
                known_truth: Vec::new(),
                ..dataset.source.clone()
            },
            content_hash: dataset.content_hash.clone(),
            samples: dataset.samples.clone(),
            checks: dataset.design.checks.clone(),
            assays: assays.map(|(k, a)| AssayRecord::of(a, k)).collect(),
        }
    }

    /// The assay with this name.
    pub fn named(&self, name: &str) -> Option<&AssayRecord> {
        self.assays.iter().find(|a| a.name == name)
    }

    /// The assay with this name, or the first where there is none of that name.
    pub fn assay(&self, name: &str) -> Option<&AssayRecord> {
        self.named(name).or(self.assays.first())
    }
}

impl AssayRecord {
    fn of(assay: &Assay, position: usize) -> Self {
        let safe: String = assay
            .name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .take(40)
            .collect();
        let number = if position == 0 {
            String::new()
        } else {
            format!("-{}", position + 1)
        };
        Self {
            name: assay.name.clone(),
            file: assay.file.to_string_lossy().replace('\\', "/"),
            columns: assay.columns.clone(),
            observed: (0..assay.n_samples())
                .map(|j| {
                    (0..assay.n_features())
                        .filter(|&i| !assay.values.get(i, j).is_nan())
                        .count()
                })
                .collect(),
            removed: assay.removed,
            table: format!("assays/{safe}{number}.parquet"),
            rolled_up: assay.rolled_up.clone(),
            members: assay
                .rolled_up
                .as_ref()
                .map(|_| format!("assays/{safe}{number}.members.parquet")),
        }
    }
}

impl Assay {
    /// The assay as one table: `feature`, `gene`, `accessions` (joined by `;`), `description`, `peptides`,
    /// `unique_peptides`, `line` (1-based, the header is line 1), for sites `residue` and `localisation`, then one column `log2 <sample>` per sample with the
    /// values as read, null where missing. `samples` are the dataset's sample ids.
    ///
    /// # Errors
    /// Two samples of one name, or another number of samples than the assay has columns.
    pub fn as_read(&self, samples: &[String]) -> Result<DataFrame, PolarsError> {
        let text = |name: &str, of: &dyn Fn(&super::Feature) -> Option<String>| -> Column {
            let values: Vec<Option<String>> = self.features.iter().map(of).collect();
            Series::new(name.into(), values).into()
        };
        let count = |name: &str, of: &dyn Fn(&super::Feature) -> Option<i64>| -> Column {
            let values: Vec<Option<i64>> = self.features.iter().map(of).collect();
            Series::new(name.into(), values).into()
        };
        let mut columns = vec![
            text("feature", &|f| Some(f.id.clone())),
            text("gene", &|f| f.symbol.clone()),
            text("accessions", &|f| Some(f.accessions.join(";"))),
            text("description", &|f| f.description.clone()),
            count("peptides", &|f| f.peptides.map(i64::from)),
            count("unique_peptides", &|f| f.unique_peptides.map(i64::from)),
            count("line", &|f| Some(f.row as i64)),
        ];
        if self.features.iter().any(|f| f.site.is_some()) {
            columns.push(text("residue", &|f| {
                f.site.as_ref().map(|s| s.residue.clone())
            }));
            let of = |f: &super::Feature| f.site.as_ref().and_then(|s| s.localisation);
            let certain: Vec<Option<f64>> = self.features.iter().map(of).collect();
            columns.push(Series::new("localisation".into(), certain).into());
        }
        for (j, sample) in samples.iter().enumerate().take(self.n_samples()) {
            let values: Vec<Option<f64>> = (0..self.n_features())
                .map(|i| Some(self.values.get(i, j)).filter(|v| !v.is_nan()))
                .collect();
            columns.push(Series::new(format!("{VALUE_PREFIX}{sample}").into(), values).into());
        }
        DataFrame::new_infer_height(columns)
    }

    /// The peptides of each protein as one table, `feature` and `member`; none where the assay was not rolled up.
    ///
    /// # Errors
    /// None in practice: the two columns are made together.
    pub fn members(&self) -> Result<Option<DataFrame>, PolarsError> {
        if self.rolled_up.is_none() {
            return Ok(None);
        }
        let features: Vec<&str> = self
            .features
            .iter()
            .flat_map(|f| std::iter::repeat_n(f.id.as_str(), f.members.len()))
            .collect();
        let members: Vec<&str> = self
            .features
            .iter()
            .flat_map(|f| f.members.iter().map(String::as_str))
            .collect();
        DataFrame::new_infer_height(vec![
            Series::new("feature".into(), features).into(),
            Series::new("member".into(), members).into(),
        ])
        .map(Some)
    }
}
