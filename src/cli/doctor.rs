//! `proteus doctor`: is this installation complete, and can it write where it is asked to?

use std::path::Path;
use std::time::Instant;

use clap::Args;
use serde::Serialize;

use super::failure::{Exit, Failure};
use super::output;
use super::runs::ParentFolder;
use super::settings::Settings;
use crate::knowledge::{PackKind, Packs};
use crate::workflow::Templates;

/// Arguments of `proteus doctor`.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    parent: ParentFolder,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Finding {
    what: &'static str,
    well: bool,
    found: String,
}

/// Runs the command; exit code 2 if anything is wrong.
pub(super) fn run(args: &DoctorArgs, settings: &Settings) -> Result<Exit, Failure> {
    let findings = [
        finding("version", Ok(version())),
        finding("cores", Ok(cores(settings))),
        finding("tools", tools(settings)),
        finding("workflows", workflows(settings)),
        finding("knowledge packs", knowledge(settings)),
        finding("run folder", run_folder(&args.parent.out)),
    ];
    let well = findings.iter().all(|finding| finding.well);
    if args.json {
        output::json(&findings)?;
    } else {
        for finding in &findings {
            let mark = if finding.well { "ok  " } else { "FAIL" };
            output::line(&format!("{mark}  {:<16} {}", finding.what, finding.found))?;
        }
    }
    Ok(if well { Exit::Done } else { Exit::BadInput })
}

fn finding(what: &'static str, result: Result<String, Failure>) -> Finding {
    let well = result.is_ok();
    let found = result.unwrap_or_else(|failure| {
        let text = failure.to_string();
        text.trim_end()
            .trim_start_matches("error: ")
            .replace('\n', "; ")
    });
    Finding { what, well, found }
}

fn version() -> String {
    let system = (std::env::consts::OS, std::env::consts::ARCH);
    format!("{} on {} {}", env!("CARGO_PKG_VERSION"), system.0, system.1)
}

fn cores(settings: &Settings) -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    match settings.threads {
        Some(threads) => format!("{cores}, of which {threads} may be used"),
        None => cores.to_string(),
    }
}

fn tools(settings: &Settings) -> Result<String, Failure> {
    Ok(format!(
        "{} in the catalogue",
        settings.catalog()?.names().len()
    ))
}

fn workflows(settings: &Settings) -> Result<String, Failure> {
    let templates = Templates::load(&settings.content)?;
    let names: Vec<&str> = templates.iter().map(|t| t.name.as_str()).collect();
    Ok(names.join(", "))
}

/// Parses every pack, as a run would.
fn knowledge(settings: &Settings) -> Result<String, Failure> {
    let begin = Instant::now();
    let packs = settings.packs()?;
    parse(&packs)?;
    let seconds = begin.elapsed().as_secs_f64();
    let names: Vec<String> = packs
        .list()
        .iter()
        .map(|p| p.pack_version().to_string())
        .collect();
    Ok(format!("{} (parsed in {seconds:.1} s)", names.join(", ")))
}

fn parse(packs: &Packs) -> Result<(), Failure> {
    for collection in packs.collections() {
        packs.gene_sets(collection)?;
    }
    for pack in packs.list() {
        match pack.kind {
            PackKind::Identifiers => drop(packs.identifiers()?),
            PackKind::Interactions => drop(packs.interactions()?),
            PackKind::Diseases => drop(packs.diseases()?),
            PackKind::Footprints => drop(packs.footprints(&pack.name)?),
            PackKind::Ontology => drop(packs.go()?),
            PackKind::GeneSets => {}
        }
    }
    Ok(())
}

/// Writes and removes a file where runs would go.
fn run_folder(parent: &Path) -> Result<String, Failure> {
    let mut folder = parent;
    while !folder.exists() {
        folder = match folder.parent() {
            Some(above) if !above.as_os_str().is_empty() => above,
            _ => Path::new("."),
        };
    }
    match tempfile_in(folder) {
        Ok(()) => Ok(format!("`{}` can be written", parent.display())),
        Err(error) => Err(Failure::bad_input(
            format!("cannot write in `{}`: {error}", folder.display()),
            "name another parent folder of runs with `--out DIR`",
        )),
    }
}

fn tempfile_in(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(format!(".proteus-doctor-{}", std::process::id()));
    std::fs::write(&probe, b"probe")?;
    std::fs::remove_file(&probe)
}
