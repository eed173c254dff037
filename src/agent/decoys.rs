//! Making decoys: which replays each objective needs, running them side by side, counting them, and writing the counts
//! down after every batch so that a stopped run goes on where it was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use proteus_stats::error_rate::{
    Counting, FIRST_DECOYS, Listing, SUBJECT_DECOYS, SUGGESTIVE_LEVEL, SUPPORTED_LEVEL,
    decoys_needed, is_futile, stratum_q,
};
use proteus_stats::multiplicity::{Adjustment, adjust_in_family};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::config::DecoyBudget;
use crate::dataset::{Dataset, SampleMetadata};
use crate::run::{Event, RunStore};
use crate::tool::{Abundance, Artifact, NullScheme, PValues, Subjects, ToolOutput};
use crate::workflow::{Replayed, Replayer, Source, WantedTables, World};

use super::answers::{evidence_score, scores};
use super::counting::{DecoyCounts, Snapshot};
use super::error::AgentError;
use super::menu::{Stratum, index};
use super::scheme::Scheme;

/// Claims of a stratum that are printed at most, about: q is recounted for these, so more on the list save no decoys.
const PRINTED: usize = 8;
/// The most decoys of a pooled stratum, in multiples of those that let a lone claim reach the level when no decoy comes near it:
/// with twice as many, one may.
const FULL: usize = 2;
/// Decoys between two looks at a task, and between two writings.
const BATCH: usize = 50;

/// Replays of one objective under one null: all its strata with that null are counted on the same decoys.
pub struct Task {
    /// Place of the objective among those pursued.
    pub pursuit: usize,
    /// The null.
    pub null: NullScheme,
    /// How decoys are made.
    pub scheme: Scheme,
    /// The objective's plan with its blind outputs.
    pub replayer: Arc<Replayer>,
    /// The blind matrix under test and where it comes from; none where no matrix is replaced.
    pub matrix: Option<(Source, Arc<Abundance>)>,
    /// Its strata, by place in the menu.
    pub strata: Vec<usize>,
    /// Where the subjects that replays name stand among the members of each stratum.
    pub places: Places,
    /// Name for seeds and files.
    pub name: String,
}

/// Where the subjects of a table stand among the members of a stratum: found once, since replays name the same subjects
/// over and over.
#[derive(Default)]
pub struct Places {
    found: Mutex<BTreeMap<usize, Found>>,
}

/// A list of subjects and the place of each among the members, where it is one.
type Found = (Subjects, Arc<Vec<Option<usize>>>);

impl Places {
    /// Scores of stratum `g`, whose members are `members`, in their order; NaN untested.
    fn scores(&self, g: usize, members: &[String], found: &PValues) -> Vec<f64> {
        let lock = || self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock()
            .get(&g)
            .filter(|(subjects, _)| subjects.is_same(&found.subjects))
            .map(|(_, places)| Arc::clone(places));
        let places = known.unwrap_or_else(|| {
            let position = index(members);
            let places: Vec<Option<usize>> = found
                .subjects
                .ids()
                .map(|id| position.get(id).copied())
                .collect();
            let places = Arc::new(places);
            lock().insert(g, (found.subjects.clone(), Arc::clone(&places)));
            places
        });
        let mut scores = vec![f64::NAN; members.len()];
        for (place, &p) in places.iter().zip(&found.p) {
            if let Some(place) = *place {
                scores[place] = evidence_score(p);
            }
        }
        scores
    }
}

impl Task {
    /// The outputs of the answering steps on decoy `seed`; none where the scheme makes no decoys or a tool refuses.
    pub fn replay(
        &self,
        dataset: &Dataset,
        seed: u64,
        steps: &[&str],
    ) -> Option<BTreeMap<String, Arc<ToolOutput>>> {
        self.in_world(dataset, seed, |world| {
            self.replayer.replay(world, steps).ok()
        })
    }

