//! One replication, from a run folder and a cohort to a folder of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::ReplicateError;
use super::baseline::baseline;
use super::first::First;
use super::judge::{Asked, Ground, Judged, judge};
use super::plans;
use super::same_samples::{self, Likeness, Side};
use super::targets::{self, MapRule, Matched, compared};
use crate::agent::planning;
use crate::agent::pursuit::term_of;
use crate::agent::{Request, Resources};
use crate::config::Config;
use crate::dataset::{Dataset, DatasetRecord, Declared, Role, SampleMetadata, Severity, Term};
use crate::discovery::{Grade, MatchedTarget, Objective, Replication, ReplicationGrade, Study};
use crate::run::{Event, LedgerEntry, NewRun, Purpose, RunKind, RunStore};
use crate::study::features::{FeatureIndex, of_assay};
use crate::workflow::Executor;

/// Family-wise level of the replication tests.
pub const LEVEL: f64 = 0.05;
/// File of the result in the folder.
const RESULT: &str = "replication.yaml";

/// The second cohort and what is asked of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cohort {
    /// The table, folder, or folder with `dataset.yaml`.
    pub path: PathBuf,
    /// A sample sheet that replaces those found.
    pub samples: Option<PathBuf>,
    /// Roles of columns and what is done with controls.
    pub declared: Declared,
    /// `first=second`, as the user writes it.
    pub map: Vec<String>,
    /// Hypotheses of this grade or better are tested.
    pub least: Grade,
}

/// A replication that was made.
#[derive(Debug, Clone)]
pub struct Replicated {
    /// Its folder.
    pub folder: PathBuf,
    /// What was found.
    pub replication: Replication,
}

