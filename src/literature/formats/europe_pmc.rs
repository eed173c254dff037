//! An answer of Europe PMC: `/search` with `format=json` and `resultType=core`.
//!
//! <https://europepmc.org/RestfulWebService>

use serde::Deserialize;
use serde_json::Value;

use super::Collected;
use crate::id::AbstractId;
use crate::paper::{Abstract, Note};
use crate::text::without_layout;

/// The name of the source in abstracts that the service gave.
const SOURCE: &str = "Europe PMC";

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "hitCount")]
    hits: u64,
    #[serde(rename = "resultList")]
    list: List,
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    result: Vec<Paper>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paper {
    id: Option<String>,
    source: Option<String>,
    pmid: Option<String>,
    pmcid: Option<String>,
    doi: Option<String>,
    title: Option<String>,
    abstract_text: Option<String>,
    pub_year: Option<String>,
    journal_info: Option<JournalInfo>,
    /// `{"pubType": […]}`; of any other form it says nothing.
    pub_type_list: Option<Value>,
}

#[derive(Deserialize)]
struct JournalInfo {
    journal: Option<Journal>,
}

#[derive(Deserialize)]
struct Journal {
    title: Option<String>,
}

/// One page of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Papers the service holds for the question in all.
    pub hits: u64,
    /// Those of this page that have an abstract and an identifier, in the order of the service.
    pub abstracts: Vec<Abstract>,
}

/// Reads an answer as the service sent it. A paper that breaks a rule is left out: it is not the asker's to correct.
///
/// # Errors
/// Why this is no such answer.
pub fn page(body: &str) -> Result<Page, String> {
    let answer = answer(body)?;
    Ok(Page {
        hits: answer.hits,
        abstracts: answer
            .list
            .result
            .into_iter()
            .filter_map(|paper| paper.read(SOURCE).ok().flatten())
            .collect(),
    })
}

/// Whether a JSON text is an answer of Europe PMC.
pub(super) fn is_one(text: &str) -> bool {
    // Lines of one's own are objects of one line each, which fails here at the second line or lacks the list.
    let head = &text[..text.floor_char_boundary(4_000)];
    head.contains("\"hitCount\"") || head.contains("\"resultList\"")
}

/// Takes over the papers of an answer saved in a file.
///
/// # Errors
/// Why this is no such answer.
pub(super) fn read(text: &str, collected: &mut Collected<'_>) -> Result<(), String> {
    for (place, paper) in answer(text)?.list.result.into_iter().enumerate() {
        let name = collected.source.clone();
        let read = paper
            .read(&name)
            .map_err(|rule| format!("paper {} of the answer: {rule}", place + 1));
        collected.take(1, read);
    }
    Ok(())
}

fn answer(body: &str) -> Result<Answer, String> {
    serde_json::from_str(body).map_err(|error| format!("it is no answer of Europe PMC: {error}"))
}

impl Paper {
    fn read(self, source: &str) -> Result<Option<Abstract>, String> {
        let preprint = (self.source.as_deref() == Some("PPR"))
            .then_some(self.id.as_deref())
            .flatten();
        let id = if let Some(number) = &self.pmid {
            AbstractId::pmid(number.trim())
                .ok_or_else(|| format!("pmid `{number}` is no number"))?
        } else if let Some(other) = self.pmcid.as_deref().or(self.doi.as_deref()).or(preprint) {
            AbstractId::parse(other).map_err(|error| error.to_string())?
        } else {
            return Err("it has no pmid, pmcid, doi or preprint number; remove it".to_owned());
        };
        let Some(text) = self.abstract_text.filter(|text| !text.trim().is_empty()) else {
            return Ok(None);
        };
        let title = self.title.unwrap_or_default();
        let journal = self.journal_info.and_then(|info| info.journal?.title);
        let kinds = self.pub_type_list.as_ref().map(|list| &list["pubType"]);
        let kinds = kinds.and_then(Value::as_array).into_iter().flatten();
        let note = kinds.filter_map(Value::as_str).find_map(Note::of_kind);
        Abstract::new(id, &without_layout(&title), &without_layout(&text), source).map(|paper| {
            let paper = paper.published(self.pub_year.as_deref(), journal.as_deref());
            Some(match note {
                Some(note) => paper.noted(note),
                None => paper,
            })
        })
    }
}
