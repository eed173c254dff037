//! Which files of a folder are cells, which their panel and which their sheet.

use std::path::{Path, PathBuf};

use super::super::container::{self, Content};
use super::super::formats::{self, SampleColumn, cell_table, fcs, h5ad};
use super::super::grid::Grid;
use super::super::label::{canonical, match_key, run_name};
use super::super::matching;
use super::super::open::{CellSource, SHEET_FOUND, TableSource};
use super::super::sheet::Sheet;
use super::super::{DatasetError, Inference};
use super::{Channel, Panel, layout};

/// Share of the sample names that a sheet must hold.
const IN_SHEET: f64 = 0.5;

/// Files of cells, told by their first bytes or their form, with the names of samples and channels as far as a look tells.
pub(crate) struct Found {
    /// The sources, one per file.
    pub sources: Vec<TableSource>,
    /// Names of samples: all for FCS, those at the start of a table.
    names: Vec<String>,
    /// Names of channels.
    channels: Vec<Channel>,
    /// Why they are taken for cells.
    pub because: &'static str,
}

/// A file beside cells, by its first rows.
pub(crate) struct Beside {
    /// Where it is.
    pub path: PathBuf,
    /// How messages call it.
    pub name: String,
    /// Its first rows.
    pub grid: Grid,
}

/// The cytometry files among some files, or the first table of cells; none where there are neither.
pub(crate) fn find(files: &[(PathBuf, String)]) -> Option<Found> {
    let is_fcs =
        |f: &&(PathBuf, String)| container::kind(&f.0, &f.1).is_ok_and(|k| k == Content::Fcs);
    let cytometry: Vec<&(PathBuf, String)> = files.iter().filter(is_fcs).collect();
    if let Some(first) = cytometry.first() {
        return Some(Found {
            names: cytometry
                .iter()
                .map(|f| fcs::sample_name(&f.1).to_string())
                .collect(),
            channels: fcs::channels(&first.0, &first.1).unwrap_or_default(),
            sources: cytometry.iter().map(|f| source(&f.0, &f.1)).collect(),
            because: "they begin as cytometry files do",
        });
    }
    let is_hdf5 =
        |f: &&(PathBuf, String)| container::kind(&f.0, &f.1).is_ok_and(|k| k == Content::Hdf5);
    if let Some((path, name)) = files.iter().find(is_hdf5) {
        let (names, channels) = h5ad::look(path, name, &CellSource::default())?;
        let channel = |header| Channel {
            header,
            label: None,
        };
        return Some(Found {
            sources: vec![source(path, name)],
            names,
            channels: channels.into_iter().map(channel).collect(),
            because: "it begins as HDF5 files do",
        });
    }
    files.iter().find_map(|(path, name)| {
        if !may_be_text(path, name) {
            return None;
        }
        of_table(path, name, &container::head(path, name).ok()?, None)
    })
}

fn may_be_text(path: &Path, name: &str) -> bool {
    container::kind(path, name).is_ok_and(|k| matches!(k, Content::Text | Content::Parquet))
}

fn source(path: &Path, name: &str) -> TableSource {
    TableSource {
        path: path.to_path_buf(),
        name: name.to_string(),
        ..TableSource::default()
    }
}

