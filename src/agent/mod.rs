//! The agent: from a dataset to graded hypotheses, as one journaled state machine.
//!
//! ingest → describe → propose objectives → plan (label-blind steps) → (a person approves) → freeze plans and the menu → execute →
//! (spawn a few objectives from a list frozen with the menu: plan, freeze, execute) → audit → draw decoys → judge → draft → attack → grade → fold duplicates → rank → (look papers up) → score → (models read).
//! Every state has a rule-only variant, the default; what models may do beside it is in [`reasoning`]. Resuming runs the same states again:
//! finished steps come from the cache, counted decoys from their files, answers of models and of libraries from the record, and everything else is
//! deterministic, so the result is the same bytes.

pub mod align;
pub mod answers;
pub mod attack;
pub mod chains;
pub mod compose;
pub mod counting;
pub mod decoys;
pub mod draft;
pub mod error;
pub mod examine;
pub mod experiment;
pub mod fates;
pub mod generations;
pub mod grade;
pub mod interpret;
pub mod menu;
pub mod menu_making;
pub mod network;
pub mod observer;
pub mod own_gene;
pub mod panels;
pub mod papers;
pub mod planning;
pub mod power;
pub mod propose;
pub mod pursuit;
pub mod reasoning;
pub mod retrace;
pub mod scheme;
pub mod score;
pub mod select;
pub mod session;
mod standing;
pub mod steering;
pub mod switches;
pub mod verdicts;
pub mod wording;
pub mod writing;

pub use error::AgentError;
pub use observer::{Observer, Quiet, Stage};
pub use session::{Outcome, Request, Resources, Session, Steering};
