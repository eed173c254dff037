//! Examining drafts: runs the attacks on each, once per objective where they concern its whole table.

use std::collections::BTreeSet;

use proteus_stats::correlation::pearson;
use proteus_stats::hypothesis_tests::explained_share;

use crate::dataset::{Dataset, Role, Variable};
use crate::discovery::{AuditReport, Flag, Hypothesis, Robustness, Verdict};

use super::answers::{self, AnswerRow};
use super::attack::alternatives::{Surroundings, rivals};
use super::attack::influence::{VariancePrior, leave_one_out};
use super::attack::measurement::{Measured, flags};
use super::attack::multiverse::{HELD_P, Multiverse};
use super::draft::{Draft, Judged, is_set};
use super::pursuit::Pursuit;

/// Association from which another variable is named as a rival explanation.
const ENTANGLED: f64 = 0.5;
/// Complete samples needed to measure it.
const ENTANGLED_SAMPLES: usize = 6;

/// What the attacks found.
pub struct Examined {
    /// Fewest residual degrees of freedom of what the draft names; none where the question has no linear model.
    pub residual_df: Option<usize>,
    /// Variations of the analysis.
    pub robustness: Robustness,
    /// Confounder adjustments that broke the claim, and how many were tried.
    pub confounders: (usize, usize),
    /// Cautions.
    pub flags: Vec<Flag>,
    /// Rival explanations.
    pub alternatives: Vec<String>,
}

/// Fewest residual degrees of freedom of the rows a draft names: those of their own fits, where the table has them, and
/// never more than a complete row has.
fn fewest_residual_df(draft: &Draft, judged: &Judged<'_>) -> Option<usize> {
    let complete = judged.stratum.residual_df?;
    let own = draft.rows.iter().map(|&i| judged.answered.rows[i].df);
    // `f64::min` passes over NaN, which stands for a table without the column.
    let fewest = own.fold(complete as f64, f64::min);
    Some(fewest.max(0.0) as usize)
}

/// Runs attacks over one dataset.
pub struct Examiner<'a> {
    dataset: &'a Dataset,
    audit: &'a AuditReport,
    multiverse: Multiverse,
}

impl<'a> Examiner<'a> {
    /// An examiner of the results of one run, with every analysis varied already.
    pub fn new(dataset: &'a Dataset, audit: &'a AuditReport, multiverse: Multiverse) -> Self {
        Self {
            dataset,
            audit,
            multiverse,
        }
    }

    /// All attacks on one draft.
    pub fn examine(
        &self,
        draft: &Draft,
        judged: &Judged<'_>,
        pursuit: &Pursuit,
        record: &Hypothesis,
    ) -> Examined {
        let answered = judged.answered;
        let lead = &answered.rows[draft.rows[0]];
        let (mut robustness, confounders) = self.multiverse.attack(lead, judged);
        let protein = !is_set(answered.answer.subject);
        let mut cautions = Vec::new();
        if protein && pursuit.matrix.is_some() {
            robustness.leave_one_out = influence(judged, pursuit, lead);
            cautions = measurement(draft, judged, pursuit);
        }
        cautions.extend(carried_by_few(pursuit, answered, draft.rows[0]));
        let residual_df = fewest_residual_df(draft, judged);
        if let Some(df) = residual_df.filter(|&df| judged.stratum.rests_on_normality && df < 10) {
            cautions.push(Flag {
                code: "rests_on_normal_residuals".to_owned(),
                text: format!(
                    "with {df} residual degrees of freedom the p-value rests on normal residuals"
                ),
                lowers_grade: false,
            });
        }
        let concern = pursuit.concern();
        let checks: Vec<_> = self
            .audit
            .checks
            .iter()
            .filter(|c| {
                c.concerns
                    .as_deref()
                    .map_or(c.verdict == Verdict::Fail, |about| Some(about) == concern)
            })
            .cloned()
            .collect();
        let variable = pursuit
            .term
            .as_ref()
            .and_then(|t| self.dataset.samples.variables.get(t.variable()));
        let alternatives = rivals(&Surroundings {
            archetype: judged.stratum.archetype,
            overlapping_sets: &self.overlapping(judged, pursuit, draft, record),
            checks: &checks,
            entangled: &variable
                .map(|v| self.entangled(v, pursuit))
                .unwrap_or_default(),
            designed: variable.is_some_and(|v| v.role == Role::Condition),
            composition_may_differ: self
                .dataset
                .samples
                .variables
                .values()
                .any(|v| v.role == Role::Clinical),
        });
        Examined {
            residual_df,
            robustness,
            confounders,
            flags: cautions,
            alternatives,
        }
    }

