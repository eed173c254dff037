//! What a comparison of two runs holds.

use serde::Serialize;

use crate::agent::retrace::Rule;
use crate::discovery::{Archetype, Grade};

/// Two runs side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The two runs.
    pub runs: [OneRun; 2],
    /// Settings, versions and packs that differ.
    pub settings: Vec<SettingDifference>,
    /// What was read.
    pub inputs: Inputs,
    /// Hypotheses both have.
    pub overlap: Overlap,
    /// How well effects agree, per comparison and kind of test that both runs made.
    pub effects: Vec<Concordance>,
    /// What one run found and the other did not.
    pub disagreements: Vec<Disagreement>,
}

/// A run in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OneRun {
    /// Its identifier.
    pub id: String,
    /// Its dataset.
    pub dataset: String,
    /// Samples.
    pub samples: usize,
    /// Features of its main assay.
    pub features: usize,
    /// Objectives pursued.
    pub objectives: Vec<String>,
    /// Hypotheses by grade: supported, suggestive, exploratory, contradicted.
    pub hypotheses: [usize; 4],
}

/// A setting that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingDifference {
    /// Its name.
    pub key: String,
    /// In the first run; absent where it is not set there.
    pub first: Option<String>,
    /// In the second run.
    pub second: Option<String>,
}

/// What the runs read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inputs {
    /// Whether the input is the same, byte for byte.
    pub same_content: bool,
    /// Files with the same hash in both.
    pub same_files: Vec<String>,
    /// Files of the first run that the second did not read.
    pub only_first: Vec<String>,
    /// Files of the second run that the first did not read.
    pub only_second: Vec<String>,
    /// Sample ids in both.
    pub shared_samples: usize,
    /// Features of the first run's main assay found in the second's.
    pub shared_features: usize,
    /// Comparisons that both made.
    pub shared_objectives: Vec<String>,
    /// Comparisons of the first run alone.
    pub objectives_only_first: Vec<String>,
    /// Comparisons of the second run alone.
    pub objectives_only_second: Vec<String>,
}

/// A hypothesis of the first run and its match in the second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Match {
    /// Ranks in the first and the second run.
    pub ranks: [usize; 2],
    /// Grades in the first and the second run.
    pub grades: [Grade; 2],
    /// The sentence in the first run.
    pub statement: String,
    /// Whether they claim the same to the letter: equal frozen hashes.
    pub same_frozen: bool,
}

/// Hypotheses both runs have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overlap {
    /// Hypotheses with the same frozen hash.
    pub same_frozen: usize,
    /// Further hypotheses of the first run that share a subject, comparison and direction with one of the second.
    pub same_subject: usize,
    /// Hypotheses of the first run alone.
    pub only_first: usize,
    /// Hypotheses of the second run alone.
    pub only_second: usize,
    /// Every match, by the rank in the first run.
    pub matches: Vec<Match>,
}

/// How well the effects of one kind of test agree over everything tested in both runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Concordance {
    /// The objective in either run.
    pub objectives: [String; 2],
    /// The kind of test.
    pub archetype: Archetype,
    /// Subjects tested in both.
    pub n: usize,
    /// Pearson's r of the effects.
    pub r: Option<f64>,
    /// Share with the same sign.
    pub same_sign: f64,
    /// Subjects with BH q ≤ 0.05 in at least one run.
    pub significant: usize,
    /// Share of those with the same sign.
    pub same_sign_significant: Option<f64>,
    /// Mean of second minus first.
    pub mean_difference: f64,
    /// Mean ± 1.96 SD of second minus first (Bland and Altman 1986, doi:10.1016/S0140-6736(86)90837-8).
    pub limits: [f64; 2],
    /// Unit of the effects.
    pub unit: String,
}

/// Something one run found and the other did not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Disagreement {
    /// 1 where the first run found it, 2 where the second did.
    pub found_in: usize,
    /// Its rank and grade there.
    pub rank: usize,
    /// Its grade there.
    pub grade: Grade,
    /// Symbol of the subject.
    pub subject: String,
    /// Its id where it was found.
    pub id: String,
    /// The comparison.
    pub objective: String,
    /// The kind of claim.
    pub archetype: Archetype,
    /// Effect where it was found.
    pub effect: f64,
    /// Effect in the other run, where it was tested there.
    pub other_effect: Option<f64>,
    /// q in the other run.
    pub other_q: Option<f64>,
    /// Why the other run did not find it.
    pub reason: Reason,
    /// The same in words.
    pub words: String,
}

/// Why the other run did not find something.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// The other run never asked.
    NeverAsked,
    /// It is not in the other run's table.
    NotMeasured,
    /// It goes the other way there.
    OtherDirection,
    /// Its q there lies above the level, by less than a factor of three.
    JustAbove,
    /// A rule decided there; `normalisation` names what differs in how values were prepared.
    Rule {
        /// The rule.
        rule: Rule,
        /// How the normalisation differs, where it does and the effect moved.
        normalisation: Option<String>,
    },
}
