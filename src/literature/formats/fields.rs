//! A record of one's own, by the names of its columns or keys.

use crate::id::AbstractId;
use crate::paper::Abstract;

/// The fields of a record, as far as they are there.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub pmid: Option<String>,
    pub pmcid: Option<String>,
    pub doi: Option<String>,
    pub id: Option<String>,
    pub title: Option<String>,
    pub text: Option<String>,
    pub year: Option<String>,
    pub journal: Option<String>,
}

impl Fields {
    /// The field that a column or key of this name fills; none for a name that says nothing to us.
    pub(super) fn place(&mut self, name: &str) -> Option<&mut Option<String>> {
        let name = name.trim().to_ascii_lowercase();
        Some(match name.as_str() {
            "pmid" => &mut self.pmid,
            "pmcid" => &mut self.pmcid,
            "doi" => &mut self.doi,
            "id" => &mut self.id,
            "title" => &mut self.title,
            "abstract" | "text" | "abstracttext" => &mut self.text,
            "year" | "pubyear" | "publication year" => &mut self.year,
            "journal" | "journal/book" => &mut self.journal,
            _ => return None,
        })
    }

    /// Whether records with these columns can be abstracts.
    pub(super) fn suffices(&self) -> bool {
        let named = [&self.pmid, &self.pmcid, &self.doi, &self.id];
        named.iter().any(|field| field.is_some()) && self.text.is_some()
    }

    /// The abstract; none where the paper has none.
    pub(super) fn read(self, source: &str) -> Result<Option<Abstract>, String> {
        let filled = |field: Option<String>| field.filter(|text| !text.trim().is_empty());
        let id = if let Some(number) = filled(self.pmid) {
            let number = number.trim();
            AbstractId::pmid(number)
                .or_else(|| AbstractId::parse(number).ok())
                .ok_or_else(|| format!("pmid `{}` is no number; write 12345678", short(number)))?
        } else if let Some(other) = filled(self.pmcid).or(filled(self.doi)).or(filled(self.id)) {
            AbstractId::parse(&other).map_err(|error| error.to_string())?
        } else {
            return Err("no identifier; fill pmid, pmcid, doi or id".to_owned());
        };
        let Some(text) = filled(self.text) else {
            return Ok(None);
        };
        let title = self.title.unwrap_or_default();
        Abstract::new(id, &title, &text, source)
            .map(|a| Some(a.published(self.year.as_deref(), self.journal.as_deref())))
    }
}

/// The beginning of a value, for a message.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}
