//! `proteus review`: people score the hypotheses of a run, in the browser, line by line or in a sheet.

mod agreement_text;

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::failure::{Exit, Failure};
use super::output;
use super::runs::RunChoice;
use super::settings::Settings;
use crate::report::ReportModel;
use crate::review::room::{Opened, RoomSettings};
use crate::review::{
    ReviewError, ReviewedRun, ReviewerName, agreement, preferences, sheet, terminal,
};
use crate::run::atomic;

/// How long writes that were begun may take after Ctrl-C.
const PATIENCE: Duration = Duration::from_secs(5);

/// Arguments of `proteus review`.
#[derive(Debug, Args)]
pub(super) struct ReviewArgs {
    #[command(flatten)]
    choice: RunChoice,
    /// Port of the review room [default: a free one]
    #[arg(long, value_name = "N", group = "how")]
    port: Option<u16>,
    /// Address to listen on; anything but this machine sends what is typed unencrypted over the network
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Hide grades and scores from everybody until they have submitted their own
    #[arg(long)]
    blinded: bool,
    /// Ask line by line instead, on standard input
    #[arg(long, requires = "name", group = "how")]
    terminal: bool,
    /// Name of the reviewer, for --terminal, --export and --import
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// Write the reviews as CSV (`-` for standard output); with --as, a sheet for that person to fill in
    #[arg(long, value_name = "FILE", group = "how")]
    export: Option<PathBuf>,
    /// Read reviews from CSV: all rows, or none and what is wrong with which
    #[arg(long, value_name = "FILE", group = "how")]
    import: Option<PathBuf>,
    /// Write preference pairs (prompt, chosen, rejected) as JSON lines (`-` for standard output)
    #[arg(long, value_name = "FILE", group = "how")]
    preferences: Option<PathBuf>,
    /// Print how far the reviewers agree
    #[arg(long, group = "how")]
    agreement: bool,
    /// Print the agreement as JSON
    #[arg(long, requires = "agreement")]
    json: bool,
}

impl From<ReviewError> for Failure {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::Run(error) => error.into(),
            ReviewError::Report(error) => error.into(),
            ReviewError::Content(error) => error.into(),
            ReviewError::Terminal(error) => error.into(),
            error @ ReviewError::Template { .. } => Self::from_error(Exit::Bug, &error),
            error => Self::from_error(Exit::BadInput, &error),
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &ReviewArgs, settings: &Settings) -> Result<Exit, Failure> {
    let folder = args.choice.folder()?;
    let run = ReviewedRun::open(&folder)?;
    let name = args.name.as_deref().map(ReviewerName::new).transpose()?;
    if args.agreement {
        let found = agreement::agreement(&run)?;
        if args.json {
            output::json(&found)?;
        } else {
            output::text(&agreement_text::text(&found))?;
        }
    } else if let Some(path) = &args.export {
        write(path, &sheet::export(&run, name.as_ref())?)?;
    } else if let Some(path) = &args.import {
        let done = sheet::import(&run, path, name.as_ref())?;
        output::line(&format!(
            "{} reviews imported, {} rows said what stood already, {} rows were not filled in",
            done.new, done.unchanged, done.empty
        ))?;
    } else if let Some(path) = &args.preferences {
        let mut lines = Vec::new();
        for pair in preferences::preferences(&run)? {
            serde_json::to_writer(&mut lines, &pair)?;
            lines.push(b'\n');
        }
        write(path, &lines)?;
    } else if let Some(name) = name.filter(|_| args.terminal) {
        let model = ReportModel::load(&folder)?;
        let session = terminal::review(
            &run,
            &model,
            &name,
            args.blinded,
            &mut io::stdin().lock(),
            &mut io::stdout().lock(),
        )?;
        output::note(&format!(
            "\n{} reviews kept{}, {} hypotheses left; they are in `{}`",
            session.submitted,
            if session.draft { " and a draft" } else { "" },
            session.left,
            run.store.folder().display()
        ));
    } else if args.name.is_some() {
        return Err(Failure::bad_input(
            "`--as` names a reviewer for `--terminal`, `--export` or `--import`, and none of them is given",
            "in the review room everybody gives their name themselves",
        ));
    } else {
        serve(args, &folder, settings)?;
    }
    Ok(Exit::Done)
}

/// Writes to a file, whole or not at all, or to standard output for `-`.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if path == Path::new("-") {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        return Ok(out.flush()?);
    }
    Ok(atomic::write_bytes(path, bytes)?)
}

fn serve(args: &ReviewArgs, folder: &Path, settings: &Settings) -> Result<(), Failure> {
    // A relative `run` or `.` has no parent of its own.
    let root = std::fs::canonicalize(folder).map_err(|e| Failure::unreadable(folder, &e))?;
    let room = RoomSettings {
        runs: root.parent().unwrap_or(&root).to_path_buf(),
        chosen: root
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        blinded: args.blinded,
        address: args.address,
        port: args.port.unwrap_or(0),
    };
    let runtime = settings.runtime()?;
    let served = runtime.block_on(async {
        let room = Opened::new(room, &settings.content).await?;
        output::line(&room.address())?;
        if !settings.quiet {
            output::note(
                "open this address in a browser of this machine (through `ssh -L` from another); Ctrl-C ends the room",
            );
            if !args.address.is_loopback() {
                output::note(
                    "warning: anyone on the network can read what is typed; the token alone keeps them out",
                );
            }
        }
        let stop = async {
            // Without signals there is nothing to wait for but the listener.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        room.serve(stop).await.map_err(Failure::from)
    });
    runtime.shutdown_timeout(PATIENCE);
    served
}