/// Tests the frozen hypotheses of the run at `first` in a cohort and writes a folder under `parent`.
///
/// # Errors
/// The run has nothing to replicate or was changed, the cohort cannot be read or holds the same samples, what is compared
/// could mean several things there, or a file cannot be written.
pub async fn replicate(
    first: &Path,
    cohort: &Cohort,
    resources: &Resources,
    parent: &Path,
) -> Result<Replicated, ReplicateError> {
    let first = First::read(first, cohort.least)?;
    let dataset = open(cohort, resources)?;
    let mut notes = Vec::new();
    let (same_organism, about_organism) = organisms(&first.dataset, &dataset);
    notes.extend(about_organism);
    if first.dataset.content_hash == dataset.content_hash {
        return Err(ReplicateError::SameSamples {
            cohort: dataset.name,
            evidence: "the input is the same, byte for byte".to_owned(),
        });
    }
    let identifiers = resources.packs.identifiers().ok();
    let index = FeatureIndex::new(
        &of_assay(dataset.assay()),
        &dataset.assay().values,
        identifiers,
        same_organism,
    );

    let concerned: Vec<&Objective> = first
        .objectives
        .iter()
        .filter(|o| first.hypotheses.iter().any(|h| h.objective == o.id))
        .collect();
    let rules = cohort
        .map
        .iter()
        .map(|text| MapRule::read(text, &concerned))
        .collect::<Result<Vec<_>, _>>()?;
    let mut matched: BTreeMap<String, Result<Matched, String>> = BTreeMap::new();
    for objective in &concerned {
        let found = targets::find(objective, &first, &dataset, &rules)?;
        matched.insert(objective.id.0.clone(), found);
    }
    notes.extend(second_samples(&first, &dataset, &index, &matched)?);
    refuse_unmatched(&concerned, &matched, &dataset)?;

    let seed = first.run.record().seed;
    let store = Arc::new(RunStore::create(
        parent,
        NewRun {
            kind: RunKind::Replication,
            dataset: format!("{} in {}", first.dataset.profile.name, dataset.name),
            content_hash: dataset.content_hash.clone(),
            inputs: dataset.source.files.clone(),
            config: serde_json::json!({
                "replicates": first.run.id(),
                "first_content_hash": first.dataset.content_hash,
                "cohort": cohort,
            }),
            seed,
            versions: resources
                .packs
                .list()
                .iter()
                .map(|p| (p.pack_version().pack, p.pack_version().version))
                .collect(),
        },
    )?);
    store.write_yaml("dataset.yaml", &DatasetRecord::of(&dataset))?;
    let dataset = Arc::new(dataset);
    let executor = Executor::new(
        Arc::clone(&resources.catalog),
        Arc::clone(&dataset),
        Arc::clone(&resources.packs),
        seed,
    )
    .with_store(Arc::clone(&store));

    stage(&store, "execute")?;
    let mut asked: BTreeMap<String, Result<Asked, String>> = BTreeMap::new();
    let mut records: Vec<MatchedTarget> = Vec::new();
    let mut taken = BTreeSet::new();
    for objective in concerned {
        let Some(found) = matched.remove(&objective.id.0) else {
            continue;
        };
        let carried = match found {
            Err(reason) => Err(reason),
            Ok(found) => ask(&first, objective, found, &dataset, resources, &mut taken)?,
        };
        let entry = match carried {
            Err(reason) => {
                records.push(MatchedTarget {
                    objective: objective.id.clone(),
                    second: None,
                    how: reason.clone(),
                    changes: Vec::new(),
                });
                Err(reason)
            }
            Ok(mut one) => {
                records.push(MatchedTarget {
                    objective: objective.id.clone(),
                    second: compared(&one.matched.objective),
                    how: one.matched.how.clone(),
                    changes: one.matched.changes.clone(),
                });
                let hash = store.write_plan(&one.plan.scope, &one.plan)?;
                store.append(Event::PlanFrozen {
                    objective: objective.id.clone(),
                    scope: one.plan.scope.clone(),
                    steps: one.plan.steps.len(),
                    hash,
                })?;
                let execution = executor.execute(&Arc::new(one.plan.clone())).await?;
                one.failures = execution
                    .failures()
                    .into_iter()
                    .map(|(step, error)| (step.to_owned(), error.to_string()))
                    .collect();
                one.outputs = execution.outputs();
                Ok(one)
            }
        };
        asked.insert(objective.id.0.clone(), entry);
    }
    leave(
        &store,
        "execute",
        format!("{} comparisons asked again", asked.len()),
    )?;

    stage(&store, "judge")?;
    let judged = judge(&Ground {
        first: &first,
        asked: &asked,
        assay: dataset.assay(),
        index: &index,
        catalog: &resources.catalog,
        level: LEVEL,
    })?;
    store.append_ledger(&ledger(&judged))?;
    let chance = baseline(
        &judged,
        dataset.assay(),
        &set_sizes(&judged, &asked),
        LEVEL,
        seed,
    );
    notes.extend(limits(&judged, chance.is_none()));
    let replication = Replication {
        first: study_of(&first.dataset),
        second: study_of(&DatasetRecord::of(&dataset)),
        targets: records,
        identifiers: judged.identifiers,
        level: LEVEL,
        tested: judged.tested,
        hypotheses: judged.hypotheses,
        baseline: chance,
        notes,
    };
    let count = |grade| {
        replication
            .hypotheses
            .iter()
            .filter(|h| h.grade == grade)
            .count()
    };
    leave(
        &store,
        "judge",
        format!(
            "{} of {} tested hypotheses replicated",
            count(ReplicationGrade::Replicated),
            replication.tested
        ),
    )?;
    let hash = store.write_yaml(RESULT, &replication)?;
    store.append(Event::ReplicationWritten {
        tested: replication.tested,
        replicated: count(ReplicationGrade::Replicated),
        hash,
    })?;
    store.append(Event::RunFinished {
        hypotheses: replication.hypotheses.len(),
    })?;
    Ok(Replicated {
        folder: store.view().root().to_path_buf(),
        replication,
    })
}

fn open(cohort: &Cohort, resources: &Resources) -> Result<Dataset, ReplicateError> {
    let request = Request {
        samples: cohort.samples.clone(),
        declared: cohort.declared.clone(),
        ..Request::new(cohort.path.clone(), Config::default())
    };
    Ok(request.open(&resources.packs)?)
}

fn stage(store: &RunStore, name: &str) -> Result<(), ReplicateError> {
    store.append(Event::StageEntered {
        stage: name.to_owned(),
    })?;
    Ok(())
}

fn leave(store: &RunStore, name: &str, summary: String) -> Result<(), ReplicateError> {
    store.append(Event::StageFinished {
        stage: name.to_owned(),
        summary,
    })?;
    Ok(())
}

