//! Reading answers out of a tool's output table, as its manifest says where they stand.

use polars::prelude::DataFrame;

use crate::dataset::{Measure, Molecule};
use crate::discovery::{
    Entity, EntityKind, Estimate, Evidence, Finding, FindingId, ObjectiveId, PValue, QValue,
    SampleCounts,
};
use crate::tool::frame::{FrameError, numbers, texts};
use crate::tool::{Answer, ToolOutput};

/// Joins subject and object of tables that hold several objects.
pub(super) const PART: char = '\u{1f}';

/// One row of an answer table.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerRow {
    /// Subject id, with the object id where the table holds several: the member of the menu.
    pub key: String,
    /// Subject id.
    pub subject: String,
    /// What people call the subject.
    pub label: String,
    /// Object id, where the table holds several.
    pub object: Option<String>,
    /// Signed effect; NaN where the test has none.
    pub effect: f64,
    /// 95 % interval; NaN where there is none.
    pub low: f64,
    /// 95 % interval; NaN where there is none.
    pub high: f64,
    /// Test statistic.
    pub statistic: f64,
    /// p-value; NaN where the subject could not be tested.
    pub p: f64,
    /// BH q within the table.
    pub q: f64,
    /// Samples behind it.
    pub n: SampleCounts,
    /// Residual degrees of freedom; NaN where the table has none.
    pub df: f64,
}

/// All rows of one answer.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Step that gave it, by its name in the plan.
    pub step: String,
    /// The step's folder in the run.
    pub folder: String,
    /// Its tool.
    pub tool: String,
    /// Where and what.
    pub answer: Answer,
    /// One per subject (and object).
    pub rows: Vec<AnswerRow>,
}

/// The answer of a tool as it is given about the rows of an assay: manifests say `protein` and log2 abundance of whatever they
/// test.
pub fn about(answer: &Answer, molecule: Molecule, measure: Measure) -> Answer {
    let subject = match (answer.subject, molecule) {
        (EntityKind::Protein, m) if m.is_site() => EntityKind::Site,
        (EntityKind::Protein, Molecule::Transcript) => EntityKind::Transcript,
        (EntityKind::Protein, Molecule::Marker | Molecule::State) => EntityKind::Marker,
        (EntityKind::Protein, Molecule::Population) => EntityKind::CellPopulation,
        (EntityKind::Protein, Molecule::Peptide) => EntityKind::Peptide,
        (subject, _) => subject,
    };
    Answer {
        subject,
        unit: measure.told(&answer.unit),
        null_words: measure.told(&answer.null_words),
        ..answer.clone()
    }
}

/// Reads every row of `answer` from the output of a step; an output without the table has no rows.
pub fn read(
    step: &str,
    folder: &str,
    tool: &str,
    answer: &Answer,
    output: &ToolOutput,
) -> Result<Answered, FrameError> {
    let rows = match table(answer, output) {
        Some(table) => rows_of(answer, table)?,
        None => Vec::new(),
    };
    Ok(Answered {
        step: step.to_owned(),
        folder: folder.to_owned(),
        tool: tool.to_owned(),
        answer: answer.clone(),
        rows,
    })
}

/// Reads only key and evidence score (−log10 p, NaN untested): what a decoy replay is counted by.
pub fn scores(answer: &Answer, output: &ToolOutput) -> Result<Vec<(String, f64)>, FrameError> {
    let Some(table) = table(answer, output) else {
        return Ok(Vec::new());
    };
    let p = numbers(table, &answer.columns.p)?;
    Ok(keys(answer, table)?
        .into_iter()
        .zip(p)
        .map(|(key, p)| (key, evidence_score(p)))
        .collect())
}

/// −log10 p; NaN stays NaN, and p = 0 becomes the score of the smallest positive number.
pub fn evidence_score(p: f64) -> f64 {
    if p.is_nan() {
        f64::NAN
    } else {
        -p.max(f64::MIN_POSITIVE).log10()
    }
}

fn table<'o>(answer: &Answer, output: &'o ToolOutput) -> Option<&'o DataFrame> {
    match output.artifacts.get(&answer.table) {
        Some(crate::tool::Artifact::Table(table)) => Some(table),
        _ => None,
    }
}

