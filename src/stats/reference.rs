//! Reads the committed reference tables of `reference/` for tests.

use crate::Matrix;
use std::path::Path;

/// A tab-separated reference table; an empty field is a missing value.
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads `reference/<path>`, gzip'd when the name ends in `.gz`.
    pub fn read(path: &str) -> Self {
        let full = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("reference")
            .join(path);
        let file = std::fs::File::open(&full).unwrap_or_else(|e| panic!("{}: {e}", full.display()));
        let reader: Box<dyn std::io::Read> = if path.ends_with(".gz") {
            Box::new(flate2::read::GzDecoder::new(file))
        } else {
            Box::new(file)
        };
        let mut csv = csv::ReaderBuilder::new()
            .delimiter(b'\t')
            .quoting(false)
            .from_reader(reader);
        let text = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let header = text(csv.headers().expect("a header line"));
        let rows = csv
            .records()
            .map(|r| text(&r.expect("as many fields as the header")))
            .collect();
        Self { header, rows }
    }

    fn position(&self, column: &str) -> usize {
        self.header
            .iter()
            .position(|h| h == column)
            .unwrap_or_else(|| panic!("no column `{column}` in {:?}", self.header))
    }

    /// The named column as text.
    pub fn texts(&self, column: &str) -> Vec<&str> {
        let j = self.position(column);
        self.rows.iter().map(|r| r[j].as_str()).collect()
    }

    /// The named column as numbers, NaN where the field is empty.
    pub fn numbers(&self, column: &str) -> Vec<f64> {
        self.texts(column).into_iter().map(number).collect()
    }

    /// Only the rows whose `column` equals `value`.
    pub fn only(&self, column: &str, value: &str) -> Self {
        let j = self.position(column);
        Self {
            header: self.header.clone(),
            rows: self
                .rows
                .iter()
                .filter(|r| r[j] == value)
                .cloned()
                .collect(),
        }
    }

    /// All columns after the first as a matrix, with the first column as row names.
    pub fn matrix(&self) -> (Vec<&str>, Matrix) {
        let names = self.rows.iter().map(|r| r[0].as_str()).collect();
        let cells = self
            .rows
            .iter()
            .flat_map(|r| r[1..].iter().map(|v| number(v)))
            .collect();
        let matrix = Matrix::new(self.rows.len(), self.header.len() - 1, cells);
        (names, matrix.expect("a rectangular table"))
    }
}

fn number(field: &str) -> f64 {
    match field {
        "" | "NA" => f64::NAN,
        text => text
            .parse()
            .unwrap_or_else(|_| panic!("`{text}` is not a number")),
    }
}

/// The gene sets of a GMT file: name and members.
pub fn gene_sets(path: &str) -> Vec<(String, Vec<String>)> {
    let full = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("reference")
        .join(path);
    let text = std::fs::read_to_string(&full).expect("a readable gene set file");
    text.lines()
        .map(|line| {
            let mut fields = line.split('\t').map(str::to_owned);
            let name = fields.next().expect("a set name");
            (name, fields.skip(1).collect())
        })
        .collect()
}

/// Panics unless both slices miss the same cells and agree within `absolute + relative × |expected|` elsewhere.
pub fn assert_close(what: &str, found: &[f64], expected: &[f64], relative: f64, absolute: f64) {
    assert_eq!(found.len(), expected.len(), "{what}: lengths differ");
    for (i, (&f, &e)) in found.iter().zip(expected).enumerate() {
        let agrees =
            (f.is_nan() && e.is_nan()) || f == e || (f - e).abs() <= absolute + relative * e.abs();
        assert!(agrees, "{what}[{i}]: found {f:e}, expected {e:e}");
    }
}

/// As [`assert_close`] on the decimal logarithms of p-values; two p of zero agree.
pub fn assert_p_close(what: &str, found: &[f64], expected: &[f64], absolute: f64) {
    let log = |p: &[f64]| p.iter().map(|p| p.log10()).collect::<Vec<_>>();
    assert_close(what, &log(found), &log(expected), 0.0, absolute);
}
