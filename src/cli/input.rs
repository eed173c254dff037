//! Opening a dataset as the arguments ask.

use std::path::PathBuf;

use clap::Args;

use super::failure::{Exit, Failure};
use super::settings::Settings;
use crate::dataset::{self, Dataset, DatasetError, Declared, ReadOptions, Role};

/// A dataset on disk.
#[derive(Debug, Args)]
pub(super) struct DatasetArgs {
    /// Table, folder, or folder with dataset.yaml
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// Sample sheet (CSV, TSV, workbook, SDRF, FragPipe or MSstats annotation), in place of the one found or declared
    #[arg(long, value_name = "SHEET")]
    pub samples: Option<PathBuf>,
    /// Comparison `variable:target-reference` or `name=variable:target-reference`; may be given more than once [default: proposed from the samples]
    #[arg(long = "contrast", value_name = "SPEC")]
    pub contrasts: Vec<String>,
    /// What a column of the sheet is: condition, covariate, batch, plex, run_order, subject, replicate,
    /// technical_replicate, time, event, identifier; may be given more than once
    #[arg(long = "role", value_name = "COLUMN=ROLE", value_parser = role)]
    pub roles: Vec<(String, Role)>,
    /// Column of the sheet that is not used; may be given more than once
    #[arg(long, value_name = "COLUMN")]
    pub ignore: Vec<String>,
    /// Keep quality controls, pools and blanks among the samples
    #[arg(long)]
    pub keep_controls: bool,
}

/// Reads `column=role`.
pub(super) fn role(text: &str) -> Result<(String, Role), String> {
    let (column, role) = text
        .rsplit_once('=')
        .ok_or_else(|| "write COLUMN=ROLE, for example `day=batch`".to_owned())?;
    Ok((column.to_owned(), role.parse()?))
}

impl DatasetArgs {
    /// What is declared of the samples.
    pub(super) fn declared(&self) -> Declared {
        let ignored = self.ignore.iter().map(|c| (c.clone(), Role::Ignored));
        Declared {
            roles: self.roles.iter().cloned().chain(ignored).collect(),
            keep_controls: self.keep_controls,
        }
    }

    /// The arguments as the reader takes them.
    pub(super) fn options(&self) -> ReadOptions {
        ReadOptions {
            samples: self.samples.clone(),
            contrasts: self.contrasts.clone(),
            declared: self.declared(),
            ..ReadOptions::default()
        }
    }

    /// Reads the dataset, gene symbols and organism filled in from the knowledge packs, as a run does.
    pub(super) fn open(&self, settings: &Settings) -> Result<Dataset, Failure> {
        let mut dataset = dataset::open(&self.path, &self.options())?;
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
