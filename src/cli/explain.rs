//! `proteus explain`: a hypothesis, followed down to the cells of the input table.

use std::path::PathBuf;

use clap::Args;

use super::failure::{Exit, Failure};
use super::runs::{self, ParentFolder};
use super::settings::Settings;
use super::{output, report};

/// Arguments of `proteus explain`.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// Id or rank of the hypothesis, such as 1
    hypothesis: String,
    /// Run folder, or its name under the parent folder [default: the newest]
    #[arg(long, value_name = "RUN")]
    run: Option<PathBuf>,
    #[command(flatten)]
    parent: ParentFolder,
}

/// Runs the command.
pub(super) fn run(args: &ExplainArgs, settings: &Settings) -> Result<Exit, Failure> {
    let folder = runs::find(args.run.as_deref(), &args.parent.out)?;
    let model = report::load(&folder, settings)?;
    output::text(&crate::report::explain(&model, &args.hypothesis)?)?;
    Ok(Exit::Done)
}
