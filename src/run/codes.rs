//! The key of a blind run: what each code stands for. It lies apart from everything else the run wrote, so that the rest can
//! be handed on and judged without it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// File of the key in a run folder.
pub(super) const FILE: &str = "codes.yaml";

/// Code → name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key {
    names: BTreeMap<String, String>,
}

impl Key {
    /// The key with these names by their codes.
    pub fn new(names: BTreeMap<String, String>) -> Self {
        Self { names }
    }

    /// The text with every code in it replaced by what it stands for. Codes are words of letters and digits.
    pub fn reveal(&self, text: &str) -> String {
        self.reveal_as(text, str::to_owned)
    }

    /// As [`Key::reveal`], with names brought into the form that the text needs, such as escaped.
    pub fn reveal_as(&self, text: &str, form: impl Fn(&str) -> String) -> String {
        let mut out = String::with_capacity(text.len());
        let mut word = String::new();
        let flush = |out: &mut String, word: &mut String| {
            match self.names.get(word.as_str()) {
                Some(name) => out.push_str(&form(name)),
                None => out.push_str(word),
            }
            word.clear();
        };
        for c in text.chars() {
            if c.is_ascii_alphanumeric() {
                word.push(c);
            } else {
                flush(&mut out, &mut word);
                out.push(c);
            }
        }
        flush(&mut out, &mut word);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_revealed_wherever_they_stand_as_words() {
        let names = [
            ("GENE00001", "HLA-A"),
            ("SET00002", "nuclear pore"),
            ("PROT00001", "P1;P2"),
        ];
        let names = names.map(|(code, name)| (code.to_owned(), name.to_owned()));
        let key = Key::new(BTreeMap::from(names));
        assert_eq!(
            key.reveal("a/PROT00001/GENE00001|x: “SET00002” (GENE00001), GENE000019"),
            "a/P1;P2/HLA-A|x: “nuclear pore” (HLA-A), GENE000019"
        );
    }
}