fn study_of(record: &DatasetRecord) -> Study {
    Study {
        dataset: record.profile.name.clone(),
        organism: record.profile.organism.clone(),
        samples: record.samples.len(),
        content_hash: record.content_hash.clone(),
        files: record
            .source
            .files
            .iter()
            .map(|f| (f.name.clone(), f.hash.clone()))
            .collect(),
    }
}

/// Whether both studies are of one organism, and what to say where they are not or may not be.
fn organisms(first: &DatasetRecord, second: &Dataset) -> (bool, Option<String>) {
    match (first.profile.organism.as_deref(), second.organism()) {
        (Some(a), Some(b)) if !a.eq_ignore_ascii_case(b) => (
            false,
            Some(format!(
                "the first study is of {a}, the second of {b}: proteins were matched by equal gene symbols, which stands in for orthology and is wrong for some families"
            )),
        ),
        _ => (true, None),
    }
}

/// Refuses the samples of the first study; gives what is worth a note.
fn second_samples(
    first: &First,
    second: &Dataset,
    index: &FeatureIndex<'_>,
    matched: &BTreeMap<String, Result<Matched, String>>,
) -> Result<Vec<String>, ReplicateError> {
    let pairs = index.pairs(&first.features);
    let (rows_first, rows_second): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
    let objective = first
        .objectives
        .iter()
        .find(|o| matches!(matched.get(&o.id.0), Some(Ok(_))));
    let groups = |samples: &SampleMetadata, name: Option<String>| -> Vec<Option<usize>> {
        let variable = name
            .and_then(|name| name.split(':').next().map(str::to_owned))
            .and_then(|name| samples.variables.get(&name));
        match variable.and_then(|v| v.codes()) {
            Some(codes) => codes.to_vec(),
            None => vec![None; samples.len()],
        }
    };
    let of_second = objective
        .and_then(|o| matched.get(&o.id.0))
        .and_then(|m| m.as_ref().ok())
        .and_then(|m| compared(&m.objective));
    let (values_first, values_second) = (
        first.values.select_rows(&rows_first),
        second.assay().values.select_rows(&rows_second),
    );
    let likeness = same_samples::compare(
        &Side {
            ids: &first.dataset.samples.ids,
            groups: &groups(&first.dataset.samples, objective.and_then(compared)),
            values: &values_first,
        },
        &Side {
            ids: &second.samples.ids,
            groups: &groups(&second.samples, of_second),
            values: &values_second,
        },
    );
    match likeness {
        Likeness::Same(evidence) => Err(ReplicateError::SameSamples {
            cohort: second.name.clone(),
            evidence,
        }),
        Likeness::Different(note) => Ok(note
            .into_iter()
            .chain(shared_subjects(&first.dataset.samples, &second.samples))
            .collect()),
    }
}

/// People, animals or donors named in both studies.
fn shared_subjects(first: &SampleMetadata, second: &SampleMetadata) -> Option<String> {
    let subjects = |samples: &SampleMetadata| -> BTreeSet<String> {
        samples
            .with_role(Role::Subject)
            .flat_map(|v| (0..v.len()).filter_map(|i| v.group_of(i).map(str::to_owned)))
            .collect()
    };
    let (a, b) = (subjects(first), subjects(second));
    let both = a.intersection(&b).count();
    (both > 0).then(|| {
        format!(
            "{both} of {} subjects of the second study bear names of subjects of the first: if they are the same, the studies are not independent",
            b.len()
        )
    })
}

/// Where no comparison at all has a counterpart, the user is asked for one.
fn refuse_unmatched(
    concerned: &[&Objective],
    matched: &BTreeMap<String, Result<Matched, String>>,
    cohort: &Dataset,
) -> Result<(), ReplicateError> {
    if matched.values().any(Result::is_ok) {
        return Ok(());
    }
    let first = concerned.iter().find_map(|o| {
        let reason = matched.get(&o.id.0)?.as_ref().err()?;
        Some((compared(o)?, reason.clone()))
    });
    let Some((target, reason)) = first else {
        return Ok(());
    };
    let example = cohort
        .design
        .active()
        .first()
        .map_or_else(|| "variable:target-reference".to_owned(), |c| c.id.clone());
    Err(ReplicateError::Unmatched {
        target,
        reason: format!("has no counterpart in the cohort: {reason}"),
        example,
        candidates: targets::candidates(cohort),
    })
}

