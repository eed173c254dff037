//! What every bundled dataset and pack must have: licence, source, version, files that exist, and little weight.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_yaml::Value;

use super::PACKS;

const MEGABYTES: u64 = 20;

fn datasets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets")
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(parent)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.retain(|path| path.is_dir());
    found.sort();
    found
}

fn size(path: &Path) -> u64 {
    let files = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .map(|file| {
            if file.is_dir() {
                size(&file)
            } else {
                file.metadata().unwrap().len()
            }
        })
        .sum()
}

fn manifests() -> Vec<(PathBuf, Value)> {
    let folders = folders(&datasets())
        .into_iter()
        .filter(|folder| !folder.ends_with("knowledge"));
    folders
        .map(|folder| {
            let text = fs::read_to_string(folder.join("dataset.yaml")).unwrap();
            let value = serde_yaml::from_str(&text).unwrap();
            (folder, value)
        })
        .collect()
}

/// The header of a gzip'd table, as Windows-1252, which agrees with UTF-8 on the names here.
fn header(file: &Path) -> BTreeSet<String> {
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(fs::File::open(file).unwrap())
        .read_to_end(&mut bytes)
        .unwrap();
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap();
    String::from_utf8_lossy(line)
        .split('\t')
        .map(|name| name.trim_matches('"').to_owned())
        .collect()
}

fn keys(value: &Value, key: &str) -> Vec<String> {
    let mapping = value.get(key).and_then(Value::as_mapping);
    mapping
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn everything_together_is_light() {
    let bytes = size(&datasets());
    assert!(
        bytes <= MEGABYTES << 20,
        "datasets/ holds {bytes} bytes, more than {MEGABYTES} MB"
    );
}

#[test]
fn every_pack_folder_is_a_pack() {
    let names: Vec<String> = folders(&datasets().join("knowledge"))
        .iter()
        .map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(
        names,
        PACKS
            .list()
            .iter()
            .map(|pack| pack.name.clone())
            .collect::<Vec<_>>()
    );
}

#[test]
fn every_dataset_states_where_it_comes_from() {
    let manifests = manifests();
    assert_eq!(manifests.len(), 4);
    for (folder, manifest) in manifests {
        for key in [
            "name",
            "title",
            "organism",
            "licence",
            "source",
            "citation",
            "description",
        ] {
            let text = manifest
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default();
            assert!(
                !text.trim().is_empty(),
                "{}: `{key}` is missing",
                folder.display()
            );
        }
        assert!(folder.ends_with(manifest["name"].as_str().unwrap()));
        assert!(
            manifest["source"]
                .as_str()
                .unwrap()
                .chars()
                .any(|c| c.is_ascii_digit()),
            "no version in the source"
        );
        assert!(manifest["citation"].as_str().unwrap().contains("doi:10."));
        for list in ["tables", "samples"] {
            for entry in manifest
                .get(list)
                .and_then(Value::as_sequence)
                .into_iter()
                .flatten()
            {
                assert!(
                    folder.join(entry["file"].as_str().unwrap()).is_file(),
                    "{entry:?}"
                );
            }
        }
        assert!(!manifest["known_truth"].as_sequence().unwrap().is_empty());
    }
}

#[test]
fn every_column_that_a_manifest_names_exists() {
    for (folder, manifest) in manifests() {
        let sheets = manifest
            .get("samples")
            .and_then(Value::as_sequence)
            .cloned()
            .unwrap_or_default();
        let columns: BTreeSet<String> = sheets
            .iter()
            .flat_map(|sheet| header(&folder.join(sheet["file"].as_str().unwrap())))
            .collect();
        for key in ["roles", "derived_from", "exclude", "reference_levels"] {
            for column in keys(&manifest, key) {
                assert!(
                    columns.contains(&column),
                    "{}: `{key}` names `{column}`",
                    folder.display()
                );
            }
        }
    }
}

#[test]
fn the_clinical_cohort_gives_every_column_a_role() {
    let (folder, manifest) = manifests()
        .into_iter()
        .find(|(folder, _)| folder.ends_with("cptac-ucec"))
        .unwrap();
    let roles: BTreeSet<String> = keys(&manifest, "roles").into_iter().collect();
    let columns = header(&folder.join("clinical.txt.gz"));
    assert_eq!(
        columns.difference(&roles).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
    assert_eq!(columns.len(), 179);
}
