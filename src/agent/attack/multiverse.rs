//! Running the multiverse: every step that answers for a draft again under every variation, side by side, each once
//! however many drafts and tables rest on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::variations::{Variation, variations};
use crate::agent::answers::{self, AnswerRow};
use crate::agent::draft::{Draft, Judged};
use crate::agent::pursuit::Pursuit;
use crate::dataset::{Dataset, DatasetProfile};
use crate::discovery::{Robustness, RobustnessRow};
use crate::knowledge::Packs;
use crate::tool::Catalog;
use crate::workflow::{Plan, Replayer, World};

/// p at which a claim counts as holding under a variation.
pub const HELD_P: f64 = 0.05;

/// What the variations are made from.
pub struct Ground<'a> {
    /// The dataset.
    pub dataset: &'a Dataset,
    /// Its profile.
    pub profile: &'a DatasetProfile,
    /// The tools.
    pub catalog: &'a Arc<Catalog>,
    /// The packs.
    pub packs: &'a Arc<Packs>,
    /// The run's seed.
    pub seed: u64,
}

/// A table of answers: place of the objective, step, table.
type TableId = (usize, String, String);

/// Effect and p of the leading rows, by key.
type Leads = BTreeMap<String, (f64, f64)>;

/// Effect and p of every draft's leading row under every variation.
pub struct Multiverse {
    tables: BTreeMap<TableId, Vec<(Variation, Leads)>>,
    tests: usize,
}

/// One variation of one objective's plan and the steps to be run under it: what lies before them is computed once.
struct Job<'a> {
    pursuit: usize,
    variation: Variation,
    steps: Vec<&'a str>,
}

/// What one variation gave: the rows wanted of each table, and how many tests were run.
#[derive(Default)]
struct Varied {
    tables: Vec<(TableId, Leads)>,
    tests: usize,
}

