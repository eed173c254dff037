//! Reviewing line by line, for servers without a browser: questions on one side, lines on the other. Works over a pipe; the
//! end of the input keeps what was answered, as a draft where a hypothesis was not finished.

use std::io::{BufRead, Write};

use super::order::reading_order;
use super::record::{Axis, Decision, Review, Subject};
use super::store::{Kept, Reviewer};
use super::{ReviewError, ReviewedRun, ReviewerName, Via};
use crate::report::text::{SENTENCE, decimal, probability, signed, tidy};
use crate::report::{ReportModel, explain, explain_evidence};

const HELP: &str = "\
  1 to 5, with a reason behind it if you like: 4 holds in all variations
  Enter   keep what stands in brackets, or leave it open
  -       clear it
  b       back to the question before
  s       skip this hypothesis
  d       details: every number down to the cells of the input
  q       stop; what is unfinished is kept as a draft
";

/// What a session did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Reviews submitted.
    pub submitted: usize,
    /// Hypotheses that the reviewer has not reviewed yet.
    pub left: usize,
    /// Whether an unfinished review was kept as a draft.
    pub draft: bool,
}

/// What is asked of each hypothesis, in order.
#[derive(Debug, Clone, Copy)]
enum Question {
    Score(Axis),
    Decision,
    Comment,
}

enum Answer {
    Next,
    Back,
    Skip,
    Stop,
}

/// Asks `name` about every hypothesis not reviewed yet.
///
/// # Errors
/// Input or output fails, or a review cannot be kept; what was submitted before stays.
pub fn review(
    run: &ReviewedRun,
    model: &ReportModel,
    name: &ReviewerName,
    blinded: bool,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<Session, ReviewError> {
    let reviewer = run.store.enter(name, blinded)?;
    let blinded = blinded || reviewer.is_blinded();
    let mut talk = Talk { input, output };
    let order = reading_order(&run.hypotheses, run.view.id(), name.as_str(), blinded);
    let waiting: Vec<usize> = order
        .into_iter()
        .filter(|&place| reviewer.standing(&run.subjects[place]).is_none())
        .collect();
    talk.say(&format!(
        "{} of {} hypotheses to review{}\n{HELP}",
        waiting.len(),
        run.hypotheses.len(),
        if blinded {
            ", with grades and scores hidden"
        } else {
            ""
        }
    ))?;
    let mut session = Session {
        submitted: 0,
        left: waiting.len(),
        draft: false,
    };
    for (number, &place) in waiting.iter().enumerate() {
        let subject = &run.subjects[place];
        talk.say(&format!("\n— {} of {} —\n", number + 1, waiting.len()))?;
        talk.say(&summary(run, place, blinded))?;
        let one = One {
            run,
            model,
            reviewer: &reviewer,
            subject,
            blinded,
        };
        let draft = run.store.draft_about(&reviewer, subject)?;
        let mut said = draft.map(|d| d.review).unwrap_or_default();
        match one.ask(&mut talk, &mut said)? {
            Answer::Stop => {
                session.draft = !said.clone().tidied().is_empty();
                run.store.draft(&reviewer.file, subject, said)?;
                return Ok(session);
            }
            Answer::Skip => run.store.draft(&reviewer.file, subject, said)?,
            Answer::Next | Answer::Back if said.clone().tidied().is_empty() => {
                talk.say("nothing said, nothing kept\n")?;
            }
            Answer::Next | Answer::Back => {
                let kept = run
                    .store
                    .submit(&reviewer.file, "", subject, said, Via::Terminal)?;
                if matches!(kept, Kept::New(_)) {
                    session.submitted += 1;
                }
                session.left -= 1;
                talk.say("kept\n")?;
            }
        }
    }
    Ok(session)
}

/// One hypothesis in question.
struct One<'a> {
    run: &'a ReviewedRun,
    model: &'a ReportModel,
    reviewer: &'a Reviewer,
    subject: &'a Subject,
    blinded: bool,
}

