//! Matching the rows of a sample sheet to the columns of a table, as an assignment with an explanation: strict
//! comparisons first, looser ones only for what is left, and only where exactly one row meets exactly one column. What
//! could go to more than one place goes nowhere and is told.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::channel;
use super::formats::SampleColumn;
use super::label::{
    common_prefix, common_suffix, is_separator, match_key, numbered_key, r_name, run_name, words,
};
use super::sheet::Sheet;

/// Which row of a sheet belongs to which column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// Column(s) of the sheet that hold the sample names.
    pub id_columns: Vec<usize>,
    /// Row and column pairs, by row.
    pub pairs: Vec<(usize, usize)>,
    /// How many pairs each comparison found, strictest first.
    pub steps: Vec<(Comparison, usize)>,
    /// Rows without a column.
    pub spare_rows: Vec<usize>,
    /// Columns without a row.
    pub spare_columns: Vec<usize>,
    /// Rows whose name an earlier row has: (row, earlier row).
    pub copies: Vec<(usize, usize)>,
    /// Spare rows and columns that could be paired in more than one way.
    pub ambiguous: Vec<Ambiguity>,
    /// Another column of the sheet that names the table's columns too, in another order.
    pub rival: Option<Rival>,
}

/// Rows and columns whose names are the same under a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ambiguity {
    /// How the names were compared.
    pub comparison: Comparison,
    /// The rows.
    pub rows: Vec<usize>,
    /// The columns.
    pub columns: Vec<usize>,
}

/// Two columns of a sheet that send a row to different columns of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rival {
    /// The other column(s) of the sheet.
    pub id_columns: Vec<usize>,
    /// The first row they disagree on.
    pub row: usize,
    /// Where the chosen one and the other one send it.
    pub columns: (usize, usize),
}

/// How two names were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Comparison {
    /// Letter by letter.
    Exact,
    /// Without folders and the ending of a run file.
    RunName,
    /// Ignoring case and spaces.
    Case,
    /// Ignoring case and punctuation.
    Punctuation,
    /// As R rewrites names.
    RNames,
    /// Without what all headers share.
    ColumnParts,
    /// Without what all names of the sheet share.
    RowParts,
    /// Without leading zeros and words for a replicate.
    Numbers,
    /// The sheet's name stands between separators in exactly one header.
    Contained,
}

impl Comparison {
    const ALL: [Self; 9] = [
        Self::Exact,
        Self::RunName,
        Self::Case,
        Self::Punctuation,
        Self::RNames,
        Self::ColumnParts,
        Self::RowParts,
        Self::Numbers,
        Self::Contained,
    ];

    /// The comparison in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Exact => "exactly",
            Self::RunName => "without folders and file endings",
            Self::Case => "ignoring case and spaces",
            Self::Punctuation => "ignoring case and punctuation",
            Self::RNames => "as R rewrites names",
            Self::ColumnParts => "without the prefix and suffix all headers share",
            Self::RowParts => "without the prefix and suffix all names of the sheet share",
            Self::Numbers => "without leading zeros and words such as `rep`",
            Self::Contained => "as part of the header",
        }
    }

    /// Whether it compares parts of names, which counts only when no comparison of whole names finds anything.
    pub fn is_weak(self) -> bool {
        self >= Self::ColumnParts
    }
}

/// The best assignment over the columns of the sheet (or the given one), or none where nothing matches.
pub(crate) fn assign(
    sheet: &Sheet,
    columns: &[SampleColumn],
    id: Option<usize>,
) -> Option<Assignment> {
    let singles: Vec<Names> = match id {
        Some(j) => vec![joined(sheet, &[j])],
        None => (0..sheet.header.len())
            .map(|j| joined(sheet, &[j]))
            .collect(),
    };
    let mut best = best_of(sheet, singles, columns);
    if id.is_some() {
        return best;
    }
    let few = |best: &Option<Assignment>| {
        let matched = best.as_ref().map_or(0, |a| a.pairs.len());
        2 * matched < columns.len().min(sheet.rows.len())
    };
    for parts in 2..=3 {
        if !few(&best) {
            break;
        }
        let candidates = combinations(sheet, columns, parts);
        let other = best_of(sheet, candidates, columns);
        let matched = |a: &Option<Assignment>| a.as_ref().map_or(0, |a| a.pairs.len());
        if matched(&other) > matched(&best) {
            best = other;
        }
    }
    best
}

