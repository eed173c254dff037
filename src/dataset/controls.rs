//! Samples that are measured for the sake of the measurement: quality controls, pools, blanks, and the carrier, reference
//! and unused channels of a multiplex. They are set apart, which is told and can be overruled.

use std::collections::{BTreeMap, BTreeSet};

use super::channel::is_channel_header;
use super::formats::RawTable;
use super::label::words;
use super::metadata::MatchedSheet;
use super::roles::names_a_condition;
use super::{Inference, Problem, Severity};

/// How to keep them.
const OVERRIDE: &str =
    "keep them with `--keep-controls` or `keep_controls: true` in `dataset.yaml`";
/// Among names without a sheet, controls are fewer than this part of the samples.
const MOST: f64 = 0.34;

/// Columns that are set apart, with the reason, and what is told about it.
#[derive(Default)]
pub(crate) struct Controls {
    /// Reason by position in the table's columns.
    pub columns: BTreeMap<usize, String>,
    /// What was concluded.
    pub inferences: Vec<Inference>,
    /// What was left as it is and may be wrong.
    pub problems: Vec<Problem>,
}

/// What a control is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Quality,
    Pool,
    Blank,
    Carrier,
    Unused,
    Bridge,
    Reference,
}

impl Kind {
    /// What it is, in words.
    fn says(self) -> &'static str {
        match self {
            Self::Quality => "a quality control",
            Self::Pool => "a pool of samples",
            Self::Blank => "a blank",
            Self::Carrier => "a carrier of many cells",
            Self::Unused => "a channel without a sample",
            Self::Bridge | Self::Reference => "a reference between plexes",
        }
    }

    /// Whether it names a channel of a multiplex whatever else the sheet says.
    fn is_channel(self) -> bool {
        matches!(self, Self::Carrier | Self::Unused | Self::Bridge)
    }

    /// Whether the samples of its plex can be divided by it.
    fn may_divide(self) -> bool {
        matches!(self, Self::Pool | Self::Bridge | Self::Reference)
    }
}

/// The kind of control that a label names, if every word of it belongs to such a name.
fn kind(label: &str) -> Option<Kind> {
    const FILLERS: [&str; 12] = [
        "sample",
        "samples",
        "control",
        "mix",
        "channel",
        "run",
        "injection",
        "all",
        "of",
        "internal",
        "std",
        "plex",
    ];
    let mut found: Option<Kind> = None;
    for word in words(label) {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let named = match letters {
            "qc" | "qcs" | "qcpool" | "sysqc" => Some(Kind::Quality),
            "pool" | "pooled" | "pools" => Some(Kind::Pool),
            "blank" | "blk" | "blanks" => Some(Kind::Blank),
            "carrier" | "boost" | "booster" | "boosting" => Some(Kind::Carrier),
            "unused" | "empty" => Some(Kind::Unused),
            "norm" | "bridge" | "bridging" => Some(Kind::Bridge),
            "reference" | "ref" | "refmix" => Some(Kind::Reference),
            "" => None,
            filler if FILLERS.contains(&filler) => None,
            _ => return None,
        };
        found = found.or(named);
    }
    found
}

/// Columns that say yes or no: `isQC`, `pooled`, `blank`.
fn yes_or_no(matched: &MatchedSheet, j: usize, out: &mut Controls) {
    const YES: [&str; 4] = ["true", "yes", "y", "1"];
    const NO: [&str; 4] = ["false", "no", "n", "0"];
    let sheet = &matched.sheet;
    let header = words(&sheet.header[j]);
    let asks = header.iter().all(|w| {
        matches!(
            w.as_str(),
            "is" | "sample" | "qc" | "isqc" | "pool" | "pooled" | "blank"
        )
    }) && !header.iter().all(|w| w == "is" || w == "sample");
    let is = |r: usize, list: &[&str]| {
        let cell = sheet.rows[r][j].trim().to_lowercase();
        list.contains(&cell.as_str())
    };
    let pairs = &matched.assignment.pairs;
    let answers = pairs.iter().all(|&(r, _)| is(r, &YES) || is(r, &NO));
    let yes: Vec<usize> = pairs
        .iter()
        .filter(|(r, _)| is(*r, &YES))
        .map(|(_, c)| *c)
        .collect();
    if !asks || header.len() > 3 || !answers || yes.is_empty() || 2 * yes.len() > pairs.len() {
        return;
    }
    out.inferences.push(Inference::new(
        format!("controls in `{}`", sheet.header[j]),
        format!("{} samples set apart", yes.len()),
        "the column says yes of them",
        OVERRIDE,
    ));
    for c in yes {
        let reason = format!("a control: `{}` says so", sheet.header[j]);
        out.columns.entry(c).or_insert(reason);
    }
}

