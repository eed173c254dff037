//! `proteus knowledge list`: which packs are bundled, in which version, under which licence.

use clap::{Args, Subcommand};

use super::failure::{Exit, Failure};
use super::output;
use super::settings::Settings;
use super::text_table::TextTable;

/// Arguments of `proteus knowledge`.
#[derive(Debug, Args)]
pub(super) struct KnowledgeArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the knowledge packs with version and licence
    List {
        /// Print JSON, with source, citation and limits
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub(super) fn run(args: &KnowledgeArgs, settings: &Settings) -> Result<Exit, Failure> {
    let Action::List { json } = args.action;
    let packs = settings.packs()?;
    if json {
        output::json(&packs.list())?;
        return Ok(Exit::Done);
    }
    let mut table = TextTable::new(&[
        ("pack", 24),
        ("kind", 14),
        ("version", 24),
        ("date", 10),
        ("licence", 28),
        ("what it is", 60),
    ]);
    for pack in packs.list() {
        table.row(vec![
            pack.name.clone(),
            pack.kind.name().to_owned(),
            pack.version.clone(),
            pack.date.clone(),
            pack.licence.clone(),
            pack.title.clone(),
        ]);
    }
    output::text(&table.render())?;
    Ok(Exit::Done)
}
