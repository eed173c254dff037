//! Running the multiverse: every step that answers for a draft again under every variation, side by side, each once
//! however many drafts and tables rest on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::contamination;
use super::leave_out::{leave_out, without};
use super::variations::{Genotypes, Variation, variations};
use crate::agent::answers::{self, AnswerRow, Answered};
use crate::agent::chains::along;
use crate::agent::draft::{Draft, Judged};
use crate::agent::planning::by_explained_share;
use crate::agent::pursuit::Pursuit;
use crate::dataset::{Dataset, DatasetProfile, ModelFrame, SampleMetadata};
use crate::discovery::{Archetype, Robustness, RobustnessRow, Target};
use crate::knowledge::Packs;
use crate::run::{RunError, RunView};
use crate::tool::{Catalog, ToolOutput};
use crate::workflow::artifact_store::read_step;
use crate::workflow::{Plan, Replayed, Replayer, WantedTables, World};

/// p at which a claim counts as holding under a variation.
pub const HELD_P: f64 = 0.05;

/// What the variations are made from.
pub struct Ground<'a> {
    /// The dataset.
    pub dataset: &'a Dataset,
    /// The run, which holds the matrices that variations begin with.
    pub run: &'a RunView,
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
    /// Times a table of so many tests was made.
    families: BTreeMap<(TableId, usize), usize>,
}

/// Tests run under variations: one table, made so often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// Place of the objective.
    pub pursuit: usize,
    /// The step.
    pub step: String,
    /// The table.
    pub table: String,
    /// Times it was made.
    pub repeats: usize,
    /// Tests in it.
    pub tests: usize,
}

/// One variation of one objective's plan and the steps to be run under it: what lies before them is computed once.
struct Job<'a> {
    pursuit: usize,
    variation: Variation,
    steps: Vec<&'a str>,
}

/// What one variation gave: the rows wanted of each table, and how many tests it holds.
#[derive(Default)]
struct Varied {
    tables: Vec<(TableId, Leads, usize)>,
}