/// Controls by what the sheets say, or by name where there is no sheet.
pub(crate) fn find(table: &RawTable, sheets: &[MatchedSheet]) -> Controls {
    let mut out = Controls::default();
    if sheets.is_empty() {
        by_name(table, &mut out);
    }
    for matched in sheets {
        for j in 0..matched.sheet.header.len() {
            in_column(matched, j, &mut out);
            yes_or_no(matched, j, &mut out);
        }
    }
    out
}

/// Whether a column may say which samples are controls.
fn says_what_samples_are(header: &str) -> bool {
    let words = words(header);
    let of_type = words
        .iter()
        .any(|w| matches!(w.as_str(), "type" | "class" | "pooled"));
    names_a_condition(header) || of_type || super::label::canonical(header) == "sampletype"
}

fn in_column(matched: &MatchedSheet, j: usize, out: &mut Controls) {
    let sheet = &matched.sheet;
    if !says_what_samples_are(&sheet.header[j]) {
        return;
    }
    let cells: Vec<(usize, &str)> = matched
        .assignment
        .pairs
        .iter()
        .map(|&(r, c)| (c, sheet.rows[r][j].as_str()))
        .filter(|(_, cell)| !cell.is_empty())
        .collect();
    let kinds: BTreeSet<Kind> = cells.iter().filter_map(|(_, cell)| kind(cell)).collect();
    if kinds.is_empty() {
        return;
    }
    let multiplexed = sheet.header.iter().any(|h| is_channel_header(h))
        || matched
            .roles
            .values()
            .any(|(role, _)| *role == super::Role::Plex)
        || kinds.iter().any(|k| k.is_channel());
    let of_type = words(&sheet.header[j]).iter().any(|w| w == "type");
    let told_apart = |kind: Kind| match kind {
        Kind::Quality | Kind::Pool => true,
        Kind::Carrier | Kind::Unused | Kind::Bridge => multiplexed,
        Kind::Reference => multiplexed && kinds.len() > 1,
        // In a pull-down, blank beads are what the baits are compared with.
        Kind::Blank => of_type || multiplexed || kinds.len() > 1,
    };
    let mut remaining: BTreeSet<&str> = BTreeSet::new();
    let mut apart: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (c, cell) in &cells {
        match kind(cell) {
            Some(kind) if told_apart(kind) => apart.entry(cell).or_default().push(*c),
            _ => {
                remaining.insert(cell);
            }
        }
    }
    if let Some((_, level)) = cells
        .iter()
        .find(|(_, cell)| kind(cell).is_some_and(|k| !told_apart(k)))
    {
        out.problems.push(
            Problem::new(
                Severity::Note,
                "may_be_a_control",
                format!("`{level}` may name controls of the measurement; it is kept as a group"),
                format!("leave the samples out with `exclude: {{{}: {level}}}` in `dataset.yaml` if they are", sheet.header[j]),
            )
            .in_file(sheet.file.clone())
            .in_column(sheet.header[j].clone()),
        );
    }
    // `pooled` and `not pooled` is one group and its controls; `pool 1` and `pool 2` alone are the samples.
    let only_yes_no = remaining.len() == 1 && words(&sheet.header[j]).iter().any(|w| w == "pooled");
    if apart.is_empty() || (remaining.len() < 2 && !only_yes_no) {
        return;
    }
    let shown: Vec<String> = apart
        .iter()
        .map(|(level, of)| {
            let is = kind(level).map_or("a control", Kind::says);
            let noun = if of.len() == 1 { "sample" } else { "samples" };
            format!("`{level}` ({} {noun}, {is})", of.len())
        })
        .collect();
    let divisor = apart
        .keys()
        .find(|level| multiplexed && kind(level).is_some_and(Kind::may_divide));
    let (because, how) = match divisor {
        Some(level) => (
            "their names say so; nothing is divided by a reference unless that is declared: comparisons are made within plexes",
            format!("{OVERRIDE}; take ratios to one with `--plex-reference {level}`"),
        ),
        None => ("their names say so", OVERRIDE.to_string()),
    };
    out.inferences.push(Inference::new(
        format!("controls in `{}`", sheet.header[j]),
        format!("{} set apart", shown.join(", ")),
        because,
        how,
    ));
    for (level, of) in apart {
        for c in of {
            let reason = format!("a control: `{}` is `{level}`", sheet.header[j]);
            out.columns.entry(c).or_insert(reason);
        }
    }
}

