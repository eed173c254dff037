//! The report of a replication: Markdown, HTML, JSON, and the short form for a terminal.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::escaped;
use super::export::put;
use super::page::{chance, counts, replication_page};
use super::render::{escape_markdown, render, squeezed};
use super::text::{probability, signed, tidy_all};
use super::{ReportError, text};
use crate::content::Content;
use crate::discovery::{Replication, ReplicationGrade};
use indexmap::IndexMap;
use schemars::JsonSchema;

/// Longest text of the JSON report; longer ones are cut and say so.
const LONGEST: usize = 1_000;
/// Hypotheses in the short form.
const SHOWN: usize = 40;

/// The schema as it ships with the binary.
const SCHEMA: &str = include_str!("../../reports/schema/replication.schema.json");

/// What `proteus replicate --json` prints. Numbers that are not finite are null.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Proteus replication")]
pub struct ReplicationDocument {
    /// Version of this layout.
    pub format: u32,
    /// The replication.
    #[serde(flatten)]
    pub replication: Replication,
}

/// The replication as JSON text, escaped like the report of a run.
///
/// # Errors
/// The record cannot be expressed as JSON.
pub fn replication_json(replication: &Replication) -> Result<String, ReportError> {
    let mut value = serde_json::to_value(ReplicationDocument {
        format: super::FORMAT,
        replication: replication.clone(),
    })?;
    tidy_all(&mut value, LONGEST);
    escaped(&value)
}

/// The JSON Schema of [`replication_json`], as text.
pub fn replication_schema() -> &'static str {
    SCHEMA
}

/// The JSON Schema made afresh from the types; [`replication_schema`] is the committed copy.
pub fn current_replication_schema() -> Value {
    super::document::schema_of::<ReplicationDocument>()
}

/// Writes `index.html`, `report.md`, `report.json` and the figure under `folder` and gives the files written, in order.
///
/// # Errors
/// A template does not render, or a file cannot be written.
pub fn write_replication(
    replication: &Replication,
    content: &Content,
    folder: &Path,
) -> Result<Vec<PathBuf>, ReportError> {
    let (page, figure) = replication_page(replication);
    let figures: IndexMap<String, String> = figure.into_iter().collect();
    let html = render(
        &page,
        &figures,
        content,
        "html/replication.html",
        tera::escape_html,
    )?;
    let none = IndexMap::new();
    let markdown = render(
        &page,
        &none,
        content,
        "markdown/replication.md",
        escape_markdown,
    )?;
    let mut files = vec![
        (folder.join("index.html"), html),
        (folder.join("report.md"), squeezed(&markdown)),
        (folder.join("report.json"), replication_json(replication)?),
    ];
    for (name, svg) in figures {
        files.push((folder.join("figures").join(format!("{name}.svg")), svg));
    }
    for (path, text) in &files {
        put(path, text)?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// The result for a terminal: counts, chance, and a line per hypothesis.
pub fn replication_text(replication: &Replication) -> String {
    let words: Vec<String> = counts(replication)
        .into_iter()
        .map(|(grade, n)| format!("{n} {}", grade.word()))
        .collect();
    let mut out = format!(
        "{} frozen hypotheses of {} in {}: {}\n",
        replication.hypotheses.len(),
        text::tidy(&replication.first.dataset, text::NAME),
        text::tidy(&replication.second.dataset, text::NAME),
        words.join(", ")
    );
    for line in chance(replication) {
        out.push_str(&line);
        out.push('\n');
    }
    out.push('\n');
    for h in replication.hypotheses.iter().take(SHOWN) {
        let number = |n: Option<f64>| n.map_or_else(|| "–".to_owned(), probability);
        let effect = h
            .effect
            .as_ref()
            .map_or_else(|| "–".to_owned(), |e| signed(e.value));
        out.push_str(&format!(
            "{:>4}  {:<14}  {} → {effect}, Holm p {}  {}\n",
            h.rank,
            h.grade.word(),
            signed(h.first_effect.value),
            number(match h.grade {
                ReplicationGrade::Contradicted => h.p_holm_opposite,
                _ => h.p_holm,
            }),
            text::tidy(&h.statement, text::SENTENCE),
        ));
        if h.grade != ReplicationGrade::Replicated {
            out.push_str(&format!("{:22}{}\n", "", text::sentence(&h.reason)));
        }
    }
    if replication.hypotheses.len() > SHOWN {
        out.push_str(&format!(
            "and {} more, in the report\n",
            replication.hypotheses.len() - SHOWN
        ));
    }
    out.push('\n');
    for note in &replication.notes {
        out.push_str(&format!("note: {}\n", text::sentence(note)));
    }
    out
}
