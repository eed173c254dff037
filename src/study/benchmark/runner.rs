//! Running scenarios: one record per run, in order, each written before the next counts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::super::StudyError;
use super::super::background::Background;
use super::super::simulate::{Simulation, simulate, write};
use super::super::truth::Judge;
use super::nulls;
use super::published::{PublishedFinding, published_findings};
use super::record::{Record, RunResult};
use super::scenario::{Scenario, Source};
use super::scoring::{Known, score};
use crate::agent::{Request, Resources, Session};
use crate::config::{Config, ConfigFile, DecoyBudget};
use crate::run::{RunError, json_lines};

/// Name of the journal in the output folder.
const JOURNAL: &str = "journal.jsonl";
/// Runs after which what the packs keep is let go: every simulated table makes its own list of measured sets.
const FRESH: usize = 40;

/// A benchmark.
pub struct Benchmark<'a> {
    /// What is run.
    pub scenarios: Vec<Scenario>,
    /// Seeds of simulated scenarios and null copies, from 1; real datasets are run once.
    pub seeds: u64,
    /// When no new run is begun.
    pub budget: Option<Duration>,
    /// Runs at the same time.
    pub jobs: usize,
    /// Decoys per stratum.
    pub decoys: DecoyBudget,
    /// Where the journal stands.
    pub out: PathBuf,
    /// What the noise of simulated scenarios looks like.
    pub background: Background,
    /// Makes what runs share.
    pub resources: &'a (dyn Fn() -> Result<Resources, StudyError> + Sync),
    /// The scheduler of steps.
    pub runtime: &'a tokio::runtime::Runtime,
    /// Told of every run.
    pub told: &'a (dyn Fn(Told<'_>) + Sync),
}

/// A run that was made or taken from the journal.
#[derive(Debug, Clone, Copy)]
pub struct Told<'r> {
    /// What came of it.
    pub record: &'r Record,
    /// Its place among all runs, from 1.
    pub place: usize,
    /// All runs.
    pub of: usize,
    /// How long it took.
    pub took: Duration,
}

/// What a benchmark came to.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Every run in the journal that belongs to it, in order.
    pub records: Vec<Record>,
    /// Runs that the budget left undone.
    pub undone: usize,
}

/// Finished runs that wait for earlier ones, so that the journal keeps its order on any number of jobs.
struct Waiting {
    journal: json_lines::Appender,
    next: usize,
    done: BTreeMap<usize, (Record, Duration)>,
    written: Vec<Record>,
    failed: Option<StudyError>,
}

