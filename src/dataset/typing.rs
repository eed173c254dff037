//! From the cells of a sheet's column to a typed variable: missing codes, numbers, labels, and the order of labels.

use std::collections::BTreeSet;

use super::label::{common_prefix, common_suffix, is_separator, words};
use super::number::{self, Cell, Notation};
use super::{Problem, Severity, Variable, VariableValues};

/// Codes for "no value" that are never labels of a group.
const UNKNOWN: [&str; 16] = [
    "unknown",
    "unk",
    "not reported",
    "not available",
    "not applicable",
    "not specified",
    "unspecified",
    "missing",
    "not determined",
    "cannot be determined",
    "not evaluated",
    "not assessed",
    "no data",
    "nd",
    "n.d.",
    "#n/a",
];
/// Codes for "no value" unless the owner declares other ones.
const ABSENT: [&str; 7] = ["na", "n/a", "nan", "null", "-", "--", "."];

/// Which cells of the sheets mean that there is no value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MissingCodes {
    /// The owner's own list, replacing the usual spellings of NA.
    pub declared: Option<Vec<String>>,
}

impl MissingCodes {
    /// Whether a cell holds no value.
    pub fn is_missing(&self, cell: &str) -> bool {
        let cell = cell.trim();
        let one_of = |codes: &[&str]| codes.iter().any(|c| cell.eq_ignore_ascii_case(c));
        cell.is_empty()
            || one_of(&UNKNOWN)
            || match &self.declared {
                Some(codes) => codes.iter().any(|c| c.eq_ignore_ascii_case(cell)),
                None => one_of(&ABSENT),
            }
    }
}

/// Whether numbers of a column are labels (batch 3, dose 10) or quantities (age 61).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// Labels, whatever their number.
    AreLabels,
    /// Labels only when there are few of them.
    MayBeLabels,
}

/// A variable from one cell per sample (none where the sheet has no row for it), with what is doubtful.
pub(crate) fn variable(
    name: &str,
    cells: &[Option<&str>],
    codes: &MissingCodes,
    numbers: Numbers,
    file: &str,
) -> (Variable, Option<Problem>) {
    let present: Vec<Option<&str>> = cells
        .iter()
        .map(|c| c.map(str::trim).filter(|c| !codes.is_missing(c)))
        .collect();
    let notation =
        number::notation_of(present.iter().flatten().copied()).unwrap_or(Notation::Point);
    let parsed: Vec<Option<Cell>> = present
        .iter()
        .map(|c| c.map(|c| number::parse(c, notation)))
        .collect();
    let found: Vec<f64> = parsed
        .iter()
        .filter_map(|c| match c {
            Some(Cell::Number(x)) => Some(*x),
            _ => None,
        })
        .collect();
    let observed = present.iter().flatten().count();
    let distinct: BTreeSet<u64> = found.iter().map(|x| x.to_bits()).collect();
    let whole = found.iter().all(|x| x.fract() == 0.0);
    let few = distinct.len() <= 2 || (whole && distinct.len() <= 5);
    let numeric = observed > 0 && 10 * found.len() >= 9 * observed;
    let labels =
        !numeric || few || (numbers == Numbers::AreLabels && distinct.len() < observed.max(3));
    if labels {
        let owned: Vec<Option<String>> = present.iter().map(|c| c.map(str::to_string)).collect();
        let mut variable = Variable::categorical(name, &owned, super::Role::Clinical);
        order_levels(&mut variable);
        return (variable, None);
    }
    let values = parsed
        .iter()
        .map(|c| match c {
            Some(Cell::Number(x)) => Some(*x),
            _ => None,
        })
        .collect();
    let strays: Vec<&str> = present
        .iter()
        .zip(&parsed)
        .filter(|(_, p)| !matches!(p, Some(Cell::Number(_))))
        .filter_map(|(c, _)| *c)
        .collect();
    let problem = (!strays.is_empty()).then(|| {
        Problem::new(
            Severity::Note,
            "text_among_numbers",
            format!(
                "{} cells are not numbers and are taken as missing, for example `{}`",
                strays.len(),
                strays[0]
            ),
            "write numbers, or leave the cells empty",
        )
        .in_file(file)
        .in_column(name)
    });
    (
        Variable::continuous(name, values, super::Role::Clinical),
        problem,
    )
}

/// Puts levels into their own order where they have one: numbers with a common unit, Roman numerals, low to high.
fn order_levels(variable: &mut Variable) {
    let VariableValues::Categorical {
        levels,
        codes,
        ordered,
    } = &mut variable.values
    else {
        return;
    };
    if levels.len() < 2 {
        return;
    }
    let Some(ranks) = ranks(levels) else { return };
    let mut order: Vec<usize> = (0..levels.len()).collect();
    order.sort_by(|a, b| ranks[*a].total_cmp(&ranks[*b]));
    let sorted: Vec<String> = order.iter().map(|&k| levels[k].clone()).collect();
    for code in codes.iter_mut() {
        *code = code.and_then(|k| order.iter().position(|o| *o == k));
    }
    *levels = sorted;
    *ordered = levels.len() > 2;
}

/// The rank of each level, or none when they have no order of their own.
fn ranks(levels: &[String]) -> Option<Vec<f64>> {
    if let Some(amounts) = amounts(levels)
        && distinct(amounts.iter().map(|a| a.0))
    {
        let mut units: Vec<&str> = amounts
            .iter()
            .filter(|a| a.0 != 0.0)
            .map(|a| a.1.as_str())
            .collect();
        units.dedup();
        if units.len() <= 1 {
            return Some(amounts.iter().map(|a| a.0).collect());
        }
    }
    let by_word: Option<Vec<f64>> = levels
        .iter()
        .map(|l| words(l).iter().find_map(|w| word_rank(w)))
        .collect();
    by_word.filter(|r| distinct(r.iter().copied()))
}

