//! Language models on the command line: which are asked, what they may cost, what was asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use proteus_llm::{Desk, LlmError, Mode, Models, Privacy, Role};
use serde_json::{Value, json};

use super::failure::{Exit, Failure};
use super::output;
use super::settings::Settings;
use crate::agent::reasoning::Reasoner;
use crate::agent::session;
use crate::agent::{Observer, Request};
use crate::config::Config;
use crate::discovery::{ForecastMinutes, ModelForecast, Readings};
use crate::prompt::Prompts;
use crate::report::text::{count, decimal, thousands};
use crate::run::MODELS;

/// The name of the backend that `--model` makes.
const NAMED: &str = "model";

/// Which models are asked, beside the configuration file.
#[derive(Debug, Args)]
#[command(next_help_heading = "Language models")]
pub(super) struct ModelArgs {
    /// Ask this model in every role, rules where it fails: a GGUF file, a folder of safetensors, or the address of an
    /// OpenAI-compatible server as ADDRESS#NAME (its key from OPENAI_API_KEY) [default: none, rules decide]
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Stop asking models after so many minutes
    #[arg(long, value_name = "N", requires = "model")]
    model_minutes: Option<f64>,
    /// Build no network client, whatever the configuration says
    #[arg(long)]
    pub offline: bool,
    /// Print every question to a model, as it is asked
    #[arg(long)]
    pub show_prompts: bool,
}

impl ModelArgs {
    /// The models of a run: those of the configuration file, or the one named here.
    ///
    /// # Errors
    /// The model is neither a file nor an address.
    pub(super) fn apply(&self, configured: Option<Models>) -> Result<Option<Models>, Failure> {
        let mut models = match &self.model {
            Some(model) => Some(one_model(model, self.model_minutes)?),
            None => configured,
        };
        if self.offline
            && let Some(models) = &mut models
        {
            models.privacy = Privacy::Offline;
        }
        Ok(models)
    }
}

/// Every role asked of one model, and left to rules where it gives no usable answer.
fn one_model(model: &str, minutes: Option<f64>) -> Result<Models, Failure> {
    let remote = model.starts_with("http://") || model.starts_with("https://");
    let backend = if remote {
        let Some((address, name)) = model.split_once('#') else {
            return Err(Failure::bad_input(
                format!("`--model {model}` does not say which model to ask for"),
                "write the model's name after the address: `--model http://127.0.0.1:8080/v1#qwen`",
            ));
        };
        let mut backend = json!({"kind": "openai", "address": address, "model": name});
        if std::env::var_os("OPENAI_API_KEY").is_some() {
            backend["key_env"] = Value::from("OPENAI_API_KEY");
        }
        backend
    } else {
        if !Path::new(model).exists() {
            return Err(Failure::bad_input(
                format!("`--model {model}` is neither a file nor an address"),
                "give a GGUF file, a folder of safetensors, or http(s)://HOST/v1#NAME",
            ));
        }
        json!({"kind": "local", "file": model})
    };
    let roles: BTreeMap<&str, [&str; 2]> = Role::ALL
        .iter()
        .filter(|role| **role != Role::Embedder)
        .map(|role| (role.name(), [NAMED, "rules"]))
        .collect();
    let privacy = if remote { "summaries" } else { "offline" };
    let section = json!({
        "backends": {NAMED: backend},
        "roles": roles,
        "privacy": privacy,
        "budget": {"minutes": minutes},
    });
    serde_json::from_value(section).map_err(|error| Failure::from_error(Exit::Bug, &error))
}

/// What a run asks, by its configuration: models at a desk that keeps its exchanges in the run's folder.
///
/// # Errors
/// A backend cannot be opened.
pub(super) fn reasoner(
    config: &Config,
    folder: &Path,
    mode: Mode,
    show: bool,
    observer: Option<&Arc<dyn Observer>>,
    settings: &Settings,
) -> Result<Option<Arc<Reasoner>>, Failure> {
    let Some(models) = &config.models else {
        return Ok(None);
    };
    let mut desk = Desk::builder(models);
    if let Some(observer) = observer {
        let (observer, budget) = (Arc::clone(observer), models.budget.clone());
        desk = desk.meter(Arc::new(move |spent| observer.spent(spent, &budget)));
    }
    let desk = desk.open(&exchanges(folder), mode)?;
    let mut reasoner = Reasoner::new(desk, Prompts::new(settings.content.clone()));
    if show {
        reasoner = reasoner.shown(Box::new(output::note));
    }
    Ok(Some(Arc::new(reasoner)))
}

/// Where a run keeps its exchanges.
fn exchanges(folder: &Path) -> PathBuf {
    folder.join(MODELS)
}

/// Says what the models of a request are likely to be asked, and asks none; nothing where there are none.
///
/// # Errors
/// The models or the data cannot be used as they are.
pub(super) fn tell_expected(request: &Request, settings: &Settings) -> Result<(), Failure> {
    // In a replay nothing is opened, asked or written.
    let nowhere = Path::new("");
    let reasoner = reasoner(
        &request.config,
        nowhere,
        Mode::Replay,
        false,
        None,
        settings,
    )?;
    let Some(reasoner) = reasoner else {
        return Ok(());
    };
    let resources = settings.resources(request.config.packs)?;
    if let Some(forecast) = session::expected(request, resources, &reasoner)? {
        for line in expected(&forecast, None) {
            output::note(&line);
        }
    }
    Ok(())
}