impl Benchmark<'_> {
    /// Runs what the journal does not hold yet.
    pub fn run(&self) -> Result<Ended, StudyError> {
        fs::create_dir_all(&self.out).map_err(|e| RunError::writing(&self.out, e))?;
        let path = self.out.join(JOURNAL);
        let lines: json_lines::Lines<Record> = json_lines::read(&path)?;
        let wanted = self.wanted();
        let held = self.held(&lines.values, &path)?;
        let open: Vec<(&Scenario, u64)> = wanted
            .iter()
            .filter(|(s, seed)| !held.contains_key(&(s.name.as_str(), *seed)))
            .copied()
            .collect();
        let waiting = Mutex::new(Waiting {
            journal: json_lines::Appender::open(&path, lines.whole)?,
            next: 0,
            done: BTreeMap::new(),
            written: Vec::new(),
            failed: None,
        });
        let begun = Instant::now();
        let next = AtomicUsize::new(0);
        let already = wanted.len() - open.len();
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.max(1) {
                scope.spawn(|| self.work(&open, &next, &waiting, begun, already));
            }
        });
        let waiting = waiting.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = waiting.failed {
            return Err(error);
        }
        let made = waiting.written.len();
        let mut records: Vec<Record> = held.into_values().cloned().collect();
        records.extend(waiting.written);
        let place: BTreeMap<(&str, u64), usize> = wanted
            .iter()
            .enumerate()
            .map(|(i, (s, seed))| ((s.name.as_str(), *seed), i))
            .collect();
        records.sort_by_key(|r| place.get(&(r.scenario.as_str(), r.seed)).copied());
        Ok(Ended {
            records,
            undone: open.len() - made,
        })
    }

    /// Every run, seed by seed.
    fn wanted(&self) -> Vec<(&Scenario, u64)> {
        (1..=self.seeds.max(1))
            .flat_map(|seed| {
                self.scenarios
                    .iter()
                    .filter(move |s| seed == 1 || !matches!(s.source, Source::Real(_)))
                    .map(move |s| (s, seed))
            })
            .collect()
    }

    fn settings(&self, scenario: &Scenario) -> String {
        let decoys = match self.decoys {
            DecoyBudget::Adaptive => String::new(),
            DecoyBudget::Full => "; decoys full".to_owned(),
            DecoyBudget::Exactly(n) => format!("; decoys {n}"),
        };
        let background = match scenario.source {
            Source::Simulated { .. } => format!("; {}", self.background.source),
            _ => String::new(),
        };
        format!("{}{background}{decoys}", scenario.settings())
    }

    /// Runs of the journal that this benchmark wants; one made otherwise would be counted as what it is not.
    fn held<'r>(
        &self,
        records: &'r [Record],
        path: &Path,
    ) -> Result<BTreeMap<(&'r str, u64), &'r Record>, StudyError> {
        let mut held = BTreeMap::new();
        for record in records {
            let Some(scenario) = self.scenarios.iter().find(|s| s.name == record.scenario) else {
                continue;
            };
            let settings = self.settings(scenario);
            if record.settings != settings || record.program != env!("CARGO_PKG_VERSION") {
                return Err(StudyError::Taken {
                    path: path.to_path_buf(),
                    reason: format!(
                        "`{}` was run by version {} with `{}`, now it would be version {} with `{settings}`",
                        record.scenario,
                        record.program,
                        record.settings,
                        env!("CARGO_PKG_VERSION")
                    ),
                });
            }
            if record.seed <= self.seeds.max(1) {
                held.insert((record.scenario.as_str(), record.seed), record);
            }
        }
        Ok(held)
    }

    fn work(
        &self,
        open: &[(&Scenario, u64)],
        next: &AtomicUsize,
        waiting: &Mutex<Waiting>,
        begun: Instant,
        already: usize,
    ) {
        let lock = || waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut resources: Option<Resources> = None;
        let mut made = 0_usize;
        loop {
            let over = self.budget.is_some_and(|b| begun.elapsed() >= b);
            if over || lock().failed.is_some() {
                return;
            }
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(&(scenario, seed)) = open.get(place) else {
                return;
            };
            if made.is_multiple_of(FRESH) {
                resources = None;
            }
            made += 1;
            let fresh = match resources.take().map_or_else(|| (self.resources)(), Ok) {
                Ok(fresh) => fresh,
                Err(error) => {
                    lock().failed = Some(error);
                    return;
                }
            };
            let since = Instant::now();
            let record = self.one(scenario, seed, &fresh);
            resources = Some(fresh);
            let mut state = lock();
            match record {
                Ok(record) => {
                    state.done.insert(place, (record, since.elapsed()));
                }
                Err(error) => {
                    state.failed = Some(error);
                    return;
                }
            }
            while let Some((record, took)) = {
                let next = state.next;
                state.done.remove(&next)
            } {
                state.next += 1;
                let number = state.next;
                if let Err(error) = state.journal.append(&record) {
                    state.failed = Some(error.into());
                    return;
                }
                (self.told)(Told {
                    record: &record,
                    place: already + number,
                    of: already + open.len(),
                    took,
                });
                state.written.push(record);
            }
        }
    }

    /// One run. Faults of the engine are results; faults of the benchmark itself are errors.
    fn one(
        &self,
        scenario: &Scenario,
        seed: u64,
        resources: &Resources,
    ) -> Result<Record, StudyError> {
        let work = self
            .out
            .join("work")
            .join(format!("{}-{seed}", scenario.name));
        clear(&work)?;
        fs::create_dir_all(&work).map_err(|e| RunError::writing(&work, e))?;
        let outcome = self.outcome(scenario, seed, resources, &work);
        clear(&work)?;
        let (result, failed) = match outcome {
            Ok(result) => (Some(result), None),
            Err(error @ StudyError::Run(_)) => return Err(error),
            Err(error) => {
                let told = error.to_string();
                (
                    None,
                    Some(told.lines().next().unwrap_or_default().to_owned()),
                )
            }
        };
        Ok(Record {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: scenario.name.clone(),
            settings: self.settings(scenario),
            seed,
            result,
            failed,
        })
    }

    fn outcome(
        &self,
        scenario: &Scenario,
        seed: u64,
        resources: &Resources,
        work: &Path,
    ) -> Result<RunResult, StudyError> {
        let data = work.join("data");
        let packs = &resources.packs;
        match &scenario.source {
            Source::Simulated {
                design,
                plants,
                module_correlation,
            } => {
                let mut background = self.background.clone();
                if let Some(r) = module_correlation {
                    background.module_correlation = r.min(0.95 - background.global_correlation);
                }
                let made = simulate(
                    &Simulation {
                        design: *design,
                        plants: plants.clone(),
                        seed,
                        background: &background,
                    },
                    packs,
                )?;
                write(&made, &data)?;
                let outcome = self.engine(&data, seed, resources, work)?;
                let judge = Judge::new(&made.key, &made.genes, packs);
                Ok(score(
                    &outcome,
                    &Known::Key(&judge, &made.key),
                    &resources.catalog,
                )?)
            }
            Source::Permuted(path) | Source::Split(path) => {
                let dataset = self.request(path, seed).open(packs)?;
                let copy = match scenario.source {
                    Source::Permuted(_) => nulls::permuted(&dataset, seed)?,
                    _ => nulls::split(&dataset, seed)?,
                };
                nulls::write(&copy, &data)?;
                let outcome = self.engine(&data, seed, resources, work)?;
                Ok(score(&outcome, &Known::Nothing, &resources.catalog)?)
            }
            Source::Real(path) => {
                let name = path
                    .file_name()
                    .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
                let findings: Vec<PublishedFinding> = published_findings(Some(&name));
                let outcome = self.engine(path, seed, resources, work)?;
                Ok(score(
                    &outcome,
                    &Known::Published(&findings),
                    &resources.catalog,
                )?)
            }
        }
    }

    fn request(&self, path: &Path, seed: u64) -> Request {
        let config = Config::resolve(ConfigFile {
            seed: Some(seed),
            decoys: Some(self.decoys),
            ..ConfigFile::default()
        });
        Request::new(path.to_path_buf(), config)
    }

    fn engine(
        &self,
        data: &Path,
        seed: u64,
        resources: &Resources,
        work: &Path,
    ) -> Result<crate::agent::Outcome, StudyError> {
        let session = Session::start(
            self.request(data, seed),
            resources.clone(),
            &work.join("runs"),
        )?;
        Ok(self.runtime.block_on(session.run())?)
    }
}

fn clear(folder: &Path) -> Result<(), StudyError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(RunError::writing(folder, error).into())
        }
        _ => Ok(()),
    }
}