    /// What `replay` gives in the world of decoy `seed`; none where the scheme makes no decoys.
    fn in_world<T>(
        &self,
        dataset: &Dataset,
        seed: u64,
        replay: impl FnOnce(&World<'_>) -> Option<T>,
    ) -> Option<T> {
        let sheet: Option<SampleMetadata> = self.scheme.sheet(&dataset.samples, seed);
        let mut replaced = BTreeMap::new();
        if let Some((source, matrix)) = &self.matrix
            && let Some(decoy) = self.scheme.matrix(matrix, seed)
        {
            replaced.insert(source.clone(), Artifact::Matrix(Arc::new(decoy)));
        }
        if sheet.is_none() && replaced.is_empty() {
            return None;
        }
        replay(&World {
            samples: sheet.as_ref().unwrap_or(&dataset.samples),
            replaced,
            seed,
        })
    }

    /// The answering steps and the tables whose p-values are counted. A table in which a subject stands with several
    /// objects is read whole.
    fn wanted<'m>(&self, menu: &'m [Stratum]) -> Vec<WantedTables<'m>> {
        let mut wanted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut whole: BTreeSet<&str> = BTreeSet::new();
        for stratum in self.strata.iter().map(|&g| &menu[g]) {
            let tables = wanted.entry(&stratum.step).or_default();
            if !tables.contains(&stratum.answer.table.as_str()) {
                tables.push(&stratum.answer.table);
            }
            if stratum.answer.columns.object.is_some() {
                whole.insert(&stratum.step);
            }
        }
        let short = |step: &str| !whole.contains(step);
        wanted
            .into_iter()
            .map(|(step, tables)| (step, if short(step) { tables } else { Vec::new() }))
            .collect()
    }

    /// Scores of every stratum of the task on one decoy, in menu order. A decoy that a tool refuses counts as untested.
    fn decoy_scores(&self, dataset: &Dataset, menu: &[Stratum], seed: u64) -> Vec<Vec<f64>> {
        let wanted = self.wanted(menu);
        let replayed = self.in_world(dataset, seed, |world| {
            self.replayer.replay_p_values(world, &wanted).ok()
        });
        self.strata
            .iter()
            .map(|&g| {
                let stratum = &menu[g];
                let read = replayed
                    .as_ref()
                    .and_then(|steps| steps.get(&stratum.step))
                    .and_then(|step| match step {
                        Replayed::PValues(tables) => {
                            let found = tables.get(&stratum.answer.table)?;
                            Some(self.places.scores(g, &stratum.members, found))
                        }
                        Replayed::Output(output) => {
                            let read = scores(&stratum.answer, output).ok()?;
                            Some(stratum.in_menu_order(&read))
                        }
                    });
                read.unwrap_or_else(|| vec![f64::NAN; stratum.members.len()])
            })
            .collect()
    }
}

/// The seed of decoy `number` of a task: depends on nothing but the run's seed and the names.
pub fn decoy_seed(seed: u64, task: &str, number: usize) -> u64 {
    let hash = blake3::hash(format!("{seed}|{task}|{number}").as_bytes());
    let mut bytes = [0_u8; 8];
    bytes.copy_from_slice(&hash.as_bytes()[..8]);
    u64::from_le_bytes(bytes)
}

/// Decoys of the whole menu, counted.
pub struct Counted {
    /// Per stratum; none where it is off the menu.
    pub counts: Vec<Option<DecoyCounts>>,
    /// Per stratum: whether it was given up.
    pub futile: Vec<bool>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    strata: Vec<Snapshot>,
}

/// Everything [`count`] works on.
pub struct Counter<'a> {
    /// The dataset.
    pub dataset: &'a Dataset,
    /// The menu.
    pub menu: &'a [Stratum],
    /// Strata charged.
    pub charged: usize,
    /// How many decoys.
    pub budget: DecoyBudget,
    /// The run's seed.
    pub seed: u64,
    /// p of the data per stratum in menu order; NaN untested.
    pub analytic: &'a [Vec<f64>],
    /// The run, for writing counts down.
    pub store: &'a RunStore,
    /// Told (done, planned) after every batch; says whether to go on.
    pub progress: &'a (dyn Fn(usize, usize) -> bool + Sync),
}

/// Draws and counts the decoys of every task.
pub fn count(counter: &Counter<'_>, tasks: &[Task]) -> Result<Counted, AgentError> {
    let menu = counter.menu;
    let targets: Vec<Vec<f64>> = counter
        .analytic
        .iter()
        .map(|p| p.iter().map(|&p| evidence_score(p)).collect())
        .collect();
    let mut counted = Counted {
        counts: vec![None; menu.len()],
        futile: vec![false; menu.len()],
    };
    let wanted: Vec<usize> = tasks
        .iter()
        .map(|task| {
            task.strata
                .iter()
                .map(|&g| needed(counter, g))
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut planned: usize = wanted.iter().sum();
    let mut done_before = 0;
    for (task, &want) in tasks.iter().zip(&wanted) {
        let file = format!("decoys/{}.json", task.name);
        let mut counts = restore(counter, task, &targets, &file)?;
        let mut done = counts.first().map_or(0, DecoyCounts::replays);
        while done < want && !(done >= FIRST_DECOYS && given_up(counter, task, &counts)) {
            let next = if done < FIRST_DECOYS {
                FIRST_DECOYS
            } else {
                done + BATCH
            }
            .min(want);
            let batch: Vec<Vec<Vec<f64>>> = (done..next)
                .into_par_iter()
                .map(|b| {
                    task.decoy_scores(
                        counter.dataset,
                        menu,
                        decoy_seed(counter.seed, &task.name, b),
                    )
                })
                .collect();
            for decoy in batch {
                for (counts, scores) in counts.iter_mut().zip(decoy) {
                    counts.add(&scores)?;
                }
            }
            let written = Written {
                strata: counts.iter().map(DecoyCounts::snapshot).collect(),
            };
            counter
                .store
                .write_bytes(&file, &serde_json::to_vec(&written)?)?;
            counter.store.append(Event::DecoyBatchDone {
                scope: task.name.clone(),
                first: done,
                count: next - done,
                file: file.clone(),
            })?;
            done = next;
            if !(counter.progress)(done_before + done, planned) {
                return Err(AgentError::Cancelled);
            }
        }
        planned = planned + done - want;
        done_before += done;
        for (&g, counts) in task.strata.iter().zip(counts) {
            counted.futile[g] = is_given_up(counter, g, &counts);
            counted.counts[g] = Some(counts);
        }
    }
    Ok(counted)
}

fn restore(
    counter: &Counter<'_>,
    task: &Task,
    targets: &[Vec<f64>],
    file: &str,
) -> Result<Vec<DecoyCounts>, AgentError> {
    let path = counter.store.view().path(file);
    let written: Option<Written> = match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).ok(),
        Err(_) => None,
    };
    let fresh = || {
        task.strata
            .iter()
            .map(|&g| DecoyCounts::new(&targets[g], counter.menu[g].counting()))
            .collect::<Result<Vec<_>, _>>()
    };
    match written.filter(|w| w.strata.len() == task.strata.len()) {
        None => Ok(fresh()?),
        Some(written) => {
            let restored: Result<Vec<DecoyCounts>, _> = task
                .strata
                .iter()
                .zip(written.strata)
                .map(|(&g, snapshot)| {
                    DecoyCounts::restore(&targets[g], counter.menu[g].counting(), snapshot)
                })
                .collect();
            // Counts that do not fit the menu are from another state of the run: count anew.
            Ok(match restored {
                Ok(counts) => counts,
                Err(_) => fresh()?,
            })
        }
    }
}

