//! Opening whole datasets: what bad input gets, how sheets are matched, and the bundled datasets.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod bombs;
mod bundled;
mod designs;
mod mutated_designs;
mod mutated_sheets;
mod mutated_tables;
mod other_levels;
mod repeated;
mod roll_up;
mod sheets;

use std::path::PathBuf;

use tempfile::TempDir;

use super::{Dataset, DatasetError, ReadOptions, open};

/// A small MaxQuant-like experiment in files that a test can spoil.
struct Experiment {
    folder: TempDir,
}

const TABLE: &str = "Protein\tGene\tctrl_1\tctrl_2\tctrl_3\tdrug_1\tdrug_2\tdrug_3\n\
    P04637\tTP53\t1.1e6\t1.2e6\t1.0e6\t2.4e6\t2.6e6\t2.2e6\n\
    P55072\tVCP\t3.1e7\t3.3e7\t2.9e7\t1.2e7\t1.1e7\t1.3e7\n\
    Q96S94\tCCNL2\t0\t5.1e4\t4.9e4\t5.0e4\t0\t5.2e4\n";
const SHEET: &str = "sample\tcondition\tbatch\n\
    ctrl_1\tctrl\ta\nctrl_2\tctrl\tb\nctrl_3\tctrl\ta\n\
    drug_1\tdrug\tb\ndrug_2\tdrug\ta\ndrug_3\tdrug\tb\n";

impl Experiment {
    fn new() -> Self {
        let it = Self {
            folder: TempDir::new().unwrap(),
        };
        it.write("table.tsv", TABLE);
        it.write("sheet.tsv", SHEET);
        it
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    fn open(&self) -> Result<Dataset, DatasetError> {
        open(self.folder.path(), &ReadOptions::default())
    }

    fn open_with(&self, table: &str, sheet: Option<&str>) -> Result<Dataset, DatasetError> {
        let options = ReadOptions {
            samples: sheet.map(|s| self.path(s)),
            ..ReadOptions::default()
        };
        open(&self.path(table), &options)
    }

    /// Opens the table with other content and no sheet.
    fn table(&self, content: impl AsRef<[u8]>) -> Result<Dataset, DatasetError> {
        self.write("alone.tsv", content);
        self.open_with("alone.tsv", None)
    }

    /// Opens the table with another sheet.
    fn sheet(&self, content: impl AsRef<[u8]>) -> Result<Dataset, DatasetError> {
        self.write("other.tsv", content);
        self.open_with("table.tsv", Some("other.tsv"))
    }
}
