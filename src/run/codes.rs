//! Codes for names: what a blind run writes in place of genes, proteins and sets, and the key to it.

use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_yaml::Value;

/// File of the key in a run folder.
pub(super) const FILE: &str = "codes.yaml";

/// Fields whose texts are words of ours, not names.
const WORDS: [&str; 8] = [
    "kind",
    "relation",
    "direction",
    "grade",
    "archetype",
    "fate",
    "code",
    "unit",
];

/// Code → name. Written once, when a blind run ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Codebook {
    names: BTreeMap<String, String>,
}

impl Codebook {
    /// Codes for `names`, `prefix` and a number each; the numbers follow a hash of seed and name, so that they say nothing
    /// of the name and are the same in every run of the same seed.
    pub fn add(&mut self, prefix: &str, names: impl IntoIterator<Item = String>, seed: u64) {
        let mut hashed: Vec<(String, String)> = names
            .into_iter()
            .filter(|name| !name.is_empty())
            .map(|name| {
                let hash = blake3::hash(format!("code {seed} {name}").as_bytes());
                (hash.to_hex().to_string(), name)
            })
            .collect();
        hashed.sort();
        hashed.dedup();
        for (place, (_, name)) in hashed.into_iter().enumerate() {
            self.names.insert(format!("{prefix}{:05}", place + 1), name);
        }
    }

    /// Whether there is no code.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The same value with names replaced by codes in every text of it, keys of maps left alone. Names are replaced where
    /// they stand as whole words; longer ones first.
    ///
    /// # Errors
    /// The value cannot be expressed as YAML.
    pub fn hide<T: Serialize + DeserializeOwned>(&self, value: &T) -> Result<T, serde_yaml::Error> {
        let codes: HashMap<&str, &str> = self
            .names
            .iter()
            .rev()
            .map(|(code, name)| (name.as_str(), code.as_str()))
            .collect();
        self.through(value, &codes)
    }

    /// The same value with codes replaced by names.
    ///
    /// # Errors
    /// The value cannot be expressed as YAML.
    pub fn reveal<T: Serialize + DeserializeOwned>(
        &self,
        value: &T,
    ) -> Result<T, serde_yaml::Error> {
        let names: HashMap<&str, &str> = self
            .names
            .iter()
            .map(|(code, name)| (code.as_str(), name.as_str()))
            .collect();
        self.through(value, &names)
    }

    fn through<T: Serialize + DeserializeOwned>(
        &self,
        value: &T,
        table: &HashMap<&str, &str>,
    ) -> Result<T, serde_yaml::Error> {
        let mut longest = 0;
        let mut starts: std::collections::HashSet<char> = std::collections::HashSet::new();
        for name in table.keys() {
            longest = longest.max(name.chars().count());
            starts.extend(name.chars().next());
        }
        // YAML, since JSON has no NaN.
        let mut plain = serde_yaml::to_value(value)?;
        walk(&mut plain, &|text| replaced(text, table, longest, &starts));
        serde_yaml::from_value(plain)
    }
}

fn walk(value: &mut Value, change: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(new) = change(text) {
                *text = new;
            }
        }
        Value::Sequence(items) => items.iter_mut().for_each(|v| walk(v, change)),
        Value::Mapping(map) => map
            .iter_mut()
            .filter(|(key, _)| !key.as_str().is_some_and(|k| WORDS.contains(&k)))
            .for_each(|(_, v)| walk(v, change)),
        _ => {}
    }
}

/// Letters, digits and what joins them within a name.
fn joins(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The text with every name of the table replaced where it stands between characters that are no part of a word; none
/// where there is nothing to replace.
fn replaced(
    text: &str,
    table: &HashMap<&str, &str>,
    longest: usize,
    starts: &std::collections::HashSet<char>,
) -> Option<String> {
    let marks: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut changed = false;
    let mut i = 0;
    while i < chars.len() {
        let at_start = i == 0 || !joins(chars[i - 1]);
        if at_start && starts.contains(&chars[i]) {
            let furthest = (i + longest).min(chars.len());
            let found = (i + 1..=furthest).rev().find_map(|end| {
                let at_end = end == chars.len() || !joins(chars[end]);
                let name = &text[marks[i]..marks[end]];
                at_end
                    .then(|| table.get(name))
                    .flatten()
                    .map(|code| (end, *code))
            });
            if let Some((end, code)) = found {
                out.push_str(code);
                changed = true;
                i = end;
                continue;
            }
        }
        out.push(chars[i]);
        i += 1;
    }
    changed.then_some(out)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    #[test]
    fn names_are_hidden_as_whole_words_and_come_back() {
        let mut codes = Codebook::default();
        let names = ["TP53", "HLA-A", "HLA-A-2", "nuclear pore"];
        codes.add("P", names.map(str::to_owned), 1);
        let text = vec![
            "TP53 and TP53BP1 are higher in HLA-A-2 than HLA-A.".to_owned(),
            "step/differential/TP53".to_owned(),
            "the nuclear pore (12 members)".to_owned(),
        ];
        let hidden = codes.hide(&text).unwrap();
        for line in &hidden {
            assert!(!line.contains("HLA") && !line.contains("nuclear"), "{line}");
            assert!(!line.split([' ', '/']).any(|w| w == "TP53"), "{line}");
        }
        assert!(hidden[0].contains("TP53BP1"));
        assert_eq!(codes.reveal(&hidden).unwrap(), text);
    }

    #[test]
    fn codes_are_the_same_for_the_same_seed() {
        let mut one = Codebook::default();
        let mut two = Codebook::default();
        one.add("P", ["A", "B", "C"].map(str::to_owned), 3);
        two.add("P", ["C", "A", "B"].map(str::to_owned), 3);
        assert_eq!(one, two);
    }
}
