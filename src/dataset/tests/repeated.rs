//! Repeated measurements of one sample, and ratios to the reference channel of a plex.

use super::super::{
    Dataset, DatasetError, Declared, Quantity, ReadOptions, Role, Severity, TechnicalReplicates,
    open,
};
use super::Experiment;

/// Two groups of three animals, each measured twice; animal 3 of the second group was missed once.
fn repeated(declared: Option<TechnicalReplicates>) -> Result<Dataset, DatasetError> {
    let it = Experiment::new();
    let mut table = "Protein\tGene".to_string();
    let mut sheet = "sample\tgroup\tbiorep\tinjection\tday\n".to_string();
    let mut rows = [
        "P04637\tTP53".to_string(),
        "P55072\tVCP".to_string(),
        "Q96S94\tCCNL2".to_string(),
    ];
    for (g, group) in ["ctrl", "drug"].iter().enumerate() {
        for animal in 1..=3 {
            for injection in 1..=2 {
                let name = format!("{group}_{animal}_i{injection}");
                table.push_str(&format!("\t{name}"));
                sheet.push_str(&format!(
                    "{name}\t{group}\t{animal}\t{injection}\tday{injection}\n"
                ));
                // log2 values 20, 22; 21 + group; missing in the second injection of the last animal.
                rows[0].push_str(&format!("\t{}", f64::powi(2.0, 18 + 2 * injection)));
                rows[1].push_str(&format!("\t{}", f64::powi(2.0, 21 + g as i32)));
                let missed = g == 1 && animal == 3 && injection == 2;
                rows[2].push_str(if missed { "\t" } else { "\t1048576" });
            }
        }
    }
    it.write("table.tsv", format!("{table}\n{}\n", rows.join("\n")));
    it.write("sheet.tsv", sheet);
    let options = ReadOptions {
        samples: Some(it.path("sheet.tsv")),
        declared: Declared {
            technical_replicates: declared,
            ..Declared::default()
        },
        ..ReadOptions::default()
    };
    open(&it.path("table.tsv"), &options)
}

fn said<'a>(d: &'a Dataset, what: &str) -> &'a str {
    let found = d.inferences.iter().find(|i| i.what == what);
    found.map_or("", |i| i.value.as_str())
}

#[test]
fn technical_replicates_stay_apart_unless_declared() {
    let d = repeated(None).unwrap();
    assert_eq!(d.samples.len(), 12);
    assert!(said(&d, "technical replicates").contains("12 measurements of 6 samples"));
    let check = d
        .design
        .checks
        .iter()
        .find(|c| c.message.contains("repeated"));
    assert_eq!(check.map(|c| c.severity), Some(Severity::Warn));
    assert!(
        check
            .unwrap()
            .fix
            .contains("--technical-replicates average")
    );
    let kept = repeated(Some(TechnicalReplicates::Keep)).unwrap();
    assert_eq!(kept.samples.len(), 12);
}

#[test]
fn technical_replicates_are_averaged_on_the_log_scale() {
    let d = repeated(Some(TechnicalReplicates::Average)).unwrap();
    assert_eq!(
        d.samples.ids,
        ["ctrl_1", "ctrl_2", "ctrl_3", "drug_1", "drug_2", "drug_3"]
    );
    let values = &d.assay().values;
    assert_eq!(values.row(0), [21.0; 6]);
    assert_eq!(values.row(1), [21.0, 21.0, 21.0, 22.0, 22.0, 22.0]);
    // One of two measurements is a measurement.
    assert_eq!(values.row(2), [20.0; 6]);
    assert_eq!(d.assay().columns[0], "ctrl_1_i1 + ctrl_1_i2");
    let group = &d.samples.variables["group"];
    assert_eq!(
        group.level_counts(),
        [("ctrl".into(), 3), ("drug".into(), 3)]
    );
    // What told the measurements apart is no fact of the samples.
    for name in ["injection", "day"] {
        assert_eq!(d.samples.variables[name].role, Role::Ignored, "{name}");
    }
    assert!(
        d.design
            .checks
            .iter()
            .all(|c| !c.message.contains("repeated"))
    );
    assert_eq!(d.design.proposed[0].id, "group:drug-ctrl");
    let keep = repeated(None).unwrap();
    assert_ne!(d.content_hash, keep.content_hash);
}

