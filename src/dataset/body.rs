//! From text to rows of cells, and what stands in a file around its table: comments, titles, footnotes, and the rest of
//! cells that a spreadsheet cut.

use csv::{ReaderBuilder, StringRecord};

use super::grid::shorten;
use super::header_rows;
use super::shape::Shape;
use super::{Inference, Problem, Severity};

/// Leading lines that start with `#` or are empty.
pub(crate) fn skip_comments(text: &str) -> &str {
    let mut rest = text;
    while rest.starts_with('#') || rest.starts_with('\n') || rest.starts_with("\r\n") {
        let Some(end) = rest.find('\n') else {
            return rest;
        };
        // A `#` header with tabs is a header.
        if rest[..end].contains('\t') {
            return rest;
        }
        rest = &rest[end + 1..];
    }
    rest
}

/// The rows of a text with what stands around them.
pub(crate) struct Body {
    /// Header and rows.
    pub records: Records,
    /// Rows above the header.
    pub above: Vec<Vec<String>>,
    /// Rows at the end that are footnotes.
    pub footnotes: Vec<String>,
    /// Lines that are no rows but what is left of cells that a spreadsheet cut.
    pub spilled: Vec<usize>,
}

/// Cells of this length are near what a spreadsheet holds; what is beyond spills into rows of its own.
const SPILLED: usize = 8_000;

impl Body {
    /// Takes titles, footnotes and the rest of cut cells out of the records.
    pub fn of((mut records, mut lines): Records) -> Self {
        let filled: Vec<usize> = (records.iter())
            .take(1_000)
            .map(|r| r.iter().filter(|c| !c.trim().is_empty()).count())
            .collect();
        let at = header_rows::header_at(&filled).unwrap_or(0);
        // Rows that leave out most of their cells are no titles: the header would be among them.
        let at = if records.len() < at + 2 { 0 } else { at };
        let above = (records.drain(..at))
            .map(|r| r.iter().map(|c| c.trim().to_string()).collect())
            .collect();
        lines.drain(..at);
        let end = records.len() - header_rows::footnotes(&records);
        let footnotes = (records.drain(end..))
            .map(|r| r.get(0).unwrap_or_default().trim().to_string())
            .collect();
        lines.truncate(end);
        let width = records.first().map_or(0, StringRecord::len);
        let long = |r: &StringRecord| r.iter().any(|c| c.len() >= SPILLED);
        let (mut kept, mut kept_lines, mut spilled) = (Vec::new(), Vec::new(), Vec::new());
        let mut after_long = false;
        for (record, line) in records.into_iter().zip(lines) {
            let is_long = long(&record);
            if 2 * record.len() < width && (is_long || after_long) {
                spilled.push(line);
                after_long = true;
            } else {
                after_long = is_long;
                kept.push(record);
                kept_lines.push(line);
            }
        }
        Self {
            records: (kept, kept_lines),
            above,
            footnotes,
            spilled,
        }
    }

    /// What there is around the table, in words.
    pub fn said(&self, file: &str, skipped: usize) -> Vec<Inference> {
        let mut said = Vec::new();
        if let (false, Some(line)) = (self.above.is_empty(), self.records.1.first()) {
            said.push(Inference::new(
                format!("header of `{file}`"),
                format!("row {}", line + skipped),
                format!(
                    "the {} rows above it are not as wide as the table: {}",
                    self.above.len(),
                    shown(self.above.iter().flatten())
                ),
                "delete the rows above the header",
            ));
        }
        said.extend(footnotes_left_out(file, &self.footnotes));
        said
    }
}

/// The first two texts, shortened and quoted.
fn shown<'a>(texts: impl Iterator<Item = &'a String>) -> String {
    let some: Vec<String> = texts
        .filter(|t| !t.is_empty())
        .take(2)
        .map(|t| format!("`{}`", shorten(t)))
        .collect();
    some.join(", ")
}

/// Says that rows at the end of a table are footnotes; none where there are none.
pub(crate) fn footnotes_left_out(file: &str, footnotes: &[String]) -> Option<Inference> {
    (!footnotes.is_empty()).then(|| {
        Inference::new(
            format!("footnotes of `{file}`"),
            format!("{} rows at its end are not read", footnotes.len()),
            format!("they hold one cell of words: {}", shown(footnotes.iter())),
            "delete the rows below the table",
        )
    })
}

/// Says that lines were left out that are the rest of cut cells.
pub(crate) fn spilled_rows(file: &str, spilled: &[usize], skipped: usize) -> Vec<Problem> {
    let first = spilled.first().map(|first| {
        Problem::new(
            Severity::Warn,
            "cells_cut",
            format!(
                "{} lines are the rest of cells longer than a spreadsheet holds (32,767 characters) and are left out; numbers of the rows before them may be lost",
                spilled.len()
            ),
            "give the file as the search engine wrote it, not as a spreadsheet saved it",
        )
        .in_file(file)
        .at_row(first + skipped)
    });
    first.into_iter().collect()
}