fn keys(answer: &Answer, table: &DataFrame) -> Result<Vec<String>, FrameError> {
    let subjects = texts(table, &answer.columns.subject)?;
    match &answer.columns.object {
        None => Ok(subjects),
        Some(column) => Ok(subjects
            .into_iter()
            .zip(texts(table, column)?)
            .map(|(subject, object)| format!("{subject}{PART}{object}"))
            .collect()),
    }
}

/// Every row of an answer table.
pub fn rows_of(answer: &Answer, table: &DataFrame) -> Result<Vec<AnswerRow>, FrameError> {
    let columns = &answer.columns;
    let keys = keys(answer, table)?;
    let height = keys.len();
    let optional = |name: &Option<String>| match name {
        Some(name) => numbers(table, name),
        None => Ok(vec![f64::NAN; height]),
    };
    let subjects = texts(table, &columns.subject)?;
    let labels = texts(table, &columns.label)?;
    let objects = columns
        .object
        .as_ref()
        .map(|name| texts(table, name))
        .transpose()?;
    let effect = numbers(table, &columns.effect)?;
    let (low, high) = (optional(&columns.low)?, optional(&columns.high)?);
    let statistic = numbers(table, &columns.statistic)?;
    let (p, q) = (numbers(table, &columns.p)?, numbers(table, &columns.q)?);
    let (n_reference, n_target) = (
        optional(&columns.n_reference)?,
        optional(&columns.n_target)?,
    );
    let (n, df) = (optional(&columns.n)?, optional(&columns.df)?);
    let count = |x: f64| (!x.is_nan()).then_some(x as usize);
    Ok((0..height)
        .map(|i| {
            let (reference, target) = (count(n_reference[i]), count(n_target[i]));
            AnswerRow {
                key: keys[i].clone(),
                label: if labels[i].is_empty() {
                    subjects[i].clone()
                } else {
                    labels[i].clone()
                },
                subject: subjects[i].clone(),
                object: objects.as_ref().map(|o| o[i].clone()),
                effect: effect[i],
                low: low[i],
                high: high[i],
                statistic: statistic[i],
                p: p[i],
                q: q[i],
                n: SampleCounts {
                    reference,
                    target,
                    total: count(n[i]).unwrap_or(reference.unwrap_or(0) + target.unwrap_or(0)),
                },
                df: df[i],
            }
        })
        .collect())
}

impl Answered {
    /// The finding of one row; none where the subject could not be tested.
    pub fn finding(
        &self,
        row: &AnswerRow,
        objective: &ObjectiveId,
        object: &Entity,
    ) -> Option<Finding> {
        let p = PValue::try_from(row.p).ok()?;
        let q = QValue::try_from(row.q.clamp(row.p.min(1.0), 1.0)).ok()?;
        let object = match &row.object {
            Some(id) => Entity::new(self.answer.object, id, id),
            None => object.clone(),
        };
        let known = |x: f64| (!x.is_nan()).then_some(x);
        Some(Finding {
            id: FindingId(format!(
                "{}/{}/{}",
                self.folder,
                self.answer.table,
                row.key.replace(PART, "|")
            )),
            objective: objective.clone(),
            subject: Entity::new(self.answer.subject, &row.subject, &row.label),
            relation: self.answer.relation.directed(row.effect),
            object,
            effect: Estimate {
                value: if row.effect.is_nan() { 0.0 } else { row.effect },
                low: known(row.low),
                high: known(row.high),
                level: 0.95,
                unit: self.answer.unit.clone(),
            },
            statistic: if row.statistic.is_nan() {
                0.0
            } else {
                row.statistic
            },
            p,
            q,
            n: row.n,
            family_size: self.rows.iter().filter(|r| !r.p.is_nan()).count(),
            evidence: Evidence {
                step: self.folder.clone(),
                tool: self.tool.clone(),
                table: self.answer.table.clone(),
                key_column: self.answer.columns.subject.clone(),
                key: row.subject.clone(),
            },
        })
    }
}
