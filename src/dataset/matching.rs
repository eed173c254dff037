//! Matching the rows of a sample sheet to the columns of a table, as an assignment with an explanation: strict
//! comparisons first, looser ones only for what is left, and only where exactly one row meets exactly one column.

use std::collections::{BTreeMap, HashSet};

use super::formats::SampleColumn;
use super::label::{canonical, common_prefix, common_suffix, is_separator, run_name};
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
}

/// How two names were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Comparison {
    /// Letter by letter.
    Exact,
    /// Without folders and the ending of a run file.
    RunName,
    /// Ignoring case and punctuation.
    Canonical,
    /// Without the X that R puts before a leading digit.
    LeadingX,
    /// Without what all headers share.
    ColumnParts,
    /// Without what all names of the sheet share.
    RowParts,
    /// The sheet's name stands between separators in exactly one header.
    Contained,
}

impl Comparison {
    const ALL: [Self; 7] = [
        Self::Exact,
        Self::RunName,
        Self::Canonical,
        Self::LeadingX,
        Self::ColumnParts,
        Self::RowParts,
        Self::Contained,
    ];

    /// The comparison in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Exact => "exactly",
            Self::RunName => "without folders and file endings",
            Self::Canonical => "ignoring case and punctuation",
            Self::LeadingX => "without R's `X` before digits",
            Self::ColumnParts => "without the prefix and suffix all headers share",
            Self::RowParts => "without the prefix and suffix all names of the sheet share",
            Self::Contained => "as part of the header",
        }
    }
}

/// The best assignment over the columns of the sheet (or the given one), or none where nothing matches.
pub(crate) fn assign(
    sheet: &Sheet,
    columns: &[SampleColumn],
    id: Option<usize>,
) -> Option<Assignment> {
    let singles: Vec<Vec<usize>> = match id {
        Some(j) => vec![vec![j]],
        None => (0..sheet.header.len()).map(|j| vec![j]).collect(),
    };
    let mut best = best_of(sheet, columns, &singles);
    if best.is_none() && id.is_none() && sheet.header.len() <= 8 {
        let n = sheet.header.len();
        let joined: Vec<Vec<usize>> = (0..n)
            .flat_map(|a| (0..n).filter(move |b| *b != a).map(move |b| vec![a, b]))
            .collect();
        best = best_of(sheet, columns, &joined);
    }
    best
}

fn best_of(
    sheet: &Sheet,
    columns: &[SampleColumn],
    candidates: &[Vec<usize>],
) -> Option<Assignment> {
    let mut best: Option<(usize, Comparison, Assignment)> = None;
    for id_columns in candidates {
        let names: Vec<String> = sheet
            .rows
            .iter()
            .map(|r| {
                id_columns
                    .iter()
                    .map(|&j| r[j].as_str())
                    .collect::<Vec<_>>()
                    .join("_")
            })
            .collect();
        let found = pair(&names, columns);
        let pairs: usize = found.iter().map(|(_, p)| p.len()).sum();
        let loosest = found.last().map_or(Comparison::Exact, |(c, _)| *c);
        let better = best
            .as_ref()
            .is_none_or(|(n, l, _)| pairs > *n || (pairs == *n && loosest < *l));
        if pairs == 0 || !better {
            continue;
        }
        let mut all: Vec<(usize, usize)> =
            found.iter().flat_map(|(_, p)| p.iter().copied()).collect();
        all.sort_unstable();
        let (rows, matched): (HashSet<usize>, HashSet<usize>) = all.iter().copied().unzip();
        let spare_rows = (0..names.len()).filter(|r| !rows.contains(r)).collect();
        let spare_columns = (0..columns.len())
            .filter(|c| !matched.contains(c))
            .collect();
        best = Some((
            pairs,
            loosest,
            Assignment {
                id_columns: id_columns.clone(),
                pairs: all,
                steps: found.iter().map(|(c, p)| (*c, p.len())).collect(),
                spare_rows,
                spare_columns,
            },
        ));
    }
    best.map(|(.., assignment)| assignment)
}

type Found = Vec<(Comparison, Vec<(usize, usize)>)>;

