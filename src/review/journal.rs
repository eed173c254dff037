//! The journal of one reviewer: what was submitted and withdrawn, in order.

use serde::{Deserialize, Serialize};

use super::record::{Review, Subject};

/// The format this version writes and reads.
pub const FORMAT: u32 = 1;

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Place in the journal, from 0 without gaps.
    pub seq: u64,
    /// Wall time (UTC); for people.
    pub at: jiff::Timestamp,
    /// Chosen by whoever sent it: the same review with the same key is not entered twice.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// How a review came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// A browser.
    Room,
    /// Line by line.
    Terminal,
    /// A CSV file.
    Sheet,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The reviewer came for the first time; the first entry of every journal.
    Entered {
        /// [`FORMAT`].
        format: u32,
        /// Name.
        reviewer: String,
        /// The run.
        run: String,
        /// Whether grades and scores are hidden.
        blinded: bool,
    },
    /// The reviewer asked to see grades and scores from now on; there is no way back.
    Unblinded,
    /// A review was submitted.
    Submitted {
        /// What it is about.
        hypothesis: Subject,
        /// What it says.
        review: Box<Review>,
        /// Whether the reviewer had seen neither the engine's grade and scores nor those of others.
        blinded: bool,
        /// How it came in.
        via: Via,
    },
    /// A submission was taken back; the one before it, if any, stands again.
    Withdrawn {
        /// Its place in the journal.
        submission: u64,
    },
}

/// A submitted review with what became of it.
#[derive(Debug, Clone)]
pub struct Submission<'a> {
    /// Place in the journal.
    pub seq: u64,
    /// When.
    pub at: jiff::Timestamp,
    /// What it is about.
    pub subject: &'a Subject,
    /// What it says.
    pub review: &'a Review,
    /// Whether it was made without sight of grades and scores.
    pub blinded: bool,
    /// How it came in.
    pub via: Via,
    /// When it was withdrawn.
    pub withdrawn: Option<jiff::Timestamp>,
}

/// Every submission, in order.
pub(super) fn submissions(entries: &[Entry]) -> Vec<Submission<'_>> {
    let mut found: Vec<Submission<'_>> = Vec::new();
    for entry in entries {
        match &entry.event {
            Event::Submitted {
                hypothesis,
                review,
                blinded,
                via,
            } => found.push(Submission {
                seq: entry.seq,
                at: entry.at,
                subject: hypothesis,
                review,
                blinded: *blinded,
                via: *via,
                withdrawn: None,
            }),
            Event::Withdrawn { submission } => {
                let taken_back = found.iter_mut().find(|s| s.seq == *submission);
                if let Some(taken_back) = taken_back {
                    taken_back.withdrawn.get_or_insert(entry.at);
                }
            }
            Event::Entered { .. } | Event::Unblinded => {}
        }
    }
    found
}
