//! Whatever is done to a good sheet, opening never panics and never gives a sample the label of another in silence:
//! either every sample keeps its own group, or a message names the row or the column.

use proptest::prelude::*;

use super::super::{Dataset, DatasetError};
use super::Experiment;

const NAMES: [&str; 8] = [
    "Ctrl_A1", "Ctrl_A2", "Ctrl_B1", "Ctrl_B2", "Drug_A1", "Drug_A2", "Drug_B1", "Drug_B2",
];

/// One way of changing a good sheet.
#[derive(Debug, Clone)]
enum Change {
    Shuffle(usize),
    ReorderColumns,
    Lower,
    Upper(usize),
    Space(usize),
    Ending(&'static str),
    Folder,
    Prefix,
    Dashes,
    Repeat(usize),
    Drop(usize),
    Extra(String),
    Garble(usize, usize, char),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (1..8usize).prop_map(Change::Shuffle),
        Just(Change::ReorderColumns),
        Just(Change::Lower),
        (0..8usize).prop_map(Change::Upper),
        (0..8usize).prop_map(Change::Space),
        prop_oneof![Just(".raw"), Just(".mzML"), Just(".d"), Just("_1.raw")]
            .prop_map(Change::Ending),
        Just(Change::Folder),
        Just(Change::Prefix),
        Just(Change::Dashes),
        (0..8usize).prop_map(Change::Repeat),
        (0..8usize).prop_map(Change::Drop),
        "[A-Za-z]{3,6}_[0-9]".prop_map(Change::Extra),
        (
            0..8usize,
            0..7usize,
            prop_oneof![
                Just('x'),
                Just('1'),
                Just('2'),
                Just('_'),
                Just('A'),
                Just('B')
            ]
        )
            .prop_map(|(r, at, c)| Change::Garble(r, at, c)),
    ]
}

/// A row: the sample's name, its true group.
type Row = (String, String);

fn apply(rows: &mut Vec<Row>, columns_swapped: &mut bool, change: &Change) {
    let n = rows.len();
    let each = |rows: &mut Vec<Row>, f: &dyn Fn(&str) -> String| {
        for (name, _) in rows.iter_mut() {
            *name = f(name);
        }
    };
    match change {
        Change::Shuffle(by) => rows.rotate_left(by % n.max(1)),
        Change::ReorderColumns => *columns_swapped = !*columns_swapped,
        Change::Lower => each(rows, &|s| s.to_lowercase()),
        Change::Upper(r) if *r < n => rows[*r].0 = rows[*r].0.to_uppercase(),
        Change::Space(r) if *r < n => rows[*r].0 = format!("  {} ", rows[*r].0),
        Change::Ending(e) => each(rows, &|s| format!("{s}{e}")),
        Change::Folder => each(rows, &|s| format!("D:\\runs\\{s}")),
        Change::Prefix => each(rows, &|s| format!("LFQ intensity {s}")),
        Change::Dashes => each(rows, &|s| s.replace('_', "-")),
        Change::Repeat(r) if *r < n => rows.push(rows[*r].clone()),
        Change::Drop(r) if *r < n && n > 2 => {
            rows.remove(*r);
        }
        Change::Extra(name) => rows.push((name.clone(), "Other".to_string())),
        Change::Garble(r, at, c) if *r < n => {
            let garbled = rows[*r].0.chars().enumerate();
            rows[*r].0 = garbled
                .map(|(k, old)| if k == *at { *c } else { old })
                .collect();
        }
        _ => {}
    }
}

fn table() -> String {
    let row = |id: &str, base: usize| {
        let cells: Vec<String> = (0..NAMES.len())
            .map(|k| ((base + 3 * k) * 1_000).to_string())
            .collect();
        format!("{id}\t{}\n", cells.join("\t"))
    };
    let rows: String = ["P04637", "P55072", "Q96S94"]
        .iter()
        .enumerate()
        .map(|(k, id)| row(id, 100 + 400 * k))
        .collect();
    format!("Protein\t{}\n{rows}", NAMES.join("\t"))
}

/// Everything that is told of an opened dataset.
fn told(d: &Dataset) -> String {
    let problems = d
        .problems
        .iter()
        .map(|p| format!("{:?} {}", p.row, p.message));
    problems.collect::<Vec<_>>().join("\n")
}

fn opened(rows: &[Row], swapped: bool) -> Result<Dataset, DatasetError> {
    let it = Experiment::new();
    it.write("table.tsv", table());
    let line = |a: &str, b: &str| {
        if swapped {
            format!("{b}\t{a}\n")
        } else {
            format!("{a}\t{b}\n")
        }
    };
    let body: String = rows.iter().map(|(name, group)| line(name, group)).collect();
    it.sheet(format!("{}{body}", line("sample", "condition")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn no_sample_gets_the_group_of_another(changes in prop::collection::vec(change(), 1..4)) {
        let group = |name: &str| name[..4].to_string();
        let mut rows: Vec<Row> = NAMES.iter().map(|n| ((*n).to_string(), group(n))).collect();
        let mut swapped = false;
        for c in &changes {
            apply(&mut rows, &mut swapped, c);
        }
        match opened(&rows, swapped) {
            Err(error) => {
                prop_assert!(!error.to_string().is_empty() && !error.hint().is_empty());
                let text = format!("{error} {}", error.hint());
                prop_assert!(text.contains('`'), "{text}");
            }
            Ok(d) => {
                let condition = &d.samples.variables["condition"];
                for (i, column) in d.assay().columns.iter().enumerate() {
                    // A name garbled into that of another sample is that other sample for every reader.
                    let row = |r: &Row| r.1 == condition.group_of(i).unwrap_or_default()
                        && super::super::label::match_key(super::super::label::run_name(&r.0)).ends_with(
                            &super::super::label::match_key(column));
                    let own = condition.group_of(i) == Some(group(column).as_str());
                    prop_assert!(own || rows.iter().any(row), "{column} got {:?}", condition.group_of(i));
                }
                let told = told(&d);
                for column in NAMES {
                    let there = d.assay().columns.iter().any(|c| c == column);
                    prop_assert!(there || told.contains(column), "{column} is missing in silence: {told}");
                }
            }
        }
    }

    #[test]
    fn harmless_changes_lose_nothing(
        changes in prop::collection::vec(change().prop_filter("harmless", |c| matches!(
            c,
            Change::Shuffle(_) | Change::ReorderColumns | Change::Lower | Change::Upper(_) | Change::Space(_)
                | Change::Folder | Change::Dashes
        )), 1..4),
    ) {
        let mut rows: Vec<Row> = NAMES.iter().map(|n| ((*n).to_string(), n[..4].to_string())).collect();
        let mut swapped = false;
        for c in &changes {
            apply(&mut rows, &mut swapped, c);
        }
        let d = opened(&rows, swapped);
        prop_assert!(d.is_ok(), "{:?}", d.err());
        if let Ok(d) = d {
            prop_assert_eq!(d.samples.len(), NAMES.len());
            for (i, column) in d.assay().columns.iter().enumerate() {
                prop_assert_eq!(d.samples.variables["condition"].group_of(i), Some(&column[..4]));
            }
        }
    }
}