#[test]
fn averaging_needs_a_column_that_tells() {
    let it = Experiment::new();
    let options = ReadOptions {
        samples: Some(it.path("sheet.tsv")),
        declared: Declared {
            technical_replicates: Some(TechnicalReplicates::Average),
            ..Declared::default()
        },
        ..ReadOptions::default()
    };
    let error = open(&it.path("table.tsv"), &options).unwrap_err();
    assert!(error.to_string().contains("technical_replicate"), "{error}");
    assert!(error.hint().contains("--role"), "{}", error.hint());
}

/// Two plexes of four channels; the first of each is a pool, and everything in the second is 8 times as intense.
fn plexes(declared: Declared, pool_in_second: &str) -> Result<Dataset, DatasetError> {
    let it = Experiment::new();
    let mut table = "Protein\tGene".to_string();
    let mut sheet = "sample\tplex\tchannel\tcondition\n".to_string();
    let mut rows = ["P04637\tTP53".to_string(), "P55072\tVCP".to_string()];
    for (p, plex) in ["A", "B"].iter().enumerate() {
        for (k, channel) in ["126", "127N", "127C", "128N"].iter().enumerate() {
            let name = format!("{plex}_{channel}");
            let condition = match (k, p) {
                (0, 1) => pool_in_second,
                (0, _) => "Pool",
                (1, _) => "ctrl",
                _ => "drug",
            };
            table.push_str(&format!("\t{name}"));
            sheet.push_str(&format!("{name}\t{plex}\t{channel}\t{condition}\n"));
            let level = 16 + k as i32 + 3 * p as i32;
            rows[0].push_str(&format!("\t{}", f64::powi(2.0, level)));
            // The pool of the second plex holds nothing of the other protein.
            let missing = k == 0 && p == 1;
            rows[1].push_str(&if missing {
                "\t0".to_string()
            } else {
                format!("\t{}", f64::powi(2.0, level))
            });
        }
    }
    it.write("table.tsv", format!("{table}\n{}\n", rows.join("\n")));
    it.write("sheet.tsv", sheet);
    let options = ReadOptions {
        samples: Some(it.path("sheet.tsv")),
        declared,
        ..ReadOptions::default()
    };
    open(&it.path("table.tsv"), &options)
}

fn to_pool() -> Declared {
    Declared {
        plex_reference: Some("pool".to_string()),
        ..Declared::default()
    }
}

#[test]
fn pools_are_set_apart_and_divide_nothing_unless_declared() {
    let d = plexes(Declared::default(), "Pool").unwrap();
    assert_eq!((d.samples.len(), d.samples.excluded.len()), (6, 2));
    assert_eq!(
        d.assay().values.row(0),
        [17.0, 18.0, 19.0, 20.0, 21.0, 22.0]
    );
    let told = d
        .inferences
        .iter()
        .find(|i| i.what.starts_with("controls"))
        .unwrap();
    assert!(
        told.override_with.contains("--plex-reference Pool"),
        "{told:?}"
    );
    assert!(told.because.contains("divided"), "{told:?}");
}

#[test]
fn ratios_to_the_pool_make_plexes_comparable() {
    let d = plexes(to_pool(), "Pool").unwrap();
    assert_eq!(d.assay().quantity, Quantity::Ratio);
    assert_eq!(d.assay().values.row(0), [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]);
    let other = d.assay().values.row(1);
    assert_eq!(other[..3], [1.0, 2.0, 3.0]);
    assert!(other[3..].iter().all(|v| v.is_nan()), "{other:?}");
    assert!(
        d.samples
            .excluded
            .iter()
            .all(|e| e.reason.contains("reference"))
    );
    assert!(d.inferences.iter().any(|i| i.value.contains("log2 ratios")));
}

#[test]
fn a_plex_without_the_reference_is_refused() {
    let error = plexes(to_pool(), "drug").unwrap_err();
    assert!(error.to_string().contains("plex `B`"), "{error}");
    let unknown = Declared {
        plex_reference: Some("Bridge".to_string()),
        ..Declared::default()
    };
    let error = plexes(unknown, "Pool").unwrap_err();
    assert!(error.to_string().contains("`Bridge`"), "{error}");
}
