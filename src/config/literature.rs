//! What papers a run looks up, and where.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most papers a source is asked for per hypothesis.
pub const MOST_PAPERS: usize = 100;

/// Papers looked up once hypotheses are graded; they feed the scores alignment and novelty and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Literature {
    /// A store of abstracts, as `proteus literature add` fills it (default: none).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<PathBuf>,
    /// Whether Europe PMC is asked, to which names of proteins and words of the study then go (default false).
    pub online: bool,
    /// Words for what was studied, such as `kidney`; a paper that names none of them decides nothing (default: those of the
    /// study's title).
    pub about: Vec<String>,
    /// Hypotheses looked up at most, the best first (default 20).
    pub hypotheses: usize,
    /// Papers asked for per hypothesis and source at most (default 25).
    pub papers: usize,
    /// Whether papers are asked for by the other names of a gene too, as knowledge packs have them: its name for people, old
    /// symbols, aliases that mean nothing else (default true).
    #[serde(skip_serializing_if = "is_true")]
    pub synonyms: bool,
    /// A sentence encoder, a folder of safetensors: it moves the papers nearest to the question to the front and decides nothing
    /// (default: none).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedder: Option<PathBuf>,
    /// Where Europe PMC is, for those who have a copy of it (default: its own address).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

// Not written at its default, like those of `Config`.
fn is_true(value: &bool) -> bool {
    *value
}

impl Default for Literature {
    fn default() -> Self {
        Self {
            store: None,
            online: false,
            about: Vec::new(),
            hypotheses: 20,
            papers: 25,
            synonyms: true,
            embedder: None,
            address: None,
        }
    }
}

impl Literature {
    /// What of it cannot work, and what to write instead.
    ///
    /// # Errors
    /// A fault, with a line `hint: …`.
    pub fn check(&self) -> Result<(), String> {
        if self.store.is_none() && !self.online {
            return Err(
                "`literature` names nobody to ask\nhint: give `store: FILE`, as `proteus literature add` fills it, or `online: true`"
                    .to_owned(),
            );
        }
        if self.hypotheses == 0 || !(1..=MOST_PAPERS).contains(&self.papers) {
            return Err(format!(
                "`literature` would look up {} papers of {} hypotheses\nhint: give `hypotheses` from 1 and `papers` from 1 to {MOST_PAPERS}",
                self.papers, self.hypotheses
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_says_whom_to_ask_and_keeps_to_its_limits() {
        let read = |text: &str| serde_yaml::from_str::<Literature>(text);
        let fine = read("{store: a.sqlite}").expect("is one");
        assert_eq!((fine.hypotheses, fine.papers, fine.online), (20, 25, false));
        assert_eq!(fine.check(), Ok(()));
        assert!(fine.synonyms && fine.embedder.is_none());
        let written = serde_yaml::to_string(&fine).expect("writes");
        assert!(!written.contains("synonyms") && !written.contains("embedder"));
        let told = read("{store: a, synonyms: false, embedder: MiniLM}").expect("is one");
        assert!(!told.synonyms);
        let again = serde_yaml::to_string(&told).expect("writes");
        assert_eq!(read(&again).expect("is one"), told);
        assert!(read("{online: true}").expect("is one").check().is_ok());
        for (text, told) in [
            ("{about: [kidney]}", "names nobody to ask"),
            ("{online: true, papers: 101}", "from 1 to 100"),
            ("{online: true, hypotheses: 0}", "`hypotheses` from 1"),
        ] {
            let fault = read(text).expect(text).check().expect_err(text);
            assert!(fault.contains(told), "{fault}");
        }
        assert!(read("{stores: a}").is_err(), "an unknown key");
    }
}
