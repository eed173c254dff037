//! `proteus replicate`: the frozen hypotheses of a run, tested in a second cohort.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::failure::{Exit, Failure};
use super::runs::{self, ParentFolder};
use super::settings::Settings;
use super::{input, output, report};
use crate::dataset::{Declared, Role};
use crate::discovery::Grade;
use crate::report::{replication_json, replication_schema, replication_text};
use crate::study::replicate::{Cohort, ReplicateError, replicate};

/// Arguments of `proteus replicate`.
#[derive(Debug, Args)]
pub(super) struct ReplicateArgs {
    /// Run folder, or its name under the parent folder
    #[arg(value_name = "RUN", required_unless_present = "schema")]
    run: Option<PathBuf>,
    /// The second cohort: table, folder, or folder with dataset.yaml
    #[arg(long, value_name = "PATH", required_unless_present = "schema")]
    cohort: Option<PathBuf>,
    /// Sample sheet of the second cohort, in place of the one found or declared
    #[arg(long, value_name = "SHEET")]
    samples: Option<PathBuf>,
    /// What a comparison of the run is called in the cohort, for example condition:Tumor-Normal=group:T-N; may be given
    /// more than once [default: the same name or the same labels]
    #[arg(long, value_name = "RUN=COHORT")]
    map: Vec<String>,
    /// Grade from which hypotheses are tested
    #[arg(long, value_name = "GRADE", default_value = "suggestive")]
    least: Least,
    /// What a column of the cohort's sheet is; may be given more than once
    #[arg(long = "role", value_name = "COLUMN=ROLE", value_parser = input::role)]
    roles: Vec<(String, Role)>,
    #[command(flatten)]
    parent: ParentFolder,
    /// Print the replication as JSON
    #[arg(long)]
    json: bool,
    /// Print the JSON Schema of `--json`
    #[arg(long, conflicts_with_all = ["run", "cohort"])]
    schema: bool,
}

/// The lowest grade that is tested.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Least {
    /// Only supported hypotheses
    Supported,
    /// Supported and suggestive ones
    Suggestive,
    /// All of them
    Exploratory,
}

impl From<Least> for Grade {
    fn from(least: Least) -> Self {
        match least {
            Least::Supported => Self::Supported,
            Least::Suggestive => Self::Suggestive,
            Least::Exploratory => Self::Exploratory,
        }
    }
}

impl From<ReplicateError> for Failure {
    fn from(error: ReplicateError) -> Self {
        match error {
            ReplicateError::Dataset(error) => error.into(),
            ReplicateError::Run(error) => error.into(),
            ReplicateError::Agent(error) => error.into(),
            ReplicateError::Json(error) => error.into(),
            ReplicateError::Frame(_) => Self::from_error(Exit::Bug, &error),
            error => Self::from_error(Exit::BadInput, &error),
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &ReplicateArgs, settings: &Settings) -> Result<Exit, Failure> {
    if args.schema {
        output::text(replication_schema())?;
        return Ok(Exit::Done);
    }
    let (Some(run), Some(path)) = (&args.run, &args.cohort) else {
        return Err(Failure::bad_input(
            "no run or no cohort given",
            "write `proteus replicate RUN --cohort PATH`",
        ));
    };
    let folder = runs::find(Some(run), &args.parent.out)?;
    let cohort = Cohort {
        path: path.clone(),
        samples: args.samples.clone(),
        declared: Declared {
            roles: args.roles.iter().cloned().collect(),
            ..Declared::default()
        },
        map: args.map.clone(),
        least: args.least.into(),
    };
    let resources = settings.resources(true)?;
    let made =
        settings
            .runtime()?
            .block_on(replicate(&folder, &cohort, &resources, &args.parent.out))?;
    let page = report::write(&made.folder, settings)?;
    if args.json {
        output::text(&replication_json(&made.replication)?)?;
    } else if settings.quiet {
        output::line(&made.folder.display().to_string())?;
    } else {
        output::text(&replication_text(&made.replication))?;
        output::line(&format!("Report: {}", page.display()))?;
    }
    Ok(Exit::Done)
}
