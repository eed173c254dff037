//! Opening a dataset as the arguments ask.

use std::path::PathBuf;

use clap::Args;

use super::failure::{Exit, Failure};
use super::settings::Settings;
use crate::dataset::{self, Dataset, DatasetError, ReadOptions};

/// A dataset on disk.
#[derive(Debug, Args)]
pub(super) struct DatasetArgs {
    /// Table, folder, or folder with dataset.yaml
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// Sample sheet (CSV or TSV), in place of the one found or declared
    #[arg(long, value_name = "SHEET")]
    pub samples: Option<PathBuf>,
    /// Comparison `variable:target-reference`; may be given more than once [default: proposed from the samples]
    #[arg(long = "contrast", value_name = "SPEC")]
    pub contrasts: Vec<String>,
}

impl DatasetArgs {
    /// Reads the dataset, gene symbols and organism filled in from the knowledge packs, as a run does.
    pub(super) fn open(&self, settings: &Settings) -> Result<Dataset, Failure> {
        let options = ReadOptions {
            samples: self.samples.clone(),
            contrasts: self.contrasts.clone(),
            ..ReadOptions::default()
        };
        let mut dataset = dataset::open(&self.path, &options)?;
        dataset.annotate(settings.packs()?.identifiers()?);
        Ok(dataset)
    }
}

impl From<DatasetError> for Failure {
    fn from(error: DatasetError) -> Self {
        Self::Told {
            exit: Exit::BadInput,
            message: error.to_string(),
            causes: Vec::new(),
            hint: Some(error.hint()),
        }
    }
}