impl Multiverse {
    /// Varies every step that answers for a draft.
    pub fn run(
        ground: &Ground<'_>,
        drafts: &[Draft],
        judged: &[Judged<'_>],
        pursuits: &[Pursuit],
    ) -> Self {
        let mut wanted: BTreeMap<TableId, BTreeSet<&str>> = BTreeMap::new();
        for draft in drafts {
            let judged = &judged[draft.stratum];
            let lead = &judged.answered.rows[draft.rows[0]];
            wanted
                .entry(table_id(judged))
                .or_default()
                .insert(&lead.key);
        }
        let steps: BTreeSet<(usize, &str)> = wanted
            .keys()
            .map(|(pursuit, step, _)| (*pursuit, step.as_str()))
            .collect();
        let mut jobs: Vec<Job<'_>> = Vec::new();
        for (p, step) in steps {
            for variation in choices(&pursuits[p], step, ground.profile) {
                let same = |job: &&mut Job<'_>| job.pursuit == p && job.variation == variation;
                match jobs.iter_mut().find(same) {
                    Some(job) => job.steps.push(step),
                    None => jobs.push(Job {
                        pursuit: p,
                        variation,
                        steps: vec![step],
                    }),
                }
            }
        }
        let made: Vec<Varied> = jobs
            .par_iter()
            .map(|job| job.run(ground, &pursuits[job.pursuit], &wanted))
            .collect();
        let mut multiverse = Self {
            tables: BTreeMap::new(),
            tests: 0,
        };
        for (job, varied) in jobs.into_iter().zip(made) {
            multiverse.tests += varied.tests;
            for (id, leads) in varied.tables {
                let rows = multiverse.tables.entry(id).or_default();
                rows.push((job.variation.clone(), leads));
            }
        }
        multiverse
    }

    /// Tests run.
    pub fn tests(&self) -> usize {
        self.tests
    }

    /// The claim that `lead` carries under every variation, and of the adjustments for other variables how many broke it
    /// and how many there were.
    pub fn attack(&self, lead: &AnswerRow, judged: &Judged<'_>) -> (Robustness, (usize, usize)) {
        let directed = !lead.effect.is_nan() && lead.effect != 0.0;
        let mut robustness = Robustness::default();
        let (mut broke, mut adjusted) = (0, 0);
        for (variation, leads) in self.tables.get(&table_id(judged)).into_iter().flatten() {
            let Some(&(effect, p)) = leads.get(&lead.key).filter(|(_, p)| !p.is_nan()) else {
                continue;
            };
            let held = p <= HELD_P && (!directed || effect * lead.effect > 0.0);
            if variation.confounder {
                adjusted += 1;
                broke += usize::from(!held);
            }
            robustness.tried += 1;
            robustness.held += usize::from(held);
            if !held && robustness.breaking.is_none() {
                robustness.breaking = Some(variation.choice.clone());
            }
            robustness.rows.push(RobustnessRow {
                choice: variation.choice.clone(),
                effect: if effect.is_nan() { 0.0 } else { effect },
                p,
                held,
            });
        }
        (robustness, (broke, adjusted))
    }
}

fn table_id(judged: &Judged<'_>) -> TableId {
    (
        judged.stratum.pursuit,
        judged.answered.step.clone(),
        judged.answered.answer.table.clone(),
    )
}

/// The variations of one step; none where nothing is compared.
fn choices(pursuit: &Pursuit, step: &str, profile: &DatasetProfile) -> Vec<Variation> {
    let (Some(term), Some(planned)) = (&pursuit.term, pursuit.plan.step(step)) else {
        return Vec::new();
    };
    let normalised = pursuit
        .outputs
        .values()
        .filter_map(|o| o.facts.get("method"))
        .find_map(|m| m.as_str())
        .unwrap_or_default();
    variations(
        &planned.tool,
        normalised,
        &pursuit.objective.covariates,
        term.variable(),
        profile,
    )
}

impl Job<'_> {
    /// A step that its tool refuses under the variation is left out.
    fn run(
        &self,
        ground: &Ground<'_>,
        pursuit: &Pursuit,
        wanted: &BTreeMap<TableId, BTreeSet<&str>>,
    ) -> Varied {
        let (plan, changed) = varied(&pursuit.plan, &self.variation, &self.steps);
        if changed.is_empty() {
            return Varied::default();
        }
        let kept = pursuit
            .outputs
            .iter()
            .filter(|(id, _)| !changed.contains(id.as_str()))
            .map(|(id, output)| (id.clone(), Arc::clone(output)))
            .collect();
        let replayer = Replayer::new(
            Arc::new(plan),
            Arc::clone(ground.catalog),
            Arc::clone(ground.packs),
            ground.dataset,
            &kept,
        );
        let world = World {
            samples: &ground.dataset.samples,
            replaced: BTreeMap::new(),
            seed: ground.seed,
        };
        let outputs = match replayer.replay(&world, &self.steps) {
            Ok(outputs) => outputs,
            // One refusal must not cost the others their variation.
            Err(_) => self
                .steps
                .iter()
                .filter_map(|step| replayer.replay(&world, &[step]).ok())
                .flatten()
                .collect(),
        };
        let mut varied = Varied::default();
        for answered in &pursuit.answered {
            let id = (
                self.pursuit,
                answered.step.clone(),
                answered.answer.table.clone(),
            );
            let (Some(keys), Some(output)) = (wanted.get(&id), outputs.get(&answered.step)) else {
                continue;
            };
            let Ok(again) = answers::read(
                &answered.step,
                &answered.folder,
                &answered.tool,
                &answered.answer,
                output,
            ) else {
                continue;
            };
            varied.tests += again.rows.len();
            let leads = again
                .rows
                .into_iter()
                .filter(|row| keys.contains(row.key.as_str()))
                .map(|row| (row.key, (row.effect, row.p)))
                .collect();
            varied.tables.push((id, leads));
        }
        varied
    }
}

/// The plan with a variation's parameters put in wherever its tool stands at or before one of `steps`, and the steps
/// changed.
fn varied(plan: &Plan, variation: &Variation, steps: &[&str]) -> (Plan, BTreeSet<String>) {
    let mut varied = plan.clone();
    let mut changed = BTreeSet::new();
    for step in &mut varied.steps {
        let serves = |s: &&str| step.id == *s || plan.depends_on(s, &step.id);
        if step.tool == variation.tool && steps.iter().any(serves) {
            for (name, value) in &variation.params {
                step.params.insert(name.clone(), value.clone());
            }
            changed.insert(step.id.clone());
        }
    }
    (varied, changed)
}
