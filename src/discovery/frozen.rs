//! Hypotheses frozen by content: a hash over what is claimed, in types, so that a second study tests the very claims of
//! the first and nobody has moved them in between.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Archetype, Claim, Direction, Hypothesis, Objective, Target};

/// What a null leaves out of account and what it holds fixed; its words are made from this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NullModel {
    /// What the subjects are unrelated to under the null.
    pub target: Target,
    /// Covariates that are adjusted for, sorted.
    pub given: Vec<String>,
    /// The variable that names blocks (pairs, donors).
    pub blocks: Option<String>,
    /// Conditions `variable=level` that every sample fulfils, sorted.
    pub within: Vec<String>,
}

impl NullModel {
    /// The null of the tests of an objective.
    pub fn of(objective: &Objective) -> Self {
        let sorted = |list: &[String]| {
            let mut list = list.to_vec();
            list.sort();
            list
        };
        Self {
            target: objective.target.clone(),
            given: sorted(&objective.covariates),
            blocks: objective.blocking.clone(),
            within: sorted(&objective.within),
        }
    }
}

/// A hypothesis as frozen when it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Frozen {
    /// BLAKE3, hexadecimal, of archetype, claims (subject, relation, object, direction; without numbers, names and order)
    /// and null. Words, ranks, grades and numbers do not enter it.
    pub hash: String,
    /// The null in types.
    pub null: NullModel,
}

impl Frozen {
    /// Freezes claims under a null.
    pub fn new(archetype: Archetype, claims: &[Claim], null: NullModel) -> Self {
        Self {
            hash: hash(archetype, claims, &null),
            null,
        }
    }
}

impl Hypothesis {
    /// Whether the record still claims what was frozen; no where it was never frozen.
    pub fn is_as_frozen(&self) -> bool {
        self.frozen
            .as_ref()
            .is_some_and(|f| f.hash == hash(self.archetype, &self.claims, &f.null))
    }
}

/// Every part with its length before it, so that no two lists of parts give the same bytes.
struct Parts(blake3::Hasher);

impl Parts {
    fn add(&mut self, part: &str) {
        self.0.update(&(part.len() as u64).to_le_bytes());
        self.0.update(part.as_bytes());
    }

    fn list(&mut self, items: &[String]) {
        self.0.update(&(items.len() as u64).to_le_bytes());
        for item in items {
            self.add(item);
        }
    }
}

fn hash(archetype: Archetype, claims: &[Claim], null: &NullModel) -> String {
    let mut parts = Parts(blake3::Hasher::new());
    parts.add("proteus frozen hypothesis 1");
    parts.add(&word(&archetype));
    let mut lines: Vec<[String; 6]> = claims
        .iter()
        .map(|c| {
            [
                word(&c.subject.kind),
                c.subject.id.clone(),
                word(&c.relation),
                word(&c.object.kind),
                c.object.id.clone(),
                direction(c.direction).to_owned(),
            ]
        })
        .collect();
    lines.sort();
    lines.dedup();
    for line in &lines {
        parts.list(line);
    }
    match &null.target {
        Target::Contrast { contrast } => parts.list(&["contrast".to_owned(), contrast.clone()]),
        Target::Levels { variable } => parts.list(&["levels".to_owned(), variable.clone()]),
        Target::Continuous { variable } => parts.list(&["continuous".to_owned(), variable.clone()]),
        Target::Course { variable } => parts.list(&["course".to_owned(), variable.clone()]),
        Target::Trend { variable } => parts.list(&["trend".to_owned(), variable.clone()]),
        Target::Partner { assay } => parts.list(&["partner".to_owned(), assay.clone()]),
        Target::Structure => parts.list(&["structure".to_owned()]),
    }
    parts.list(&null.given);
    parts.list(null.blocks.as_slice());
    parts.list(&null.within);
    parts.0.finalize().to_hex().to_string()
}

/// The name of a unit variant as it is stored.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Higher => "higher",
        Direction::Lower => "lower",
        Direction::Undirected => "undirected",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::{Entity, EntityKind, FindingId, Relation};

    fn claim(subject: &str, symbol: &str, direction: Direction, value: f64) -> Claim {
        Claim {
            subject: Entity::new(EntityKind::Protein, subject, symbol),
            relation: Relation::DiffersBetween.directed(value),
            object: Entity::new(EntityKind::SampleGroup, "condition:T-N", "T"),
            direction,
            value,
            unit: "log2 fold change".to_owned(),
            finding: FindingId(format!("s/t/{subject}")),
        }
    }

    fn null(given: &[&str]) -> NullModel {
        NullModel {
            target: Target::Contrast {
                contrast: "condition:T-N".to_owned(),
            },
            given: given.iter().map(|s| (*s).to_owned()).collect(),
            blocks: None,
            within: Vec::new(),
        }
    }

    fn frozen(claims: &[Claim], given: &[&str]) -> String {
        Frozen::new(Archetype::DifferentialProtein, claims, null(given)).hash
    }

    #[test]
    fn words_numbers_and_order_do_not_enter_and_everything_claimed_does() {
        let (a, b) = (
            claim("P1", "A", Direction::Higher, 1.0),
            claim("P2", "B", Direction::Higher, 2.0),
        );
        let reference = frozen(&[a.clone(), b.clone()], &["batch"]);
        assert_eq!(reference.len(), 64);
        let renamed = claim("P1", "another name", Direction::Higher, 0.3);
        assert_eq!(frozen(&[b.clone(), renamed], &["batch"]), reference);
        let opposite = claim("P1", "A", Direction::Lower, -1.0);
        for other in [
            frozen(&[a.clone(), b.clone()], &[]),
            frozen(std::slice::from_ref(&a), &["batch"]),
            frozen(&[opposite, b.clone()], &["batch"]),
        ] {
            assert_ne!(other, reference);
        }
        let levels = NullModel {
            target: Target::Levels {
                variable: "condition:T-N".to_owned(),
            },
            ..null(&["batch"])
        };
        let other = Frozen::new(
            Archetype::DifferentialProtein,
            &[a.clone(), b.clone()],
            levels,
        );
        assert_ne!(other.hash, reference);
        let other = Frozen::new(Archetype::DetectionSwitch, &[a, b], null(&["batch"]));
        assert_ne!(other.hash, reference);
    }
}