    /// Other sets of the same table that share this set's leading members.
    fn overlapping(
        &self,
        judged: &Judged<'_>,
        pursuit: &Pursuit,
        draft: &Draft,
        record: &Hypothesis,
    ) -> Vec<String> {
        let answered = judged.answered;
        if !is_set(answered.answer.subject) {
            return Vec::new();
        }
        let own: BTreeSet<&str> = record
            .entities
            .iter()
            .filter(|e| e.kind == crate::discovery::EntityKind::Protein)
            .map(|e| e.id.as_str())
            .collect();
        if own.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(f64, String)> = Vec::new();
        for (i, row) in answered.rows.iter().enumerate() {
            if i == draft.rows[0] || row.p.is_nan() || row.p > HELD_P {
                continue;
            }
            let leading = pursuit.cell(answered, "leading", i).unwrap_or_default();
            let shared = leading.split(';').filter(|g| own.contains(g)).count();
            if shared * 2 >= own.len() {
                found.push((row.p, row.label.clone()));
            }
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        found.into_iter().map(|(_, label)| label).take(3).collect()
    }

    /// Variables outside the model that go along with the tested one in the samples compared.
    fn entangled(&self, tested: &Variable, pursuit: &Pursuit) -> Vec<String> {
        let Some(frame) = &pursuit.frame else {
            return Vec::new();
        };
        let Some(matrix) = &pursuit.matrix else {
            return Vec::new();
        };
        let sheet = &self.dataset.samples;
        let rows: Vec<usize> = frame
            .columns
            .iter()
            .filter_map(|&j| sheet.ids.iter().position(|id| *id == matrix.samples[j]))
            .collect();
        let mut found: Vec<(f64, String)> = sheet
            .variables
            .values()
            .filter(|v| v.name != tested.name && !pursuit.objective.covariates.contains(&v.name))
            .filter(|v| {
                matches!(
                    v.role,
                    Role::Batch | Role::Plex | Role::RunOrder | Role::Covariate | Role::Clinical
                )
            })
            .filter_map(|v| Some((association(frame, v, &rows)?, v.name.clone())))
            .filter(|(strength, _)| *strength >= ENTANGLED)
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        found.into_iter().map(|(_, name)| name).take(3).collect()
    }
}

/// How strongly another variable goes along with the tested column, from 0 to 1: a correlation, or for a variable of
/// levels the root of the share of variance they explain.
fn association(
    frame: &crate::dataset::ModelFrame,
    other: &Variable,
    rows: &[usize],
) -> Option<f64> {
    let tested = frame.tested.column(0);
    if let Some(numbers) = other.numbers() {
        let values: Vec<f64> = rows
            .iter()
            .map(|&i| numbers[i].unwrap_or(f64::NAN))
            .collect();
        let found = pearson(&tested, &values).ok()?;
        return (found.n >= ENTANGLED_SAMPLES).then_some(found.r.abs());
    }
    let codes = other.codes()?;
    let levels: Vec<Option<usize>> = rows.iter().map(|&i| codes[i]).collect();
    if levels.iter().flatten().count() < ENTANGLED_SAMPLES {
        return None;
    }
    Some(explained_share(&tested, &levels)?.max(0.0).sqrt())
}

/// A set that is no longer shifted without its strongest members says something of those, not of the set.
fn carried_by_few(pursuit: &Pursuit, answered: &answers::Answered, row: usize) -> Option<Flag> {
    let p = pursuit.number(answered, "P.without_strongest", row)?;
    (p > HELD_P).then(|| Flag {
        code: "carried_by_few_members".to_owned(),
        text: format!(
            "the shift is that of one or two members: without them p = {}",
            super::score::small(p)
        ),
        lowers_grade: true,
    })
}

fn influence(judged: &Judged<'_>, pursuit: &Pursuit, lead: &AnswerRow) -> Option<(usize, usize)> {
    let (frame, matrix) = (pursuit.frame.as_ref()?, pursuit.matrix.as_ref()?);
    if frame.tested.cols() != 1 {
        return None;
    }
    // Infinite prior degrees of freedom have no form in JSON: a tool that noted them left null.
    let fact = |name: &str, infinite: f64| match pursuit.fact(judged.answered, name) {
        None => Some(0.0),
        Some(value) if value.is_null() => Some(infinite),
        Some(value) => value.as_f64(),
    };
    let prior = VariancePrior {
        df: fact("prior_df", f64::INFINITY)?,
        variance: fact("prior_variance", 0.0)?,
    };
    let row = matrix.features.iter().position(|f| f.id == lead.subject)?;
    let y: Vec<f64> = frame
        .columns
        .iter()
        .map(|&j| matrix.values.get(row, j))
        .collect();
    leave_one_out(&y, &frame.design(), frame.nuisance.cols(), prior)
}

/// Cautions of a single protein; of a panel those of every member, which lower nothing as long as two members are clean.
fn measurement(draft: &Draft, judged: &Judged<'_>, pursuit: &Pursuit) -> Vec<Flag> {
    let Some(matrix) = &pursuit.matrix else {
        return Vec::new();
    };
    let (reference, target) = pursuit
        .frame
        .as_ref()
        .map(|f| f.arm_positions())
        .unwrap_or_default();
    let columns = |arm: &[usize]| -> Vec<usize> {
        pursuit
            .frame
            .as_ref()
            .map(|f| arm.iter().map(|&k| f.columns[k]).collect())
            .unwrap_or_default()
    };
    let (reference, target) = (columns(&reference), columns(&target));
    let mut all = Vec::new();
    let mut clean = 0;
    for &i in &draft.rows {
        let subject = &judged.answered.rows[i].subject;
        let Some(row) = matrix.features.iter().position(|f| f.id == *subject) else {
            continue;
        };
        let own = flags(&Measured {
            feature: &matrix.features[row],
            row,
            matrix,
            arms: (&reference, &target),
        });
        clean += usize::from(!own.iter().any(|f| f.lowers_grade));
        all.extend(own);
    }
    if clean >= 2 {
        for flag in &mut all {
            flag.lowers_grade = false;
        }
    }
    all
}
