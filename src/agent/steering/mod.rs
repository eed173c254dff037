//! Steering: what a person decides before anything label-dependent is computed.
//!
//! A [`PlanDocument`] is every planned graph of a dataset as YAML that people read and change; [`approve`] holds a changed
//! one to the same checks as any plan and to those that keep the error rate: decoys are made from what the *objective* says
//! it compares and adjusts for, so that no step may say otherwise, and no question is tested twice. What is approved takes
//! the place of the rules' own plans before the menu is frozen; from there on nothing knows who made a plan, so that decoys
//! replay it as they replay any.
//!
//! An [`Approver`] is asked about every objective after planning and before the menu is frozen: all of them, for a decision
//! taken with the results of one objective in view would choose what the others are charged for.
//!
//! A [`FollowUp`] asks what was proposed after results had been read: a run of its own, capped.

mod applying;
pub(crate) mod approval;
mod changes;
mod document;
mod fault;
mod follow_up;
mod holding;
mod places;
mod writing;

pub use applying::{Approved, Carried, approve};
pub use approval::{Approver, Choice, Decided, Proposal, Unattended, waits_for_approval};
pub use document::{AskedFor, PlanDocument, PlanFile, PlannedData, PlannedObjective, Proposed};
pub use fault::{PlanFault, PlanFileError};
pub use follow_up::FollowUp;
pub use writing::{Writing, document_text};
