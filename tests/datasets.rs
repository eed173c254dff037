//! Every dataset at hand against keys written by hand: what it is, how many features and samples, which groups, and the
//! trap that each has. The keys are in `tests/datasets/keys.yaml`, their numbers from the README of each dataset. Bundled
//! datasets are always read; the others where the shared folder of data lies beside the repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use proteus::content::Content;
use proteus::dataset::{Assay, Dataset, Inspection, ReadOptions, open};
use proteus::knowledge::Packs;
use serde::Deserialize;
use serde_json::Value;

use crate::support;

mod convert;
mod two_producers;

/// Larger datasets are not written and read again: it takes minutes and shows nothing new.
const MOST_CONVERTED: usize = 2_000_000;

/// What is known of one dataset, or of one table of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Key {
    /// Folder: under `datasets/` if bundled, else in the shared folder.
    dataset: String,
    bundled: bool,
    /// One file of the folder, in place of the folder.
    table: Option<String>,
    /// A sample sheet to give.
    sheet: Option<String>,
    /// Comparisons to ask for.
    contrasts: Vec<String>,
    /// What the data try to mislead us to; for people.
    trap: Option<String>,

    format: Option<String>,
    level: Option<String>,
    quantity: Option<String>,
    scale: Option<String>,
    organism: Option<String>,
    /// Rows of the table by the README: features kept and rows removed, together.
    rows: Option<usize>,
    /// Features kept.
    features: Option<usize>,
    /// Rows removed, by kind.
    removed: BTreeMap<String, usize>,
    samples: Option<usize>,
    /// Samples set apart.
    excluded: Option<usize>,
    /// Tables that were read, as assays of one set of samples.
    assays: Option<usize>,
    /// Whether proteins were made from its peptides, which are what the rest of the key is about.
    rolled_up: bool,
    /// Fraction of cells without a value, within 0.01.
    missing: Option<f64>,
    /// Fraction of features with a symbol, at least.
    with_symbol: Option<f64>,
    /// Fraction of features with an accession, at least.
    with_accession: Option<f64>,
    /// Levels with their numbers of samples, by variable; levels that are not named may be there too.
    groups: BTreeMap<String, BTreeMap<String, usize>>,
    /// Number of levels, by variable.
    levels: BTreeMap<String, usize>,
    /// Samples with a value, by variable.
    observed: BTreeMap<String, usize>,
    roles: BTreeMap<String, String>,
    /// Pairs or blocks of the comparisons: contrast → variable.
    blocks: BTreeMap<String, String>,
    /// Problems there must be, by rule.
    problems: Vec<String>,
    /// Design checks there must be, as `severity rule contrast`.
    checks: Vec<String>,
    /// Words that the inferences must hold.
    inferred: Vec<String>,
    /// It is refused, with these words in the message.
    refused: Vec<String>,
    /// Parts of the key that are known not to be met, with the reason.
    not_met: BTreeMap<String, String>,
}

/// The folder of shared data beside the repository, where there is one.
fn shared() -> Option<PathBuf> {
    let folder = support::root().join("../shared/data");
    folder.is_dir().then_some(folder)
}

fn keys() -> Vec<Key> {
    let text = support::read("tests/datasets/keys.yaml");
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("keys.yaml: {error}"))
}

/// Reads as the program does, symbols included.
fn read(path: &Path, options: &ReadOptions) -> Result<Dataset, String> {
    Ok(read_both(path, options)?.1)
}

/// A dataset as it is in its files, and with symbols.
fn read_both(path: &Path, options: &ReadOptions) -> Result<(Dataset, Dataset), String> {
    static PACKS: OnceLock<Packs> = OnceLock::new();
    let packs = PACKS.get_or_init(|| {
        let content = Content::open(None).unwrap_or_else(|error| panic!("{error}"));
        Packs::open(&content).unwrap_or_else(|error| panic!("{error}"))
    });
    let plain = open(path, options).map_err(|e| format!("{e}; hint: {}", e.hint()))?;
    let mut annotated = plain.clone();
    let map = packs
        .identifiers()
        .unwrap_or_else(|error| panic!("{error}"));
    annotated.annotate(map);
    Ok((plain, annotated))
}

/// How a value is written in JSON.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(error) => error.to_string(),
    }
}

impl Key {
    fn title(&self) -> String {
        match &self.table {
            Some(table) => format!("{}/{table}", self.dataset),
            None => self.dataset.clone(),
        }
    }

