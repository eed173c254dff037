//! Attacks on drafts: other reasonable analyses, other explanations, single samples, weak measurements.

pub mod alternatives;
pub mod circularity;
pub mod contamination;
pub mod influence;
pub mod leave_out;
pub mod measurement;
pub mod multiverse;
pub mod random_lists;
pub mod rows;
pub mod structure;
pub mod variations;
