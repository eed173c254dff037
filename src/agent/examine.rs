//! Examining drafts: runs the attacks on each, once per objective where they concern its whole table.

use std::collections::BTreeSet;

use proteus_stats::correlation::pearson;
use proteus_stats::distributions::{normal_lower, normal_quantile};
use proteus_stats::hypothesis_tests::explained_share;

use crate::dataset::{Dataset, Role, SampleMetadata, Variable};
use crate::discovery::{Archetype, AuditReport, Flag, Hypothesis, Robustness, Verdict};

use super::answers::{self, AnswerRow};
use super::attack::alternatives::{Surroundings, rivals};
use super::attack::circularity;
use super::attack::contamination::Outcome;
use super::attack::influence::{VariancePrior, leave_one_out};
use super::attack::measurement::{Measured, flags};
use super::attack::multiverse::{HELD_P, Multiverse};
use super::attack::variations::OTHER_GENOTYPE;
use super::attack::{random_lists, structure};
use super::chains::along;
use super::draft::{Draft, Judged, is_set};
use super::experiment::{Effect, shrunk};
use super::pursuit::Pursuit;
use super::wording;

/// Association from which another variable is named as a rival explanation.
const ENTANGLED: f64 = 0.5;
/// Rival variables named.
const NAMED: usize = 3;
/// Association from which a technical variable cannot be told from the tested one.
const ALIASED: f64 = 0.9;
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
    /// Why the nearest rival, another genotype of the same gene, explains it.
    pub rival: Option<String>,
    /// What contamination explains of it; none where no panel goes along with what is tested.
    pub contamination: Option<Outcome>,
    /// Whether random lists of genes move as far as an activity does; none for other claims.
    pub random_lists: Option<Outcome>,
    /// Why the variable looks computed from the proteins compared with it.
    pub circular: Option<String>,
    /// Cautions.
    pub flags: Vec<Flag>,
    /// Rival explanations.
    pub alternatives: Vec<String>,
    /// A batch or run-order variable outside the model that cannot be told from the tested one.
    pub alias: Option<String>,
    /// Chance that this design shows the effect to be expected at the p that passed; none where it is not known.
    pub power: Option<f64>,
}

/// Fewest residual degrees of freedom of the rows a draft names: those of their own fits, where the table has them, and
/// never more than a complete row has.
fn fewest_residual_df(draft: &Draft, judged: &Judged<'_>) -> Option<usize> {
    let complete = judged
        .stratum
        .residual_df
        .map_or(f64::INFINITY, |df| df as f64);
    let own = draft.rows.iter().map(|&i| judged.answered.rows[i].df);
    // `f64::min` passes over NaN, which stands for a table without the column.
    let fewest = own.fold(complete, f64::min);
    fewest.is_finite().then_some(fewest.max(0.0) as usize)
}

/// Runs attacks over one dataset.
pub struct Examiner<'a> {
    dataset: &'a Dataset,
    pursuits: &'a [Pursuit],
    audit: &'a AuditReport,
    multiverse: Multiverse,
    judged: &'a [Judged<'a>],
}

