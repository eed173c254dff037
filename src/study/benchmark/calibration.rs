//! What a grade and a score are worth: the share of true hypotheses at each, over planted experiments.

use std::collections::BTreeMap;

use serde::Serialize;

use super::record::{Record, RunResult, Scored};
use super::scenario::{Scenario, Source};
use super::summary::Share;
use crate::discovery::Grade;

/// Names of the axes in the order of [`Scored::axes`].
const AXES: [&str; 5] = [
    "reliability",
    "coherence",
    "alignment",
    "novelty",
    "evaluability",
];

/// Hypotheses of one grade, or of one score on one axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Worth {
    /// `grade`, or the axis.
    pub of: String,
    /// The grade, or the score; `not assessed` where the axis was not.
    pub value: String,
    /// True ones of all.
    pub right: Share,
}

/// Share of true hypotheses per grade and per score of every axis, over the simulated scenarios in which something is true and
/// nothing is wrong with the study: a fault is there to be flagged, not to be scored.
pub fn worth(scenarios: &[Scenario], records: &[Record]) -> Vec<Worth> {
    let counted = |record: &&Record| {
        scenarios
            .iter()
            .find(|s| s.name == record.scenario)
            .is_some_and(|s| matches!(s.source, Source::Simulated { .. }) && !s.is_null())
            && record.result.as_ref().is_some_and(|r| r.faults.is_empty())
    };
    let mut counts: BTreeMap<(usize, String), (usize, usize)> = BTreeMap::new();
    let hypotheses = records
        .iter()
        .filter(counted)
        .filter_map(|r| r.result.as_ref())
        .flat_map(|r: &RunResult| &r.hypotheses);
    for hypothesis in hypotheses {
        let Some(truth) = hypothesis.truth else {
            continue;
        };
        for (place, value) in values(hypothesis) {
            let (right, all) = counts.entry((place, value)).or_default();
            *right += usize::from(truth);
            *all += 1;
        }
    }
    counts
        .into_iter()
        .map(|((place, value), (right, all))| Worth {
            of: match place.checked_sub(1) {
                None => "grade".to_owned(),
                Some(axis) => AXES[axis].to_owned(),
            },
            // The digit that sorts grades is for sorting only.
            value: value
                .trim_start_matches(|c: char| place == 0 && c.is_ascii_digit())
                .to_owned(),
            right: Share::new(right, all),
        })
        .collect()
}

/// Where a hypothesis counts: its grade first, then its score on every axis.
fn values(hypothesis: &Scored) -> Vec<(usize, String)> {
    let order = match hypothesis.grade {
        Grade::Supported => 0,
        Grade::Suggestive => 1,
        Grade::Exploratory => 2,
        Grade::Contradicted => 3,
    };
    let score = |axis: &Option<u8>| match axis {
        Some(score) => score.to_string(),
        None => "not assessed".to_owned(),
    };
    let mut all = vec![(0, format!("{order}{}", hypothesis.grade.word()))];
    all.extend(
        hypothesis
            .axes
            .iter()
            .enumerate()
            .map(|(k, axis)| (k + 1, score(axis))),
    );
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::Archetype;
    use crate::study::{Plant, PlantKind, TwoArms};

    #[test]
    fn shares_are_counted_over_planted_experiments_without_faults() {
        let scenario = |name: &str, kinds: &[PlantKind]| Scenario {
            name: name.to_owned(),
            source: Source::Simulated {
                design: TwoArms {
                    control: 3,
                    treated: 3,
                },
                plants: kinds.iter().copied().map(Plant::usual).collect(),
                module_correlation: None,
            },
        };
        let scored = |grade, truth, reliability| Scored {
            archetype: Archetype::DifferentialProtein,
            object: "condition".to_owned(),
            grade,
            q: 0.01,
            evidence: 5.0,
            truth: Some(truth),
            associations: Some((1, usize::from(!truth))),
            axes: [Some(reliability), None, None, None, None],
            statement: None,
        };
        let record = |scenario: &str| Record {
            program: "0".to_owned(),
            scenario: scenario.to_owned(),
            settings: String::new(),
            seed: 1,
            failed: None,
            result: Some(RunResult {
                hypotheses: vec![
                    scored(Grade::Exploratory, false, 1),
                    scored(Grade::Supported, true, 5),
                    scored(Grade::Supported, false, 5),
                ],
                ..RunResult::default()
            }),
        };
        let scenarios = [
            scenario("planted", &[PlantKind::Protein]),
            scenario("null", &[]),
        ];
        let found = worth(&scenarios, &[record("planted"), record("null")]);
        let of = |of: &str, value: &str| {
            let row = found.iter().find(|w| w.of == of && w.value == value);
            row.map(|w| (w.right.count, w.right.of))
        };
        assert_eq!(of("grade", "supported"), Some((1, 2)));
        assert_eq!(of("grade", "exploratory"), Some((0, 1)));
        assert_eq!(of("reliability", "5"), Some((1, 2)));
        assert_eq!(of("novelty", "not assessed"), Some((1, 3)));
        assert_eq!(found[0].value, "supported");
    }
}
