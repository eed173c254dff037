//! A simulated experiment as a folder that Proteus opens.

use std::collections::BTreeMap;
use std::path::Path;

use proteus_stats::matrix::Matrix;
use serde::Serialize;

use super::super::StudyError;
use super::{CONDITION, Simulated};
use crate::dataset::{FeatureLevel, Quantity, Role, Scale};
use crate::run::{RunError, atomic};

/// Name of the answer key.
const KEY: &str = "answer_key.yaml";

#[derive(Serialize)]
struct Manifest<'a> {
    name: String,
    title: String,
    organism: &'a str,
    description: String,
    tables: Vec<TableEntry<'a>>,
    samples: Vec<SheetEntry>,
    roles: BTreeMap<&'a str, Role>,
    reference_levels: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct TableEntry<'a> {
    file: String,
    assay: &'a str,
    level: FeatureLevel,
    quantity: Quantity,
    scale: Scale,
}

#[derive(Serialize)]
struct SheetEntry {
    file: &'static str,
    id: &'static str,
}

/// Writes the experiment into the new folder `target`: `proteins.tsv`, further tables, `samples.tsv`, `dataset.yaml` and
/// `answer_key.yaml`; a second cohort goes into `cohort_b/`. The folder appears whole or not at all.
pub fn write(simulated: &Simulated, target: &Path) -> Result<(), StudyError> {
    let files = files(simulated)?;
    let second = simulated.second.as_deref().map(self::files).transpose()?;
    atomic::write_folder(target, |folder| {
        put(&files, folder)?;
        second
            .as_ref()
            .map_or(Ok(()), |files| put(files, &folder.join("cohort_b")))
    })?;
    Ok(())
}

fn put(files: &[(String, String)], folder: &Path) -> Result<(), RunError> {
    for (name, text) in files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|e| RunError::writing(parent, e))?;
        }
        atomic::write_within(&path, text.as_bytes())?;
    }
    Ok(())
}

/// Names and texts of all files.
fn files(simulated: &Simulated) -> Result<Vec<(String, String)>, StudyError> {
    let mut files = vec![(
        "proteins.tsv".to_owned(),
        table(
            "Gene",
            &simulated.genes,
            &simulated.samples,
            &simulated.values,
        ),
    )];
    for extra in &simulated.tables {
        let text = table(&extra.id, &extra.ids, &simulated.samples, &extra.values);
        files.push((format!("{}.tsv", extra.name), text));
    }
    files.push(("samples.tsv".to_owned(), sheet(simulated)));
    files.push((
        "dataset.yaml".to_owned(),
        serde_yaml::to_string(&manifest(simulated))?,
    ));
    files.push((KEY.to_owned(), serde_yaml::to_string(&simulated.key)?));
    files.extend(simulated.files.iter().cloned());
    Ok(files)
}

fn table(id: &str, ids: &[String], samples: &[String], values: &Matrix) -> String {
    let mut text = format!("{id}\t{}\n", samples.join("\t"));
    for (i, name) in ids.iter().enumerate() {
        text.push_str(name);
        for value in values.row(i) {
            text.push('\t');
            if !value.is_nan() {
                text.push_str(&format!("{value:.4}"));
            }
        }
        text.push('\n');
    }
    text
}

fn sheet(simulated: &Simulated) -> String {
    let headers: Vec<&str> = simulated.columns.iter().map(|c| c.name.as_str()).collect();
    let mut text = format!("sample\t{}\n", headers.join("\t"));
    for (j, sample) in simulated.samples.iter().enumerate() {
        let cells: Vec<&str> = simulated
            .columns
            .iter()
            .map(|c| c.cells[j].as_str())
            .collect();
        text.push_str(&format!("{sample}\t{}\n", cells.join("\t")));
    }
    text
}

fn manifest(simulated: &Simulated) -> Manifest<'_> {
    let key = &simulated.key;
    let entry = |name: &'static str| TableEntry {
        file: format!("{name}.tsv"),
        assay: name,
        level: FeatureLevel::Gene,
        quantity: Quantity::Intensity,
        scale: Scale::Log2,
    };
    let mut tables = vec![entry("proteins")];
    tables.extend(simulated.tables.iter().map(|t| TableEntry {
        file: format!("{}.tsv", t.name),
        assay: &t.name,
        level: t.level,
        quantity: Quantity::Intensity,
        scale: Scale::Log2,
    }));
    Manifest {
        name: format!("simulated-{}-{}", key.design, key.seed),
        title: format!("Simulated experiment, {} by {CONDITION}", key.design),
        organism: &simulated.organism,
        description: format!(
            "Made by `proteus simulate` with seed {}; what was planted stands in `{KEY}`, which the engine never reads.",
            key.seed
        ),
        tables,
        samples: vec![SheetEntry {
            file: "samples.tsv",
            id: "sample",
        }],
        roles: std::iter::once(("sample", Role::Identifier))
            .chain(simulated.columns.iter().map(|c| (c.name.as_str(), c.role)))
            .collect(),
        reference_levels: simulated
            .columns
            .iter()
            .filter_map(|c| Some((c.name.as_str(), c.reference.as_deref()?)))
            .collect(),
    }
}