    /// What differs: part of the key, and how.
    fn faults(&self, folder: &Path) -> Vec<(String, String)> {
        let path = match &self.table {
            Some(table) => folder.join(table),
            None => folder.to_path_buf(),
        };
        let options = ReadOptions {
            samples: self.sheet.as_ref().map(|s| folder.join(s)),
            contrasts: self.contrasts.clone(),
            ..ReadOptions::default()
        };
        let (plain, dataset) = match (read_both(&path, &options), self.refused.is_empty()) {
            (Ok(read), true) => read,
            (Ok(_), false) => return vec![("refused".into(), "it was read".into())],
            (Err(message), true) => return vec![("opens".into(), message)],
            (Err(message), false) => {
                let lacks = self.refused.iter().filter(|w| !message.contains(*w));
                return lacks
                    .map(|w| ("refused".into(), format!("`{w}` is not in: {message}")))
                    .collect();
            }
        };
        let mut faults = Faults(Vec::new());
        let main = dataset.assay();
        let peptides = main
            .rolled_up
            .as_ref()
            .and_then(|r| dataset.assays.get(&r.from));
        faults.same("rolled_up", &Some(self.rolled_up), &peptides.is_some());
        let tables = dataset.assays.values().filter(|a| a.rolled_up.is_none());
        faults.same("assays", &self.assays, &tables.count());
        self.check_assay(peptides.unwrap_or(main), &mut faults);
        self.check_samples(&dataset, &mut faults);
        self.check_words(&dataset, &mut faults);
        let cells = |a: &Assay| a.n_features() * a.n_samples();
        if dataset.assays.values().map(cells).sum::<usize>() <= MOST_CONVERTED {
            let back = convert::round_trip(&plain, &dataset);
            faults
                .0
                .extend(back.err().map(|difference| ("convert".into(), difference)));
        }
        faults.0
    }

    fn check_assay(&self, assay: &Assay, faults: &mut Faults) {
        let removed: BTreeMap<String, usize> = serde_json::to_value(assay.removed)
            .and_then(serde_json::from_value)
            .unwrap_or_default();
        let rows = assay.n_features() + assay.removed.rows();
        faults.same("format", &self.format, &assay.format);
        faults.same("level", &self.level, &word(&assay.level));
        faults.same("quantity", &self.quantity, &word(&assay.quantity));
        faults.same("scale", &self.scale, &word(&assay.source_scale));
        faults.same("rows", &self.rows, &rows);
        faults.same("features", &self.features, &assay.n_features());
        for (kind, n) in &self.removed {
            let found = removed.get(kind).copied().unwrap_or_default();
            faults.same(
                "removed",
                &Some((kind.as_str(), *n)),
                &(kind.as_str(), found),
            );
        }
        if let Some(expected) = self.missing {
            let found = assay.values.fraction_missing();
            faults.ask("missing", (found - expected).abs() <= 0.01, || {
                format!("{found:.3}, not {expected}")
            });
        }
        let n = assay.n_features() as f64;
        let symbols = assay.features.iter().filter(|f| f.symbol.is_some()).count() as f64 / n;
        let named = assay.features.iter().filter(|f| !f.accessions.is_empty());
        let named = named.count() as f64 / n;
        for (part, least, found) in [
            ("with_symbol", self.with_symbol, symbols),
            ("with_accession", self.with_accession, named),
        ] {
            if let Some(least) = least {
                faults.ask(part, found >= least, || format!("{found:.3}, not {least}"));
            }
        }
    }

    fn check_samples(&self, dataset: &Dataset, faults: &mut Faults) {
        let samples = &dataset.samples;
        faults.same("samples", &self.samples, &samples.len());
        faults.same("excluded", &self.excluded, &samples.excluded.len());
        let known = || {
            samples
                .variables
                .keys()
                .cloned()
                .collect::<Vec<_>>()
                .join(", ")
        };
        let variable = |name: &str, part: &str, faults: &mut Faults| {
            let found = samples.variables.get(name);
            faults.ask(part, found.is_some(), || {
                format!("no variable `{name}` among {}", known())
            });
            found
        };
        for (name, groups) in &self.groups {
            let Some(found) = variable(name, "groups", faults) else {
                continue;
            };
            let counts: BTreeMap<String, usize> = found.level_counts().into_iter().collect();
            let same = groups.iter().all(|(level, n)| counts.get(level) == Some(n));
            faults.ask("groups", same, || {
                format!("`{name}` is {counts:?}, not {groups:?}")
            });
        }
        for (name, n) in &self.levels {
            if let Some(found) = variable(name, "levels", faults) {
                faults.same("levels", &Some((name, *n)), &(name, found.levels().len()));
            }
        }
        for (name, n) in &self.observed {
            if let Some(found) = variable(name, "observed", faults) {
                faults.same("observed", &Some((name, *n)), &(name, found.observed()));
            }
        }
        for (name, role) in &self.roles {
            if let Some(found) = variable(name, "roles", faults) {
                let found = word(&found.role);
                faults.ask("roles", found == *role, || {
                    format!("`{name}` is {found}, not {role}")
                });
            }
        }
    }

