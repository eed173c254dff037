//! Corrupted twins: a hypothesis with one thing made wrong, by which judges are tested.

use super::facts::HypothesisFacts;
use crate::discovery::Corruption;

/// What a judge is shown of a hypothesis when it compares two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    claim: String,
    samples: String,
    refuted_by: String,
}

impl Version {
    /// As it is.
    pub fn sound(facts: &HypothesisFacts) -> Self {
        Self {
            claim: facts.statement.clone(),
            samples: facts.samples.clone(),
            refuted_by: facts.refuted_by.clone(),
        }
    }

    /// As it is, with its claim in other words.
    pub fn worded(facts: &HypothesisFacts, claim: &str) -> Self {
        Self {
            claim: claim.to_owned(),
            ..Self::sound(facts)
        }
    }

    /// With one thing made wrong; `stranger` is a name that the evidence does not hold. None where this hypothesis has nothing
    /// of the kind.
    pub fn corrupted(
        facts: &HypothesisFacts,
        corruption: Corruption,
        stranger: Option<&str>,
    ) -> Option<Self> {
        let sound = Self::sound(facts);
        let twin = match corruption {
            Corruption::SignFlipped => Self {
                claim: flipped(&sound.claim)?,
                ..sound.clone()
            },
            Corruption::NameSwapped => {
                let lead = facts.facts.first()?;
                Self {
                    claim: sound.claim.replacen(&lead.subject, stranger?, 1),
                    ..sound.clone()
                }
            }
            Corruption::Overclaimed => {
                let lead = facts.facts.first()?;
                let end = sound.claim.trim_end_matches('.');
                Self {
                    claim: format!("{end}, which proves that {} causes it.", lead.subject),
                    ..sound.clone()
                }
            }
            Corruption::Untestable => Self {
                refuted_by:
                    "no outcome of any experiment; it may act in ways that cannot be measured"
                        .to_owned(),
                ..sound.clone()
            },
            Corruption::WrongCount => Self {
                samples: more_samples(&sound.samples)?,
                ..sound.clone()
            },
        };
        (twin != sound).then_some(twin)
    }

    /// As it is shown.
    pub fn shown(&self) -> String {
        format!(
            "{} Samples: {}. Refuted by: {}",
            self.claim, self.samples, self.refuted_by
        )
    }
}

/// Words and signs that tell a direction, and their opposites.
const OPPOSITES: [(&str, &str); 9] = [
    ("more abundant", "less abundant"),
    ("more often", "less often"),
    ("higher", "lower"),
    ("rises", "falls"),
    ("rise ", "fall "),
    ("gained", "lost"),
    ("increases", "decreases"),
    ("(+", "(−"),
    (" +", " −"),
];

/// The other way round; none where nothing tells a direction.
fn flipped(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    let mut turned = false;
    'next: while let Some(c) = rest.chars().next() {
        for (a, b) in OPPOSITES {
            for (from, to) in [(a, b), (b, a)] {
                if let Some(after) = rest.strip_prefix(from) {
                    out.push_str(to);
                    turned |= from.trim().chars().any(char::is_alphabetic);
                    rest = after;
                    continue 'next;
                }
            }
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    turned.then_some(out)
}

/// Every count ten times as large; none where there is none.
fn more_samples(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut changed = false;
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        match word.parse::<u64>() {
            Ok(n) if n > 0 => {
                out.push_str(&(n * 10).to_string());
                changed = true;
            }
            _ => out.push_str(word),
        }
        if words.peek().is_some() {
            out.push(' ');
        }
    }
    changed.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> HypothesisFacts {
        HypothesisFacts {
            statement: "SQSTM1 is more abundant in Ubi4 than in Ctrl (log2 fold change +3.81)."
                .to_owned(),
            question: String::new(),
            target: "Ubi4".to_owned(),
            reference: "Ctrl".to_owned(),
            facts: vec![super::super::facts::Fact {
                subject: "SQSTM1".to_owned(),
                kind: "protein",
                direction: "higher",
                effect: "+3.81".to_owned(),
                unit: "log2 fold change".to_owned(),
            }],
            more: 0,
            sets: Vec::new(),
            grade: "supported",
            q: "0.012".to_owned(),
            samples: "3 in Ubi4, 3 in Ctrl".to_owned(),
            held: String::new(),
            cautions: Vec::new(),
            rivals: Vec::new(),
            refuted_by: "no change in Western blots".to_owned(),
            next: String::new(),
        }
    }

    #[test]
    fn each_twin_differs_in_one_thing() {
        let facts = facts();
        let sound = Version::sound(&facts).shown();
        let twin = |c| Version::corrupted(&facts, c, Some("TP53")).map(|v| v.shown());
        for corruption in Corruption::ALL {
            assert_ne!(twin(corruption), Some(sound.clone()), "{corruption:?}");
        }
        let flipped = twin(Corruption::SignFlipped).unwrap_or_default();
        assert!(
            flipped
                .contains("SQSTM1 is less abundant in Ubi4 than in Ctrl (log2 fold change −3.81)")
        );
        assert!(
            twin(Corruption::NameSwapped)
                .unwrap_or_default()
                .starts_with("TP53 is more")
        );
        assert!(
            twin(Corruption::WrongCount)
                .unwrap_or_default()
                .contains("30 in Ubi4, 30 in Ctrl")
        );
        assert!(Version::corrupted(&facts, Corruption::NameSwapped, None).is_none());
    }
}
