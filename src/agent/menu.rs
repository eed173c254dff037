//! The menu: every stratum (objective × archetype × assay) with its members, fixed and journaled before any
//! label-dependent result is seen. What is not on the menu can only be `exploratory`.

use indexmap::IndexMap;
use proteus_stats::error_rate::Counting;
use serde::{Deserialize, Serialize};

use crate::dataset::Molecule;
use crate::discovery::{Archetype, ObjectiveId};
use crate::tool::{Answer, NullScheme};

use super::chains::Edge;

/// One stratum of the menu.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Stratum {
    /// `objective / archetype / assay`.
    pub id: String,
    /// Place of the objective among those pursued.
    pub pursuit: usize,
    /// The objective.
    pub objective: ObjectiveId,
    /// What it asks, whatever the assay: strata of several assays may ask the same.
    #[serde(default)]
    pub question: String,
    /// The archetype.
    pub archetype: Archetype,
    /// The assay it is asked of.
    #[serde(default)]
    pub assay: String,
    /// What that assay measures.
    #[serde(default)]
    pub molecule: Molecule,
    /// The step whose table holds the answers.
    pub step: String,
    /// The tool of that step.
    pub tool: String,
    /// Where the answers stand.
    pub answer: Answer,
    /// Members in order, by key.
    pub members: Vec<String>,
    /// How decoys are made, in words.
    pub decoys: String,
    /// The null in words.
    pub null: String,
    /// Distinct relabellings, where labels are exchanged.
    pub relabellings: Option<f64>,
    /// Whether decoys rest on normal residuals.
    pub rests_on_normality: bool,
    /// Smallest p its test can give, known before any result: 0 where decoys are drawn as needed.
    #[serde(default)]
    pub smallest_p: f64,
    /// Whether its members are only those that a question in words names.
    #[serde(default)]
    pub limited: bool,
    /// Why the stratum is not charged to the menu and nothing of it can be graded; none = it is on the menu.
    pub off_menu: Option<String>,
    /// Residual degrees of freedom of a complete row; none where the question has no linear model.
    pub residual_df: Option<usize>,
    /// Samples in reference and target arm, where there are two.
    pub arm_sizes: Option<(usize, usize)>,
    /// What it has of the strata charged, where its objective was spawned after a look: a part of the slots reserved for such. None
    /// where it was on the menu from the start and has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// The measured edges of a chain, in order; empty for everything else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<Edge>,
}

/// Members of a stratum by key.
pub fn index(members: &[String]) -> IndexMap<&str, usize> {
    members
        .iter()
        .enumerate()
        .map(|(i, key)| (key.as_str(), i))
        .collect()
}

impl Stratum {
    /// Whether it joins edges that other strata measure.
    pub fn is_chain(&self) -> bool {
        !self.edges.is_empty()
    }

    /// Its weight in the selection across strata.
    pub fn weight(&self) -> f64 {
        self.share.unwrap_or(1.0)
    }

    /// How its decoys are counted.
    pub fn counting(&self) -> Counting {
        Counting::for_stratum(self.members.len(), self.answer.pivotal)
    }

    /// Which null its decoys obey.
    pub fn null_scheme(&self) -> NullScheme {
        self.answer.null
    }

    /// Whether its claims can come to `level` at all. A stratum that cannot is not charged there: this is decided without a
    /// look at the labels, so leaving it out costs the others nothing (Tarone 1990, doi:10.2307/2531456).
    pub fn can_reach(&self, level: f64) -> bool {
        self.off_menu.is_none() && self.smallest_p * self.members.len() as f64 <= level
    }

    /// Scores in menu order from scores by key; members without one, and keys that are not on the menu, count as
    /// untested.
    pub fn in_menu_order(&self, scores: &[(String, f64)]) -> Vec<f64> {
        let position = index(&self.members);
        let mut ordered = vec![f64::NAN; self.members.len()];
        for (key, score) in scores {
            if let Some(&i) = position.get(key.as_str()) {
                ordered[i] = *score;
            }
        }
        ordered
    }
}

/// Strata of the first generation that can come to `level`.
fn of_first_generation(strata: &[Stratum], level: f64) -> usize {
    let first = |s: &&Stratum| s.share.is_none() && s.can_reach(level);
    strata.iter().filter(first).count()
}

/// Strata charged in the correction across strata at `level`: those of the first generation that can come to it, plus a fifth for
/// objectives spawned later, which share it out; at least one. What is spawned changes nothing of it.
pub fn charged(strata: &[Stratum], level: f64) -> usize {
    let on_menu = of_first_generation(strata, level);
    ((on_menu as f64 * 1.2).ceil() as usize).max(1)
}

/// Of the strata [`charged`], the slots that spawned objectives share. There are at least as many at a higher level, where no fewer
/// strata are charged.
pub fn reserved(strata: &[Stratum], level: f64) -> usize {
    charged(strata, level) - of_first_generation(strata, level)
}