/// The names of the rows, from one or more columns of the sheet.
struct Names {
    columns: Vec<usize>,
    names: Vec<String>,
}

fn joined(sheet: &Sheet, columns: &[usize]) -> Names {
    let name = |row: &Vec<String>| {
        let parts: Vec<&str> = columns.iter().map(|&j| row[j].as_str()).collect();
        if parts.iter().any(|p| p.is_empty()) {
            String::new()
        } else {
            parts.join("_")
        }
    };
    Names {
        columns: columns.to_vec(),
        names: sheet.rows.iter().map(name).collect(),
    }
}

/// Names made of several columns in any order, such as plex and channel, or condition and replicate.
fn combinations(sheet: &Sheet, columns: &[SampleColumn], parts: usize) -> Vec<Names> {
    const MOST_COLUMNS: [usize; 2] = [12, 6];
    let n = sheet.header.len();
    let mut out: Vec<Names> = Vec::new();
    if parts == 2 {
        let by_channel = channel::names(sheet, columns).into_iter();
        out.extend(by_channel.map(|(columns, names)| Names { columns, names }));
    }
    if n > MOST_COLUMNS[parts - 2] {
        return out;
    }
    for a in 0..n {
        for b in (0..n).filter(|b| *b != a) {
            if parts == 2 {
                out.push(joined(sheet, &[a, b]));
                continue;
            }
            for c in (0..n).filter(|c| *c != a && *c != b) {
                out.push(joined(sheet, &[a, b, c]));
            }
        }
    }
    out
}

fn best_of(sheet: &Sheet, candidates: Vec<Names>, columns: &[SampleColumn]) -> Option<Assignment> {
    let mut found: Vec<Assignment> = candidates
        .iter()
        .map(|c| assignment(c, columns))
        .filter(|a| !a.pairs.is_empty())
        .collect();
    let typical = |a: &Assignment| {
        a.id_columns
            .iter()
            .all(|&j| names_samples(&sheet.header[j]))
    };
    found.sort_by_key(|a| {
        let loosest = a.steps.last().map_or(Comparison::Exact, |s| s.0);
        (std::cmp::Reverse(a.pairs.len()), loosest, !typical(a))
    });
    let best = found.first()?;
    let strict = |a: &Assignment| a.steps.iter().all(|(c, _)| !c.is_weak());
    // Columns such as `paired with` name other samples of the table.
    let rivals: Vec<(usize, Rival)> = found
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, a)| strict(a) && strict(best) && a.pairs.len() >= 2)
        .filter(|(_, a)| 2 * a.pairs.len() >= best.pairs.len())
        .filter_map(|(k, a)| Some((k, disagreement(best, a)?)))
        .collect();
    if rivals.is_empty() {
        return Some(found.swap_remove(0));
    }
    let mut named: Vec<usize> = std::iter::once(0)
        .chain(rivals.iter().map(|(k, _)| *k))
        .filter(|&k| typical(&found[k]))
        .collect();
    if let (Some(only), true) = (named.pop(), named.is_empty()) {
        return Some(found.swap_remove(only));
    }
    let rival = rivals.into_iter().next().map(|(_, r)| r);
    let mut best = found.swap_remove(0);
    best.rival = rival;
    Some(best)
}

/// Whether a header says that its column names samples, runs or files.
fn names_samples(header: &str) -> bool {
    const WORDS: [&str; 12] = [
        "sample", "samples", "run", "runs", "file", "filename", "raw", "name", "id", "column",
        "assay", "aliquot",
    ];
    const OTHERS: [&str; 8] = [
        "paired",
        "control",
        "reference",
        "matched",
        "normal",
        "input",
        "partner",
        "old",
    ];
    let words = words(header);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    has(&WORDS) && !has(&OTHERS)
}

fn disagreement(a: &Assignment, b: &Assignment) -> Option<Rival> {
    let other: HashMap<usize, usize> = b.pairs.iter().copied().collect();
    a.pairs.iter().find_map(|&(row, column)| {
        let there = *other.get(&row).filter(|c| **c != column)?;
        Some(Rival {
            id_columns: b.id_columns.clone(),
            row,
            columns: (column, there),
        })
    })
}

