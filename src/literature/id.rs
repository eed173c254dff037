//! How a paper is named: by PubMed, PubMed Central, DOI or as a preprint of Europe PMC.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The identifier of an abstract in one spelling: `PMID:12345678`, `PMC1234567`, `DOI:10.1000/xyz` (lower case) or
/// `PPR:PPR12345`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AbstractId(String);

/// A word that is no identifier of a paper.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no identifier of a paper; write PMID:12345678, PMC1234567, DOI:10.1000/xyz or PPR:PPR12345"
)]
pub struct NotAnId(pub String);

/// Characters a DOI may have here; the standard allows more, which occur nowhere.
const DOI_MARKS: &str = "-._;()/:<>[]+#,~*!&'=@$%?|{}^";

impl AbstractId {
    /// Reads an identifier in any common spelling, an address of PubMed or doi.org included.
    ///
    /// # Errors
    /// [`NotAnId`] for anything else; a bare number is none, since it does not say whose it is.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        let wrong = || NotAnId(text.chars().take(60).collect());
        let bare = text.trim().trim_end_matches('/');
        let bare = ["https://", "http://"]
            .iter()
            .find_map(|scheme| bare.strip_prefix(scheme))
            .unwrap_or(bare);
        let upper = bare.to_ascii_uppercase();
        for prefix in ["PMID:", "PMID ", "PUBMED.NCBI.NLM.NIH.GOV/"] {
            if let Some(number) = upper.strip_prefix(prefix) {
                return Self::pmid(number.trim()).ok_or_else(wrong);
            }
        }
        let central = upper.strip_prefix("PMCID:").unwrap_or(&upper).trim();
        if let Some(number) = central.strip_prefix("PMC") {
            let number = number.trim_start_matches(':');
            return digits(number, 9)
                .map(|number| Self(format!("PMC{number}")))
                .ok_or_else(wrong);
        }
        if let Some(number) = upper.strip_prefix("PPR:PPR").or(upper.strip_prefix("PPR")) {
            return digits(number, 9)
                .map(|number| Self(format!("PPR:PPR{number}")))
                .ok_or_else(wrong);
        }
        let lower = bare.to_ascii_lowercase();
        let doi = ["doi:", "doi.org/", "dx.doi.org/"]
            .iter()
            .find_map(|prefix| lower.strip_prefix(prefix))
            .unwrap_or(&lower)
            .trim();
        Self::doi(doi).ok_or_else(wrong)
    }

    /// Of a bare number of PubMed.
    pub fn pmid(number: &str) -> Option<Self> {
        digits(number, 9).map(|number| Self(format!("PMID:{number}")))
    }

    fn doi(text: &str) -> Option<Self> {
        let (registrant, rest) = text.strip_prefix("10.")?.split_once('/')?;
        let numbered =
            registrant.len() >= 4 && registrant.chars().all(|c| c.is_ascii_digit() || c == '.');
        let plain = !rest.is_empty()
            && text.len() <= 300
            && rest
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || DOI_MARKS.contains(c));
        (numbered && plain).then(|| Self(format!("DOI:{text}")))
    }

    /// The identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the paper can be read about.
    pub fn address(&self) -> String {
        if let Some(number) = self.0.strip_prefix("PMID:") {
            format!("https://pubmed.ncbi.nlm.nih.gov/{number}/")
        } else if let Some(doi) = self.0.strip_prefix("DOI:") {
            format!("https://doi.org/{}", percent_encoded(doi))
        } else if let Some(preprint) = self.0.strip_prefix("PPR:") {
            format!("https://europepmc.org/article/PPR/{preprint}")
        } else {
            format!("https://pmc.ncbi.nlm.nih.gov/articles/{}/", self.0)
        }
    }
}

/// A positive number without leading zeros, of at most so many digits.
fn digits(text: &str, most: usize) -> Option<&str> {
    let number = text.trim_start_matches('0');
    let fine =
        !number.is_empty() && number.len() <= most && number.bytes().all(|b| b.is_ascii_digit());
    fine.then_some(number)
}

fn percent_encoded(doi: &str) -> String {
    let mut out = String::with_capacity(doi.len());
    for byte in doi.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._/:~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

impl fmt::Display for AbstractId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for AbstractId {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        Self::parse(&text)
    }
}

impl From<AbstractId> for String {
    fn from(id: AbstractId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_common_spelling_gives_the_one_spelling() {
        for (written, meant) in [
            ("PMID:0012345", "PMID:12345"),
            ("pmid: 12345", "PMID:12345"),
            ("https://pubmed.ncbi.nlm.nih.gov/12345/", "PMID:12345"),
            ("PMC123", "PMC123"),
            ("PMCID: PMC123", "PMC123"),
            ("10.1000/ABC.1", "DOI:10.1000/abc.1"),
            ("https://doi.org/10.1000/abc", "DOI:10.1000/abc"),
            ("doi: 10.1000/abc", "DOI:10.1000/abc"),
            ("PPR:PPR77", "PPR:PPR77"),
        ] {
            let id = AbstractId::parse(written).expect(written);
            assert_eq!(id.as_str(), meant);
            assert_eq!(AbstractId::parse(id.as_str()).as_ref(), Ok(&id));
        }
    }

    #[test]
    fn what_could_be_anything_is_refused() {
        for text in [
            "",
            "12345",
            "PMID:",
            "PMID:12a",
            "PMC",
            "10.1/x",
            "10.1000/",
            "10.1000/a b",
            "10.1000/a\"onmouseover=\"x",
            "javascript:alert(1)",
            "=HYPERLINK(1)",
        ] {
            assert!(AbstractId::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_carries_no_mark_that_html_knows() {
        let id = AbstractId::parse("10.1002/(sici)1097<1::aid>3.0.co;2-#").expect("a doi");
        let address = id.address();
        assert!(
            !address.contains(['<', '>', '"', '\'', '(', ')']),
            "{address}"
        );
    }
}