impl<'a> Examiner<'a> {
    /// An examiner of the results of one run, with every analysis varied already.
    pub fn new(
        dataset: &'a Dataset,
        pursuits: &'a [Pursuit],
        audit: &'a AuditReport,
        multiverse: Multiverse,
        judged: &'a [Judged<'a>],
    ) -> Self {
        Self {
            dataset,
            pursuits,
            audit,
            multiverse,
            judged,
        }
    }

    /// The variations of a claim; a chain stands no better than its weakest edge.
    fn varied(&self, lead: &AnswerRow, judged: &Judged<'_>) -> (Robustness, (usize, usize)) {
        let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
        along(judged, lead, self.judged)
            .into_iter()
            .map(|(edge, row)| self.multiverse.attack(row, edge))
            .filter(|(robustness, _)| robustness.tried > 0)
            .min_by(|(a, _), (b, _)| share(a.held, a.tried).total_cmp(&share(b.held, b.tried)))
            .unwrap_or_else(|| self.multiverse.attack(lead, judged))
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
        let (mut robustness, confounders) = self.varied(lead, judged);
        let protein = !is_set(answered.answer.subject);
        let mut cautions = Vec::new();
        if protein && pursuit.matrix.is_some() {
            let members = draft.rows.iter().map(|&row| &answered.rows[row]);
            robustness.leave_one_out = members
                .filter_map(|member| influence(judged, pursuit, member))
                .min_by(|a, b| (a.0 * b.1).cmp(&(b.0 * a.1)));
            cautions = measurement(draft, judged, pursuit);
        }
        cautions.extend(carried_by_few(pursuit, answered, draft.rows[0]));
        cautions.extend(carried_by_one_sample(pursuit, answered, draft.rows[0]));
        cautions.extend(against_dosage(judged.stratum.archetype, lead));
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
        let checks: Vec<_> = self
            .audit
            .checks
            .iter()
            .filter(|c| {
                c.concerns
                    .as_deref()
                    .map_or(c.verdict == Verdict::Fail, |about| {
                        pursuit.is_concerned(Some(about))
                    })
            })
            .cloned()
            .collect();
        let variable = pursuit
            .term
            .as_ref()
            .and_then(|t| self.dataset.samples.variables.get(t.variable()));
        let entangled = variable
            .map(|v| self.entangled(v, pursuit))
            .unwrap_or_default();
        let alias = entangled
            .iter()
            .find(|(strength, v)| {
                *strength >= ALIASED && matches!(v.role, Role::Batch | Role::Plex | Role::RunOrder)
            })
            .map(|(_, v)| v.name.clone());
        let alternatives = rivals(&Surroundings {
            archetype: judged.stratum.archetype,
            overlapping_sets: &self.overlapping(judged, pursuit, draft, record),
            moving_sets: &moving_sets(draft, judged, pursuit),
            checks: &checks,
            entangled: &entangled
                .iter()
                .map(|(_, v)| v.name.clone())
                .take(NAMED)
                .collect::<Vec<_>>(),
            designed: variable.is_some_and(|v| v.role == Role::Condition),
            composition_may_differ: self
                .dataset
                .samples
                .variables
                .values()
                .any(|v| v.role == Role::Clinical),
        });
        let rival = lost_beside_other_genotype(&robustness);
        Examined {
            residual_df,
            robustness,
            confounders,
            rival,
            contamination: if pursuit.term.is_none() {
                structure::outcome(lead, pursuit, self.pursuits, &self.dataset.samples)
            } else {
                contamination(draft, judged, pursuit)
            },
            random_lists: match judged.stratum.archetype {
                Archetype::RegulatorActivity => {
                    random_lists::outcome(lead, answered.rows.len(), pursuit)
                }
                _ => None,
            },
            circular: circularity::against(self.audit, pursuit.concern(), record),
            flags: cautions,
            alternatives,
            alias,
            power: power(judged, lead),
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
    fn entangled(&self, tested: &Variable, pursuit: &Pursuit) -> Vec<(f64, &'a Variable)> {
        let Some(frame) = &pursuit.frame else {
            return Vec::new();
        };
        let Some(matrix) = &pursuit.matrix else {
            return Vec::new();
        };
        let sheet: &'a SampleMetadata = &self.dataset.samples;
        let rows: Vec<usize> = frame
            .columns
            .iter()
            .filter_map(|&j| sheet.ids.iter().position(|id| *id == matrix.samples[j]))
            .collect();
        let mut found: Vec<(f64, &'a Variable)> = sheet
            .variables
            .values()
            .filter(|v| v.name != tested.name && !pursuit.objective.covariates.contains(&v.name))
            .filter(|v| {
                matches!(
                    v.role,
                    Role::Batch | Role::Plex | Role::RunOrder | Role::Covariate | Role::Clinical
                )
            })
            .filter_map(|v| Some((association(frame, v, &rows)?, v)))
            .filter(|(strength, _)| *strength >= ENTANGLED)
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
        found
    }
}

/// Sets of the same objective that move the same way and are led by the single protein of a draft: complexes first.
fn moving_sets(draft: &Draft, judged: &Judged<'_>, pursuit: &Pursuit) -> Vec<String> {
    if draft.rows.len() > 1 || is_set(judged.answered.answer.subject) {
        return Vec::new();
    }
    let lead = &judged.answered.rows[draft.rows[0]];
    let mut found: Vec<(bool, f64, String)> = Vec::new();
    for answered in &pursuit.answered {
        let pathway = match answered.answer.archetype {
            Archetype::ComplexShift => false,
            Archetype::PathwayShift => true,
            _ => continue,
        };
        for (i, row) in answered.rows.iter().enumerate() {
            if row.p.is_nan() || row.p > HELD_P || row.effect * lead.effect <= 0.0 {
                continue;
            }
            let leading = pursuit.cell(answered, "leading", i).unwrap_or_default();
            if leading
                .split(';')
                .any(|g| g.eq_ignore_ascii_case(&lead.label))
            {
                found.push((pathway, row.p, format!("“{}”", wording::name(&row.label))));
            }
        }
    }
    found.sort_by(|a, b| {
        (a.0, a.1)
            .partial_cmp(&(b.0, b.1))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    found.into_iter().map(|(_, _, name)| name).take(2).collect()
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

/// Power of this design for the effect shrunken for selection, two-sided at the p its stratum asks of what is printed.
fn power(judged: &Judged<'_>, lead: &AnswerRow) -> Option<f64> {
    let has_standard_error = matches!(
        judged.stratum.archetype,
        Archetype::DifferentialProtein
            | Archetype::ProteinAssociation
            | Archetype::PathwayShift
            | Archetype::ComplexShift
    );
    if !has_standard_error {
        return None;
    }
    let threshold = judged.p_to_pass();
    let expected = shrunk(&Effect {
        value: lead.effect,
        statistic: lead.statistic,
        arms: None,
        total: lead.n.total,
    })?;
    let error = (lead.effect / lead.statistic).abs();
    (error.is_finite() && error > 0.0 && threshold > 0.0).then(|| {
        let critical = normal_quantile(1.0 - threshold / 2.0);
        1.0 - normal_lower(critical - expected.abs() / error)
    })
}

/// A claim about one genotype of a gene that is lost beside another of the same gene.
fn lost_beside_other_genotype(robustness: &Robustness) -> Option<String> {
    let lost = robustness
        .rows
        .iter()
        .find(|row| row.choice == OTHER_GENOTYPE && !row.held)?;
    Some(format!(
        "the gene's other genotype explains it: with it in the model p = {}",
        super::score::small(lost.p)
    ))
}

/// A claim that is gone without the one sample that carries it most says something of that sample.
fn carried_by_one_sample(
    pursuit: &Pursuit,
    answered: &answers::Answered,
    row: usize,
) -> Option<Flag> {
    let p = pursuit.number(answered, "P.without_one", row)?;
    (p > HELD_P).then(|| Flag {
        code: "carried_by_one_sample".to_owned(),
        text: format!(
            "one sample carries it: without it p = {}",
            super::score::small(p)
        ),
        lowers_grade: true,
    })
}

/// Fewer copies and more of the product: what gene dosage does not do, something that goes along with the copies may.
fn against_dosage(archetype: Archetype, lead: &AnswerRow) -> Option<Flag> {
    (archetype == Archetype::CopyNumberEffect && lead.effect < 0.0).then(|| Flag {
        code: "against_gene_dosage".to_owned(),
        text: "it falls as the copies of its gene rise, which gene dosage does not explain: what else changes where the copies do is the likelier cause".to_owned(),
        lowers_grade: true,
    })
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

/// What contamination explains of a draft: of one or several proteins any of them, since each is claimed; of a set or a
/// panel of switches at least half of the proteins that carry it.
fn contamination(draft: &Draft, judged: &Judged<'_>, pursuit: &Pursuit) -> Option<Outcome> {
    let answered = judged.answered;
    let contaminants = &judged.contaminants;
    let lead = &answered.rows[draft.rows[0]];
    if let Some(switches) = &draft.switches {
        let singles = pursuit.answered.iter().find(|a| {
            a.answer.archetype == Archetype::DetectionSwitch && a.step == answered.step
        })?;
        let of_rows = switches.rows.iter().filter_map(|&i| singles.rows.get(i));
        let outcomes = of_rows.map(|row| {
            let outcome = contaminants.outcome(&row.subject, row.effect, false);
            (row.label.as_str(), outcome)
        });
        return most(outcomes.collect());
    }
    if is_set(answered.answer.subject) {
        let leading = pursuit.cell(answered, "leading", draft.rows[0])?;
        let genes = leading.split(';').filter(|gene| !gene.is_empty());
        let outcomes = genes.map(|gene| (gene, contaminants.outcome_of_gene(gene, lead.effect)));
        return most(outcomes.collect());
    }
    let linear = answered.answer.archetype != Archetype::DetectionSwitch;
    let outcomes = draft.rows.iter().filter_map(|&i| {
        let row = &answered.rows[i];
        let outcome = contaminants.outcome(&row.subject, row.effect, linear)?;
        Some((row.label.as_str(), outcome))
    });
    let mut stands = None;
    for (label, outcome) in outcomes {
        match outcome {
            Outcome::Explained(how) => {
                return Some(Outcome::Explained(format!(
                    "{} {how}",
                    wording::name(label)
                )));
            }
            Outcome::Stands(how) => {
                stands.get_or_insert(Outcome::Stands(format!("{} {how}", wording::name(label))));
            }
        }
    }
    stands
}

/// The outcome of a claim that many proteins carry, from theirs: explained where half of them are.
fn most(outcomes: Vec<(&str, Option<Outcome>)>) -> Option<Outcome> {
    let explained: Vec<(&str, &String)> = outcomes
        .iter()
        .filter_map(|(label, outcome)| match outcome {
            Some(Outcome::Explained(how)) => Some((*label, how)),
            _ => None,
        })
        .collect();
    let (count, of) = (explained.len(), outcomes.len());
    match explained.first() {
        Some((label, how)) if 2 * count >= of => Some(Outcome::Explained(format!(
            "{count} of the {of} proteins that carry it: {label} {how}"
        ))),
        _ => outcomes
            .iter()
            .any(|(_, outcome)| outcome.is_some())
            .then(|| {
                Outcome::Stands(format!(
                    "explains {count} of the {of} proteins that carry it"
                ))
            }),
    }
}

fn influence(judged: &Judged<'_>, pursuit: &Pursuit, lead: &AnswerRow) -> Option<(usize, usize)> {
    let (frame, matrix) = (pursuit.frame.as_ref()?, pursuit.matrix.as_ref()?);
    if frame.tested.cols() != 1 {
        return None;
    }
    // A tool that moderates no variance notes no prior.
    let fact = |name: &str| pursuit.fact_number(judged.answered, name).unwrap_or(0.0);
    let prior = VariancePrior {
        df: fact("prior_df"),
        variance: fact("prior_variance"),
    };
    let row = matrix.features.iter().position(|f| f.id == lead.subject)?;
    let y: Vec<f64> = frame
        .columns
        .iter()
        .map(|&j| matrix.values.get(row, j))
        .collect();
    leave_one_out(
        &y,
        &frame.units,
        &frame.design(),
        frame.nuisance.cols(),
        prior,
    )
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
