//! Cell × marker tables and cytometry files, which are recognised so that nobody takes a cell for a sample.

use std::collections::HashSet;

use super::DatasetError;
use super::grid::Grid;
use super::label::canonical;

/// A sample has at least this many cells on average.
const CELLS_PER_SAMPLE: usize = 10;
/// A table of cells has at least this many rows.
const FEWEST_ROWS: usize = 100;
/// A table of cells has at least this many columns of numbers.
const FEWEST_MARKERS: usize = 5;
/// Headers of the sample a cell comes from, in canonical form.
const SAMPLES: [&str; 13] = [
    "sampleid",
    "sample",
    "samplename",
    "filename",
    "file",
    "fcsfile",
    "donor",
    "donorid",
    "patientid",
    "patient",
    "well",
    "origident",
    "subject",
];

/// The fault of a table or file of single cells.
pub(crate) fn not_analysed(file: &str, looks_like: String) -> DatasetError {
    DatasetError::Binary {
        file: file.to_string(),
        looks_like,
        hint: "single cells are not analysed yet; give a table of one value per sample and marker or cell type, such as medians or frequencies".to_string(),
    }
}

/// The fault of a table with one row per cell: a column of few sample names, numbers in nearly all others, and no column
/// that could name features.
pub(crate) fn refuse(grid: &Grid) -> Option<DatasetError> {
    let rows = grid.n_rows();
    if rows < FEWEST_ROWS {
        return None;
    }
    let few = |j: usize| {
        let distinct = grid.column(j).collect::<HashSet<_>>().len();
        distinct * CELLS_PER_SAMPLE <= rows
    };
    let sample = (0..grid.n_columns())
        .find(|&j| SAMPLES.contains(&canonical(&grid.header[j]).as_str()) && few(j))?;
    let (markers, others): (Vec<usize>, Vec<usize>) = (0..grid.n_columns())
        .filter(|&j| j != sample)
        .partition(|&j| grid.kinds(j).2 == 0);
    let names_features = others.iter().any(|&j| {
        let name = canonical(&grid.header[j]);
        !few(j) && !name.contains("cell") && !name.contains("barcode") && !name.contains("event")
    });
    (markers.len() >= FEWEST_MARKERS && !names_features).then(|| {
        not_analysed(
            &grid.file,
            format!(
                "a table of single cells ({rows} rows, many for each value of `{}`, and {} columns of numbers)",
                grid.header[sample],
                markers.len()
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::dataset::text::TextFile;

    fn grid(line: impl Fn(usize) -> String, header: &str) -> Grid {
        let lines: Vec<String> = (0..120).map(line).collect();
        let text = format!("{header}\n{}\n", lines.join("\n"));
        Grid::parse(&TextFile::from_bytes(text.as_bytes(), "cells.tsv").unwrap()).unwrap()
    }

    #[test]
    fn cells_are_refused_and_samples_or_peptides_are_not() {
        let cells = grid(
            |k| format!("donor_{}\t{k}.5\t{k}.25\t-0.5\t{k}.125\t3.5", k % 4),
            "sample_id\tCD3\tCD4\tCD8\tpS6\tpErk",
        );
        let error = refuse(&cells).unwrap();
        assert!(error.to_string().contains("`sample_id`"), "{error}");
        let samples = grid(
            |k| format!("donor_{k}\t{k}.5\t{k}.25\t-0.5\t{k}.125\t3.5"),
            "sample_id\tTP53\tVCP\tACTB\tUMOD\tIL6",
        );
        assert!(refuse(&samples).is_none());
        let peptides = grid(
            |k| {
                format!(
                    "run_{}\tPEPTIDE{k}K\t{k}.5\t{k}.25\t-0.5\t{k}.125\t3.5",
                    k % 4
                )
            },
            "file\tsequence\tmz\trt\tscore\tarea\tcharge",
        );
        assert!(refuse(&peptides).is_none());
    }
}
