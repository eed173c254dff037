//! A run as one file to hand on: report, record, exchanges with models and about papers, a manifest with checksums, an RO-Crate description
//! and a script that repeats the run and compares.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Cursor, Write as _};
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::export::{documents, table_file, tsv};
use super::{ReportError, ReportModel, text};
use crate::content::Content;
use crate::run::RunError;
use crate::run::atomic::write_bytes;

/// Files of a run folder that say what was done and found; the report and the exchanges with models and about papers
/// come on top.
const RECORD: [&str; 15] = [
    "run.yaml",
    "journal.jsonl",
    "question.yaml",
    "dataset.yaml",
    "plan.yaml",
    "objectives.yaml",
    "not_asked.yaml",
    "ledger.jsonl",
    "findings.jsonl",
    "hypotheses.yaml",
    "audit.yaml",
    "calibration.yaml",
    "strata.yaml",
    "readings.yaml",
    "literature.yaml",
];
/// Folders of a run that go along whole.
const FOLDERS: [&str; 5] = ["plans", "report", "reviews", "llm", "literature"];
const MANIFEST: &str = "MANIFEST.sha256";
const CRATE: &str = "ro-crate-metadata.json";
const SCRIPT: &str = "rerun.sh";

/// Repeats the run from its record and compares; `proteus` must be on the path.
const RERUN: &str = "#!/bin/sh
# Repeats this run from its record and compares findings, hypotheses and report byte by byte.
# usage: ./rerun.sh [PATH OF THE INPUT, where it is not where it was]
set -eu
here=$(cd \"$(dirname \"$0\")\" && pwd)
if [ $# -gt 0 ]; then
    exec proteus replay \"$here\" --data \"$1\"
fi
exec proteus replay \"$here\"
";

/// Writes the bundle of a finished run to `target`; gives the number of files in it. A report without values of single
/// samples goes by itself, made afresh: the record of the run names them, and without it nothing can be repeated.
///
/// # Errors
/// A file of the run cannot be read, the report cannot be made, or the bundle cannot be written.
pub fn write_bundle(
    model: &ReportModel,
    content: &Content,
    target: &Path,
) -> Result<usize, ReportError> {
    let mut files = if model.leaves_out_samples() {
        report_alone(model, content)?
    } else {
        whole_run(model.run().root())?
    };
    let crate_text = serde_json::to_string_pretty(&description(model, &files)?)?;
    files.insert(CRATE.to_owned(), crate_text.into_bytes());
    let mut manifest = String::new();
    for (name, bytes) in &files {
        let sum = Sha256::digest(bytes);
        let digits: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        // The form that `sha256sum --check` reads.
        let _ = writeln!(manifest, "{digits}  {name}");
    }
    files.insert(MANIFEST.to_owned(), manifest.into_bytes());
    let bytes = packed(&files).map_err(|error| RunError::writing(target, error))?;
    write_bytes(target, &bytes)?;
    Ok(files.len())
}

/// The record of a run with the report in its folder and what repeats it.
fn whole_run(root: &Path) -> Result<BTreeMap<String, Vec<u8>>, ReportError> {
    let mut files = BTreeMap::new();
    for name in RECORD {
        let path = root.join(name);
        if path.exists() {
            files.insert(name.to_owned(), read(&path)?);
        }
    }
    for folder in FOLDERS {
        collect(root, folder, &mut files)?;
    }
    files.insert(SCRIPT.to_owned(), RERUN.as_bytes().to_vec());
    Ok(files)
}

/// A report made afresh, with its tables.
fn report_alone(
    model: &ReportModel,
    content: &Content,
) -> Result<BTreeMap<String, Vec<u8>>, ReportError> {
    let mut files = BTreeMap::new();
    for (name, text) in documents(model, content)? {
        files.insert(format!("report/{name}"), text.into_bytes());
    }
    for (step, table) in model.table_names() {
        let text = tsv(model, model.table(&step, &table)?.as_ref());
        let name = format!("report/tables/{}", table_file(&step, &table));
        files.insert(name, text.into_bytes());
    }
    Ok(files)
}

fn packed(files: &BTreeMap<String, Vec<u8>>) -> io::Result<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        // No time of writing: equal runs are equal bytes.
        let mode = if name == SCRIPT { 0o755 } else { 0o644 };
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(mode);
        writer.start_file(name, options)?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

fn read(path: &Path) -> Result<Vec<u8>, ReportError> {
    Ok(fs::read(path).map_err(|error| RunError::reading(path, error))?)
}

/// Every file below `folder` by its path from `root`, with forward slashes; links are left out.
fn collect(
    root: &Path,
    folder: &str,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), ReportError> {
    let path = root.join(folder);
    if !path.is_dir() {
        return Ok(());
    }
    let entries = fs::read_dir(&path).map_err(|error| RunError::reading(&path, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| RunError::reading(&path, error))?;
        let kind = entry
            .file_type()
            .map_err(|error| RunError::reading(&entry.path(), error))?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else {
            continue;
        };
        let inside = format!("{folder}/{name}");
        if kind.is_dir() {
            collect(root, &inside, files)?;
        } else if kind.is_file() {
            files.insert(inside, read(&entry.path())?);
        }
    }
    Ok(())
}

/// An RO-Crate 1.1 description (doi:10.3233/DS-210053): the run as an action with its input, its program and its results.
fn description(
    model: &ReportModel,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Value, ReportError> {
    let source = &model.dataset.source;
    let record = model.run().record();
    let shown = |text: &str, limit| text::tidy(&model.shown(text, str::to_owned), limit);
    let title = shown(&model.dataset.profile.name, text::NAME);
    let rest = if model.leaves_out_samples() {
        "values and names of single samples are left out"
    } else {
        "rerun.sh repeats the run"
    };
    // The day of the last transition; the only date of a run stands in its journal.
    let day = model
        .run()
        .journal()?
        .iter()
        .rev()
        .find_map(|entry| entry.at);
    let day = day.map(|at| at.strftime("%Y-%m-%d").to_string());
    let licence = source.licence.clone().unwrap_or_else(|| {
        "not stated: the licence of the input applies to what was derived from it".to_owned()
    });
    let named = |id: &str| json!({ "@id": id });
    let mut graph = vec![
        json!({
            "@id": CRATE,
            "@type": "CreativeWork",
            "conformsTo": named("https://w3id.org/ro/crate/1.1"),
            "about": named("./"),
        }),
        json!({
            "@id": "./",
            "@type": "Dataset",
            "name": format!("Hypotheses from {title}"),
            "description": format!(
                "{} hypotheses with their evidence, found by Proteus {} in {}; index.html in report/ is for reading, {rest}",
                model.hypotheses.len(), record.proteus, title
            ),
            "datePublished": day,
            "license": shown(&licence, text::SENTENCE),
            "mainEntity": named("report/index.html"),
            "mentions": named("#run"),
            "hasPart": files.keys().map(|name| named(name)).collect::<Vec<_>>(),
        }),
        json!({
            "@id": "#proteus",
            "@type": "SoftwareApplication",
            "name": "Proteus",
            "softwareVersion": record.proteus,
            "url": env!("CARGO_PKG_REPOSITORY"),
        }),
        json!({
            "@id": "#run",
            "@type": "CreateAction",
            "name": record.id,
            "endTime": day,
            "instrument": named("#proteus"),
            "object": source.files.iter().map(|f| named(&input_id(&f.hash))).collect::<Vec<_>>(),
            "result": named("report/report.json"),
        }),
    ];
    for file in &source.files {
        graph.push(json!({
            "@id": input_id(&file.hash),
            "@type": "File",
            "name": shown(&file.name, text::NAME),
            "description": "an input of the run, not part of this crate",
            "identifier": format!("blake3:{}", file.hash),
        }));
    }
    for (name, bytes) in files {
        graph.push(json!({
            "@id": name,
            "@type": "File",
            "name": name,
            "contentSize": bytes.len().to_string(),
            "encodingFormat": media_type(name),
        }));
    }
    Ok(json!({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}))
}

fn input_id(hash: &str) -> String {
    format!("#input-{}", hash.chars().take(16).collect::<String>())
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html",
        "md" => "text/markdown",
        "json" => "application/json",
        "jsonl" => "application/jsonl",
        "yaml" => "application/yaml",
        "svg" => "image/svg+xml",
        "tsv" => "text/tab-separated-values",
        "sh" => "application/x-sh",
        _ => "application/octet-stream",
    }
}