/// What models are likely to be asked, in lines for the beginning of a run.
pub(super) fn expected(forecast: &ModelForecast, minutes: Option<&ForecastMinutes>) -> Vec<String> {
    let (likely, most) = (forecast.likely(), forecast.most());
    let mut lines = vec![format!(
        "models: about {} likely, {} at most; tokens of prompts and replies about {} + {}, at most {} + {}",
        count(likely.calls, "question", "questions"),
        thousands(most.calls),
        thousands(likely.prompt_tokens),
        thousands(likely.reply_tokens),
        thousands(most.prompt_tokens),
        thousands(most.reply_tokens)
    )];
    if most.money > 0.0 {
        lines.push(format!(
            "  money: about {}, at most {}, in the currency of the prices given",
            decimal(likely.money),
            decimal(most.money)
        ));
    }
    if let Some(minutes) = minutes {
        let mut line = format!(
            "  minutes: about {}, at most {}, at the pace of {} measured now; less where prompts begin alike",
            decimal(minutes.likely),
            decimal(minutes.most),
            minutes.of.join(", ")
        );
        if !minutes.without.is_empty() {
            line.push_str(&format!("; not known for {}", minutes.without.join(", ")));
        }
        lines.push(line);
    }
    let cut_off = minutes.and_then(|m| m.cut_off.as_ref());
    lines.extend(
        forecast
            .cut_off
            .iter()
            .chain(cut_off)
            .map(|cut| format!("  {cut}")),
    );
    lines
}

/// What models added, in a few lines for the end of a run.
pub(super) fn told(readings: &Readings) -> String {
    let cost = &readings.cost;
    let wordings = readings
        .hypotheses
        .values()
        .filter_map(|h| h.wording.as_ref())
        .chain(readings.objectives.values());
    let (passed, all) = wordings.fold((0, 0), |(passed, all), w| {
        (passed + usize::from(w.text.is_some()), all + 1)
    });
    let mut text = format!(
        "Models: {} questions, {} + {} tokens",
        cost.calls, cost.prompt_tokens, cost.reply_tokens
    );
    if all > 0 {
        text.push_str(&format!("; {passed} of {all} sentences passed the check"));
    }
    text.push('\n');
    for judge in &readings.judges {
        let total = judge.total();
        text.push_str(&format!(
            "  judge {}: told {} of {} hypotheses from a corrupted twin; its scores are {}\n",
            judge.model,
            total.preferred,
            total.shown,
            if judge.trusted { "shown" } else { "not shown" }
        ));
    }
    if let Some(reason) = &readings.stopped {
        text.push_str(&format!("  stopped early: {reason}\n"));
    }
    text
}

impl From<LlmError> for Failure {
    fn from(error: LlmError) -> Self {
        let exit = match &error {
            LlmError::Configuration { .. }
            | LlmError::NotRecorded { .. }
            | LlmError::Storage { .. } => Exit::BadInput,
            LlmError::Budget { .. } => Exit::Stopped,
            _ => Exit::Unavailable,
        };
        Self::from_error(exit, &error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::{ForecastAmount, ForecastPart};

    #[test]
    fn what_is_expected_is_told_with_what_is_known_of_it() {
        let amount = |calls: usize, money: f64| ForecastAmount {
            calls,
            prompt_tokens: 400 * calls,
            reply_tokens: 20 * calls,
            money,
        };
        let mut forecast = ModelForecast {
            parts: vec![ForecastPart {
                role: "writer".to_owned(),
                purpose: "wording hypotheses".to_owned(),
                likely: amount(10, 0.0),
                most: amount(30, 0.0),
            }],
            cut_off: Vec::new(),
        };
        assert_eq!(
            expected(&forecast, None),
            [
                "models: about 10 questions likely, 30 at most; tokens of prompts and replies about 4,000 + 200, at most 12,000 + 600"
            ]
        );
        forecast.parts[0].likely.money = 0.5;
        forecast.parts[0].most.money = 1.5;
        forecast.cut_off = vec!["the budget of 5 calls is likely to end".to_owned()];
        let minutes = ForecastMinutes {
            likely: 1.5,
            most: 12.0,
            of: vec!["small.gguf".to_owned()],
            without: vec!["large".to_owned()],
            cut_off: Some("the budget of 1 minutes is likely to end".to_owned()),
        };
        let lines = expected(&forecast, Some(&minutes));
        assert_eq!(lines.len(), 5, "{lines:?}");
        assert!(
            lines[1].contains("0.50") && lines[1].contains("1.5"),
            "{lines:?}"
        );
        assert!(
            lines[2].contains("small.gguf") && lines[2].ends_with("not known for large"),
            "{lines:?}"
        );
        assert!(lines[3].contains("5 calls") && lines[4].contains("1 minutes"));
    }
}