/// `QC_01` and `pool 3` among samples that are called otherwise; blanks only where little was measured.
fn by_name(table: &RawTable, out: &mut Controls) {
    let columns = &table.columns;
    let named = |label: &str| {
        let words = words(label);
        let has = |w: &str| {
            words
                .iter()
                .any(|x| x.trim_end_matches(|c: char| c.is_ascii_digit()) == w)
        };
        if has("qc") {
            Some(Kind::Quality)
        } else if kind(label) == Some(Kind::Pool) {
            Some(Kind::Pool)
        } else if has("blank") {
            Some(Kind::Blank)
        } else {
            None
        }
    };
    let observed: Vec<usize> = (0..columns.len())
        .map(|c| {
            let cells = table.values.iter().skip(c).step_by(columns.len());
            cells.filter(|v| !v.is_nan() && **v != 0.0).count()
        })
        .collect();
    let found: Vec<(usize, Kind)> = columns
        .iter()
        .enumerate()
        .filter_map(|(c, column)| Some((c, named(&column.label)?)))
        .collect();
    let mut others: Vec<usize> = (0..columns.len())
        .filter(|c| found.iter().all(|(f, _)| f != c))
        .map(|c| observed[c])
        .collect();
    others.sort_unstable();
    let usual = others.get(others.len() / 2).copied().unwrap_or(0);
    let apart: Vec<usize> = found
        .iter()
        .filter(|(c, kind)| *kind != Kind::Blank || 2 * observed[*c] < usual)
        .map(|(c, _)| *c)
        .collect();
    if apart.is_empty() || apart.len() as f64 > MOST * columns.len() as f64 {
        return;
    }
    let shown: Vec<String> = apart
        .iter()
        .take(8)
        .map(|&c| format!("`{}`", columns[c].label))
        .collect();
    let more = if apart.len() > 8 {
        format!(" and {} more", apart.len() - 8)
    } else {
        String::new()
    };
    out.inferences.push(Inference::new(
        "controls among the samples",
        format!("{}{more} set apart", shown.join(", ")),
        "their names say that they control the measurement",
        OVERRIDE,
    ));
    for c in apart {
        out.columns.insert(c, "a control, by its name".to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_controls() {
        assert_eq!(kind("QC"), Some(Kind::Quality));
        assert_eq!(kind("pooled sample 2"), Some(Kind::Pool));
        assert_eq!(kind("Pool_3"), Some(Kind::Pool));
        assert_eq!(kind("Carrier"), Some(Kind::Carrier));
        assert_eq!(kind("Booster"), Some(Kind::Carrier));
        assert_eq!(kind("bridge"), Some(Kind::Bridge));
        assert_eq!(kind("Blank"), Some(Kind::Blank));
        assert_eq!(kind("empty vector"), None);
        assert_eq!(kind("pooled siRNA"), None);
        assert_eq!(kind("control"), None);
        assert_eq!(kind("Reference"), Some(Kind::Reference));
        assert_eq!(kind("not pooled"), None);
    }
}
