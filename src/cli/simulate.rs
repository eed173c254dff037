//! `proteus simulate`: an experiment whose truth is known, as a folder that Proteus opens.

use std::path::PathBuf;

use clap::Args;

use super::failure::{Exit, Failure};
use super::output;
use super::settings::Settings;
use crate::agent::Request;
use crate::config::Config;
use crate::study::simulate::{self, Simulation};
use crate::study::{Background, PROTEINS, Plant, PlantKind, StudyError, TwoArms};

/// Arguments of `proteus simulate`.
#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(super) struct SimulateArgs {
    /// Folder to write; it must not exist
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Dataset from which abundances, variances, missing values and correlation are learned [default: typical ones]
    #[arg(long, value_name = "DATASET")]
    like: Option<PathBuf>,
    /// Controls and treated samples
    #[arg(long, value_name = "NvM", default_value = "6v6")]
    design: String,
    /// What is planted: kind, kind:strength or kind:strength*count, separated by commas; nothing is a null experiment
    #[arg(long, value_name = "PLANTS", default_value = "")]
    plants: String,
    /// Proteins, where none are learned [default: 2000]
    #[arg(long, value_name = "N", conflicts_with = "like")]
    proteins: Option<usize>,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

fn after_help() -> String {
    let mut text = String::from("Kinds of plants, with the usual strength:\n");
    for kind in PlantKind::all() {
        let usual = Plant::usual(kind);
        text.push_str(&format!(
            "  {:<14} {} ({} {})\n",
            kind.name(),
            kind.title(),
            usual.strength,
            kind.unit()
        ));
    }
    text.push_str("\nExample:\n  proteus simulate --out trial --design 20v20 --plants pathway:2,protein:3*12,keratin");
    text
}

impl From<StudyError> for Failure {
    fn from(error: StudyError) -> Self {
        match error {
            StudyError::Dataset(error) => error.into(),
            StudyError::Knowledge(error) => error.into(),
            StudyError::Run(error) => error.into(),
            StudyError::Agent(error) => error.into(),
            error => Self::from_error(Exit::BadInput, &error),
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &SimulateArgs, settings: &Settings) -> Result<Exit, Failure> {
    let design: TwoArms = args.design.parse()?;
    let plants = Plant::parse_list(&args.plants)?;
    if args.out.exists() {
        return Err(StudyError::Taken {
            path: args.out.clone(),
            reason: "there is something already".to_owned(),
        }
        .into());
    }
    let packs = settings.packs()?;
    let background = match &args.like {
        Some(path) => {
            let request = Request::new(path.clone(), Config::default());
            Background::learned(&request.open(&packs)?, &packs)?
        }
        None => Background::usual(&packs, args.proteins.unwrap_or(PROTEINS))?,
    };
    let made = simulate::simulate(
        &Simulation {
            design,
            plants,
            seed: args.seed,
            background: &background,
        },
        &packs,
    )?;
    simulate::write(&made, &args.out)?;
    if settings.quiet {
        output::line(&args.out.display().to_string())?;
        return Ok(Exit::Done);
    }
    let mut text = format!(
        "{}: {design}, {}\n",
        args.out.display(),
        made.key.background
    );
    for record in &made.key.plants {
        text.push_str(&format!("  {}: {}\n", record.plant, record.what));
    }
    if made.key.plants.is_empty() {
        text.push_str("  nothing planted\n");
    }
    text.push_str("The answers are in answer_key.yaml, which `proteus run` never reads.\n");
    output::text(&text)?;
    Ok(Exit::Done)
}