impl One<'_> {
    fn ask(&self, talk: &mut Talk<'_>, said: &mut Review) -> Result<Answer, ReviewError> {
        let mut questions: Vec<Question> = Axis::ALL.map(Question::Score).to_vec();
        questions.extend([Question::Decision, Question::Comment]);
        let mut at = 0;
        while let Some(question) = questions.get(at) {
            talk.say(&prompt(*question, said))?;
            let Some(line) = talk.hear()? else {
                return Ok(Answer::Stop);
            };
            match self.take(talk, *question, line.trim(), said)? {
                Some(Answer::Next) => at += 1,
                Some(Answer::Back) => at = at.saturating_sub(1),
                Some(end) => return Ok(end),
                None => continue,
            }
            // What was answered survives whatever happens to this process.
            self.run
                .store
                .draft(&self.reviewer.file, self.subject, said.clone())?;
        }
        Ok(Answer::Next)
    }

    /// Takes an answer; none where the question has to be asked again.
    fn take(
        &self,
        talk: &mut Talk<'_>,
        question: Question,
        line: &str,
        said: &mut Review,
    ) -> Result<Option<Answer>, ReviewError> {
        match line {
            "" => return Ok(Some(Answer::Next)),
            "b" => return Ok(Some(Answer::Back)),
            "s" => return Ok(Some(Answer::Skip)),
            "q" => return Ok(Some(Answer::Stop)),
            "?" => {
                talk.say(HELP)?;
                return Ok(None);
            }
            "d" => {
                let chain = if self.blinded && !self.reviewer.has_submitted(self.subject) {
                    explain_evidence(self.model, &self.subject.id)?
                } else {
                    explain(self.model, &self.subject.id)?
                };
                talk.say(&chain)?;
                return Ok(None);
            }
            _ => {}
        }
        let before = said.clone();
        let understood = match question {
            Question::Score(axis) => {
                let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
                let given = said.axes.entry(axis).or_default();
                match word {
                    "-" => {
                        *given = Default::default();
                        true
                    }
                    "1" | "2" | "3" | "4" | "5" => {
                        given.score = word.parse().ok();
                        if !rest.trim().is_empty() {
                            rest.trim().clone_into(&mut given.rationale);
                        }
                        true
                    }
                    _ => false,
                }
            }
            Question::Decision => {
                let known = Decision::ALL
                    .into_iter()
                    .find(|d| d.word() == line || d.word().starts_with(line));
                said.decision = known;
                known.is_some() || line == "-"
            }
            Question::Comment => {
                let text = if line == "-" { "" } else { line };
                text.clone_into(&mut said.comment);
                true
            }
        };
        let faults = said.faults();
        if understood && faults.is_empty() {
            return Ok(Some(Answer::Next));
        }
        *said = before;
        let reason = faults.first().map_or_else(
            || format!("`{}` is no answer here; ? for help", tidy(line, SENTENCE)),
            ToString::to_string,
        );
        talk.say(&format!("  {reason}\n"))?;
        Ok(None)
    }
}

fn prompt(question: Question, said: &Review) -> String {
    let standing = |text: String| {
        if text.is_empty() {
            String::new()
        } else {
            format!(" [{}]", tidy(&text, SENTENCE))
        }
    };
    match question {
        Question::Score(axis) => {
            let [lowest, highest] = axis.ends();
            let score = said.score(axis).map_or_else(String::new, |s| s.to_string());
            format!(
                "{}: {} 1 ({lowest}) to 5 ({highest}){} > ",
                axis.word(),
                axis.question(),
                standing(score)
            )
        }
        Question::Decision => {
            let decision = said.decision.map_or("", |d| d.word());
            format!("accept, park or reject{} > ", standing(decision.to_owned()))
        }
        Question::Comment => format!("comment{} > ", standing(said.comment.clone())),
    }
}

fn summary(run: &ReviewedRun, place: usize, blinded: bool) -> String {
    let h = &run.hypotheses[place];
    let mut lines = vec![tidy(&h.statement, SENTENCE)];
    if !blinded {
        lines.push(format!("{}, ranked {}", h.grade.word(), h.rank));
    }
    lines.push(format!(
        "effect {} {}, p {}, {} samples, chosen from {} tests; holds in {} of {} variations",
        signed(h.effect.value),
        tidy(&h.effect.unit, SENTENCE),
        probability(h.error_rate.p.get()),
        h.n.total,
        decimal(h.tests_considered as f64),
        h.robustness.held,
        h.robustness.tried
    ));
    let cautions = h.flags.iter().map(|f| format!("caution: {}", f.text));
    let rivals = h.alternatives.iter().map(|a| format!("could also be: {a}"));
    let after = [
        format!("refuted by: {}", h.refuted_by),
        format!("next: {}", h.next_experiment.text),
    ];
    lines.extend(
        cautions
            .chain(rivals)
            .chain(after)
            .map(|line| tidy(&line, SENTENCE)),
    );
    let mut text = lines.join("\n  ");
    text.push('\n');
    text
}

/// The two sides of the conversation.
struct Talk<'a> {
    input: &'a mut dyn BufRead,
    output: &'a mut dyn Write,
}

impl Talk<'_> {
    fn say(&mut self, text: &str) -> Result<(), ReviewError> {
        self.output
            .write_all(text.as_bytes())
            .and_then(|()| self.output.flush())
            .map_err(ReviewError::Terminal)
    }

    /// A line; none at the end of the input.
    fn hear(&mut self) -> Result<Option<String>, ReviewError> {
        let mut line = Vec::new();
        let read = self
            .input
            .read_until(b'\n', &mut line)
            .map_err(ReviewError::Terminal)?;
        Ok((read > 0).then(|| String::from_utf8_lossy(&line).into_owned()))
    }
}
