//! An abstract, as it is kept.

use serde::{Deserialize, Serialize};

use crate::id::AbstractId;
use crate::reading::is_withdrawn;
use crate::text;

/// The longest abstract kept, bytes. Abstracts have two or three thousand; a longer one is a paper, which is not read here.
pub const LONGEST: usize = 40_000;
/// The longest title, bytes.
const LONGEST_TITLE: usize = 2_000;

/// That a paper does not stand, or not as it was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// It was retracted.
    Retracted,
    /// It retracts another.
    Retraction,
    /// Its editors have doubts.
    Concern,
    /// It corrects another.
    Erratum,
}

impl Note {
    const ALL: [Self; 4] = [
        Self::Retracted,
        Self::Retraction,
        Self::Concern,
        Self::Erratum,
    ];

    /// PubMed's name for such a publication.
    const fn title(self) -> &'static str {
        match self {
            Self::Retracted => "Retracted Publication",
            Self::Retraction => "Retraction of Publication",
            Self::Concern => "Expression of Concern",
            Self::Erratum => "Published Erratum",
        }
    }

    /// Of a type of publication; none for the others, which stand.
    pub(crate) fn of_kind(kind: &str) -> Option<Self> {
        let kind = kind.trim();
        Self::ALL
            .into_iter()
            .find(|note| note.title().eq_ignore_ascii_case(kind))
    }

    /// Of the type of a link from a paper to another, as PubMed's XML names it.
    pub(crate) fn of_link(kind: &str) -> Option<Self> {
        match kind {
            "RetractionIn" => Some(Self::Retracted),
            "ExpressionOfConcernIn" => Some(Self::Concern),
            _ => None,
        }
    }
}

/// A paper's title and abstract. Texts hold no control and no direction marks, single spaces, and a line break where the
/// source began a paragraph; quotes are of this text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abstract {
    /// Which paper.
    pub id: AbstractId,
    /// Its title.
    pub title: String,
    /// Its abstract.
    pub text: String,
    /// Year of publication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// The journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal: Option<String>,
    /// Where the abstract comes from: the name of a file, or `Europe PMC`.
    pub source: String,
}

impl Abstract {
    /// An abstract of texts as a source gives them.
    ///
    /// # Errors
    /// The rule that is broken and what to do, for an abstract with no text, or one too long to be one.
    pub fn new(id: AbstractId, title: &str, body: &str, source: &str) -> Result<Self, String> {
        let (title, body) = (text::clean(title).replace('\n', " "), text::clean(body));
        if body.is_empty() {
            return Err(format!("{id} has no abstract; remove the record"));
        }
        if body.len() > LONGEST || title.len() > LONGEST_TITLE {
            return Err(format!(
                "{id} has {} bytes of text and {} of title, an abstract has at most {LONGEST} and {LONGEST_TITLE}; \
                 keep the abstract alone",
                body.len(),
                title.len()
            ));
        }
        Ok(Self {
            id,
            title,
            text: body,
            year: None,
            journal: None,
            source: text::clean(source).replace('\n', " "),
        })
    }

    /// The same with year and journal, as far as they can be read.
    pub fn published(mut self, year: Option<&str>, journal: Option<&str>) -> Self {
        self.year = year
            .and_then(|y| y.trim().get(..4)?.parse().ok())
            .filter(|y| (1600..=2200).contains(y));
        self.journal = journal
            .map(|j| text::clean(j).replace('\n', " "))
            .filter(|j| !j.is_empty());
        self
    }

    /// The same with what its record says of its standing in front of the title, where readers look and what
    /// [`crate::reading`] goes by; a title that says so itself stays as it is.
    pub fn noted(mut self, note: Note) -> Self {
        if !is_withdrawn(&self.title) {
            self.title = format!("{}: {}", note.title(), self.title);
        }
        self
    }

    /// BLAKE3 of what it says: title and text, not where it came from.
    pub fn blake3(&self) -> String {
        let mut hash = blake3::Hasher::new();
        for part in [self.id.as_str(), &self.title, &self.text] {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().to_hex().to_string()
    }
}

/// BLAKE3 of what several abstracts say, in their order.
pub fn blake3_of(abstracts: &[Abstract]) -> String {
    let mut hash = blake3::Hasher::new();
    for one in abstracts {
        hash.update(one.blake3().as_bytes());
    }
    hash.finalize().to_hex().to_string()
}
