//! `proteus convert`: what it writes reads as the same dataset.

use std::path::Path;

use proteus::dataset::{Assay, Dataset, VariableValues};
use proteus::run::tables::write_parquet;

use super::{ReadOptions, read};
use crate::support::program::{Ended, folder_with, start, table};

/// Writes the dataset, reads it again and tells the first difference from `annotated`, the dataset with symbols.
pub(super) fn round_trip(dataset: &Dataset, annotated: &Dataset) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let converted = dataset.converted().map_err(|e| e.to_string())?;
    for (name, table) in &converted.tables {
        write_parquet(&folder.path().join(name), table).map_err(|e| e.to_string())?;
    }
    for (name, text) in &converted.texts {
        std::fs::write(folder.path().join(name), text).map_err(|e| e.to_string())?;
    }
    same(annotated, &read(folder.path(), &ReadOptions::default())?)
}

fn same(one: &Dataset, other: &Dataset) -> Result<(), String> {
    let equal = |what: &str, met: bool| met.then_some(()).ok_or_else(|| what.to_owned());
    equal("name", one.name == other.name)?;
    equal("organism", one.organism() == other.organism())?;
    equal("sample ids", one.samples.ids == other.samples.ids)?;
    let names = |d: &Dataset| d.assays.keys().cloned().collect::<Vec<_>>();
    equal("names of assays", names(one) == names(other))?;
    for (a, b) in one.assays.values().zip(other.assays.values()) {
        same_assay(a, b).map_err(|e| format!("{}: {e}", a.name))?;
    }
    for (name, variable) in &one.samples.variables {
        let found = other.samples.variables.get(name);
        let found = found.ok_or_else(|| format!("no variable `{name}`"))?;
        let roles = (variable.role, found.role);
        equal(&format!("role of `{name}`: {roles:?}"), roles.0 == roles.1)?;
        let labels = |v: &proteus::dataset::Variable| -> Vec<Option<String>> {
            (0..v.len())
                .map(|i| match &v.values {
                    VariableValues::Categorical { .. } => v.group_of(i).map(str::to_owned),
                    VariableValues::Continuous { values } => values[i].map(|x| x.to_string()),
                })
                .collect()
        };
        let kinds = (variable.is_categorical(), found.is_categorical());
        equal(&format!("kind of `{name}`"), kinds.0 == kinds.1)?;
        equal(
            &format!("values of `{name}`"),
            labels(variable) == labels(found),
        )?;
        let references = (&variable.reference_level, &found.reference_level);
        equal(
            &format!("reference of `{name}`"),
            references.0 == references.1,
        )?;
        let derived = (&variable.derived_from, &found.derived_from);
        equal(&format!("origin of `{name}`"), derived.0 == derived.1)?;
    }
    let ids = |d: &Dataset| -> Vec<String> {
        let active = d.design.active().iter();
        active
            .map(|c| format!("{} {:?}", c.id, c.blocking))
            .collect()
    };
    let (before, after) = (ids(one), ids(other));
    equal(
        &format!("comparisons {before:?} and {after:?}"),
        before == after,
    )
}

fn same_assay(a: &Assay, b: &Assay) -> Result<(), String> {
    if (a.level, a.quantity) != (b.level, b.quantity) {
        return Err(format!("{:?} {:?}", b.level, b.quantity));
    }
    if (a.n_features(), a.n_samples()) != (b.n_features(), b.n_samples()) {
        return Err(format!("{} × {}", b.n_features(), b.n_samples()));
    }
    for (i, (f, g)) in a.features.iter().zip(&b.features).enumerate() {
        let line = g.row;
        let moved = proteus::dataset::Feature {
            row: line,
            ..f.clone()
        };
        if moved != *g {
            return Err(format!("{f:?} came back as {g:?}"));
        }
        for j in 0..a.n_samples() {
            let (x, y) = (a.values.get(i, j), b.values.get(i, j));
            let close = (x - y).abs() <= 1e-12 || (x.is_nan() && y.is_nan());
            if !close {
                return Err(format!("{x} of `{}` came back as {y}", f.id));
            }
        }
    }
    Ok(())
}

const SIX: [&str; 6] = ["c1", "c2", "c3", "t1", "t2", "t3"];
const SHEET: &[u8] = b"sample\tcondition\tage\nc1\tcontrol\t41\nc2\tcontrol\t52.5\nc3\tcontrol\t\nt1\tdrug\t61\nt2\tdrug\t44\nt3\tdrug\t49\n";

fn convert(folder: &Path, more: &[&str]) -> Ended {
    let arguments = [
        "convert",
        "in/table.tsv",
        "--samples",
        "in/sheet.tsv",
        "--out",
        "out",
    ];
    start(folder, &[&arguments[..], more].concat())
}

#[test]
fn a_converted_table_is_inspected_and_run_as_the_original() {
    let folder = folder_with(&[]);
    let place = folder.path().join("in");
    std::fs::create_dir(&place).unwrap_or_else(|error| panic!("{error}"));
    for (name, bytes) in [
        ("table.tsv", table(&SIX, 60).as_bytes()),
        ("sheet.tsv", SHEET),
    ] {
        std::fs::write(place.join(name), bytes).unwrap_or_else(|error| panic!("{error}"));
    }
    let ended = convert(folder.path(), &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let written: Vec<&str> = ended.out.lines().collect();
    assert_eq!(
        written,
        [
            "out/proteins.parquet",
            "out/samples.tsv",
            "out/dataset.yaml"
        ]
    );
    let inspect = |path: &[&str]| -> serde_json::Value {
        let ended = start(folder.path(), &[&["inspect", "--json"], path].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}"))
    };
    let before = inspect(&["in/table.tsv", "--samples", "in/sheet.tsv"]);
    let after = inspect(&["out"]);
    assert_eq!(after["format"], "proteus_table");
    for part in [
        "features",
        "samples",
        "fraction_missing",
        "level",
        "quantity",
    ] {
        assert_eq!(
            before["assays"][0][part], after["assays"][0][part],
            "{part}"
        );
    }
    assert_eq!(before["samples"], after["samples"]);
    assert_eq!(before["design"], after["design"]);
    let ended = start(folder.path(), &["plan", "out"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);

    let again = convert(folder.path(), &[]);
    assert_eq!(again.code, Some(2), "{}", again.out);
    assert!(again.err.contains("`out` is not empty"), "{}", again.err);
    let kept = folder.path().join("out/kept.txt");
    std::fs::write(&kept, "mine").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(convert(folder.path(), &["--force"]).code, Some(0));
    assert!(kept.exists(), "other files stay");
    let own = start(
        folder.path(),
        &["convert", "in/table.tsv", "--out", "in", "--force"],
    );
    assert_eq!(own.code, Some(2), "{}", own.out);
    assert!(own.err.contains("read from"), "{}", own.err);
}
