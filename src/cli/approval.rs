//! Asking a person whether planned objectives are pursued: on the terminal, or from a file of answers.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::failure::Failure;
use super::output;
use crate::agent::menu_making::archetype_word;
use crate::agent::steering::{Approver, Choice, Proposal};
use crate::discovery::ObjectiveId;
use crate::report::text::{NAME, SENTENCE, count, tidy};

/// The entry of a file of answers for all that it does not name.
const REST: &str = "rest";

/// Who is asked, where objectives are to be approved.
///
/// # Errors
/// There is neither a terminal nor a file of answers, or the file is none.
pub(super) fn approver(from: Option<&Path>) -> Result<Arc<dyn Approver>, Failure> {
    if let Some(path) = from {
        return Ok(Arc::new(Answers::read(path)?));
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::bad_input(
            "objectives are to be approved on the terminal, and standard input is none",
            "give the answers in a file: `--approve-from FILE` with a line `\"<objective>\": approve` or `: skip` for each, and `rest: skip` for all others; `proteus plan PATH --json` has the ids",
        ));
    }
    Ok(Arc::new(Terminal))
}

/// What is shown of a proposal.
fn shown(proposal: &Proposal<'_>) -> String {
    let objective = proposal.objective;
    let mut text = format!(
        "\nObjective {} of {}: {}\n  {}\n  why: {}\n",
        proposal.number,
        proposal.of,
        tidy(&objective.text, SENTENCE),
        tidy(&objective.id.0, NAME),
        tidy(&objective.why, SENTENCE)
    );
    for (words, names) in [
        ("adjusted for", objective.covariates.join(", ")),
        ("blocked by", objective.blocking.clone().unwrap_or_default()),
        ("only samples with", objective.within.join(", ")),
    ] {
        if !names.is_empty() {
            text.push_str(&format!("  {words}: {}\n", tidy(&names, SENTENCE)));
        }
    }
    for line in proposal.plan.to_string().lines() {
        text.push_str(&format!("    {line}\n"));
    }
    for (archetype, tests) in &proposal.tests {
        let tests = count(*tests, "test", "tests");
        text.push_str(&format!(
            "  on the menu: {tests} of {}\n",
            archetype_word(*archetype)
        ));
    }
    for (archetype, reason) in &proposal.off_menu {
        let reason = tidy(reason, SENTENCE);
        let word = archetype_word(*archetype);
        text.push_str(&format!("  never graded: {word}, {reason}\n"));
    }
    let replayed = proposal.plan.steps.iter().filter(|s| s.tainted).count();
    text.push_str(&format!(
        "  cost: {} once more on each of 20 decoys or more\n",
        count(replayed, "step", "steps")
    ));
    text
}

/// Asks on the terminal.
struct Terminal;

impl Approver for Terminal {
    fn by(&self) -> &'static str {
        "terminal"
    }

    fn check(&self, _asked: &[&ObjectiveId]) -> Result<(), String> {
        Ok(())
    }

    fn decide(&self, proposal: &Proposal<'_>) -> Result<Choice, String> {
        // Standard error is not held while an answer is waited for: Ctrl-C has something to say there.
        ask(proposal, &mut io::stdin().lock(), &mut io::stderr())
            .map_err(|error| format!("cannot ask: {error}"))
    }
}

