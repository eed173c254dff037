//! The review room: people score hypotheses, and what they say is kept beside the run.
//!
//! A [`Review`] is what one person says of one hypothesis: five axes from 1 to 5 with reasons, a decision, a flag, a comment,
//! proposals. [`ReviewStore`] keeps them; [`room`] serves them to browsers, [`terminal`] asks line by line, [`sheet`] writes and
//! reads CSV, [`preferences`] gives pairs to train scorers with, [`agreement`] says how far reviewers agree.
//!
//! On disk, in `reviews/` of a run folder, the only part of a run that is written here:
//!
//! | path | content |
//! |---|---|
//! | `<reviewer>.jsonl` | one [`Entry`] per line, append-only: entered, submitted, withdrawn, unblinded |
//! | `<reviewer>.drafts.json` | what was typed and not submitted; replaced whole |
//! | `taken-up.yaml` | every proposal of a review and what became of it ([`TakenUp`]); replaced whole |
//! | `.lock` | held with an operating-system lock while anything here is written |
//!
//! Invariants: an entry counts once it is whole and synced; nothing is ever changed or removed, a withdrawal is an entry of
//! its own; the same review with the same idempotency key is entered once; a review names its hypothesis by id and by the hash over its claims, so
//! that it is found again for the same claim of another run.

pub mod agreement;
mod comparisons;
mod error;
mod journal;
mod order;
pub mod preferences;
mod proposals;
mod record;
mod reviewed_run;
mod reviewer;
pub mod room;
pub mod sheet;
mod store;
pub mod terminal;

pub use error::ReviewError;
pub use journal::{Entry, Event, FORMAT, Submission, Via};
pub use order::reading_order;
pub use proposals::{Outcome, Proposal, ProposalKind, TakenUp, proposals, wordings};
pub use record::{Axis, AxisReview, Decision, Fault, MOST_CHARACTERS, Review, Subject};
pub use reviewed_run::ReviewedRun;
pub use reviewer::{ReviewerName, file_name};
pub use store::{Draft, Drafts, Kept, ReviewStore, Reviewer};
