//! `proteus explain`: a hypothesis, followed down to the cells of the input table.

use std::path::PathBuf;

use clap::Args;

use super::failure::{Exit, Failure};
use super::runs::{self, ParentFolder};
use super::settings::Settings;
use super::{output, report};
use crate::report::ReportModel;

/// Arguments of `proteus explain`.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// Rank or id of the hypothesis, such as 7 or H7
    hypothesis: String,
    /// Run folder, or its name under the parent folder [default: the newest]
    #[arg(long, value_name = "RUN")]
    run: Option<PathBuf>,
    #[command(flatten)]
    parent: ParentFolder,
    /// Show the names of a blind run again
    #[arg(long)]
    unblind: bool,
}

/// Runs the command.
pub(super) fn run(args: &ExplainArgs, settings: &Settings) -> Result<Exit, Failure> {
    let folder = runs::find(args.run.as_deref(), &args.parent.out)?;
    let mut model = report::load(&folder, settings)?;
    if args.unblind {
        model = model.unblinded()?;
    }
    output::text(&in_words(&model, &args.hypothesis)?)?;
    Ok(Exit::Done)
}

/// The chain behind a hypothesis, called by rank or id.
pub(super) fn in_words(model: &ReportModel, hypothesis: &str) -> Result<String, Failure> {
    let wanted = rank_of(hypothesis).unwrap_or(hypothesis);
    Ok(crate::report::explain(model, wanted)?)
}

/// The rank in `7`, `H7` or `#7`; ids are longer and hold a dash.
fn rank_of(hypothesis: &str) -> Option<&str> {
    let digits = hypothesis.trim_start_matches(['H', 'h', '#']);
    let is_rank = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    is_rank.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::rank_of;

    #[test]
    fn a_rank_may_be_written_as_people_say_it() {
        assert_eq!(rank_of("7"), Some("7"));
        assert_eq!(rank_of("H7"), Some("7"));
        assert_eq!(rank_of("#7"), Some("7"));
        assert_eq!(rank_of("H-7816e804"), None);
        assert_eq!(rank_of("H"), None);
    }
}