fn pair(names: &[String], columns: &[SampleColumn]) -> Found {
    let mut free_rows: Vec<usize> = (0..names.len()).filter(|&i| !names[i].is_empty()).collect();
    let mut free_columns: Vec<usize> = (0..columns.len()).collect();
    let mut found: Found = Vec::new();
    for comparison in Comparison::ALL {
        if free_rows.is_empty() || free_columns.is_empty() {
            break;
        }
        let pairs = match comparison {
            // Weaker comparisons count only when no stricter one found anything, over all names at once.
            Comparison::Contained | Comparison::RowParts | Comparison::ColumnParts
                if !found.is_empty() =>
            {
                Vec::new()
            }
            Comparison::Contained => contained(names, columns, &free_rows),
            _ => keyed(comparison, names, columns, &free_rows, &free_columns),
        };
        if !pairs.is_empty() {
            let (rows, columns): (HashSet<usize>, HashSet<usize>) = pairs.iter().copied().unzip();
            free_rows.retain(|r| !rows.contains(r));
            free_columns.retain(|c| !columns.contains(c));
            found.push((comparison, pairs));
        }
    }
    found
}

/// Pairs of free rows and columns whose keys meet one to one.
fn keyed(
    comparison: Comparison,
    names: &[String],
    columns: &[SampleColumn],
    rows: &[usize],
    free: &[usize],
) -> Vec<(usize, usize)> {
    let row_names: Vec<&str> = rows.iter().map(|&r| names[r].as_str()).collect();
    let labels: Vec<&str> = free.iter().map(|&c| columns[c].label.as_str()).collect();
    let shared = |all: &[&str]| (common_prefix(all), common_suffix(all));
    let row_parts = match comparison {
        Comparison::RowParts => shared(&row_names),
        _ => (0, 0),
    };
    let label_parts = match comparison {
        Comparison::ColumnParts => shared(&labels),
        _ => (0, 0),
    };
    let key = |text: &str, (head, tail): (usize, usize)| -> String {
        match comparison {
            Comparison::Exact | Comparison::Contained => text.trim().to_string(),
            Comparison::RunName => run_name(text).to_string(),
            Comparison::Canonical => canonical(run_name(text)),
            Comparison::LeadingX => {
                let key = canonical(text);
                match key.strip_prefix('x') {
                    Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
                        rest.to_string()
                    }
                    _ => key,
                }
            }
            Comparison::ColumnParts | Comparison::RowParts => {
                let end = text.len().saturating_sub(tail).max(head);
                canonical(text.get(head..end).unwrap_or(text))
            }
        }
    };
    let mut by_key: BTreeMap<String, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (&r, name) in rows.iter().zip(&row_names) {
        by_key.entry(key(name, row_parts)).or_default().0.push(r);
    }
    for (&c, label) in free.iter().zip(&labels) {
        let of_label = key(label, label_parts);
        let header = columns[c].header.as_str();
        if comparison != Comparison::ColumnParts {
            let of_header = key(header, (0, 0));
            if of_header != of_label {
                by_key.entry(of_header).or_default().1.push(c);
            }
        }
        by_key.entry(of_label).or_default().1.push(c);
    }
    let mut pairs: Vec<(usize, usize)> = by_key
        .iter()
        .filter(|(k, (r, c))| !k.is_empty() && r.len() == 1 && c.len() == 1)
        .map(|(_, (r, c))| (r[0], c[0]))
        .collect();
    // A column reached both by its label and by its header belongs to neither.
    let times = |c: usize| pairs.iter().filter(|(_, b)| *b == c).count();
    let twice: Vec<usize> = pairs
        .iter()
        .map(|(_, c)| *c)
        .filter(|c| times(*c) > 1)
        .collect();
    pairs.retain(|(_, c)| !twice.contains(c));
    pairs
}

/// Pairs in which every name stands between separators in exactly one header, and no two in the same.
fn contained(names: &[String], columns: &[SampleColumn], rows: &[usize]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::with_capacity(rows.len());
    for &r in rows {
        let name = names[r].trim();
        let hits: Vec<usize> = (0..columns.len())
            .filter(|&c| stands_in(name, &columns[c].label))
            .collect();
        match hits[..] {
            [c] if name.len() >= 2 && pairs.iter().all(|(_, b)| *b != c) => pairs.push((r, c)),
            _ => return Vec::new(),
        }
    }
    pairs
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
