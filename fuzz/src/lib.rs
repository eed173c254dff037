//! What the targets share: a folder to put bytes in, and what has to be true of every answer.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use proteus::dataset::{
    Dataset, DatasetError, Inspection, ReadOptions, decoding, draft_sheet, open,
};

/// A table that any sheet or manifest can be tried on.
pub const TABLE: &str = "Protein\tGene\tctrl_1\tctrl_2\tctrl_3\tdrug_1\tdrug_2\tdrug_3\n\
    P04637\tTP53\t1.1e6\t1.2e6\t1.0e6\t2.4e6\t2.6e6\t2.2e6\n\
    P55072\tVCP\t3.1e7\t3.3e7\t2.9e7\t1.2e7\t1.1e7\t1.3e7\n\
    Q96S94\tCCNL2\t0\t5.1e4\t4.9e4\t5.0e4\t0\t5.2e4\n";
/// A sheet for it.
pub const SHEET: &str = "sample\tcondition\tbatch\n\
    ctrl_1\tctrl\ta\nctrl_2\tctrl\tb\nctrl_3\tctrl\ta\n\
    drug_1\tdrug\tb\ndrug_2\tdrug\ta\ndrug_3\tdrug\tb\n";

/// A folder of this process, in memory where there is such a place.
pub struct Folder(PathBuf);

impl Folder {
    /// An empty folder for a target.
    pub fn new(target: &str) -> Self {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() {
            memory.to_path_buf()
        } else {
            std::env::temp_dir()
        };
        let path = parent.join(format!("proteus-fuzz-{target}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder for the files of the target");
        // The fuzzer ends the process on any panic; those that the readers catch are answers.
        let finding = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !decoding() {
                finding(info);
            }
        }));
        Self(path)
    }

    /// Writes a file and gives its path.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).expect("a file of the target");
        path
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// Opens the bytes as a table on its own.
pub fn table(folder: &Folder, bytes: &[u8]) {
    let path = folder.write("table.txt", bytes);
    holds(open(&path, &ReadOptions::default()));
}

/// Opens a path with a sheet, and drafts a corrected sheet for it.
pub fn with_sheet(table: &Path, sheet: &Path) {
    let options = ReadOptions {
        samples: Some(sheet.to_path_buf()),
        ..ReadOptions::default()
    };
    holds(open(table, &options));
    if let Err(error) = draft_sheet(table, &options) {
        speaks(&error);
    }
}

/// What has to be true of an answer: a dataset keeps its invariants and can be described, an error speaks.
pub fn holds(answer: Result<Dataset, DatasetError>) {
    let dataset = match answer {
        Ok(dataset) => dataset,
        Err(error) => return speaks(&error),
    };
    assert!(!dataset.assays.is_empty());
    for assay in dataset.assays.values() {
        let ids: HashSet<&str> = assay.features.iter().map(|f| f.id.as_str()).collect();
        assert_eq!(ids.len(), assay.n_features(), "an id twice");
        assert_eq!(assay.n_samples(), dataset.samples.len());
        let finite = |v: &f64| v.is_nan() || v.is_finite();
        assert!(assay.values.values().iter().all(finite));
    }
    let described = Inspection::of(&dataset);
    assert!(!format!("{described:?}").is_empty());
    assert!(!dataset.profile().assays.is_empty());
    if let Err(error) = dataset.converted() {
        speaks(&error);
    }
}

fn speaks(error: &DatasetError) {
    assert!(!error.to_string().is_empty() && !error.hint().is_empty());
}
