//! The run store: everything a run did and found, in one folder that can be read, resumed and copied.
//!
//! Layout of a run folder, format 1:
//!
//! | path | content |
//! |---|---|
//! | `run.yaml` | [`RunRecord`]: format, versions, resolved configuration, input hashes |
//! | `run.lock` | process id of the writer; held with an operating-system lock while the run is written |
//! | `journal.jsonl` | one [`JournalEntry`] per transition of the loop, append-only |
//! | `dataset.yaml`, `assays/*.parquet` | what is known of the input; values as read, peptides of rolled-up proteins |
//! | `question.yaml` | where a question in words was asked: what it was taken for, and what was left out |
//! | `codes.yaml` | of a blind run: what each code stands for ([`Key`]); read for nothing but to show names again |
//! | `objectives.yaml` | every objective with its status |
//! | `plan.yaml` | the plan file of a person, as it was given; absent where the rules' plans were carried out |
//! | `plans/<scope>.yaml` | the checked plan of an objective |
//! | `steps/<id>/step.yaml` | [`StepRecord`]: tool, version, parameters, inputs, outputs with hashes, facts, checks, why |
//! | `steps/<id>/*.parquet`, `*.tsv` | outputs of the step |
//! | `decoys/` | scores of decoys, not their tables |
//! | `power/<scope>.<archetype>.parquet` | per member tested: standard error, smallest effect seen with 80 % power |
//! | `ledger.jsonl` | one [`LedgerEntry`] per family of tests run |
//! | `findings.jsonl` | one finding per line |
//! | `hypotheses.yaml` | the hypotheses in rank order |
//! | `llm/` | every exchange with a model, `egress.jsonl` for what left the process; absent without models |
//! | `readings.yaml` | what models added to the results; absent without models |
//! | `literature/` | every question about papers with its answer, `egress.jsonl` for what was sent; absent where none were looked up |
//! | `literature.yaml` | what papers say of the hypotheses; absent where none were looked up |
//! | `strata.yaml`, `members.parquet`, `drafts.yaml` | what was on the menu with its error rates, and what became of every draft |
//! | `audit.yaml`, `calibration.yaml` | checks of the data; how the error rate was measured |
//! | `replication.yaml` | in the folder of a replication: what the second cohort says of each frozen hypothesis |
//! | `report/` | rendered reports |
//! | `reviews/` | what people say of the hypotheses; written by the review room alone, at any time after the run |
//!
//! Beside the runs of one parent folder stands `cache/`, shared by them: outputs of steps by content ([`Cache`]).
//!
//! Invariants: a file is either absent or whole (written beside its place, synced, renamed); the journal and the
//! ledger only grow, and a torn last line is dropped on reading; a run is whole only if its journal ends in
//! `run_finished`; wall time stands in the journal and nowhere else; folders of a newer format are refused.

pub mod atomic;
pub mod cache;
pub mod codes;
pub mod error;
mod garbage;
pub mod hash;
pub mod journal;
pub mod json_lines;
pub mod ledger;
pub mod lock;
pub mod name;
pub mod record;
pub mod step_record;
pub mod store;
pub mod tables;
pub mod view;

pub use cache::Cache;
pub use codes::Key;
pub use error::RunError;
pub use garbage::Garbage;
pub use journal::{Event, JournalEntry};
pub use ledger::{LedgerEntry, Purpose};
pub use name::{slug, unique_slug};
pub use record::{FORMAT, NewRun, RunKind, RunRecord, RunStatus};
pub use step_record::{OutputKind, OutputRecord, StepInput, StepRecord};
pub use store::RunStore;
pub use view::{LITERATURE, MODELS, PAPERS, READINGS, RunView, list_runs, newest_run};
