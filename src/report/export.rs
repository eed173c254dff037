//! Writes a report's files: HTML, Markdown, JSON, figures and tables.

use std::path::{Path, PathBuf};

use super::text::tsv_cell;
use super::{ReportError, ReportModel, Table, document, render};
use crate::content::Content;
use crate::run::atomic::write_bytes;

/// Writes `index.html`, `report.md`, `report.json`, `figures/*.svg` and `tables/*.tsv` under `folder` (usually the run's
/// `report/`) and gives the files written, in order.
///
/// # Errors
/// The run cannot be read, a template does not render, or a file cannot be written.
pub fn write(
    model: &ReportModel,
    content: &Content,
    folder: &Path,
) -> Result<Vec<PathBuf>, ReportError> {
    let mut written = Vec::new();
    for (name, text) in documents(model, content)? {
        let path = folder.join(name);
        put(&path, &text)?;
        written.push(path);
    }
    written.extend(write_tables(model, &folder.join("tables"))?);
    Ok(written)
}

/// The files of a report but for its tables, by their names in its folder.
pub(super) fn documents(
    model: &ReportModel,
    content: &Content,
) -> Result<Vec<(String, String)>, ReportError> {
    let (html, markdown, figures) = render::everything(model, content)?;
    let mut files = vec![
        ("index.html".to_owned(), html),
        ("report.md".to_owned(), markdown),
        ("report.json".to_owned(), document::json(model)?),
    ];
    let figures = figures.into_iter();
    files.extend(figures.map(|(name, svg)| (format!("figures/{name}.svg"), svg)));
    Ok(files)
}

/// Writes every table of the run as `<step>.<table>.tsv` under `folder`. Texts that a spreadsheet would run as a formula
/// get an apostrophe in front; missing values are empty.
///
/// # Errors
/// A table cannot be read or a file cannot be written.
pub fn write_tables(model: &ReportModel, folder: &Path) -> Result<Vec<PathBuf>, ReportError> {
    let mut written = Vec::new();
    for (step, name) in model.table_names() {
        let table = model.table(&step, &name)?;
        let path = folder.join(table_file(&step, &name));
        put(&path, &tsv(model, &table))?;
        written.push(path);
    }
    Ok(written)
}

/// Name of the file that holds a table of a step.
pub(super) fn table_file(step: &str, table: &str) -> String {
    format!("{step}.{table}.tsv")
}

/// A table as tab-separated text with a header.
pub(super) fn tsv(model: &ReportModel, table: &Table) -> String {
    let columns = table.columns();
    let header: Vec<String> = columns.iter().map(|c| tsv_cell(c)).collect();
    let mut out = header.join("\t");
    out.push('\n');
    for row in 0..table.rows() {
        let cells: Vec<String> = columns
            .iter()
            .map(|c| tsv_cell(&model.shown(&table.cell(row, c), str::to_owned)))
            .collect();
        out.push_str(&cells.join("\t"));
        out.push('\n');
    }
    out
}

pub(super) fn put(path: &Path, text: &str) -> Result<(), ReportError> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)
            .map_err(|error| crate::run::RunError::writing(parent, error))?;
    }
    Ok(write_bytes(path, text.as_bytes())?)
}
