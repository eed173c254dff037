//! `proteus why` and `proteus why-not`: what a run did with a hypothesis, a protein or a set, and by which rule.

use std::path::PathBuf;

use clap::Args;

use super::failure::{Exit, Failure};
use super::output;
use super::runs::{self, ParentFolder};
use super::settings::Settings;
use crate::agent::retrace::{
    EntityAccount, ObjectiveAccount, RetraceError, Retraced, Rule, TestAccount, Why, why, why_not,
};
use crate::report::text::{NAME, SENTENCE, probability, sentence, signed, tidy};

/// Arguments of `proteus why`.
#[derive(Debug, Args)]
pub(super) struct WhyArgs {
    /// Rank or id of the hypothesis, such as 7 or H7
    hypothesis: String,
    /// Run folder, or its name under the parent folder [default: the newest]
    #[arg(long, value_name = "RUN")]
    run: Option<PathBuf>,
    #[command(flatten)]
    parent: ParentFolder,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Arguments of `proteus why-not`.
#[derive(Debug, Args)]
pub(super) struct WhyNotArgs {
    /// Gene symbol, accession, or name or id of a set
    entity: String,
    /// Only comparisons whose name holds this text
    #[arg(long, value_name = "TEXT")]
    contrast: Option<String>,
    /// Run folder, or its name under the parent folder [default: the newest]
    #[arg(long, value_name = "RUN")]
    run: Option<PathBuf>,
    #[command(flatten)]
    parent: ParentFolder,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl From<RetraceError> for Failure {
    fn from(error: RetraceError) -> Self {
        match error {
            RetraceError::Run(error) => error.into(),
            error => Self::from_error(Exit::BadInput, &error),
        }
    }
}

/// Runs `proteus why`.
pub(super) fn run(args: &WhyArgs) -> Result<Exit, Failure> {
    let folder = runs::find(args.run.as_deref(), &args.parent.out)?;
    let found = why(&Retraced::open(&folder)?, &args.hypothesis)?;
    if args.json {
        output::json(&found)?;
    } else {
        output::text(&requirements(&found))?;
    }
    Ok(Exit::Done)
}

/// Runs `proteus why-not`.
pub(super) fn run_not(args: &WhyNotArgs, settings: &Settings) -> Result<Exit, Failure> {
    let folder = runs::find(args.run.as_deref(), &args.parent.out)?;
    let run = Retraced::open(&folder)?;
    let catalog = settings.catalog()?;
    let found = why_not(&run, &args.entity, args.contrast.as_deref(), &catalog)?;
    if args.json {
        output::json(&found)?;
    } else {
        output::text(&account(&found))?;
    }
    Ok(Exit::Done)
}

/// The requirements behind a grade, for people.
pub(super) fn requirements(why: &Why) -> String {
    let mut out = format!(
        "{}. {}\n{} ({})\n\n",
        why.rank,
        tidy(&why.statement, SENTENCE),
        why.grade.word(),
        why.id
    );
    for r in &why.requirements {
        let mark = match r.met {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "–",
        };
        out.push_str(&format!(
            "{mark:>4}  {}: {}\n",
            r.what,
            tidy(&r.found, SENTENCE)
        ));
        if r.met == Some(false) {
            out.push_str(&format!("      needed: {}; costs: {}\n", r.needed, r.cost));
        }
    }
    if !why.absorbed.is_empty() {
        out.push_str("\nIt also stands for\n");
        for statement in &why.absorbed {
            out.push_str(&format!("      {}\n", tidy(statement, SENTENCE)));
        }
    }
    out
}

/// What became of a protein or set, for people.
pub(super) fn account(found: &EntityAccount) -> String {
    let names: Vec<String> = found
        .entities
        .iter()
        .map(|e| format!("{} ({})", tidy(&e.symbol, NAME), tidy(&e.id, NAME)))
        .collect();
    let mut out = format!("{}\n", names.join(", "));
    if found.named_in.is_empty() {
        out.push_str("named in no hypothesis\n");
    }
    for (rank, grade, statement) in &found.named_in {
        out.push_str(&format!(
            "named in H{rank} ({}): {}\n",
            grade.word(),
            tidy(statement, SENTENCE)
        ));
    }
    for objective in &found.objectives {
        out.push('\n');
        one_objective(&mut out, objective, found.entities.len() > 1);
    }
    out
}

fn one_objective(out: &mut String, objective: &ObjectiveAccount, several: bool) {
    out.push_str(&format!("{}\n", tidy(&objective.objective, NAME)));
    if let Some(reason) = &objective.never {
        out.push_str(&format!(
            "  not asked: {}\n",
            sentence(&tidy(reason, SENTENCE))
        ));
    } else if objective.tests.is_empty() {
        out.push_str("  no test of this kind of thing belongs to this question\n");
    }
    for test in &objective.tests {
        let name = if several {
            format!("{}, ", tidy(&test.subject.id, NAME))
        } else {
            String::new()
        };
        out.push_str(&format!("  {name}{}: {}\n", kind(test), rule(&test.rule)));
        let line = numbers(test);
        if !line.is_empty() {
            out.push_str(&format!("    {line}\n"));
        }
        let told = matches!(test.rule, Rule::Told { .. });
        if let (Some(effect), false) = (test.detectable, told) {
            out.push_str(&format!(
                "    an effect of {} would have been listed as supported with 80 % power; smaller ones are not excluded\n",
                signed(effect).trim_start_matches('+')
            ));
        }
    }
}

fn kind(test: &TestAccount) -> &'static str {
    use crate::discovery::Archetype as A;
    match test.archetype {
        A::DifferentialProtein => "difference between the groups",
        A::ProteinAcrossGroups => "variation over all groups",
        A::ProteinAssociation => "slope",
        A::PathwayShift => "shift of the pathway",
        A::ComplexShift => "shift of the complex",
        A::DetectionSwitch => "detected in one group only",
        A::DetectionPanel => "number detected in one group only",
        A::TimeCourse => "course over time",
        A::DoseTrend => "trend over doses",
        A::SiteBeyondProtein => "site beyond its protein",
        A::ProteinBeyondRna => "protein beyond its RNA",
        A::MutationEffect => "mutation and its own protein",
        A::MutationDifference => "mutation between two groups",
        A::CopyNumberEffect => "copy number and its own protein",
        A::RegulatorActivity => "activity of a pathway",
        A::Chain => "chain of measured edges",
        A::SubtypeAssociation => "subtype",
        A::ComponentAssociation => "component",
        A::OverRepresentation => "over-representation",
    }
}

fn numbers(test: &TestAccount) -> String {
    let mut parts = Vec::new();
    if let Some(effect) = test.effect {
        let interval = test.interval.map_or_else(String::new, |[low, high]| {
            format!(" ({} to {})", signed(low), signed(high))
        });
        parts.push(format!("effect {} {}{interval}", signed(effect), test.unit));
    }
    if let Some(p) = test.p_tool {
        parts.push(format!("p {}", probability(p)));
    }
    if let Some(p) = test.p_decoy {
        parts.push(format!("decoy p {}", probability(p)));
    }
    if let Some(q) = test.q {
        parts.push(format!(
            "q {} over the menu, one of {} tests",
            probability(q),
            test.members
        ));
    }
    parts.join(", ")
}

/// What decided, in words.
pub(super) fn rule(rule: &Rule) -> String {
    match rule {
        Rule::Told { rank, grade, .. } => format!("it is hypothesis H{rank}, {}", grade.word()),
        Rule::Folded {
            rank: Some(rank),
            how,
        } => format!("told along by H{rank}: {how}"),
        Rule::Folded { rank: None, how } => format!("told along: {how}"),
        Rule::LeftOut { by, tool, reason } => {
            let by = if by == tool {
                format!("`{by}`")
            } else {
                format!("`{by}` ({tool})")
            };
            format!("left out by {by} before the test: {}", tidy(reason, SENTENCE))
        }
        Rule::TooFewValues { found } => format!("too few values to be tested: {found}"),
        Rule::NotInTable { reason } => format!("not tested: {reason}"),
        Rule::OffMenu { reason } => format!("tested, and never graded: {reason}"),
        Rule::QTooLarge { found, level } => {
            format!("q {} is above {level}", probability(*found))
        }
        Rule::Futile => {
            "given up: nothing in this stratum stood out from its decoys, so no member has a q below 1".to_owned()
        }
        Rule::NotSelected => {
            "nothing in this stratum stood out enough for the stratum to be selected over the menu, so every q in it is 1".to_owned()
        }
        Rule::ListFull { limit } => format!("it passed, and the list was full: {limit}"),
        Rule::NotPrintable => {
            "it passed among all that passed, and would not if only as many as can be printed were listed".to_owned()
        }
    }
}
