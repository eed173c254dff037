//! `proteus run`: from a table to graded hypotheses and their report.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use proteus_llm::Mode;

use super::failure::{Exit, Failure};
use super::input::DatasetArgs;
use super::models::{self, ModelArgs};
use super::papers::{self, PaperArgs};
use super::runs::ParentFolder;
use super::settings::Settings;
use super::text_table::TextTable;
use super::{approval, editing, interrupt, output, plan, progress, report};
use crate::agent::propose::QuestionError;
use crate::agent::steering::PlanFile;
use crate::agent::{AgentError, Outcome, Request, Session, Steering};
use crate::config::{Config, ConfigError, ConfigFile, DecoyBudget, KEYS};
use crate::dataset::{Problem, Severity};
use crate::discovery::{Asked, Check, Grade, Hypothesis, Verdict};
use crate::report::text;
use crate::run::RunView;

/// Hypotheses shown when a run ends.
const SHOWN: usize = 10;
/// Doubts about the input shown when a run begins.
const WARNINGS: usize = 8;
/// Checks shown that forbid or explain.
const CHECKS: usize = 6;

/// Arguments of `proteus run`.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    input: DatasetArgs,
    #[command(flatten)]
    parent: ParentFolder,
    /// Seed of everything random [default: 1]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Configuration file (YAML); flags go before it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Decoys per stratum of tests: adaptive, full or a number [default: adaptive]
    #[arg(long, value_name = "BUDGET")]
    decoys: Option<DecoyFlag>,
    /// Objectives pursued at most [default: 12]
    #[arg(long, value_name = "N")]
    max_objectives: Option<usize>,
    #[command(flatten)]
    asking: Asking,
    /// Replace names of proteins, genes and sets by codes in all that is written; `proteus report --unblind` shows them
    #[arg(long)]
    blind: bool,
    /// Carry out these plans, as `proteus plan --edit` writes them, in place of the rules' own
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    plan: Option<PathBuf>,
    /// Show every planned objective and ask whether it is pursued, before anything label-dependent is computed
    #[arg(long, conflicts_with = "dry_run")]
    approve: bool,
    #[command(flatten)]
    answers: ApproveFrom,
    /// Show the plans and stop
    #[arg(long)]
    dry_run: bool,
    // What stands under a heading of its own comes last: clap puts what follows under it too.
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    papers: PaperArgs,
}

/// Answers to give in place of a person.
#[derive(Debug, Args)]
pub(super) struct ApproveFrom {
    /// Take the answers from this YAML file (`-` for standard input): `"<objective>": approve`, `skip` or `quit`; `rest:`
    /// stands for all that are not named
    #[arg(long = "approve-from", value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// What narrows the questions a dataset is asked.
#[derive(Debug, Args)]
pub(super) struct Asking {
    /// Ask only this, in words: name variables, groups, proteins, pathways [default: all that the dataset allows]
    #[arg(long, value_name = "TEXT")]
    pub question: Option<String>,
    /// Read no knowledge packs: no gene names beyond the table's own, no pathways and complexes
    #[arg(long)]
    pub no_packs: bool,
}

/// A decoy budget as written on the command line.
#[derive(Debug, Clone, Copy)]
pub(super) struct DecoyFlag(pub DecoyBudget);

impl FromStr for DecoyFlag {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "adaptive" => Ok(Self(DecoyBudget::Adaptive)),
            "full" => Ok(Self(DecoyBudget::Full)),
            number => match number.parse() {
                Ok(n) if n > 0 => Ok(Self(DecoyBudget::Exactly(n))),
                _ => Err("give `adaptive`, `full` or a number from 1".to_owned()),
            },
        }
    }
}

impl From<AgentError> for Failure {
    fn from(error: AgentError) -> Self {
        match error {
            AgentError::Dataset(error) => error.into(),
            AgentError::Run(error) => error.into(),
            AgentError::Catalog(error) => error.into(),
            AgentError::Knowledge(error) => error.into(),
            AgentError::Question(error) => error.into(),
            AgentError::Template(error) => error.into(),
            AgentError::Model(error) => error.into(),
            AgentError::Literature(error) => error.into(),
            AgentError::Plan(error) => error.into(),
            error @ (AgentError::Changed { .. } | AgentError::NotApproved { .. }) => {
                Self::from_error(Exit::BadInput, &error)
            }
            error @ (AgentError::Paused { .. } | AgentError::Cancelled) => {
                Self::from_error(Exit::Stopped, &error)
            }
            error => Self::from_error(Exit::Bug, &error),
        }
    }
}

