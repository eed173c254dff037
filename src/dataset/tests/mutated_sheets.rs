//! Whatever is done to a sheet, opening never panics and never gives a sample the label of another.

use proptest::prelude::*;

use super::{Experiment, SHEET};

/// One way of spoiling a sheet.
#[derive(Debug, Clone)]
enum Spoil {
    Swap(usize, usize),
    Drop(usize),
    Double(usize),
    Shout(usize),
    Pad(usize),
    Cut(usize, usize),
    Replace(usize, usize, char),
    DropColumn(usize),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    prop_oneof![
        (1..7usize, 1..7usize).prop_map(|(a, b)| Spoil::Swap(a, b)),
        (1..7usize).prop_map(Spoil::Drop),
        (1..7usize).prop_map(Spoil::Double),
        (0..7usize).prop_map(Spoil::Shout),
        (0..7usize).prop_map(Spoil::Pad),
        (0..7usize, 0..20usize).prop_map(|(row, at)| Spoil::Cut(row, at)),
        (1..7usize, 0..12usize, any::<char>()).prop_map(|(row, at, c)| Spoil::Replace(row, at, c)),
        (0..3usize).prop_map(Spoil::DropColumn),
    ]
}

fn apply(lines: &mut Vec<String>, spoil: &Spoil) {
    let n = lines.len();
    match *spoil {
        Spoil::Swap(a, b) if a < n && b < n => lines.swap(a, b),
        Spoil::Drop(a) if a < n => {
            lines.remove(a);
        }
        Spoil::Double(a) if a < n => lines.push(lines[a].clone()),
        Spoil::Shout(a) if a < n => lines[a] = lines[a].to_uppercase(),
        Spoil::Pad(a) if a < n => lines[a] = lines[a].replace('\t', "  \t "),
        Spoil::Cut(a, at) if a < n => {
            lines[a] = lines[a].chars().take(at).collect();
        }
        Spoil::Replace(a, at, c) if a < n => {
            lines[a] = lines[a]
                .chars()
                .enumerate()
                .map(|(k, old)| if k == at { c } else { old })
                .collect();
        }
        Spoil::DropColumn(j) => {
            for line in lines.iter_mut() {
                let kept: Vec<&str> = line
                    .split('\t')
                    .enumerate()
                    .filter(|(k, _)| *k != j)
                    .map(|(_, c)| c)
                    .collect();
                *line = kept.join("\t");
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_panic_and_no_wrong_label(spoils in prop::collection::vec(spoil(), 1..4)) {
        let it = Experiment::new();
        let mut lines: Vec<String> = SHEET.lines().map(str::to_string).collect();
        for s in &spoils {
            apply(&mut lines, s);
        }
        let replaced = spoils.iter().any(|s| matches!(s, Spoil::Replace(..) | Spoil::Cut(..)));
        match it.sheet(lines.join("\n")) {
            Err(error) => prop_assert!(!error.to_string().is_empty() && !error.hint().is_empty()),
            // A label can be spoiled itself; a sample must never get the intact label of the other group.
            Ok(dataset) => {
                let Some(condition) = dataset.samples.variables.get("condition") else { return Ok(()) };
                for (i, id) in dataset.samples.ids.iter().enumerate() {
                    let other = if id.to_lowercase().starts_with("ctrl") { "drug" } else { "ctrl" };
                    if !replaced {
                        prop_assert_ne!(condition.group_of(i).map(str::to_lowercase), Some(other.to_string()));
                    }
                }
            }
        }
    }
}
