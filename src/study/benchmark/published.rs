//! Published findings on real datasets, as facts: dataset, comparison, entity, direction, source. The table says what was
//! published; whether a run finds it is counted, never tuned to.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::discovery::{Direction, Hypothesis};

use super::super::truth::Object;

/// The table as written, `published.yaml`.
const TABLE: &str = include_str!("published.yaml");

/// One published finding.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedFinding {
    /// Folder name of the dataset.
    pub dataset: String,
    /// The variable.
    pub variable: String,
    /// The level of the target; none for a number.
    #[serde(default)]
    pub target: Option<String>,
    /// The level of the reference; none for a number.
    #[serde(default)]
    pub reference: Option<String>,
    /// Gene symbols, accessions or names of sets; any one tells the finding.
    pub entities: Vec<String>,
    /// Which way in the target.
    pub direction: Direction,
    /// Where it was published.
    pub source: String,
}

impl PublishedFinding {
    /// The finding in a few words.
    pub fn told(&self) -> String {
        let way = match self.direction {
            Direction::Higher => "higher",
            Direction::Lower => "lower",
            Direction::Undirected => "differs",
        };
        let over = match (&self.target, &self.reference) {
            (Some(target), Some(reference)) => format!("in {target} than in {reference}"),
            _ => format!("with {}", self.variable),
        };
        format!("{} {way} {over}", self.entities.join("/"))
    }

    /// Whether a claim of this hypothesis says it: one of the entities, over this comparison (or the same with all others as
    /// reference, or turned round), in this direction.
    pub fn is_told_by(&self, hypothesis: &Hypothesis) -> bool {
        let levels = self.target.as_deref().zip(self.reference.as_deref());
        hypothesis.claims.iter().any(|claim| {
            let sign = Object::parse(&claim.object.id).sign(&self.variable, levels);
            let right = match sign {
                Some(sign) => {
                    self.direction == Direction::Undirected
                        || claim.direction == turned(self.direction, sign)
                }
                None => false,
            };
            right
                && self.entities.iter().any(|e| {
                    claim.subject.id == *e
                        || claim
                            .subject
                            .symbol
                            .split(';')
                            .any(|s| s.eq_ignore_ascii_case(e))
                })
        })
    }
}

/// A direction, turned round where the sign is negative.
fn turned(direction: Direction, sign: f64) -> Direction {
    match (direction, sign < 0.0) {
        (Direction::Higher, true) => Direction::Lower,
        (Direction::Lower, true) => Direction::Higher,
        (direction, _) => direction,
    }
}

static FINDINGS: LazyLock<Vec<PublishedFinding>> =
    LazyLock::new(|| serde_yaml::from_str(TABLE).unwrap_or_default());

/// All findings, or those of one dataset by folder name.
pub fn published_findings(dataset: Option<&str>) -> Vec<PublishedFinding> {
    FINDINGS
        .iter()
        .filter(|f| dataset.is_none_or(|name| f.dataset == name))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let parsed: Vec<PublishedFinding> =
            serde_yaml::from_str(TABLE).unwrap_or_else(|e| panic!("{e}"));
        assert!(parsed.len() >= 40, "{}", parsed.len());
        let datasets: std::collections::BTreeSet<&str> =
            parsed.iter().map(|f| f.dataset.as_str()).collect();
        assert!(datasets.len() >= 10, "{datasets:?}");
        for finding in &parsed {
            assert!(
                !finding.entities.is_empty() && !finding.source.is_empty(),
                "{finding:?}"
            );
        }
    }
}