/// Decoys a stratum needs. With the adaptive budget the number is fixed from the data's own list before any decoy is
/// seen, so that what the tool's own p list can be expected to be listed by decoys too. Where the tool's own p list nothing,
/// decoys, which on average agree with them, will not either: the first ones are drawn for the audit and the stratum is given up,
/// which can only lose a finding.
fn needed(counter: &Counter<'_>, g: usize) -> usize {
    let stratum = &counter.menu[g];
    let full = FULL * decoys_needed(counter.charged, SUPPORTED_LEVEL);
    let pooled = match counter.budget {
        DecoyBudget::Exactly(n) => return n.max(1),
        DecoyBudget::Full => full,
        DecoyBudget::Adaptive => {
            let listing = Listing::new(&counter.analytic[g], stratum.relabellings);
            let factor = counter.charged as f64 / stratum.weight();
            [SUPPORTED_LEVEL, SUGGESTIVE_LEVEL]
                .into_iter()
                .find_map(|level| listing.decoys_resolving(factor, level, full))
                .unwrap_or(FIRST_DECOYS)
        }
    };
    match stratum.counting() {
        Counting::Pooled => pooled,
        Counting::PerSubject if listed(counter, g, SUGGESTIVE_LEVEL) == 0 => FIRST_DECOYS,
        Counting::PerSubject => full
            .max(subject_decoys(counter, g))
            .clamp(SUBJECT_DECOYS, 2 * SUBJECT_DECOYS),
    }
}

/// Decoys at which the best of a stratum counted per subject, whose p is never below one over them, reach q = 0.05: more the
/// longer its menu, the shorter its list, and the fewer strata list anything.
fn subject_decoys(counter: &Counter<'_>, g: usize) -> usize {
    let listing = |g: usize| listed(counter, g, SUPPORTED_LEVEL);
    let strata = (0..counter.menu.len()).filter(|&g| listing(g) > 0).count();
    match listing(g).min(PRINTED) {
        0 => 0,
        list => decoys_needed(
            counter.menu[g].members.len() * counter.charged.div_ceil(strata),
            SUPPORTED_LEVEL,
        )
        .div_ceil(list),
    }
}

/// Members of a stratum whose own p passes Benjamini–Hochberg at `level`.
fn listed(counter: &Counter<'_>, g: usize, level: f64) -> usize {
    let p: Vec<f64> = counter.analytic[g]
        .iter()
        .map(|p| if p.is_nan() { 1.0 } else { *p })
        .collect();
    adjust_in_family(&p, Adjustment::BenjaminiHochberg, p.len())
        .iter()
        .filter(|q| **q <= level)
        .count()
}

fn given_up(counter: &Counter<'_>, task: &Task, counts: &[DecoyCounts]) -> bool {
    task.strata
        .iter()
        .zip(counts)
        .all(|(&g, counts)| is_given_up(counter, g, counts))
}

/// Futility: nothing of the stratum can come to anything. Per-subject counts resolve too little for that early on, so
/// there the tool's own p decide.
fn is_given_up(counter: &Counter<'_>, g: usize, counts: &DecoyCounts) -> bool {
    match counts.counting() {
        Counting::PerSubject => listed(counter, g, SUGGESTIVE_LEVEL) == 0,
        Counting::Pooled => is_futile(&stratum_q(
            &counts.p_values(),
            counter.menu[g].members.len(),
        )),
    }
}