impl Multiverse {
    /// Varies every step that answers for a draft.
    pub fn run(
        ground: &Ground<'_>,
        drafts: &[Draft],
        all: &[Judged<'_>],
        pursuits: &[Pursuit],
    ) -> Result<Self, RunError> {
        let mut wanted: BTreeMap<TableId, BTreeSet<&str>> = BTreeMap::new();
        for draft in drafts {
            let judged = &all[draft.stratum];
            let lead = &judged.answered.rows[draft.rows[0]];
            wanted
                .entry(table_id(judged))
                .or_default()
                .insert(&lead.key);
            for (edge, row) in along(judged, lead, all) {
                wanted.entry(table_id(edge)).or_default().insert(&row.key);
            }
        }
        let steps: BTreeSet<(usize, &str)> = wanted
            .keys()
            .map(|(pursuit, step, _)| (*pursuit, step.as_str()))
            .collect();
        let mut jobs: Vec<Job<'_>> = Vec::new();
        let of_sets: BTreeSet<(usize, &str)> = drafts
            .iter()
            .map(|draft| &all[draft.stratum])
            .filter(|j| shifts(j.answered.answer.archetype))
            .map(|j| (j.stratum.pursuit, j.answered.step.as_str()))
            .collect();
        for (p, step) in steps {
            let mut variations =
                choices(&pursuits[p], step, ground.profile, &ground.dataset.samples);
            if of_sets.contains(&(p, step)) {
                variations.extend(leave_out(&pursuits[p]));
            }
            for variation in variations {
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
        let mut made: Vec<Varied> = Vec::with_capacity(jobs.len());
        // One objective after the other, so that the matrices of one at a time are in memory.
        for of_one in jobs.chunk_by(|a, b| a.pursuit == b.pursuit) {
            let pursuit = &pursuits[of_one[0].pursuit];
            let outputs = whole_outputs(ground.run, pursuit)?;
            made.par_extend(
                of_one
                    .par_iter()
                    .map(|job| job.run(ground, pursuit, &outputs, &wanted)),
            );
        }
        let mut multiverse = Self {
            tables: BTreeMap::new(),
            families: BTreeMap::new(),
        };
        for (job, varied) in jobs.into_iter().zip(made) {
            for (id, leads, tests) in varied.tables {
                *multiverse.families.entry((id.clone(), tests)).or_default() += 1;
                let rows = multiverse.tables.entry(id).or_default();
                rows.push((job.variation.clone(), leads));
            }
        }
        Ok(multiverse)
    }

    /// Every family of tests run.
    pub fn families(&self) -> Vec<Family> {
        let family =
            |(((pursuit, step, table), tests), repeats): (&(TableId, usize), &usize)| Family {
                pursuit: *pursuit,
                step: step.clone(),
                table: table.clone(),
                repeats: *repeats,
                tests: *tests,
            };
        self.families.iter().map(family).collect()
    }

    /// The claim that `lead` carries under every variation, and of the adjustments for other variables how many broke it
    /// and how many there were.
    pub fn attack(&self, lead: &AnswerRow, judged: &Judged<'_>) -> (Robustness, (usize, usize)) {
        let directed = !lead.effect.is_nan() && lead.effect != 0.0;
        let mut robustness = Robustness::default();
        let (mut broke, mut adjusted) = (0, 0);
        let (mut stood, mut left_out) = (0, 0);
        for (variation, leads) in self.tables.get(&table_id(judged)).into_iter().flatten() {
            let Some(&(effect, p)) = leads.get(&lead.key).filter(|(_, p)| !p.is_nan()) else {
                continue;
            };
            let held = p <= HELD_P && (!directed || effect * lead.effect > 0.0);
            if !variation.without.is_empty() {
                left_out += 1;
                stood += usize::from(held);
                continue;
            }
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
        robustness.leave_one_out = (left_out > 0).then_some((stood, left_out));
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

/// The outputs of a plan's label-blind steps with all that they gave, from memory or from the run folder.
fn whole_outputs(
    run: &RunView,
    pursuit: &Pursuit,
) -> Result<BTreeMap<String, Arc<ToolOutput>>, RunError> {
    let plan = &pursuit.plan;
    let blind = plan.steps.iter().filter(|step| !step.tainted);
    let held = blind.filter_map(|step| Some((&step.id, pursuit.outputs.get(&step.id)?)));
    held.map(|(id, held)| {
        let whole = read_step(run, &plan.folder(id), held)?;
        Ok((id.clone(), Arc::new(whole)))
    })
    .collect()
}

/// Whether an archetype is a shift of a set.
fn shifts(archetype: Archetype) -> bool {
    matches!(archetype, Archetype::PathwayShift | Archetype::ComplexShift)
}

/// The variations of one step; none where nothing is compared.
fn choices(
    pursuit: &Pursuit,
    step: &str,
    profile: &DatasetProfile,
    sheet: &SampleMetadata,
) -> Vec<Variation> {
    let Some(planned) = pursuit.plan.step(step) else {
        return Vec::new();
    };
    let variable = match (&pursuit.term, &pursuit.objective.target) {
        (Some(term), _) => term.variable(),
        // A gene's own genotype is no variable of the sheet.
        (None, Target::Partner { .. }) => "",
        (None, _) => return Vec::new(),
    };
    // With few residual degrees of freedom a further column costs more than it tells.
    let affordable = |df: usize| df >= contamination::LEAST_DF;
    let scores: Vec<String> = match pursuit.frame.as_ref().map(ModelFrame::residual_df) {
        Some(df) if affordable(df) => contamination::scores(pursuit).into_keys().collect(),
        _ => Vec::new(),
    };
    // What stands behind a genotype is no variable that anyone set: those that shape the samples most come first.
    let first = match (&pursuit.objective.target, &pursuit.matrix) {
        (Target::Partner { .. }, Some(matrix)) => by_explained_share(matrix, sheet),
        _ => Vec::new(),
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
        variable,
        profile,
        &scores,
        Genotypes {
            beside: planned.inputs.contains_key("beside"),
            first: &first,
        },
    )
}

impl Job<'_> {
    /// A step that its tool refuses under the variation is left out.
    fn run(
        &self,
        ground: &Ground<'_>,
        pursuit: &Pursuit,
        outputs: &BTreeMap<String, Arc<ToolOutput>>,
        wanted: &BTreeMap<TableId, BTreeSet<&str>>,
    ) -> Varied {
        let (plan, changed) = varied(&pursuit.plan, &self.variation, &self.steps);
        let left_out = &self.variation.without;
        if changed.is_empty() && left_out.is_empty() {
            return Varied::default();
        }
        let kept = outputs
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
        // Scores that are not asked for stand in the sheet and change nothing.
        let mut sheet = contamination::with_scores(&ground.dataset.samples, pursuit);
        if let Some(term) = pursuit.term.as_ref().filter(|_| !left_out.is_empty()) {
            sheet = without(sheet, term.variable(), left_out);
        }
        let world = World {
            samples: &sheet,
            replaced: BTreeMap::new(),
            seed: ground.seed,
        };
        let tables = |step: &str| -> Vec<&str> {
            let of_step = wanted
                .keys()
                .filter(|(p, s, _)| *p == self.pursuit && s == step);
            of_step.map(|(_, _, table)| table.as_str()).collect()
        };
        let steps: Vec<WantedTables<'_>> = self.steps.iter().map(|s| (*s, tables(s))).collect();
        let replayed = match replayer.replay_p_values(&world, &steps) {
            Ok(replayed) => replayed,
            // One refusal must not cost the others their variation.
            Err(_) => steps
                .iter()
                .filter_map(|step| {
                    replayer
                        .replay_p_values(&world, std::slice::from_ref(step))
                        .ok()
                })
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
            // A chain reads the table of its last edge, which is made once.
            if varied.tables.iter().any(|(made, ..)| *made == id) {
                continue;
            }
            let (Some(keys), Some(found)) = (wanted.get(&id), replayed.get(&answered.step)) else {
                continue;
            };
            if let Some((leads, tests)) = leads(answered, found, keys) {
                varied.tables.push((id, leads, tests));
            }
        }
        varied
    }
}

/// Effect and p of the wanted rows of a table made again, and how many tests it holds; none where it was not made.
fn leads(answered: &Answered, found: &Replayed, keys: &BTreeSet<&str>) -> Option<(Leads, usize)> {
    let output = match found {
        Replayed::Output(output) => output,
        Replayed::PValues(tables) => {
            let found = tables.get(&answered.answer.table)?;
            let rows = found.subjects.ids().zip(found.effect.iter().zip(&found.p));
            let wanted = rows.filter(|(id, _)| keys.contains(id));
            let leads = wanted.map(|(id, (&effect, &p))| (id.to_owned(), (effect, p)));
            let tests = found.p.iter().filter(|p| !p.is_nan()).count();
            return Some((leads.collect(), tests));
        }
    };
    let again = answers::read(
        &answered.step,
        &answered.folder,
        &answered.tool,
        &answered.answer,
        output,
    )
    .ok()?;
    let tests = again.rows.iter().filter(|row| !row.p.is_nan()).count();
    let wanted = again
        .rows
        .into_iter()
        .filter(|row| keys.contains(row.key.as_str()));
    Some((
        wanted.map(|row| (row.key, (row.effect, row.p))).collect(),
        tests,
    ))
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
