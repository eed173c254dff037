//! Attacks on drafts: other reasonable analyses, other explanations, single samples, weak measurements.

pub mod alternatives;
pub mod influence;
pub mod measurement;
pub mod multiverse;
pub mod variations;
