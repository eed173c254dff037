//! Two crossed factors written into one label, `WT`, `WT_drug`, `KO`, `KO_drug`: the comparisons that hold one of them fixed.

use super::label::is_separator;
use super::proposals::towards_reference;

/// Target and reference of every comparison of `levels` that differ by one factor: each addition (`_drug`) within each base (`WT`,
/// `KO`), and, where there are two bases, these at each addition. None unless every base occurs with every addition.
pub(super) fn pairs(levels: &[&String]) -> Option<Vec<(String, String)>> {
    let parts: Vec<(&str, &str)> = levels.iter().map(|level| apart(level, levels)).collect();
    let mut bases: Vec<&str> = Vec::new();
    let mut additions: Vec<&str> = Vec::new();
    for &(base, addition) in &parts {
        if !bases.contains(&base) {
            bases.push(base);
        }
        if !additions.contains(&addition) {
            additions.push(addition);
        }
    }
    let whole = parts.len() == bases.len() * additions.len();
    if bases.len() < 2 || additions.len() < 2 || !whole {
        return None;
    }
    let level = |base: &str, addition: &str| format!("{base}{addition}");
    let mut found = Vec::new();
    if let [one, other] = bases[..] {
        let (target, reference) = towards_reference(one, other);
        found.extend(
            additions
                .iter()
                .map(|a| (level(target, a), level(reference, a))),
        );
    }
    for base in &bases {
        let added = additions.iter().filter(|a| !a.is_empty());
        found.extend(added.map(|a| (level(base, a), (*base).to_string())));
    }
    Some(found)
}

/// A level as the shortest other one that it extends by a separator and more, and what it adds; itself and nothing where there is
/// none.
fn apart<'a>(level: &'a str, levels: &[&String]) -> (&'a str, &'a str) {
    levels
        .iter()
        .filter_map(|other| level.strip_prefix(other.as_str()))
        .filter(|rest| rest.starts_with(is_separator) && rest.len() > 1)
        .max_by_key(|rest| rest.len())
        .map_or((level, ""), |rest| level.split_at(level.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(levels: &[&str]) -> Option<Vec<String>> {
        let owned: Vec<String> = levels.iter().map(|l| (*l).to_string()).collect();
        let pairs = pairs(&owned.iter().collect::<Vec<_>>())?;
        Some(pairs.into_iter().map(|(t, r)| format!("{t}-{r}")).collect())
    }

    #[test]
    fn two_factors_give_the_comparisons_within_each() {
        assert_eq!(
            found(&["MIAPACA", "MIAPACA_AG205", "PGRMC1", "PGRMC1_AG205"]).unwrap_or_default(),
            [
                "PGRMC1-MIAPACA",
                "PGRMC1_AG205-MIAPACA_AG205",
                "MIAPACA_AG205-MIAPACA",
                "PGRMC1_AG205-PGRMC1"
            ]
        );
        // Three bases are compared by their additions alone.
        let three = found(&["a", "a drug", "b", "b drug", "c", "c drug"]).unwrap_or_default();
        assert_eq!(three, ["a drug-a", "b drug-b", "c drug-c"]);
    }

    #[test]
    fn what_is_not_crossed_in_full_is_left_alone() {
        for levels in [
            &["WT", "WT_drug", "KO"][..],
            &["Ubi1", "Ubi4", "Ubi6", "Ctrl"],
            &["A", "AB", "B", "BB"],
            &["WT", "WT_a", "KO", "KO_b"],
            &["ctrl", "ctrl_1h", "ctrl_2h"],
        ] {
            assert_eq!(found(levels), None, "{levels:?}");
        }
    }
}
