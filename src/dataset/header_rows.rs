//! What stands around the rows of a table that people made: titles and merged headers above its header, units, groups and
//! Perseus annotations below it, footnotes at its end.

use csv::StringRecord;

use super::number::{self, Cell, Notation};

/// The part of a table's usual width that a row needs to be its header.
const HEADER_WIDTH: f64 = 0.6;
/// Rows looked at to tell the usual width, and the kind of a column.
const LOOKED_AT: usize = 200;
/// Rows below the header that may be annotations.
const MOST_ANNOTATIONS: usize = 8;
/// Fewer rows than this below the header tell nothing of its kind.
pub(crate) const LEAST_ROWS: usize = 3;

/// Position of the header among rows, each given by its number of filled cells: the first that is about as wide as most.
pub(crate) fn header_at(filled: &[usize]) -> Option<usize> {
    let mut widths: Vec<usize> = filled.iter().copied().take(LOOKED_AT).collect();
    widths.sort_unstable();
    let usual = widths.get(widths.len() / 2).copied().unwrap_or(0);
    // R leaves out the header of row names, which is half of a header of two.
    let least = if usual > 2 { 2 } else { 1 };
    let needed = ((HEADER_WIDTH * usual as f64).ceil() as usize)
        .min(usual.saturating_sub(1))
        .max(least);
    filled.iter().position(|n| *n >= needed)
}

/// Facts about columns: a name, and one cell per column.
pub(crate) type ColumnFacts = Vec<(String, Vec<String>)>;

/// The rows above a header that group its columns, as merged cells do: `Control` over three of them. A header that
/// repeats itself below them gets their words before its own; what is not needed for that is told of the columns.
pub(crate) fn group_rows(
    above: &[Vec<String>],
    header: &mut [String],
) -> (Vec<String>, ColumnFacts) {
    let mut groups: Vec<Vec<String>> = Vec::new();
    for row in above {
        let first = row.iter().position(|c| !c.trim().is_empty());
        // A title begins in the first column; what groups columns stands above them.
        if first.is_none_or(|at| at == 0) {
            continue;
        }
        let mut current = String::new();
        let filled = (0..header.len())
            .map(|j| {
                let cell = row.get(j).map_or("", |c| c.trim());
                if !cell.is_empty() {
                    current = cell.to_string();
                }
                current.clone()
            })
            .collect();
        groups.push(filled);
    }
    let repeats = |names: &[String]| {
        let mut seen: Vec<&str> = names
            .iter()
            .map(String::as_str)
            .filter(|n| !n.is_empty())
            .collect();
        let n = seen.len();
        seen.sort_unstable();
        seen.dedup();
        seen.len() < n
    };
    let mut used: Vec<usize> = Vec::new();
    if repeats(header) {
        let with = |rows: &[usize]| -> Vec<String> {
            (0..header.len())
                .map(|j| {
                    let mut words: Vec<&str> =
                        rows.iter().map(|&r| groups[r][j].as_str()).collect();
                    words.push(header[j].trim());
                    words.retain(|w| !w.is_empty());
                    words.join(" ")
                })
                .collect()
        };
        let all: Vec<usize> = (0..groups.len()).collect();
        let enough = (all.iter().map(|r| vec![*r]))
            .chain(std::iter::once(all.clone()))
            .find(|rows| !repeats(&with(rows)));
        if let Some(rows) = enough {
            header.clone_from_slice(&with(&rows));
            used = rows;
        }
    }
    let told: Vec<String> = used
        .iter()
        .map(|&r| {
            let mut names = groups[r].clone();
            names.retain(|n| !n.is_empty());
            names.dedup();
            names.join("`, `")
        })
        .collect();
    let facts = (groups.into_iter().enumerate())
        .filter(|(r, _)| !used.contains(r))
        .map(|(_, cells)| ("group".to_string(), cells))
        .collect();
    (told, facts)
}

/// A row below the header that is no feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Annotation {
    /// What the columns of a Perseus matrix are: `E` for measurements.
    PerseusTypes(Vec<String>),
    /// One text per column, the same in all that hold numbers: a unit.
    Unit(String),
    /// One text per column: a group of samples.
    Group(String, Vec<String>),
    /// A description, of no further use.
    Remark,
}

/// The rows below a header that are no features, in order, from the first row on.
pub(crate) fn annotations(
    rows: &[StringRecord],
    width: usize,
    notation: Notation,
) -> Vec<Annotation> {
    let mut found = Vec::new();
    while found.len() < MOST_ANNOTATIONS && found.len() < rows.len() {
        let (row, below) = (&rows[found.len()], &rows[found.len() + 1..]);
        match perseus(row, width).or_else(|| across_numbers(row, below, width, notation)) {
            Some(annotation) => found.push(annotation),
            None => break,
        }
    }
    found
}

/// `#!{Type}E`, `#!{C:Treatment}control` in the first cell of a row.
fn perseus(row: &StringRecord, width: usize) -> Option<Annotation> {
    let (kind, first) = row.get(0)?.trim().strip_prefix("#!{")?.split_once('}')?;
    let cells = (0..width)
        .map(|j| {
            let cell = if j == 0 {
                first
            } else {
                row.get(j).unwrap_or_default()
            };
            cell.trim().to_string()
        })
        .collect();
    Some(match kind.split_once(':') {
        Some((_, name)) => Annotation::Group(name.to_string(), cells),
        None if kind == "Type" => Annotation::PerseusTypes(cells),
        None => Annotation::Remark,
    })
}