/// Asks until something is answered; the end of the input leaves the rest for later.
fn ask(
    proposal: &Proposal<'_>,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> io::Result<Choice> {
    write!(output, "{}", shown(proposal))?;
    loop {
        write!(
            output,
            "[a]pprove, [s]kip, skip this and the [r]est, [q]uit and decide later: "
        )?;
        output.flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            writeln!(output)?;
            return Ok(Choice::Pause);
        }
        match line.trim().to_lowercase().as_str() {
            "a" | "approve" | "y" | "yes" => return Ok(Choice::Approve),
            "s" | "skip" | "n" | "no" => return Ok(Choice::Skip),
            "r" | "rest" => return Ok(Choice::SkipRest),
            "q" | "quit" => return Ok(Choice::Pause),
            _ => {}
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Approve,
    Skip,
    Quit,
}

/// Answers given beforehand.
struct Answers {
    file: String,
    by_objective: BTreeMap<String, Answer>,
    rest: Option<Answer>,
}

impl Answers {
    /// Reads a file, or standard input for `-`.
    fn read(path: &Path) -> Result<Self, Failure> {
        let text = if path == Path::new("-") {
            let mut text = String::new();
            io::stdin().lock().read_to_string(&mut text).map(|_| text)
        } else {
            fs::read_to_string(path)
        };
        let text = text.map_err(|error| Failure::unreadable(path, &error))?;
        let mut by_objective: BTreeMap<String, Answer> =
            serde_yaml::from_str(&text).map_err(|error| {
                Failure::bad_input(
                    format!("the answers in `{}` cannot be used: {error}", path.display()),
                    "write one line for each objective: its id in quotes, a colon, and approve, skip or quit; `rest:` stands for all others",
                )
            })?;
        Ok(Self {
            file: path.display().to_string(),
            rest: by_objective.remove(REST),
            by_objective,
        })
    }
}

impl Approver for Answers {
    fn by(&self) -> &'static str {
        "file"
    }

    fn check(&self, asked: &[&ObjectiveId]) -> Result<(), String> {
        let strangers: Vec<String> = self
            .by_objective
            .keys()
            .filter(|id| !asked.iter().any(|a| a.0 == **id))
            .map(|id| format!("`{}`", tidy(id, NAME)))
            .collect();
        if strangers.is_empty() {
            return Ok(());
        }
        let known: Vec<String> = asked.iter().map(|id| format!("`{id}`")).collect();
        Err(format!(
            "`{}` answers for {}, and the objectives are {}",
            self.file,
            strangers.join(", "),
            known.join(", ")
        ))
    }

    fn decide(&self, proposal: &Proposal<'_>) -> Result<Choice, String> {
        let id = &proposal.objective.id;
        let answer = self.by_objective.get(&id.0).copied().or(self.rest);
        match answer {
            Some(Answer::Approve) => Ok(Choice::Approve),
            Some(Answer::Skip) => Ok(Choice::Skip),
            Some(Answer::Quit) => Ok(Choice::Pause),
            None => {
                output::note(&format!("`{}` says nothing of `{id}`", self.file));
                Ok(Choice::Pause)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::discovery::{Archetype, Objective, Target};
    use crate::workflow::Plan;

    fn answered(typed: &str) -> (Choice, String) {
        let mut objective = Objective::new("condition:B-A", Target::Structure, Vec::new());
        objective.text = "Which proteins differ?".to_owned();
        objective.covariates = vec!["plate".to_owned()];
        let plan = Plan {
            workflow: "toy".to_owned(),
            objective: objective.id.clone(),
            scope: "toy".to_owned(),
            steps: Vec::new(),
        };
        let proposal = Proposal {
            number: 1,
            of: 2,
            objective: &objective,
            plan: &plan,
            tests: vec![(Archetype::DifferentialProtein, 400)],
            off_menu: vec![(Archetype::DetectionSwitch, "too few samples".to_owned())],
        };
        let mut said = Vec::new();
        let choice = ask(&proposal, &mut typed.as_bytes(), &mut said).unwrap();
        (choice, String::from_utf8(said).unwrap())
    }

    #[test]
    fn everything_is_shown_before_an_answer_and_a_wrong_one_is_asked_again() {
        let (choice, said) = answered("what?\na\n");
        assert_eq!(choice, Choice::Approve);
        for told in [
            "Objective 1 of 2",
            "adjusted for: plate",
            "400 tests",
            "too few samples",
        ] {
            assert!(said.contains(told), "{said}");
        }
        assert_eq!(said.matches("[a]pprove").count(), 2, "{said}");
    }

    #[test]
    fn every_answer_has_its_meaning_and_the_end_of_the_input_decides_nothing() {
        for (typed, choice) in [
            ("approve\n", Choice::Approve),
            ("S\n", Choice::Skip),
            ("r\n", Choice::SkipRest),
            ("q\n", Choice::Pause),
            ("", Choice::Pause),
        ] {
            assert_eq!(answered(typed).0, choice, "{typed:?}");
        }
    }
}