impl From<QuestionError> for Failure {
    fn from(error: QuestionError) -> Self {
        Self::from_error(Exit::BadInput, &error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Told {
            exit: Exit::BadInput,
            message: error.to_string(),
            causes: Vec::new(),
            hint: Some(format!("the keys are {}", KEYS.join(", "))),
        }
    }
}

impl RunArgs {
    fn request(&self) -> Result<Request, Failure> {
        let mut file = match &self.config {
            Some(path) => ConfigFile::read(path)?,
            None => ConfigFile::default(),
        };
        file.seed = self.seed.or(file.seed);
        file.max_objectives = self.max_objectives.or(file.max_objectives);
        file.decoys = self.decoys.map(|flag| flag.0).or(file.decoys);
        file.question = self.asking.question.clone().or(file.question);
        file.blind = self.blind.then_some(true).or(file.blind);
        file.packs = self.asking.no_packs.then_some(false).or(file.packs);
        file.models = self.models.apply(file.models)?;
        file.literature = self.papers.apply(file.literature, self.models.offline)?;
        if !self.input.contrasts.is_empty() {
            file.contrasts = Some(self.input.contrasts.clone());
        }
        let plan = match &self.plan {
            Some(path) => {
                let plan = PlanFile::read(path)?;
                editing::fill(&plan.document()?.asked, path, &mut file)?;
                Some(plan)
            }
            None => None,
        };
        Ok(Request {
            samples: self.input.samples.clone(),
            declared: self.input.declared(),
            steering: Steering {
                plan,
                approve: self.approve || self.answers.file.is_some(),
                ..Steering::default()
            },
            ..Request::new(self.input.path.clone(), Config::resolve(file))
        })
    }
}

/// Runs the command.
pub(super) fn run(args: &RunArgs, settings: &Settings) -> Result<Exit, Failure> {
    let request = args.request()?;
    if args.dry_run {
        plan::show(&request, false, settings)?;
        if !settings.quiet {
            models::tell_expected(&request, settings)?;
        }
        return Ok(Exit::Done);
    }
    papers::check(&request.config)?;
    // Asked for before there is a run folder: nothing is left behind where nobody can be asked.
    let approver = match request.steering.approve {
        true => Some(approval::approver(args.answers.file.as_deref())?),
        false => None,
    };
    let resources = settings.resources(request.config.packs)?;
    let config = request.config.clone();
    let mut session = Session::start(request, resources, &args.parent.out)?;
    if let Some(approver) = approver {
        session = session.asking(approver);
    }
    if !settings.quiet {
        warn(&session.dataset().problems);
        for change in session.changes() {
            output::note(&format!("plan changed by hand: {change}"));
        }
    }
    carry_out(session, &config, args.models.show_prompts, settings)
}

/// What was doubtful on reading, said before minutes are spent on it: a sample that was left out would otherwise show in the
/// report alone.
fn warn(problems: &[Problem]) {
    let doubtful: Vec<&Problem> = problems
        .iter()
        .filter(|p| p.severity >= Severity::Warn)
        .collect();
    for problem in doubtful.iter().take(WARNINGS) {
        let line = text::tidy(&problem.line(), text::SENTENCE);
        output::note(&format!("warning: {line}"));
    }
    if doubtful.len() > WARNINGS {
        output::note(&format!(
            "and {} more; `proteus inspect` lists them",
            text::count(doubtful.len() - WARNINGS, "warning", "warnings")
        ));
    }
}

/// Runs a session to its end, writes the report and shows what was found.
pub(super) fn carry_out(
    session: Session,
    config: &Config,
    show_prompts: bool,
    settings: &Settings,
) -> Result<Exit, Failure> {
    let folder = session.folder();
    let watchers = progress::watchers(settings);
    let observer = watchers.as_ref().map(|watchers| &watchers.observer);
    let reasoner = models::reasoner(
        config,
        &folder,
        Mode::Live,
        show_prompts,
        observer,
        settings,
    )?;
    let session = match reasoner {
        Some(reasoner) => session.reasoned(reasoner),
        None => session,
    };
    let session = match papers::consulted(config, &folder)? {
        Some(consulted) => consulted.by(session),
        None => session,
    };
    let asked = session.asked().cloned();
    interrupt::keep_resumable(&folder)?;
    let session = match watchers {
        Some(watchers) => session.observed(watchers.observer, watchers.progress),
        None => session,
    };
    let outcome = match settings.runtime()?.block_on(session.run()) {
        Err(paused @ AgentError::Paused { .. }) => {
            // What the user asked for is no error.
            output::note(&paused.to_string());
            return Ok(Exit::Stopped);
        }
        outcome => outcome?,
    };
    let page = report::write(&folder, settings)?;
    let stopped = outcome
        .readings
        .as_ref()
        .is_some_and(|r| r.stopped.is_some());
    let exit = if stopped { Exit::Stopped } else { Exit::Done };
    if settings.quiet {
        output::line(&folder.display().to_string())?;
        return Ok(exit);
    }
    let mut told = asked.as_ref().map_or_else(String::new, understood);
    told.push_str(&summary(&outcome, &page));
    if RunView::open(&folder)?.is_blind() {
        told.push_str(&format!(
            "Names are hidden; the key is {}. `proteus report --unblind` shows them.\n",
            folder.join("codes.yaml").display()
        ));
    }
    output::text(&told)?;
    Ok(exit)
}

/// How a question in words was understood, and what of it was left out.
pub(super) fn understood(asked: &Asked) -> String {
    let mut out = format!("\nAsked: {}\n", text::tidy(&asked.text, text::SENTENCE));
    for one in &asked.understood {
        out.push_str(&format!(
            "  “{}”: the {} {}\n",
            text::tidy(&one.words, text::NAME),
            one.meaning.noun(),
            text::tidy(&one.name, text::NAME)
        ));
    }
    if !asked.only.is_empty() {
        out.push_str("  nothing else is tested: the list was fixed before any result\n");
    }
    for left_out in &asked.left_out {
        out.push_str(&format!(
            "  left out: “{}”, {}\n",
            text::tidy(&left_out.what, text::NAME),
            left_out.reason
        ));
    }
    out
}

/// The best hypotheses, the verdict on the data, and where to read on.
fn summary(outcome: &Outcome, page: &Path) -> String {
    let mut text = String::from("\n");
    if outcome.hypotheses.is_empty() {
        text.push_str("No hypothesis: nothing in these data stands out from chance, or nothing could be compared.\n");
    } else {
        text.push_str(&hypotheses(&outcome.hypotheses, SHOWN));
    }
    let by_contrast = &outcome.audit.by_contrast;
    let failed = by_contrast
        .values()
        .filter(|v| **v == Verdict::Fail)
        .count();
    text.push_str(&format!(
        "\nAudit of the data: {}",
        word(outcome.audit.verdict)
    ));
    if failed > 0 {
        text.push_str(&format!("; FAIL for {failed} of {}", by_contrast.len()));
    }
    text.push('\n');
    // Without a hypothesis, a warning may be the reason why.
    let least = if outcome.hypotheses.is_empty() {
        Verdict::Warn
    } else {
        Verdict::Fail
    };
    let telling = |c: &&Check| c.verdict == Verdict::Fail || c.verdict == least;
    let checks: Vec<&Check> = outcome.audit.checks.iter().filter(telling).collect();
    for check in checks.iter().take(CHECKS) {
        let about = check.concerns.as_deref().unwrap_or("the dataset");
        text.push_str(&format!("  {about}: {}; {}\n", check.reason, check.fix));
    }
    if checks.len() > CHECKS {
        text.push_str(&format!(
            "  and {} more, in the report\n",
            checks.len() - CHECKS
        ));
    }
    if let Some(readings) = &outcome.readings {
        text.push_str(&models::told(readings));
    }
    if let Some(papers) = &outcome.papers {
        text.push_str(&papers::told(papers));
    }
    text.push_str(&format!("Report: {}\n", page.display()));
    text
}

/// A verdict as it is printed.
pub(super) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASS",
        Verdict::Warn => "WARN",
        Verdict::Fail => "FAIL",
    }
}

/// The first hypotheses as a table, and how many there are of each grade.
pub(super) fn hypotheses(all: &[Hypothesis], shown: usize) -> String {
    let mut table = TextTable::new(&[("rank", 6), ("grade", 12), ("q", 10), ("hypothesis", 240)]);
    for hypothesis in all.iter().take(shown) {
        let rate = &hypothesis.error_rate;
        table.row(vec![
            hypothesis.rank.to_string(),
            hypothesis.grade.word().to_owned(),
            text::q_value(rate.q.get(), rate.floor),
            hypothesis.statement.clone(),
        ]);
    }
    let count = |grade| all.iter().filter(|h| h.grade == grade).count();
    format!(
        "{}\n{}: {} supported, {} suggestive, {} exploratory\n",
        table.render(),
        text::count(all.len(), "hypothesis", "hypotheses"),
        count(Grade::Supported),
        count(Grade::Suggestive),
        count(Grade::Exploratory),
    )
}
