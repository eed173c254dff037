//! Rival explanations that the run itself offers for a claim.

use crate::agent::wording;
use crate::discovery::{Archetype, Check, Verdict};

/// What is known around a claim.
pub struct Surroundings<'a> {
    /// Shape of the claim.
    pub archetype: Archetype,
    /// Names of other sets that share its leading members.
    pub overlapping_sets: &'a [String],
    /// Names of complexes and pathways that move the same way with the protein among their leading members.
    pub moving_sets: &'a [String],
    /// Checks that did not pass, on the dataset or on the contrast.
    pub checks: &'a [Check],
    /// Variables of the sheet that go along with the tested one and are not in the model, with the measure.
    pub entangled: &'a [String],
    /// Whether the variable was varied by the experimenter rather than recorded.
    pub designed: bool,
    /// Whether the samples are tissue or body fluid of people, where cell composition differs.
    pub composition_may_differ: bool,
}

/// Rivals in words, the most specific first, at most five.
pub fn rivals(around: &Surroundings<'_>) -> Vec<String> {
    let mut rivals = Vec::new();
    if !around.entangled.is_empty() {
        rivals.push(format!(
            "{} goes along with the tested variable in these samples and is not in the model",
            wording::list(around.entangled)
        ));
    }
    if !around.overlapping_sets.is_empty() {
        rivals.push(format!(
            "the same proteins also belong to {}",
            wording::list(around.overlapping_sets)
        ));
    }
    if !around.moving_sets.is_empty() {
        rivals.push(format!(
            "a change of {} as a whole rather than of this protein",
            wording::list(around.moving_sets)
        ));
    }
    for check in around
        .checks
        .iter()
        .filter(|c| c.verdict != Verdict::Pass)
        .take(2)
    {
        rivals.push(format!("a data-quality problem: {}", check.reason));
    }
    if around.composition_may_differ {
        rivals.push(
            "a different mixture of cell types in the samples, rather than a change within cells"
                .to_owned(),
        );
    }
    if !around.designed {
        rivals
            .push("a cause common to both, since the variable was recorded and not set".to_owned());
    } else if matches!(
        around.archetype,
        Archetype::PathwayShift | Archetype::ComplexShift
    ) {
        rivals.push(
            "a change in a few abundant members rather than in the set as a whole".to_owned(),
        );
    } else {
        rivals.push("an indirect effect, several steps downstream of what was varied".to_owned());
    }
    rivals.truncate(5);
    rivals
}