    fn check_words(&self, dataset: &Dataset, faults: &mut Faults) {
        let seen = Inspection::of(dataset);
        faults.same(
            "organism",
            &self.organism,
            &seen.organism.clone().unwrap_or_default(),
        );
        for (contrast, block) in &self.blocks {
            let found = dataset.design.find(contrast).map(|c| c.blocking.clone());
            let there = found.as_ref().is_some_and(|b| b.contains(block));
            faults.ask("blocks", there, || {
                format!("`{contrast}` blocks on {found:?}, not on `{block}`")
            });
        }
        for rule in &self.problems {
            let found: Vec<&str> = seen.problems.iter().map(|p| p.rule.as_str()).collect();
            faults.ask("problems", found.contains(&rule.as_str()), || {
                format!("no `{rule}` among {found:?}")
            });
        }
        let checks: Vec<String> = (seen.design.checks.iter())
            .map(|c| {
                let contrast = c.contrast.as_deref().unwrap_or("all");
                format!("{} {} {contrast}", word(&c.severity), word(&c.rule))
            })
            .collect();
        for check in &self.checks {
            faults.ask("checks", checks.contains(check), || {
                format!("no `{check}` among {checks:?}")
            });
        }
        let said: Vec<String> = (seen.inferences.iter())
            .map(|i| format!("{} {} {}", i.what, i.value, i.because))
            .collect();
        for wanted in &self.inferred {
            faults.ask("inferred", said.iter().any(|s| s.contains(wanted)), || {
                format!("`{wanted}` in no inference")
            });
        }
    }
}

/// Parts of a key that are not met.
struct Faults(Vec<(String, String)>);

impl Faults {
    fn ask(&mut self, part: &str, met: bool, how: impl FnOnce() -> String) {
        if !met {
            self.0.push((part.to_owned(), how()));
        }
    }

    fn same<T: PartialEq + std::fmt::Debug>(&mut self, part: &str, key: &Option<T>, found: &T) {
        if let Some(expected) = key {
            self.ask(part, found == expected, || {
                format!("{found:?}, not {expected:?}")
            });
        }
    }
}

/// Datasets read side by side.
const THREADS: usize = 2;

/// Reads every dataset of the keys in `folder` and tells what differs.
fn check(keys: &[Key], folder: &Path) {
    let next = AtomicUsize::new(0);
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(key) = keys.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = report(key, folder);
                    faults
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .extend(found);
                }
            });
        }
    });
    let mut faults = faults.into_inner().unwrap_or_else(PoisonError::into_inner);
    faults.sort();
    assert!(
        faults.is_empty(),
        "{} keys are not met:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// What of a key is not met and not known to be so, one line each.
fn report(key: &Key, folder: &Path) -> Vec<String> {
    let title = key.title();
    let faults = key.faults(&folder.join(&key.dataset));
    for (part, reason) in &key.not_met {
        if faults.iter().any(|(p, _)| p == part) {
            eprintln!("{title}: `{part}` is not met: {reason}");
        } else {
            eprintln!("{title}: `{part}` is met by now; take it off `not_met`");
        }
    }
    let trap = key
        .trap
        .as_deref()
        .map_or_else(String::new, |t| format!(" ({t})"));
    (faults.iter())
        .filter(|(part, _)| !key.not_met.contains_key(part))
        .map(|(part, how)| format!("{title}: {part}: {how}{trap}"))
        .collect()
}

#[test]
fn bundled_datasets_read_as_their_keys_say() {
    let keys: Vec<Key> = keys().into_iter().filter(|k| k.bundled).collect();
    assert!(!keys.is_empty());
    let mut named: Vec<&str> = keys.iter().map(|k| k.dataset.as_str()).collect();
    named.dedup();
    let mut bundled = support::folders_in("datasets");
    bundled.retain(|name| name != "knowledge");
    assert_eq!(named, bundled, "every bundled dataset has a key");
    check(&keys, &support::root().join("datasets"));
}

#[test]
fn shared_datasets_read_as_their_keys_say() {
    let Some(folder) = shared() else {
        eprintln!(
            "NOT RUN: no shared data at `{}`; only bundled datasets are checked",
            support::root().join("../shared/data").display()
        );
        return;
    };
    let keys: Vec<Key> = keys().into_iter().filter(|k| !k.bundled).collect();
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{error}"));
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let knowledge = name.starts_with("kb-");
        assert!(
            knowledge || keys.iter().any(|k| k.dataset == name),
            "`{name}` has no key"
        );
    }
    check(&keys, &folder);
}
