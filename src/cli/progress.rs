//! How a run comes along, on standard error: a live tree of stages and steps on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use proteus_llm::{Budget, Spent};

use super::settings::Settings;
use super::text_table::shortened;
use super::{models, output};
use crate::agent::{Observer, Stage};
use crate::discovery::{ForecastMinutes, ModelForecast};
use crate::workflow::{Progress, StepState};

/// Width of a line that is drawn again and again.
const WIDTH: usize = 110;
/// How often the tree is drawn.
const TICK: Duration = Duration::from_millis(120);

/// What is told of a run.
pub(super) struct Watchers {
    /// Told of stages and decoys.
    pub observer: Arc<dyn Observer>,
    /// Told of steps.
    pub progress: Arc<dyn Progress>,
}

/// What to tell, by the flags and by what standard error is; nothing when quiet.
pub(super) fn watchers(settings: &Settings) -> Option<Watchers> {
    if settings.quiet {
        return None;
    }
    Some(if std::io::stderr().is_terminal() {
        let tree = Arc::new(Tree::new(settings.verbose));
        Watchers {
            observer: Arc::clone(&tree) as Arc<dyn Observer>,
            progress: tree,
        }
    } else {
        let lines = Arc::new(Lines {
            verbose: settings.verbose,
            entered: Mutex::new(Instant::now()),
        });
        Watchers {
            observer: Arc::clone(&lines) as Arc<dyn Observer>,
            progress: lines,
        }
    })
}

/// What a change of a step is worth saying, if anything.
fn told(step: &str, tool: &str, state: StepState<'_>, verbose: bool) -> Option<String> {
    match state {
        StepState::Failed(error) => Some(format!("  ! {step} ({tool}): {error}")),
        StepState::Finished if verbose => Some(format!("  ✓ {step} ({tool})")),
        StepState::Cached if verbose => Some(format!("  = {step} ({tool}), from the cache")),
        StepState::Skipped if verbose => Some(format!("  – {step} ({tool}), nothing to work on")),
        _ => None,
    }
}

fn seconds(since: Instant) -> String {
    format!("{:.1} s", since.elapsed().as_secs_f64())
}

/// What models were used for, each beside what it may be where that is limited.
fn metered(spent: &Spent, budget: &Budget) -> String {
    let of = |limit: Option<u64>| limit.map_or_else(String::new, |limit| format!(" of {limit}"));
    let mut text = format!(
        "{}{} questions, {}{} tokens",
        spent.calls,
        of(budget.calls),
        spent.tokens(),
        of(budget.tokens)
    );
    if spent.money > 0.0 || budget.money.is_some() {
        let limit = budget
            .money
            .map_or_else(String::new, |limit| format!(" of {limit}"));
        text.push_str(&format!(", {:.2}{limit} spent", spent.money));
    }
    if let Some(minutes) = budget.minutes {
        text.push_str(&format!(", {minutes} min at most"));
    }
    text
}

/// Plain lines.
struct Lines {
    verbose: bool,
    entered: Mutex<Instant>,
}

impl Observer for Lines {
    fn entered(&self, _stage: Stage) {
        *self.entered.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn finished(&self, stage: Stage, summary: &str) {
        let since = *self.entered.lock().unwrap_or_else(PoisonError::into_inner);
        output::note(&format!(
            "{}: {} ({})",
            stage.name(),
            shortened(summary, 300),
            seconds(since)
        ));
    }

    fn decoys(&self, _done: usize, _planned: usize) {}

    fn expected(&self, forecast: &ModelForecast, minutes: Option<&ForecastMinutes>) {
        for line in models::expected(forecast, minutes) {
            output::note(&line);
        }
    }
}

impl Progress for Lines {
    fn step(&self, step: &str, tool: &str, state: StepState<'_>) {
        if let Some(line) = told(step, tool, state, self.verbose) {
            output::note(&shortened(&line, 400));
        }
    }
}

/// A live tree.
struct Tree {
    verbose: bool,
    bars: MultiProgress,
    drawn: Mutex<Drawn>,
}

/// What stands on the screen now.
struct Drawn {
    stage: Option<(Stage, ProgressBar, Instant)>,
    steps: BTreeMap<String, ProgressBar>,
}

impl Tree {
    fn new(verbose: bool) -> Self {
        Self {
            verbose,
            bars: MultiProgress::new(),
            drawn: Mutex::new(Drawn {
                stage: None,
                steps: BTreeMap::new(),
            }),
        }
    }

    fn drawn(&self) -> MutexGuard<'_, Drawn> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self, template: &str, message: String) -> ProgressBar {
        let bar = self.bars.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(message);
        bar.enable_steady_tick(TICK);
        bar
    }
}

impl Observer for Tree {
    fn entered(&self, stage: Stage) {
        let bar = self.line("{spinner} {msg} {elapsed}", stage.name().to_owned());
        self.drawn().stage = Some((stage, bar, Instant::now()));
    }

    fn finished(&self, stage: Stage, summary: &str) {
        let mut drawn = self.drawn();
        for (_, bar) in std::mem::take(&mut drawn.steps) {
            bar.finish_and_clear();
        }
        let since = match drawn.stage.take() {
            Some((_, bar, since)) => {
                bar.finish_and_clear();
                since
            }
            None => Instant::now(),
        };
        let line = format!("✓ {:<10} {} ({})", stage.name(), summary, seconds(since));
        let _ = self.bars.println(shortened(&line, WIDTH));
    }

    fn asking(&self) {
        if let Some((_, bar, _)) = &self.drawn().stage {
            bar.finish_and_clear();
        }
    }

    fn decoys(&self, done: usize, planned: usize) {
        if let Some((stage, bar, _)) = &self.drawn().stage {
            bar.set_message(format!("{}: {done} of {planned}", stage.name()));
        }
    }

    fn expected(&self, forecast: &ModelForecast, minutes: Option<&ForecastMinutes>) {
        for line in models::expected(forecast, minutes) {
            let _ = self.bars.println(line);
        }
    }

    fn spent(&self, spent: &Spent, budget: &Budget) {
        if let Some((stage, bar, _)) = &self.drawn().stage {
            let message = format!("{}: {}", stage.name(), metered(spent, budget));
            bar.set_message(shortened(&message, WIDTH));
        }
    }
}

impl Progress for Tree {
    fn step(&self, step: &str, tool: &str, state: StepState<'_>) {
        match state {
            StepState::Queued => return,
            StepState::Started => {
                let message = shortened(&format!("{step} ({tool})"), WIDTH);
                let bar = self.line("  └ {msg} {elapsed}", message);
                self.drawn().steps.insert(step.to_owned(), bar);
            }
            _ => {
                if let Some(bar) = self.drawn().steps.remove(step) {
                    bar.finish_and_clear();
                }
            }
        }
        if let Some(line) = told(step, tool, state, self.verbose) {
            let _ = self.bars.println(shortened(&line, WIDTH));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meter_names_limits_where_there_are_some() {
        let spent = Spent {
            calls: 12,
            prompt_tokens: 3000,
            reply_tokens: 400,
            money: 0.034,
            ..Spent::default()
        };
        assert_eq!(
            metered(&spent, &Budget::default()),
            "12 questions, 3400 tokens, 0.03 spent"
        );
        let budget = Budget {
            calls: Some(40),
            money: Some(0.5),
            minutes: Some(12.0),
            ..Budget::default()
        };
        assert_eq!(
            metered(&spent, &budget),
            "12 of 40 questions, 3400 tokens, 0.03 of 0.5 spent, 12 min at most"
        );
    }
}