fn assignment(names: &Names, columns: &[SampleColumn]) -> Assignment {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut copies = Vec::new();
    let mut rows = Vec::new();
    for (r, name) in names
        .names
        .iter()
        .enumerate()
        .filter(|(_, n)| !n.is_empty())
    {
        match first.get(name.as_str()) {
            Some(&before) => copies.push((r, before)),
            None => {
                first.insert(name, r);
                rows.push(r);
            }
        }
    }
    let Found { steps, ambiguous } = pair(&names.names, columns, &rows);
    let mut pairs: Vec<(usize, usize)> =
        steps.iter().flat_map(|(_, p)| p.iter().copied()).collect();
    pairs.sort_unstable();
    let (taken, matched): (HashSet<usize>, HashSet<usize>) = pairs.iter().copied().unzip();
    Assignment {
        id_columns: names.columns.clone(),
        steps: steps.iter().map(|(c, p)| (*c, p.len())).collect(),
        spare_rows: (0..names.names.len())
            .filter(|r| !taken.contains(r) && !copies.iter().any(|(copy, _)| copy == r))
            .collect(),
        spare_columns: (0..columns.len())
            .filter(|c| !matched.contains(c))
            .collect(),
        ambiguous: still_open(ambiguous, &taken, &matched),
        pairs,
        copies,
        rival: None,
    }
}

/// What could be paired in several ways and was not paired by any other comparison.
fn still_open(
    found: Vec<Ambiguity>,
    rows: &HashSet<usize>,
    columns: &HashSet<usize>,
) -> Vec<Ambiguity> {
    let mut out: Vec<Ambiguity> = Vec::new();
    for mut ambiguity in found {
        ambiguity.rows.retain(|r| !rows.contains(r));
        ambiguity.columns.retain(|c| !columns.contains(c));
        let told = out
            .iter()
            .any(|a| ambiguity.rows.iter().all(|r| a.rows.contains(r)));
        if !ambiguity.rows.is_empty() && !ambiguity.columns.is_empty() && !told {
            out.push(ambiguity);
        }
    }
    out
}

struct Found {
    steps: Vec<(Comparison, Vec<(usize, usize)>)>,
    ambiguous: Vec<Ambiguity>,
}

fn pair(names: &[String], columns: &[SampleColumn], rows: &[usize]) -> Found {
    let mut free_rows: Vec<usize> = rows.to_vec();
    let mut free_columns: Vec<usize> = (0..columns.len()).collect();
    let mut found = Found {
        steps: Vec::new(),
        ambiguous: Vec::new(),
    };
    for comparison in Comparison::ALL {
        if free_rows.is_empty() || free_columns.is_empty() {
            break;
        }
        if comparison.is_weak() && !(found.steps.is_empty() && found.ambiguous.is_empty()) {
            break;
        }
        let (pairs, ambiguous) = match comparison {
            Comparison::Contained => contained(names, columns, &free_rows),
            _ => keyed(comparison, names, columns, &free_rows, &free_columns),
        };
        found.ambiguous.extend(ambiguous);
        if !pairs.is_empty() {
            let (rows, columns): (HashSet<usize>, HashSet<usize>) = pairs.iter().copied().unzip();
            free_rows.retain(|r| !rows.contains(r));
            free_columns.retain(|c| !columns.contains(c));
            found.steps.push((comparison, pairs));
        }
    }
    found
}

type Paired = (Vec<(usize, usize)>, Vec<Ambiguity>);