/// Says that words above the header were put before it.
pub(crate) fn grouped(file: &str, groups: &[String]) -> Option<Inference> {
    (!groups.is_empty()).then(|| {
        Inference::new(
            format!("headers of `{file}`"),
            format!("the words above them come first: `{}`", groups.join("`, `")),
            "the header repeats itself below them",
            "give every column its own header",
        )
    })
}

/// The delimiter that cuts most of the first lines into equally many cells, outside quotes.
pub(crate) fn sniff(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().filter(|l| !l.is_empty()).take(40).collect();
    let count = |line: &str, delimiter: char| {
        let mut inside = false;
        line.chars()
            .filter(|&c| {
                inside ^= c == '"';
                !inside && c == delimiter
            })
            .count()
    };
    // Nobody writes tabs into the cells of most rows.
    let tabbed = lines.iter().filter(|l| count(l, '\t') > 0).count();
    if tabbed > 0 && 5 * tabbed >= 4 * lines.len() {
        return b'\t';
    }
    let mut best = (0usize, '\t');
    for delimiter in ['\t', ';', ',', '|'] {
        let counts: Vec<usize> = lines.iter().map(|l| count(l, delimiter)).collect();
        let times = |n: usize| counts.iter().filter(|c| **c == n).count();
        let common = counts.iter().copied().filter(|c| *c > 0);
        let Some(first) = common.max_by_key(|&n| (times(n), n)) else {
            continue;
        };
        // Accessions of FASTA headers hold two in every row, but their header none.
        if delimiter == '|' && counts[0] == 0 {
            continue;
        }
        // Rows without empty cells at their end are a little shorter.
        let near = |c: &&usize| c.abs_diff(first) <= (first / 10).max(1) && **c > 0;
        let even = counts.iter().filter(near).count();
        let score = even * 10_000 + first.min(9_999);
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    if best.0 == 0 {
        // R writes spaces unless told otherwise.
        let counts: Vec<usize> = lines.iter().map(|l| count(l, ' ')).collect();
        let first = counts.first().copied().unwrap_or(0);
        let even = counts.iter().all(|c| *c == first || *c == first + 1);
        if first >= 2 && even && lines.len() > 2 {
            return b' ';
        }
    }
    best.1 as u8
}

pub(crate) type Records = (Vec<StringRecord>, Vec<usize>);

pub(crate) fn split(text: &str, delimiter: u8, quoting: bool) -> Records {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .quoting(quoting)
        .from_reader(text.as_bytes());
    let (mut records, mut lines) = (Vec::new(), Vec::new());
    let bytes = text.as_bytes();
    let (mut line, mut counted) = (1, 0);
    // The text is valid UTF-8 and read from memory, so a record can only fail at the end.
    for record in reader.records().map_while(Result::ok) {
        if record.iter().all(|c| c.trim().is_empty()) {
            continue;
        }
        // The reader may stand on line ends it has not skipped yet.
        let mut at = record
            .position()
            .map_or(0, |p| p.byte() as usize)
            .min(bytes.len());
        while at < bytes.len() && matches!(bytes[at], b'\n' | b'\r') {
            at += 1;
        }
        line += bytes[counted..at].iter().filter(|b| **b == b'\n').count();
        counted = at;
        lines.push(line);
        records.push(record);
    }
    (records, lines)
}

/// Cells up to the last one that is not empty.
fn used_width(record: &StringRecord) -> usize {
    (0..record.len())
        .rev()
        .find(|&at| record.get(at).is_some_and(|c| !c.trim().is_empty()))
        .map_or(0, |at| at + 1)
}

/// The shape of split records.
pub(crate) fn shape_of((records, lines): &Records, skipped: usize) -> Shape {
    let mut shape = Shape::default();
    for (record, line) in records.iter().zip(lines) {
        shape.add(record.len(), used_width(record), line + skipped);
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_found_below_titles_and_beside_other_signs() {
        let rows = |row: &str, n: usize| vec![row; n].join("\n");
        let of = |head: &str, row: &str| char::from(sniff(&format!("{head}\n{}\n", rows(row, 9))));
        assert_eq!(of("a,b,c", "1,2,3"), ',');
        assert_eq!(of("Results, of today\n\na;b;c", "1,5;2,5;3,5"), ';');
        // Rows shorter than the header, each with the same number of bars.
        assert_eq!(of("a\tb\tc\td\te", "sp|P04637|P53_HUMAN\t1\t2"), '\t');
        assert_eq!(of("a|b|c", "1|2|3"), '|');
        assert_eq!(of("ctrl_1 ctrl_2 ctrl_3", "P04637 1.5 2.5 3.5"), ' ');
    }
}
