//! What reviewers propose: questions to ask of the data and other wordings; and the record of what became of each.

use serde::{Deserialize, Serialize};

use super::record::Subject;
use super::store::ReviewStore;
use super::{ReviewError, ReviewedRun};
use crate::discovery::Hypothesis;
use crate::report::ReviewerWording;

/// What is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalKind {
    /// A question that should be asked of the data.
    Question,
    /// How a statement should read instead.
    Wording,
}

/// Something a reviewer proposed in a submitted review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Who.
    pub reviewer: String,
    /// Place of the review in the reviewer's journal.
    pub submission: u64,
    /// The hypothesis it was said about.
    pub hypothesis: Subject,
    /// What is proposed.
    pub kind: ProposalKind,
    /// The question or the wording.
    pub text: String,
    /// Why it is not to be taken up any more; none where it stands.
    pub void: Option<&'static str>,
}

/// A proposal and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenUp {
    /// Who proposed it.
    pub reviewer: String,
    /// Place of the review in the reviewer's journal.
    pub submission: u64,
    /// What is proposed.
    pub kind: ProposalKind,
    /// The hypothesis it was said about, with our sentence.
    pub hypothesis: Subject,
    /// The reviewer's question or wording.
    pub proposed: String,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The question was asked in a run of its own.
    FollowUp {
        /// That run.
        run: String,
    },
    /// The wording stands beside ours, which stays as it is: only our own sentence is held to the evidence.
    BesideOurs,
    /// It was not taken up.
    NotTakenUp {
        /// Why.
        reason: String,
    },
}

/// Everything that was proposed about a run, by reviewer and in the order it was submitted; withdrawn and replaced reviews
/// included, so that nothing that was proposed goes unanswered.
///
/// # Errors
/// A journal cannot be read.
pub fn proposals(run: &ReviewedRun) -> Result<Vec<Proposal>, ReviewError> {
    let mut found = Vec::new();
    for reviewer in run.store.reviewers()? {
        let standing = reviewer.all_standing();
        for submission in reviewer.submissions() {
            let stands = standing.iter().any(|s| s.seq == submission.seq);
            let void = match (stands, submission.withdrawn) {
                (true, _) => None,
                (false, Some(_)) => Some("the review was withdrawn"),
                (false, None) => Some("a later review of the same hypothesis replaced it"),
            };
            for (kind, text) in [
                (ProposalKind::Question, &submission.review.proposed_question),
                (ProposalKind::Wording, &submission.review.proposed_statement),
            ] {
                if !text.is_empty() {
                    found.push(Proposal {
                        reviewer: reviewer.name.clone(),
                        submission: submission.seq,
                        hypothesis: submission.subject.clone(),
                        kind,
                        text: text.clone(),
                        void,
                    });
                }
            }
        }
    }
    Ok(found)
}

/// The wordings that stand beside ours, for the report of a run with these hypotheses; what is said of other claims is left
/// out.
///
/// # Errors
/// The record of what became of proposals cannot be read.
pub fn wordings(
    store: &ReviewStore,
    hypotheses: &[Hypothesis],
) -> Result<Vec<ReviewerWording>, ReviewError> {
    let taken_up = store.taken_up()?.into_iter();
    let beside_ours = taken_up
        .filter(|one| one.kind == ProposalKind::Wording && one.outcome == Outcome::BesideOurs);
    let subjects: Vec<Subject> = hypotheses.iter().map(Subject::of).collect();
    let found = beside_ours.filter_map(|one| {
        let same = |subject: &&Subject| subject.is_same_claim(&one.hypothesis);
        Some(ReviewerWording {
            hypothesis: subjects.iter().find(same)?.id.clone(),
            reviewer: one.reviewer,
            text: one.proposed,
        })
    });
    Ok(found.collect())
}

impl Proposal {
    /// The record of what became of it.
    pub fn with(self, outcome: Outcome) -> TakenUp {
        TakenUp {
            reviewer: self.reviewer,
            submission: self.submission,
            kind: self.kind,
            hypothesis: self.hypothesis,
            proposed: self.text,
            outcome,
        }
    }
}