/// Pairs of free rows and columns whose keys meet one to one, and those that meet otherwise.
fn keyed(
    comparison: Comparison,
    names: &[String],
    columns: &[SampleColumn],
    rows: &[usize],
    free: &[usize],
) -> Paired {
    let row_names: Vec<&str> = rows.iter().map(|&r| names[r].as_str()).collect();
    let labels: Vec<&str> = free.iter().map(|&c| columns[c].label.as_str()).collect();
    let shared = |all: &[&str], of: Comparison| {
        if of == comparison {
            (common_prefix(all), common_suffix(all))
        } else {
            (0, 0)
        }
    };
    let row_parts = shared(&row_names, Comparison::RowParts);
    let label_parts = shared(&labels, Comparison::ColumnParts);
    let key = |text: &str, (head, tail): (usize, usize)| -> String {
        match comparison {
            Comparison::Exact | Comparison::Contained => text.trim().to_string(),
            Comparison::RunName => run_name(text).to_string(),
            Comparison::Case => {
                let parts: Vec<&str> = run_name(text).split_whitespace().collect();
                parts.join(" ").to_lowercase()
            }
            Comparison::Punctuation => match_key(run_name(text)),
            Comparison::RNames => match_key(&r_name(text)),
            Comparison::Numbers => numbered_key(run_name(text)),
            Comparison::ColumnParts | Comparison::RowParts => {
                let end = text.len().saturating_sub(tail).max(head);
                match_key(text.get(head..end).unwrap_or(text))
            }
        }
    };
    let mut by_key: BTreeMap<String, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (&r, name) in rows.iter().zip(&row_names) {
        by_key.entry(key(name, row_parts)).or_default().0.push(r);
    }
    for (&c, label) in free.iter().zip(&labels) {
        let of_label = key(label, label_parts);
        let of_header = key(columns[c].header.as_str(), (0, 0));
        if comparison != Comparison::ColumnParts && of_header != of_label {
            by_key.entry(of_header).or_default().1.push(c);
        }
        by_key.entry(of_label).or_default().1.push(c);
    }
    let mut pairs = Vec::new();
    let mut ambiguous = Vec::new();
    for (key, (r, c)) in by_key {
        if key.is_empty() || r.is_empty() || c.is_empty() {
            continue;
        }
        if r.len() > 1 || c.len() > 1 {
            ambiguous.push(Ambiguity {
                comparison,
                rows: r,
                columns: c,
            });
        } else if comparison != Comparison::RNames || rewritten(&names[r[0]], &columns[c[0]]) {
            pairs.push((r[0], c[0]));
        }
    }
    // A column reached both by its label and by its header belongs to neither.
    let times = |c: usize| pairs.iter().filter(|(_, b)| *b == c).count();
    let twice: Vec<usize> = pairs
        .iter()
        .map(|(_, c)| *c)
        .filter(|c| times(*c) > 1)
        .collect();
    for &c in twice.iter().collect::<HashSet<_>>() {
        ambiguous.push(Ambiguity {
            comparison,
            rows: pairs
                .iter()
                .filter(|(_, b)| *b == c)
                .map(|(r, _)| *r)
                .collect(),
            columns: vec![c],
        });
    }
    ambiguous.sort_by(|a, b| a.rows.cmp(&b.rows));
    pairs.retain(|(_, c)| !twice.contains(c));
    (pairs, ambiguous)
}

/// Whether one of the two names is what R may have made of the other: two names that R would both rewrite need not be
/// the same.
fn rewritten(name: &str, column: &SampleColumn) -> bool {
    let stays = |text: &str| r_name(text) == text;
    stays(name) || stays(&column.label) || stays(&column.header)
}

/// Pairs in which a name stands between separators in exactly one header, and no two in the same.
fn contained(names: &[String], columns: &[SampleColumn], rows: &[usize]) -> Paired {
    let mut pairs: Vec<(usize, usize)> = Vec::with_capacity(rows.len());
    let mut ambiguous: Vec<Ambiguity> = Vec::new();
    for &r in rows {
        let name = names[r].trim();
        let hits: Vec<usize> = (0..columns.len())
            .filter(|&c| name.len() >= 2 && stands_in(name, &columns[c].label))
            .collect();
        match hits[..] {
            [] => {}
            [c] => pairs.push((r, c)),
            _ => ambiguous.push(Ambiguity {
                comparison: Comparison::Contained,
                rows: vec![r],
                columns: hits,
            }),
        }
    }
    let columns: HashSet<usize> = pairs.iter().map(|(_, c)| *c).collect();
    let one_to_one = columns.len() == pairs.len() && ambiguous.is_empty();
    // Names found in a few headers only are found there by chance.
    if !one_to_one || pairs.len() < 2 || 10 * pairs.len() < 8 * rows.len() {
        return (Vec::new(), Vec::new());
    }
    (pairs, ambiguous)
}

fn stands_in(name: &str, label: &str) -> bool {
    let (name, label) = (name.to_lowercase(), label.to_lowercase());
    label.match_indices(&name).any(|(at, _)| {
        let before = label[..at].chars().next_back().is_none_or(is_separator);
        let after = label[at + name.len()..]
            .chars()
            .next()
            .is_none_or(is_separator);
        before && after
    })
}
