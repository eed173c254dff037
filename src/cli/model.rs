//! `proteus model`: local language models by themselves: what a file is, what it writes, and a server for other programs.

mod serve;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use proteus_model::{
    ChatMessage, LocalModel, ModelError, OpenOptions, Role, Sampling, Settings as Writing,
};
use serde_json::Value;

use super::failure::{Exit, Failure};
use super::output;
use super::settings::Settings;

/// Arguments of `proteus model`.
#[derive(Debug, Args)]
pub(super) struct ModelArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show what a model is: family, size, quantisation, context, licence
    Info(InfoArgs),
    /// Write a reply to a question, as it comes
    Generate(GenerateArgs),
    /// Answer other programs as an OpenAI-compatible server, on this machine only
    Serve(serve::ServeArgs),
}

/// Which model, and how it runs.
#[derive(Debug, Args)]
struct Opened {
    /// A GGUF file, or a folder with config.json, tokenizer.json and safetensors
    model: PathBuf,
    /// Tokens of question and reply together, at most [default: 4096]
    #[arg(long, value_name = "N")]
    context: Option<usize>,
    /// Threads that compute; more than the free cores makes it slower [default: 1]
    #[arg(long = "model-threads", value_name = "N")]
    threads: Option<usize>,
}

#[derive(Debug, Args)]
struct InfoArgs {
    #[command(flatten)]
    opened: Opened,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct GenerateArgs {
    #[command(flatten)]
    opened: Opened,
    /// The question
    prompt: String,
    /// Standing instructions
    #[arg(long, value_name = "TEXT")]
    system: Option<String>,
    /// Reply with JSON that the JSON Schema in this file admits
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// Tokens of the reply, at most
    #[arg(long, value_name = "N", default_value_t = 256)]
    max_tokens: usize,
    /// 0 takes the most likely token every time
    #[arg(long, value_name = "T", default_value_t = 0.0)]
    temperature: f64,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Self::from_error(Exit::BadInput, &error)
    }
}

impl Opened {
    fn open(&self) -> Result<LocalModel, Failure> {
        let defaults = OpenOptions::default();
        let options = OpenOptions {
            threads: self.threads.unwrap_or(defaults.threads),
            context: self.context.unwrap_or(defaults.context),
            ..defaults
        };
        Ok(LocalModel::open(&self.model, &options)?)
    }
}

/// Runs the command.
pub(super) fn run(args: &ModelArgs, settings: &Settings) -> Result<Exit, Failure> {
    match &args.what {
        What::Info(args) => info(args)?,
        What::Generate(args) => generate(args, settings)?,
        What::Serve(args) => serve::run(args, settings)?,
    }
    Ok(Exit::Done)
}

fn info(args: &InfoArgs) -> Result<(), Failure> {
    let model = args.opened.open()?;
    let info = serde_json::to_value(model.info())
        .map_err(|error| Failure::from_error(Exit::Bug, &error))?;
    if args.json {
        return output::text(&format!("{info:#}\n"));
    }
    let lines = info.as_object().into_iter().flatten().map(|(name, value)| {
        let shown = match value {
            Value::String(text) => text.clone(),
            Value::Null => "not stated".to_owned(),
            other => other.to_string(),
        };
        format!("{:<16} {shown}\n", name.replace('_', " "))
    });
    output::text(&lines.collect::<String>())
}

fn generate(args: &GenerateArgs, settings: &Settings) -> Result<(), Failure> {
    let schema = args.schema.as_deref().map(|path| {
        let text = std::fs::read_to_string(path).map_err(|e| Failure::unreadable(path, &e))?;
        serde_json::from_str::<Value>(&text).map_err(|error| {
            Failure::bad_input(
                format!("`{}` is no JSON: {error}", path.display()),
                "give a JSON Schema",
            )
        })
    });
    let schema = schema.transpose()?;
    let model = args.opened.open()?;
    let mut messages = Vec::new();
    messages.extend(
        args.system
            .iter()
            .map(|text| ChatMessage::new(Role::System, text)),
    );
    messages.push(ChatMessage::new(Role::User, &args.prompt));
    let writing = Writing {
        max_tokens: args.max_tokens,
        sampling: Sampling {
            temperature: args.temperature,
            seed: args.seed,
            ..Sampling::default()
        },
        ..Writing::default()
    };
    let mut failed = None;
    let mut listen = |text: &str| match output::text(text) {
        Ok(()) => true,
        Err(failure) => {
            failed = Some(failure);
            false
        }
    };
    let answer = model.generate(&messages, &writing, schema.as_ref(), &mut listen)?;
    if let Some(failure) = failed {
        return Err(failure);
    }
    output::line("")?;
    if !settings.quiet {
        let made = &answer.generated;
        output::note(&format!(
            "{} + {} tokens, {:?}",
            made.prompt_tokens,
            made.tokens.len(),
            made.finish
        ));
    }
    Ok(())
}
