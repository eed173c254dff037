//! `proteus runs show`: what a run was made from, what was decided, and how far it came.

use serde::Serialize;
use serde_json::{Map, Value};

use super::super::failure::Failure;
use crate::agent::steering::FollowUp;
use crate::discovery::{Grade, ObjectiveStatus};
use crate::report::text::{NAME, SENTENCE, count, tidy};
use crate::run::{Event, RunView};

/// A run in short.
#[derive(Serialize)]
pub(super) struct Shown {
    id: String,
    folder: String,
    dataset: String,
    state: &'static str,
    detail: String,
    proteus: String,
    seed: u64,
    inputs: Vec<Input>,
    settings: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    follows_up: Option<FollowUp>,
    decided: Vec<String>,
    objectives: Vec<Objective>,
    hypotheses: Grades,
}

#[derive(Serialize)]
struct Input {
    name: String,
    hash: String,
}

#[derive(Serialize)]
struct Objective {
    id: String,
    text: String,
    outcome: String,
}

#[derive(Serialize, Default)]
struct Grades {
    supported: usize,
    suggestive: usize,
    exploratory: usize,
    contradicted: usize,
}

impl Shown {
    /// Looks at a run; `state` and `detail` are as the list has them.
    pub(super) fn of(run: &RunView, state: &'static str, detail: String) -> Result<Self, Failure> {
        let record = run.record();
        let settings = record.config.get("config").and_then(Value::as_object);
        let mut hypotheses = Grades::default();
        for hypothesis in run.hypotheses()? {
            *match hypothesis.grade {
                Grade::Supported => &mut hypotheses.supported,
                Grade::Suggestive => &mut hypotheses.suggestive,
                Grade::Exploratory => &mut hypotheses.exploratory,
                Grade::Contradicted => &mut hypotheses.contradicted,
            } += 1;
        }
        let outcome = |status| match status {
            ObjectiveStatus::Proposed => "not pursued yet".to_owned(),
            ObjectiveStatus::Answered { summary } => summary,
            ObjectiveStatus::Retired { reason } => format!("not pursued: {reason}"),
        };
        Ok(Self {
            id: record.id.clone(),
            folder: run.root().display().to_string(),
            dataset: record.dataset.clone(),
            state,
            detail,
            proteus: record.proteus.clone(),
            seed: record.seed,
            inputs: record
                .inputs
                .iter()
                .map(|f| Input {
                    name: f.name.clone(),
                    hash: f.hash.clone(),
                })
                .collect(),
            settings: settings.cloned().unwrap_or_default(),
            follows_up: FollowUp::of(run),
            decided: decided(run)?,
            objectives: run
                .objectives()?
                .into_iter()
                .map(|o| Objective {
                    id: o.id.0,
                    text: o.text,
                    outcome: outcome(o.status),
                })
                .collect(),
            hypotheses,
        })
    }

    /// The same for people.
    pub(super) fn text(&self) -> String {
        let mut out = format!(
            "{}\n  dataset: {}\n  state: {}, {}\n  made with: Proteus {}, seed {}\n",
            self.id,
            tidy(&self.dataset, NAME),
            self.state,
            self.detail,
            self.proteus,
            self.seed
        );
        if let Some(follow_up) = &self.follows_up {
            out.push_str(&format!("  follow-up: {}\n", follow_up.reason()));
        }
        for input in &self.inputs {
            let hash: String = input.hash.chars().take(16).collect();
            out.push_str(&format!("  input: {} ({hash})\n", tidy(&input.name, NAME)));
        }
        for (name, value) in self.settings.iter().filter(|(name, _)| *name != "models") {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            out.push_str(&format!("  {name}: {}\n", tidy(&value, SENTENCE)));
        }
        for decision in &self.decided {
            out.push_str(&format!("  decided: {}\n", tidy(decision, SENTENCE)));
        }
        for objective in &self.objectives {
            out.push_str(&format!(
                "  {}\n    {}\n",
                tidy(&objective.text, SENTENCE),
                tidy(&objective.outcome, SENTENCE)
            ));
        }
        let grades = &self.hypotheses;
        out.push_str(&format!(
            "  {} supported, {} suggestive, {} exploratory\n",
            count(grades.supported, "hypothesis", "hypotheses"),
            grades.suggestive,
            grades.exploratory
        ));
        out
    }
}

/// What a person decided, with its time.
fn decided(run: &RunView) -> Result<Vec<String>, Failure> {
    let mut told = Vec::new();
    for entry in run.journal()? {
        let at = entry.at.map_or_else(String::new, |at| {
            at.strftime("%Y-%m-%d %H:%M UTC: ").to_string()
        });
        match entry.event {
            Event::PlansGiven { changes, .. } if changes.is_empty() => {
                told.push(format!("{at}plans given as the rules had them"));
            }
            Event::PlansGiven { changes, .. } => {
                told.extend(
                    changes
                        .iter()
                        .map(|change| format!("{at}plans given: {change}")),
                );
            }
            Event::ObjectiveDecided {
                objective,
                approved,
                ..
            } => {
                let word = if approved { "approved" } else { "not approved" };
                told.push(format!("{at}`{objective}` {word}"));
            }
            _ => {}
        }
    }
    Ok(told)
}