/// A table of cells by its first rows; none where it is something else.
pub(crate) fn of_table(
    path: &Path,
    name: &str,
    head: &Grid,
    sample: Option<&str>,
) -> Option<Found> {
    let layout = layout(head, sample)?;
    if sample.is_none() && formats::detect(head).is_none_or(|(f, _)| f.name() != cell_table::NAME) {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    for i in 0..head.n_rows() {
        let parts: Vec<&str> = layout.sample.iter().map(|&j| head.cell(i, j)).collect();
        let name = parts.join(" ");
        if names.last() != Some(&name) && !names.contains(&name) {
            names.push(name);
        }
    }
    Some(Found {
        sources: vec![source(path, name)],
        names,
        channels: (layout.numbers.iter())
            .map(|&j| Channel {
                header: head.header[j].clone(),
                label: None,
            })
            .collect(),
        because: "many rows stand for each sample, and its columns are numbers",
    })
}

impl Found {
    /// What some other files are: the panel goes to the sources, the sheet is handed back with how much of the samples it
    /// explains.
    pub fn take(&mut self, beside: &[Beside]) -> (Option<usize>, Vec<Inference>) {
        let mut inferences = Vec::new();
        let columns: Vec<SampleColumn> = self
            .names
            .iter()
            .map(|n| SampleColumn {
                header: n.clone(),
                label: run_name(n).to_string(),
            })
            .collect();
        let mut best: Option<(f64, usize, usize)> = None;
        for (k, file) in beside.iter().enumerate() {
            let sheet = Sheet::from_grid(&file.grid);
            let covered = covered(&sheet, &columns);
            let width = sheet.header.len();
            let better = best.is_none_or(|(c, w, _)| covered > c || (covered == c && width < w));
            if covered >= IN_SHEET && better {
                best = Some((covered, width, k));
            }
        }
        let sheet = best.map(|(_, _, k)| k);
        let panel = beside
            .iter()
            .enumerate()
            .find(|(k, file)| Some(*k) != sheet && Panel::of(&file.grid).describes(&self.channels));
        if let Some((_, file)) = panel {
            inferences.push(Inference::new(
                "panel",
                format!("`{}`", file.name),
                "its rows name the channels",
                "name another one as `panel:` of the table in `dataset.yaml`",
            ));
            for source in &mut self.sources {
                source.cells = CellSource {
                    panel: Some((file.path.clone(), file.name.clone())),
                    ..source.cells.clone()
                };
            }
        }
        if let Some(k) = sheet {
            inferences.push(Inference::new(
                SHEET_FOUND,
                format!("`{}`", beside[k].name),
                "one of its columns names the samples of the cells",
                "give another one with `--samples`",
            ));
        }
        (sheet, inferences)
    }
}

/// The share of sample names that a sheet explains: by the usual match where the names are many, else by a column that
/// holds them, since the start of a table may show one sample only.
fn covered(sheet: &Sheet, columns: &[SampleColumn]) -> f64 {
    let n = columns.len().max(1) as f64;
    if let Some(found) = matching::assign(sheet, columns, None)
        && found.pairs.len() >= 2
    {
        return found.pairs.len() as f64 / n;
    }
    if sheet.rows.len() < 2 {
        return 0.0;
    }
    let keys = |j: usize| -> Vec<String> {
        let column = sheet.column(j).into_iter();
        column.map(|c| match_key(run_name(c))).collect()
    };
    (0..sheet.header.len())
        .map(|j| {
            let keys = keys(j);
            let mut distinct = keys.clone();
            distinct.sort_unstable();
            distinct.dedup();
            let named = columns.iter().filter(|c| {
                keys.contains(&match_key(&c.label)) || keys.contains(&canonical(&c.header))
            });
            let unique = distinct.len() == keys.len();
            if unique {
                named.count() as f64 / n
            } else {
                0.0
            }
        })
        .fold(0.0, f64::max)
}

/// The first rows of the files that may be sheets or panels.
pub(crate) fn read_beside(files: &[(PathBuf, String)], sources: &[TableSource]) -> Vec<Beside> {
    files
        .iter()
        .filter(|(path, _)| sources.iter().all(|s| s.path != *path))
        .filter_map(|(path, name)| {
            Some(Beside {
                path: path.clone(),
                name: name.clone(),
                grid: container::head(path, name).ok()?,
            })
        })
        .collect()
}

/// The panel that the owner declared, placed.
pub(crate) fn declared(
    panel: Option<(PathBuf, String)>,
    sample: Option<String>,
    cofactor: Option<f64>,
    manifest: &str,
) -> Result<CellSource, DatasetError> {
    if let Some(cofactor) = cofactor.filter(|c| !(c.is_finite() && *c > 0.0)) {
        return Err(DatasetError::Manifest {
            file: manifest.to_string(),
            message: format!("`cofactor: {cofactor}` is not above zero"),
            hint: "it is 5 for mass cytometry and 150 for fluorescence".to_string(),
        });
    }
    Ok(CellSource {
        panel,
        sample,
        cofactor,
    })
}
