//! Plain long tables read row by row hold what the whole table holds, or fail as it fails.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use proptest::prelude::*;
use tempfile::TempDir;

use super::super::DatasetError;
use super::super::grid::Grid;
use super::super::open::{CellSource, read_table};
use super::super::text::TextFile;
use super::{Loaded, Measured, content, head, streamed, table};

/// What is done to a table before it is written.
#[derive(Debug, Clone)]
struct Spoil {
    /// Rows that are not there, in thousandths.
    absent: u32,
    /// Values that are missing, in thousandths.
    missing: u32,
    /// A row that comes twice.
    twice: Option<usize>,
    /// A row whose value is text.
    text: Option<usize>,
    /// A row that ends too early.
    cut: Option<usize>,
    /// A row with a stray quotation mark.
    stray: Option<usize>,
    /// Whether the last line has no end.
    open_end: bool,
}

#[derive(Debug, Clone)]
struct Table {
    samples: usize,
    features: usize,
    genes: bool,
    by_sample: bool,
    commas: bool,
    delimiter: char,
    line_end: &'static str,
    quoted_newlines: bool,
    comments: usize,
    mark: bool,
    blank_lines: bool,
    row_names: bool,
    foreign: bool,
    seed: u64,
    spoil: Spoil,
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let rarely = || prop::option::weighted(0.15, 0..60usize);
    (
        prop::sample::select(vec![0u32, 100, 500]),
        prop::sample::select(vec![0u32, 50, 400, 1000]),
        rarely(),
        rarely(),
        rarely(),
        rarely(),
        any::<bool>(),
    )
        .prop_map(
            |(absent, missing, twice, text, cut, stray, open_end)| Spoil {
                absent,
                missing,
                twice,
                text,
                cut,
                stray,
                open_end,
            },
        )
}

fn any_table() -> impl Strategy<Value = Table> {
    let flags = prop::array::uniform8(any::<bool>());
    (
        2..6usize,
        2..12usize,
        flags,
        prop::sample::select(vec!['\t', ';', ',']),
        prop::sample::select(vec!["\n", "\r\n"]),
        0..3usize,
        any::<u64>(),
        prop::bool::weighted(0.2),
        spoil(),
    )
        .prop_map(
            |(samples, features, flags, delimiter, line_end, comments, seed, foreign, spoil)| {
                let [
                    genes,
                    by_sample,
                    commas,
                    quoted_newlines,
                    mark,
                    blank_lines,
                    row_names,
                    _,
                ] = flags;
                Table {
                    samples,
                    features,
                    genes,
                    by_sample,
                    commas,
                    delimiter,
                    line_end,
                    quoted_newlines,
                    comments,
                    mark,
                    blank_lines,
                    row_names: row_names && seed % 3 == 0,
                    foreign,
                    seed,
                    spoil,
                }
            },
        )
}

impl Table {
    fn bytes(&self) -> Vec<u8> {
        let mut state = self.seed | 1;
        let mut below = move |n: u32| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as u32 % n
        };
        let mut pairs: Vec<(usize, usize)> = (0..self.features)
            .flat_map(|f| (0..self.samples).map(move |s| (f, s)))
            .collect();
        if self.by_sample {
            pairs.sort_by_key(|&(f, s)| (s, f));
        }
        let absent = self.spoil.absent;
        pairs.retain(|_| below(1000) >= absent);
        if let Some(&pair) = self.spoil.twice.and_then(|k| pairs.get(k)) {
            pairs.push(pair);
        }
        let d = self.delimiter;
        let mut text = String::new();
        for k in 0..self.comments {
            write!(text, "# comment {k}{}", self.line_end).unwrap();
        }
        let feature = if self.genes { "Gene" } else { "Protein" };
        write!(
            text,
            "sample_id{d}Condition{d}{feature}{d}Description{d}Batch no{d}Intensity{}",
            self.line_end
        )
        .unwrap();
        for (k, (f, s)) in pairs.iter().enumerate() {
            if self.row_names {
                write!(text, "{k}{d}").unwrap();
            }
            let name = match (self.genes, f % 4) {
                (true, _) => format!("GENE{f}"),
                (false, 0) => format!("sp|P{f:05}|N{f}_HUMAN"),
                (false, 1) => format!("P{f:05};Q{f:05}-2"),
                (false, 2) => format!("CON__P{f:05}"),
                _ => format!("P{f:05}"),
            };
            let about = match (self.quoted_newlines, self.foreign) {
                (true, _) if f % 3 == 0 => format!("\"chain{}of {f}\"", self.line_end),
                (_, true) if f % 5 == 4 => "b\u{e9}ta".to_string(),
                _ => format!("part {f}"),
            };
            let stray = if self.spoil.stray == Some(k) {
                "\""
            } else {
                ""
            };
            let value = if below(1000) < self.spoil.missing {
                ["NA", "", "0", "NaN"][below(4) as usize].to_string()
            } else {
                let x = format!("{}.{}", 1000 + below(9000), below(100));
                let comma = self.commas && d != ',';
                if comma { x.replace('.', ",") } else { x }
            };
            let value = if self.spoil.text == Some(k) {
                "12O".to_string()
            } else {
                value
            };
            write!(
                text,
                "run {s}.raw{d}{}{d}{name}{d}{stray}{about}{d}{}",
                ["ctrl", "drug"][s % 2],
                below(3)
            )
            .unwrap();
            if self.spoil.cut != Some(k) {
                write!(text, "{d}{value}").unwrap();
            }
            text.push_str(self.line_end);
            if self.blank_lines && below(5) == 0 {
                text.push_str(self.line_end);
            }
        }
        if self.spoil.open_end {
            text.truncate(text.trim_end().len());
        }
        let mut bytes: Vec<u8> = if self.foreign {
            text.chars().map(|c| c as u32 as u8).collect()
        } else {
            text.into_bytes()
        };
        if self.mark && !self.foreign {
            bytes.splice(0..0, *b"\xef\xbb\xbf");
        }
        bytes
    }
}

