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

/// What one variation gave of one step: the rows wanted of each of its tables, and how many tests were run.
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
        let jobs: Vec<(usize, &str, Variation)> = steps
            .into_iter()
            .flat_map(|(p, step)| {
                choices(&pursuits[p], step, ground.profile)
                    .into_iter()
                    .map(move |variation| (p, step, variation))
            })
            .collect();
        let made: Vec<Option<Varied>> = jobs
            .par_iter()
            .map(|(p, step, variation)| vary(ground, *p, &pursuits[*p], step, variation, &wanted))
            .collect();
        let mut multiverse = Self {
            tables: BTreeMap::new(),
            tests: 0,
        };
        for ((_, _, variation), varied) in jobs.into_iter().zip(made) {
            let Some(varied) = varied else {
                continue;
            };
            multiverse.tests += varied.tests;
            for (id, leads) in varied.tables {
                let rows = multiverse.tables.entry(id).or_default();
                rows.push((variation.clone(), leads));
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

fn vary(
    ground: &Ground<'_>,
    p: usize,
    pursuit: &Pursuit,
    step: &str,
    variation: &Variation,
    wanted: &BTreeMap<TableId, BTreeSet<&str>>,
) -> Option<Varied> {
    let plan = varied(&pursuit.plan, variation, step)?;
    let changed: BTreeSet<&str> = plan
        .steps
        .iter()
        .filter(|s| s.tool == variation.tool)
        .map(|s| s.id.as_str())
        .collect();
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
    let outputs = replayer.replay(&world, &[step]).ok()?;
    let output = outputs.get(step)?;
    let mut varied = Varied {
        tables: Vec::new(),
        tests: 0,
    };
    for answered in pursuit.answered.iter().filter(|a| a.step == step) {
        let id = (p, step.to_owned(), answered.answer.table.clone());
        let Some(keys) = wanted.get(&id) else {
            continue;
        };
        let answer = &answered.answer;
        let again = answers::read(step, &answered.folder, &answered.tool, answer, output).ok()?;
        varied.tests += again.rows.len();
        let leads = again
            .rows
            .into_iter()
            .filter(|row| keys.contains(row.key.as_str()))
            .map(|row| (row.key, (row.effect, row.p)))
            .collect();
        varied.tables.push((id, leads));
    }
    Some(varied)
}

/// The plan with a variation's parameters put in; none where its tool is not before the answering step.
fn varied(plan: &Plan, variation: &Variation, answering: &str) -> Option<Plan> {
    let mut varied = plan.clone();
    let mut touched = false;
    for step in &mut varied.steps {
        let before = step.id == answering || plan.depends_on(answering, &step.id);
        if step.tool == variation.tool && before {
            for (name, value) in &variation.params {
                step.params.insert(name.clone(), value.clone());
            }
            touched = true;
        }
    }
    touched.then_some(varied)
}
