//! `proteus benchmark`: the engine run over experiments with a known answer, experiments in which nothing is true, and real
//! ones, scored by code.
//!
//! Every run is one line of `journal.jsonl` in the output folder: scenario, seed, settings, result, and no time of day, so
//! that equal seeds give equal bytes. A benchmark that was stopped goes on where its journal ends. Runs are made seed by
//! seed over all scenarios, so that a budget that ends early has still seen them all.

mod calibration;
mod nulls;
mod published;
mod record;
mod runner;
mod scenario;
mod scoring;
mod summary;
mod tasks;

pub use calibration::Worth;
pub use published::{PublishedFinding, published_findings};
pub use record::{Fact, FaultFound, PlantFound, PublishedFound, Ranked, Record, RunResult, Scored};
pub use runner::{Benchmark, Ended, Told};
pub use scenario::{Scenario, Source, real_datasets, scenarios};
pub use summary::{Bar, Interval, RealRow, Row, Share, Summary, summarise};
pub use tasks::{Task, TaskRow, TasksSummary, read_tasks, score_tasks};
