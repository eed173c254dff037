//! How the error rate was measured: the menu's strata with their decoys, and the audit of the whole procedure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Archetype, ObjectiveId};

/// One stratum of the menu (objective × archetype × assay) and what its decoys showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StratumRecord {
    /// `objective / archetype / assay`.
    pub id: String,
    /// The objective.
    pub objective: ObjectiveId,
    /// The archetype.
    pub archetype: Archetype,
    /// Members after label-blind filters, each one test.
    pub members: usize,
    /// Whether decoy scores of all members were pooled.
    pub pooled: bool,
    /// The null in words.
    pub null: String,
    /// How decoys were made, in words.
    pub decoys: String,
    /// Decoys made.
    pub n_decoys: usize,
    /// Distinct relabellings there are; absent where labels are not exchanged.
    pub relabellings: Option<f64>,
    /// Whether further decoys were given up because nothing could come of it.
    pub stopped_for_futility: bool,
    /// Smallest q within the stratum.
    pub min_q: f64,
    /// Smallest q this many decoys can show.
    pub floor: f64,
    /// Whether the stratum was selected (Benjamini–Bogomolov).
    pub selected: bool,
    /// Scores of the target and of the decoys.
    pub histogram: ScoreHistogram,
    /// What the members that did not pass could have shown; absent where no standard error is known.
    #[serde(default)]
    pub detectable: Option<Detectable>,
}

impl StratumRecord {
    /// Evidence score that one more member would have needed to be `supported`; none where that is not known.
    pub fn cut_off(&self) -> Option<f64> {
        let score = -self.detectable.as_ref()?.p.log10();
        score.is_finite().then_some(score)
    }
}

/// What the tests that found nothing could have seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Detectable {
    /// p that one more member would have needed to be `supported`.
    pub p: f64,
    /// Median over the members that did not pass of the smallest effect seen with 80 % power.
    pub median: f64,
    /// Its unit.
    pub unit: String,
    /// Members tested that did not pass.
    pub not_passed: usize,
    /// How many of them would have shown a twofold change.
    pub twofold_excluded: usize,
}

/// Counts of evidence scores S = −log10 p in bins of equal width from 0; the last bin is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreHistogram {
    /// Width of a bin.
    pub bin_width: f64,
    /// Members per bin in the data.
    pub target: Vec<u64>,
    /// Members per bin over all decoys; divide by the number of decoys to compare.
    pub decoy: Vec<u64>,
}

/// The whole procedure run on datasets in which nothing is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecoyAudit {
    /// `supported` hypotheses found in each decoy run.
    pub supported_per_run: Vec<usize>,
    /// Whether so many runs held one that every grade was lowered a step.
    pub grades_lowered: bool,
    /// The result in one sentence.
    pub summary: String,
}

/// Everything measured about the error rate of a run (`calibration.yaml`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Calibration {
    /// Strata of the menu, in its order.
    pub strata: Vec<StratumRecord>,
    /// Strata counted in the correction, those reserved for spawned objectives included.
    pub strata_charged: usize,
    /// Strata selected.
    pub strata_selected: usize,
    /// Tests of the target run in all.
    pub tests_run: usize,
    /// The audit.
    pub audit: DecoyAudit,
    /// What is promised and what is not, one sentence each.
    pub promises: Vec<String>,
}