type Read = Result<(&'static str, String, String), String>;

fn said(loaded: Loaded) -> (&'static str, String, String) {
    let Measured::Table(table) = loaded.content else {
        panic!("no table of single cells was made");
    };
    let table = format!("{table:?}");
    (loaded.format, table, format!("{:?}", loaded.inference))
}

/// The table by whatever way, as it stands in memory as a whole, and whether it was read row by row.
fn both_ways(bytes: &[u8]) -> (Read, Read, bool) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("table.txt");
    std::fs::write(&path, bytes).unwrap();
    let refused = |e: DatasetError| format!("{e:?}");
    let whole = TextFile::read(&path, "table.txt")
        .and_then(|text| Grid::parse(&text))
        .and_then(|grid| read_table(&grid, None));
    let whole = whole
        .map(|(format, table, why)| (format, format!("{table:?}"), format!("{why:?}")))
        .map_err(refused);
    let kind = content(&path, "table.txt").unwrap();
    let by_row = head(&path, "table.txt")
        .is_ok_and(|h| !matches!(streamed(&path, "table.txt", kind, h, None), Ok(None)));
    let found = table(&path, "table.txt", None, &CellSource::default())
        .map(said)
        .map_err(refused);
    (found, whole, by_row)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn plain_long_tables_are_the_same_row_by_row(written in any_table()) {
        let bytes = written.bytes();
        let (found, whole, by_row) = both_ways(&bytes);
        prop_assert_eq!(&found, &whole);
        if let Ok((format, ..)) = &whole {
            prop_assert_eq!(by_row, *format == "plain_long", "{}", format);
        }
    }
}

#[test]
fn a_table_sorted_by_sample_is_read_row_by_row() {
    // Its first two thousand rows hold one sample.
    let mut text = String::from("sample_id\tcondition\tprotein\tabundance\n");
    for s in 0..4 {
        for f in 0..2500 {
            writeln!(text, "s{s}\t{}\tP{f:05}\t{}.5", ["a", "b"][s / 2], 1000 + f).unwrap();
        }
    }
    let (found, whole, by_row) = both_ways(text.as_bytes());
    assert_eq!(found, whole);
    assert_eq!((found.unwrap().0, by_row), ("plain_long", true));
    // One pair that comes again at the end makes it another kind of table.
    text.push_str("s0\ta\tP00000\t7.5\n");
    let (found, whole, by_row) = both_ways(text.as_bytes());
    assert_eq!(found, whole);
    assert!(!by_row && found.unwrap_err().contains("UnknownFormat"));
}

#[test]
fn faults_of_a_plain_long_table_name_their_line() {
    let row = |k: usize| format!("s{}\tP{:05}\t{k}.5\n", k % 3, k / 3);
    let rows: String = (0..30).map(row).collect();
    let text = format!("sample\tprotein\tabundance\n{rows}");
    let refused = |text: &str| both_ways(text.as_bytes()).0.unwrap_err();
    let spoiled = refused(&text.replace("\t17.5", "\t17.S"));
    assert!(
        spoiled.contains("NotANumber") && spoiled.contains("row: 19"),
        "{spoiled}"
    );
    let short = refused(&text.replace("\t17.5", ""));
    assert!(
        short.contains("Ragged") && short.contains("row: 19"),
        "{short}"
    );
    let cut = refused(&text[..text.len() - 6]);
    assert!(cut.contains("Truncated"), "{cut}");
}