/// The objective with its first plan carried over to the second study, or why that cannot be.
fn ask(
    first: &First,
    objective: &Objective,
    mut matched: Matched,
    dataset: &Dataset,
    resources: &Resources,
    taken: &mut BTreeSet<String>,
) -> Result<Result<Asked, String>, ReplicateError> {
    let Some(plan) = first.plan(objective)? else {
        return Ok(Err("the run has no plan of this objective".to_owned()));
    };
    let (term, _) = term_of(&matched.objective, dataset)?;
    let Some(term) = term else {
        return Ok(Err("nothing is compared".to_owned()));
    };
    match planning::fit_to_design(&mut matched.objective, &term, dataset) {
        Ok(repairs) => matched.changes.extend(repairs),
        Err(error) => return Ok(Err(error.to_string())),
    }
    let (carried, changes) = plans::carried_over(
        &plan,
        &matched.objective,
        &dataset.samples,
        &resources.catalog,
        taken,
    );
    matched.changes.extend(changes);
    let concern = match &term {
        Term::Contrast(contrast) => contrast.id.clone(),
        other => other.variable().to_owned(),
    };
    Ok(Ok(Asked {
        failed_check: failed_check(dataset, &concern),
        matched,
        first_plan: plan,
        plan: carried,
        outputs: BTreeMap::new(),
        failures: BTreeMap::new(),
    }))
}

/// A check of the second study that forbids conclusions on a comparison.
fn failed_check(dataset: &Dataset, concern: &str) -> Option<String> {
    let problem = dataset
        .problems
        .iter()
        .find(|p| {
            p.severity == Severity::Fail && p.contrast.as_deref().is_none_or(|c| c == concern)
        })
        .map(|p| p.message.clone());
    problem.or_else(|| {
        dataset
            .design
            .checks
            .iter()
            .find(|c| {
                c.severity == Severity::Fail && c.contrast.as_deref().is_none_or(|id| id == concern)
            })
            .map(|c| c.message.clone())
    })
}

/// Measured members of every row of the tables about sets.
fn set_sizes(
    judged: &Judged,
    asked: &BTreeMap<String, Result<Asked, String>>,
) -> BTreeMap<usize, BTreeMap<usize, f64>> {
    let mut sizes = BTreeMap::new();
    for (t, table) in judged.tables.iter().enumerate() {
        let answered = &table.answered;
        let output = asked
            .values()
            .flatten()
            .filter(|a| a.plan.folder(&answered.step) == answered.folder)
            .find_map(|a| a.outputs.get(&answered.step));
        let Some(crate::tool::Artifact::Table(frame)) =
            output.and_then(|o| o.artifacts.get(&answered.answer.table))
        else {
            continue;
        };
        if crate::agent::draft::is_set(answered.answer.subject)
            && let Ok(of_rows) = crate::tool::frame::numbers(frame, "size")
        {
            sizes.insert(t, of_rows.into_iter().enumerate().collect());
        }
    }
    sizes
}

fn ledger(judged: &Judged) -> Vec<LedgerEntry> {
    judged
        .tables
        .iter()
        .map(|table| LedgerEntry {
            objective: table.objective.clone(),
            step: table.answered.folder.clone(),
            table: table.answered.answer.table.clone(),
            purpose: Purpose::Replication,
            round: 0,
            repeats: 1,
            tests: judged
                .places
                .iter()
                .flatten()
                .flatten()
                .filter(|p| std::ptr::eq(&judged.tables[p.table], table))
                .count(),
        })
        .collect()
}

/// What a reader must know of any replication, and of this one.
fn limits(judged: &Judged, no_baseline: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if judged.tested == 0 {
        notes.push("nothing could be tested in this cohort".to_owned());
    } else if no_baseline {
        notes.push(
            "no chance baseline: too few other proteins or sets are left to draw random hypotheses from"
                .to_owned(),
        );
    }
    notes.push(
        "a replicated association holds in this second cohort too; that is no proof of mechanism or cause, and two cohorts can share a confounder"
            .to_owned(),
    );
    notes.push(
        "tests rest on the tool's own p-values, one-sided; they are as good as normal residuals and independent samples"
            .to_owned(),
    );
    notes
}