/// A row of texts above nothing but numbers.
fn across_numbers(
    row: &StringRecord,
    below: &[StringRecord],
    width: usize,
    notation: Notation,
) -> Option<Annotation> {
    if below.len() < LEAST_ROWS {
        return None;
    }
    let is = |row: &StringRecord, j: usize| number::parse(row.get(j).unwrap_or_default(), notation);
    let below = &below[..below.len().min(LOOKED_AT)];
    let holds_numbers = |j: &usize| {
        let mut numbers = 0usize;
        below.iter().all(|r| match is(r, *j) {
            Cell::Number(_) => {
                numbers += 1;
                true
            }
            Cell::Missing => true,
            Cell::Text => false,
        }) && numbers > 0
    };
    let above_numbers: Vec<usize> = (0..width)
        .filter(|&j| is(row, j) == Cell::Text)
        .filter(holds_numbers)
        .collect();
    // A row of measurements ends here, before every column is looked at.
    if above_numbers.len() < 2 {
        return None;
    }
    let numeric: Vec<usize> = (0..width).filter(holds_numbers).collect();
    let texts: Vec<&str> = (above_numbers.iter())
        .map(|&j| row.get(j).unwrap_or_default().trim())
        .collect();
    if numeric.len() < 2 || 10 * texts.len() < 8 * numeric.len() {
        return None;
    }
    if texts.iter().all(|t| *t == texts[0]) {
        return Some(Annotation::Unit(texts[0].to_string()));
    }
    let name = (0..width)
        .filter(|j| numeric.binary_search(j).is_err())
        .map(|j| row.get(j).unwrap_or_default().trim())
        .find(|cell| !cell.is_empty())
        .unwrap_or("group");
    let cells = (0..width)
        .map(|j| row.get(j).unwrap_or_default().trim().to_string())
        .collect();
    Some(Annotation::Group(name.to_string(), cells))
}

/// The filled cells that the header of a table with footnotes has at least.
pub(crate) const NOTED_WIDTH: usize = 3;

/// Whether the one filled cell of a row, the first and trimmed, reads as a footnote.
pub(crate) fn is_footnote(cell: &str) -> bool {
    cell.contains(char::is_whitespace) || is_marked(cell)
}

/// Whether a cell begins with the mark of a footnote.
pub(crate) fn is_marked(cell: &str) -> bool {
    cell.starts_with(['*', '#', '†'])
}

/// How many rows at the end are footnotes: one cell of words, or marked with an asterisk, under rows that hold many.
pub(crate) fn footnotes(rows: &[StringRecord]) -> usize {
    let filled = |r: &StringRecord| r.iter().filter(|c| !c.trim().is_empty()).count();
    let wide = rows.first().map_or(0, filled) >= NOTED_WIDTH;
    let is_note = |r: &StringRecord| {
        let first = r.get(0).unwrap_or_default().trim();
        wide && is_footnote(first) && filled(r) == 1
    };
    let notes = rows.iter().rev().take_while(|r| is_note(r)).count();
    if notes + 1 + LEAST_ROWS > rows.len() {
        0
    } else {
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<StringRecord> {
        text.lines()
            .map(|l| StringRecord::from(l.split(',').collect::<Vec<_>>()))
            .collect()
    }

    fn texts(line: &str) -> Vec<String> {
        line.split(',').map(str::to_string).collect()
    }

    #[test]
    fn merged_headers_make_repeated_names_differ() {
        let mut header = texts("id,1,2,1,2");
        let (told, facts) = group_rows(&[texts(",Control,,Treated,")], &mut header);
        assert_eq!(
            header,
            ["id", "Control 1", "Control 2", "Treated 1", "Treated 2"]
        );
        assert_eq!((told.len(), facts.len()), (1, 0));
        let mut header = texts("id,a,b,c,d");
        let (_, facts) = group_rows(&[texts("A title"), texts(",x,,y,")], &mut header);
        assert_eq!(header[1], "a");
        assert_eq!(facts, [("group".to_string(), texts(",x,x,y,y"))]);
    }

    #[test]
    fn units_and_groups_stand_above_numbers() {
        let of = |text: &str| annotations(&rows(text), 3, Notation::Point);
        let body = "P1,1.5,2\nP2,3,4\nP3,5,NA\n";
        assert_eq!(of(body), []);
        assert_eq!(
            of(&format!(",log2,log2\n{body}")),
            [Annotation::Unit("log2".to_string())]
        );
        assert_eq!(
            of(&format!("Label,a,b\n{body}")),
            [Annotation::Group("Label".to_string(), texts("Label,a,b"))]
        );
        let perseus = of(&format!("#!{{Type}}T,E,E\n#!{{C:Group}},x,y\n{body}"));
        assert_eq!(perseus.len(), 2);
    }

    #[test]
    fn the_header_is_as_wide_as_the_rows() {
        assert_eq!(header_at(&[1, 1, 8, 8, 7, 8]), Some(2));
        assert_eq!(header_at(&[8, 8, 3, 2, 2]), Some(0));
        assert_eq!(header_at(&[1, 2, 2, 2]), Some(0));
        assert_eq!(header_at(&[2, 3, 3]), Some(0));
        let body = "id,a,b\nP1,1,2\nP2,1,2\nP3,1,2\nP4,1,2\nmade by us,,\n* outlier,,\n";
        assert_eq!(footnotes(&rows(body)), 2);
    }
}