fn distinct(ranks: impl Iterator<Item = f64>) -> bool {
    let all: Vec<u64> = ranks.map(f64::to_bits).collect();
    all.iter().collect::<BTreeSet<_>>().len() == all.len()
}

/// A label as number and unit: `12500amol`, `24 h`, `0.5uM`, `d7`.
pub(crate) fn amount(label: &str) -> Option<(f64, String)> {
    let start = label.find(|c: char| c.is_ascii_digit())?;
    let tail = &label[start..];
    let end = tail
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(tail.len());
    let number: f64 = tail[..end].trim_end_matches('.').parse().ok()?;
    let unit = format!("{}#{}", &label[..start], tail[end..].trim());
    (!tail[end..].contains(|c: char| c.is_ascii_digit())).then_some((number, unit))
}

/// Every level as number and unit, where all are amounts. What all levels begin and end with is no part of the number
/// (`HepG2_30s_Bio`, `HepG2_1m_Bio`): it stays before the unit, and behind it only where it is the unit itself (`5 amol`).
pub(crate) fn amounts(levels: &[String]) -> Option<Vec<(f64, String)>> {
    let texts: Vec<&str> = levels.iter().map(String::as_str).collect();
    let (head, tail) = (common_prefix(&texts), common_suffix(&texts));
    let amount_of = |level: &String| {
        let end = level.len().checked_sub(tail)?;
        let (number, mut unit) = amount(level.get(head..end)?)?;
        let behind = &level[end..];
        let word = behind.split(is_separator).find(|w| !w.is_empty());
        if let Some(word) = word.filter(|w| unit.ends_with('#') && is_unit(w, behind)) {
            unit.push_str(word);
        }
        Some((number, format!("{}{unit}", &level[..head])))
    };
    levels.iter().map(amount_of).collect()
}

/// Whether a word behind a number is its unit: one that is known, or the only word and apart by a space (`5 spots`).
fn is_unit(word: &str, behind: &str) -> bool {
    behind.strip_prefix(' ') == Some(word) || seconds_in(word).is_some() || is_unit_of_amount(word)
}

/// Units of substance, mass, volume and radiation with their prefixes: `amol`, `uM`, `ng`, `Gy`.
pub(crate) fn is_unit_of_amount(word: &str) -> bool {
    ["mol", "M", "g", "l", "L", "Gy"].iter().any(|base| {
        word.strip_suffix(base).is_some_and(|prefix| {
            ["", "a", "f", "p", "n", "u", "µ", "μ", "m", "k"].contains(&prefix)
        })
    })
}

/// Seconds in a unit of time; none for anything else.
pub(crate) fn seconds_in(unit: &str) -> Option<f64> {
    Some(match unit.to_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "wk" | "week" | "weeks" => 604_800.0,
        _ => return None,
    })
}

fn word_rank(word: &str) -> Option<f64> {
    const RANKS: [(&str, f64); 21] = [
        ("none", 0.0),
        ("absent", 0.0),
        ("i", 1.0),
        ("ii", 2.0),
        ("iii", 3.0),
        ("iv", 4.0),
        ("v", 5.0),
        ("ia", 1.1),
        ("ib", 1.2),
        ("iia", 2.1),
        ("iib", 2.2),
        ("iiia", 3.1),
        ("iiib", 3.2),
        ("low", 20.0),
        ("mild", 20.0),
        ("medium", 21.0),
        ("intermediate", 21.0),
        ("moderate", 21.0),
        ("high", 22.0),
        ("severe", 22.0),
        ("intense", 23.0),
    ];
    RANKS.iter().find(|(w, _)| *w == word).map(|(_, r)| *r)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(cells: &[&str], numbers: Numbers) -> Variable {
        let cells: Vec<Option<&str>> = cells.iter().map(|c| Some(*c)).collect();
        variable("x", &cells, &MissingCodes::default(), numbers, "sheet.tsv").0
    }

    #[test]
    fn numbers_and_labels() {
        assert!(!typed(&["61", "58.5", "NA", "70", "44"], Numbers::MayBeLabels).is_categorical());
        assert!(typed(&["0", "1", "1", "NA"], Numbers::MayBeLabels).is_categorical());
        assert!(
            typed(
                &["1", "2", "3", "4", "5", "6", "7", "1"],
                Numbers::AreLabels
            )
            .is_categorical()
        );
        assert_eq!(
            typed(
                &["22\u{b7}64", "20\u{b7}1", "19", "30"],
                Numbers::MayBeLabels
            )
            .observed(),
            4
        );
        assert_eq!(
            typed(&["22,64", "20,1", "19", "30,5"], Numbers::MayBeLabels)
                .numbers()
                .map(|n| n[0]),
            Some(Some(22.64))
        );
    }

    #[test]
    fn doses_and_stages_are_ordered() {
        assert_eq!(
            typed(&["500amol", "50amol", "125amol"], Numbers::AreLabels).levels(),
            ["50amol", "125amol", "500amol"]
        );
        assert_eq!(
            typed(&["Stage II", "Stage I", "Stage IV"], Numbers::AreLabels).levels(),
            ["Stage I", "Stage II", "Stage IV"]
        );
        assert_eq!(
            typed(&["b", "a", "b"], Numbers::AreLabels).levels(),
            ["b", "a"]
        );
        assert_eq!(
            typed(&["K6", "K11", "M1"], Numbers::AreLabels).levels(),
            ["K6", "K11", "M1"]
        );
    }
}
