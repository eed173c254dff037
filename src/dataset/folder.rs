//! Which files of a folder are tables and which is the sample sheet, told by content.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::assemble::TableOverrides;
use super::cells::inputs;
use super::container;
use super::feature_table;
use super::formats::{self, SampleColumn};
use super::grid::Grid;
use super::join::in_common;
use super::label::words;
use super::manifest::Manifest;
use super::matching;
use super::open::{FeatureSource, Inputs, SHEET_FOUND, SheetSource, TableSource};
use super::sheet::Sheet;
use super::text::TextFile;
use super::{DatasetError, FeatureLevel, Inference, Problem, Quantity, Severity};

/// A sheet beside a table must explain this fraction of its columns.
const SHEET_COVERAGE: f64 = 0.8;

/// A sheet or a panel has fewer bytes.
const LARGEST_SHEET: u64 = 5_000_000;

/// The last part of a path, for messages.
pub(crate) fn file_name(path: &Path) -> String {
    let name = path.file_name().map_or_else(
        || path.display().to_string(),
        |n| n.to_string_lossy().into_owned(),
    );
    // A line end in a name would tear messages apart.
    name.replace('\n', "\\n").replace('\r', "\\r")
}

/// The files that make up the dataset at `path`.
pub(crate) fn inputs(path: &Path) -> Result<Inputs, DatasetError> {
    let missing = || DatasetError::Missing {
        path: path.display().to_string(),
    };
    let kind = std::fs::metadata(path).map_err(|_| missing())?;
    if kind.is_dir() {
        for name in ["dataset.yaml", "dataset.yml"] {
            if path.join(name).is_file() {
                return declared(path, name);
            }
        }
        return discovered(path);
    }
    let name = file_name(path);
    if matches!(name.as_str(), "dataset.yaml" | "dataset.yml") {
        return declared(path.parent().unwrap_or(Path::new(".")), &name);
    }
    let mut inputs = Inputs {
        name: stem(&name),
        tables: vec![TableSource {
            path: path.to_path_buf(),
            name,
            ..TableSource::default()
        }],
        ..Inputs::default()
    };
    if !of_cells(path, &mut inputs) {
        beside(path, &mut inputs);
    }
    Ok(inputs)
}

/// Completes the inputs of one file of cells with the panel and the sheet beside it; false where the file is none.
fn of_cells(path: &Path, inputs: &mut Inputs) -> bool {
    let Some(mut found) = inputs::find(&[(path.to_path_buf(), file_name(path))]) else {
        return false;
    };
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let near = files_in(folder).unwrap_or_default();
    take_cells(&mut found, &near, inputs);
    true
}

/// The files of a folder that may be data, in order.
fn files_in(folder: &Path) -> std::io::Result<Vec<(PathBuf, String)>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(Result::ok)
        .map(|e| e.path())
        .filter(|p| p.is_file())
        .collect();
    paths.sort();
    let named = paths.into_iter().map(|p| {
        let name = file_name(&p);
        (p, name)
    });
    Ok(named.filter(|(_, name)| !is_other(name)).collect())
}

/// Makes cells the tables of the inputs, with the panel and the sheet found among the other files.
fn take_cells(found: &mut inputs::Found, files: &[(PathBuf, String)], inputs: &mut Inputs) {
    let small =
        |f: &&(PathBuf, String)| std::fs::metadata(&f.0).is_ok_and(|m| m.len() < LARGEST_SHEET);
    let small: Vec<(PathBuf, String)> = files.iter().filter(small).cloned().collect();
    let beside = inputs::read_beside(&small, &found.sources);
    let (sheet, said) = found.take(&beside);
    inputs.inferences.extend(said);
    if let Some(k) = sheet {
        inputs.sheets.push(SheetSource {
            path: beside[k].path.clone(),
            name: beside[k].name.clone(),
            id: None,
        });
    }
    inputs.tables = found.sources.clone();
}

/// Says which files of a folder of cells are not read.
fn tell_others(found: &inputs::Found, files: &[(PathBuf, String)], inputs: &mut Inputs) {
    let panel = found.sources.first().and_then(|s| s.cells.panel.as_ref());
    let used = |path: &Path| {
        found.sources.iter().any(|s| s.path == path)
            || inputs.sheets.iter().any(|s| s.path == path)
            || panel.is_some_and(|(p, _)| p == path)
    };
    let others: Vec<String> = files
        .iter()
        .filter(|(path, _)| !used(path))
        .map(|(_, name)| format!("`{name}`"))
        .collect();
    if !others.is_empty() {
        inputs.problems.push(Problem::new(
            Severity::Note,
            "file_not_read",
            format!(
                "beside single cells ({}) other files are not read: {}",
                found.because,
                others.join(", ")
            ),
            "give the other table by its path, or list both under `tables:` in `dataset.yaml`",
        ));
    }
}

/// A file name without the endings of tables and archives.
fn stem(name: &str) -> String {
    let mut stem = name;
    for ending in [
        ".gz", ".zst", ".tsv", ".csv", ".txt", ".cct", ".cbt", ".tab", ".gct", ".mzTab", ".adat",
        ".parquet", ".xlsx", ".xls", ".ods", ".fcs", ".h5ad",
    ] {
        stem = stem.strip_suffix(ending).unwrap_or(stem);
    }
    stem.to_string()
}

fn folder_name(folder: &Path) -> String {
    let full = folder
        .canonicalize()
        .unwrap_or_else(|_| folder.to_path_buf());
    file_name(&full)
}

fn declared(folder: &Path, manifest_name: &str) -> Result<Inputs, DatasetError> {
    let text = TextFile::read(&folder.join(manifest_name), manifest_name)?;
    let manifest = Manifest::parse(&text.text, manifest_name)?;
    let place = |file: &str| -> Result<PathBuf, DatasetError> {
        let inside = Path::new(file)
            .components()
            .all(|c| matches!(c, std::path::Component::Normal(_)));
        if inside && !folder.join(file).exists() {
            return Err(DatasetError::Manifest {
                file: manifest_name.to_string(),
                message: format!("it names the file `{file}`, which is not in its folder"),
                hint: there(folder, file),
            });
        }
        if !inside {
            return Err(DatasetError::Manifest {
                file: manifest_name.to_string(),
                message: format!("`{file}` lies outside the folder of the dataset"),
                hint: "name files relative to `dataset.yaml`, without `..`".to_string(),
            });
        }
        Ok(folder.join(file))
    };
    let mut inputs = Inputs {
        name: manifest.name.clone().unwrap_or_else(|| folder_name(folder)),
        manifest_file: Some(super::SourceFile {
            read_as: "manifest".to_string(),
            ..text.source
        }),
        ..Inputs::default()
    };
    for table in &manifest.tables {
        inputs.tables.push(TableSource {
            path: place(&table.file)?,
            name: table.file.clone(),
            overrides: TableOverrides {
                assay: table.assay.clone(),
                level: table.level,
                quantity: table.quantity,
                scale: table.scale,
                roll_up: table.roll_up,
            },
            found: false,
            cells: inputs::declared(
                match &table.panel {
                    Some(panel) => Some((place(panel)?, panel.clone())),
                    None => None,
                },
                table.sample.clone(),
                table.cofactor,
                manifest_name,
            )?,
        });
    }
    for sheet in &manifest.samples {
        inputs.sheets.push(SheetSource {
            path: place(&sheet.file)?,
            name: sheet.file.clone(),
            id: sheet.id.clone(),
        });
    }
    for table in &manifest.features {
        inputs.features.push(FeatureSource {
            path: place(&table.file)?,
            name: table.file.clone(),
            found: false,
        });
    }
    if inputs.tables.is_empty() {
        let found = discovered(folder)?;
        inputs.tables = found.tables;
        if inputs.features.is_empty() {
            inputs.features = found.features;
        }
        if inputs.sheets.is_empty() {
            inputs.sheets = found.sheets;
        }
        inputs.inferences = found.inferences;
        inputs.problems = found.problems;
    }
    inputs.manifest = manifest;
    Ok(inputs)
}

/// The files of a folder, the nearest name first.
fn there(folder: &Path, wanted: &str) -> String {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .map(|e| file_name(&e.path()))
        .filter(|n| !n.starts_with('.') && !n.starts_with("dataset.y"))
        .collect();
    names.sort();
    if let Some(near) = super::contrast::nearest(wanted, names.iter().map(String::as_str)) {
        return format!("did you mean `{near}`?");
    }
    let shown: Vec<String> = names.iter().take(6).map(|n| format!("`{n}`")).collect();
    match shown.is_empty() {
        true => "the folder holds no other file".to_string(),
        false => format!("the folder holds {}", shown.join(", ")),
    }
}

/// What the head of a table tells.
struct Head {
    score: u32,
    level: FeatureLevel,
    quantity: Quantity,
    columns: Vec<SampleColumn>,
    /// Ids of its features.
    features: Vec<String>,
}

/// A file that may be a table or a sheet, judged by its head.
struct Candidate {
    path: PathBuf,
    name: String,
    sheet: Sheet,
    grid: Grid,
    table: Option<Head>,
    /// Whether its rows look like samples and its columns like features: an assay, not a sheet.
    samples_in_rows: bool,
}

fn discovered(folder: &Path) -> Result<Inputs, DatasetError> {
    let files = files_in(folder).map_err(|e| DatasetError::Unreadable {
        file: folder.display().to_string(),
        cause: e.to_string(),
    })?;
    if let Some(mut found) = inputs::find(&files) {
        let mut inputs = Inputs {
            name: folder_name(folder),
            ..Inputs::default()
        };
        take_cells(&mut found, &files, &mut inputs);
        tell_others(&found, &files, &mut inputs);
        return Ok(inputs);
    }
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    let mut problems: Vec<Problem> = Vec::new();
    for (path, name) in files {
        match look_at(&path, &name) {
            Ok(candidate) => candidates.push(candidate),
            Err(error) => {
                seen.push(format!("{error}"));
                if matches!(error, DatasetError::Binary { .. }) {
                    problems.push(
                        Problem::new(
                            Severity::Note,
                            "file_not_read",
                            error.to_string(),
                            error.hint(),
                        )
                        .in_file(name),
                    );
                }
            }
        }
    }
    let coverage = |sheet: &Candidate, table: &Candidate| -> f64 {
        match &table.table {
            Some(Head { columns, .. }) if !sheet.samples_in_rows => covered(&sheet.sheet, columns),
            _ => 0.0,
        }
    };
    let is_sheet_of_another = |k: usize| {
        (0..candidates.len()).any(|t| {
            t != k
                && candidates[t].table.is_some()
                && coverage(&candidates[k], &candidates[t]) >= 0.5
        })
    };
    let mut tables: Vec<usize> = (0..candidates.len())
        .filter(|&k| candidates[k].table.is_some() && !is_sheet_of_another(k))
        .collect();
    tables.sort_by_key(|&k| rank(&candidates[k]));
    let Some(&main) = tables.first() else {
        seen.extend(
            candidates
                .iter()
                .map(|c| format!("`{}` has no columns of measurements", c.name)),
        );
        let seen = if seen.is_empty() {
            "it holds no text file".to_string()
        } else {
            seen.join("; ")
        };
        return Err(DatasetError::NoTable {
            folder: folder.display().to_string(),
            seen,
        });
    };
    let about = about_features(&candidates, main);
    tables.retain(|k| !about.contains(k));
    let mut inputs = Inputs {
        name: folder_name(folder),
        features: (about.iter())
            .map(|&k| FeatureSource {
                path: candidates[k].path.clone(),
                name: candidates[k].name.clone(),
                found: true,
            })
            .collect(),
        tables: vec![TableSource {
            path: candidates[main].path.clone(),
            name: candidates[main].name.clone(),
            ..TableSource::default()
        }],
        problems,
        ..Inputs::default()
    };
    let (joined, left) = join_tables(&candidates, &tables);
    for &k in &joined {
        inputs.tables.push(TableSource {
            path: candidates[k].path.clone(),
            name: candidates[k].name.clone(),
            overrides: named_by_file(&candidates[k], &mut inputs.inferences),
            found: true,
            ..TableSource::default()
        });
    }
    let named = |tables: &[usize]| {
        let names: Vec<String> = tables
            .iter()
            .map(|&k| format!("`{}`", candidates[k].name))
            .collect();
        names.join(", ")
    };
    if !joined.is_empty() {
        inputs.inferences.push(Inference::new(
            "tables",
            format!("`{}` is the main one; joined: {}", candidates[main].name, named(&joined)),
            "their columns bear the names of its samples",
            "give one table on the command line, or list those you want under `tables:` in `dataset.yaml`",
        ));
    }
    for (why, not_read) in left {
        inputs.problems.push(
            Problem::new(
                Severity::Warn,
                "several_tables",
                format!(
                    "the folder holds {} tables; `{}` is read; not read, because {why}: {}",
                    tables.len(),
                    candidates[main].name,
                    named(&not_read)
                ),
                "give one table on the command line, or list those you want under `tables:` in `dataset.yaml`",
            )
            .in_file(candidates[main].name.clone()),
        );
    }
    let mut best: Option<(f64, usize)> = None;
    for k in (0..candidates.len()).filter(|k| !tables.contains(k) && !about.contains(k)) {
        let covered = coverage(&candidates[k], &candidates[main]);
        let width = |k: usize| candidates[k].sheet.header.len();
        // Of two that explain the samples equally, the narrower one is the sheet and the wider one another assay.
        let better = best.is_none_or(|(c, b)| covered > c || (covered == c && width(k) < width(b)));
        if covered > 0.0 && better {
            best = Some((covered, k));
        }
    }
    if let Some((covered, k)) = best {
        add_sheet(&mut inputs, &candidates[k].path, covered);
    }
    Ok(inputs)
}

/// The files that tell of the features of the main table and hold none of its samples.
fn about_features(candidates: &[Candidate], main: usize) -> Vec<usize> {
    let Some(table) = &candidates[main].table else {
        return Vec::new();
    };
    let ids: HashSet<&str> = table.features.iter().map(String::as_str).collect();
    let is_about = |k: &usize| {
        let candidate = &candidates[*k];
        let strange =
            (candidate.table.as_ref()).is_none_or(|t| in_common(&t.columns, &table.columns) == 0);
        strange
            && feature_table::says_what_features_are(&candidate.grid)
            && feature_table::id_column(&candidate.grid, &ids).is_some()
    };
    (0..candidates.len())
        .filter(|k| *k != main)
        .filter(is_about)
        .collect()
}

/// Tables that are not joined, by reason.
type LeftOut = Vec<(&'static str, Vec<usize>)>;

/// Of the tables after the first those that belong to its samples, and those that do not, by reason.
fn join_tables(candidates: &[Candidate], tables: &[usize]) -> (Vec<usize>, LeftOut) {
    let of = |k: usize| candidates[k].table.as_ref();
    let (mut strange, mut below, mut again) = (Vec::new(), Vec::new(), Vec::new());
    let mut joined: Vec<usize> = Vec::new();
    for &k in tables.iter().skip(1) {
        let (Some(table), Some(main)) = (of(k), of(tables[0])) else {
            continue;
        };
        let same = in_common(&main.columns, &table.columns);
        let already = |is: &dyn Fn(&Head) -> bool| {
            let taken = std::iter::once(&tables[0]).chain(&joined);
            taken.filter_map(|&t| of(t)).any(is)
        };
        if same < 2 || 2 * same < main.columns.len().min(table.columns.len()) {
            strange.push(k);
        } else if is_of_peptides(table) && already(&is_of_proteins) {
            below.push(k);
        } else if (is_of_peptides(table) && already(&is_of_peptides))
            || (is_search_of_proteins(table) && already(&is_search_of_proteins))
        {
            again.push(k);
        } else {
            joined.push(k);
        }
    }
    let left = [
        ("their columns are not its samples", strange),
        ("peptides are not analysed beside proteins", below),
        ("one result of a search is enough", again),
    ];
    let left = left.into_iter().filter(|(_, tables)| !tables.is_empty());
    (joined, left.collect())
}

fn is_of_peptides(table: &Head) -> bool {
    matches!(table.level, FeatureLevel::Peptide | FeatureLevel::Precursor)
}

fn is_of_proteins(table: &Head) -> bool {
    matches!(table.level, FeatureLevel::ProteinGroup | FeatureLevel::Gene)
}

/// Whether the rows are proteins as a search engine quantifies them; two such tables are two searches of one experiment,
/// or one search by protein and by gene.
fn is_search_of_proteins(table: &Head) -> bool {
    is_of_proteins(table)
        && matches!(
            table.quantity,
            Quantity::LfqIntensity | Quantity::Intensity | Quantity::ReporterIntensity
        )
}

/// The name of a table found beside others, and what its rows are where its name says what its cells cannot.
fn named_by_file(candidate: &Candidate, inferences: &mut Vec<Inference>) -> TableOverrides {
    let name = stem(&candidate.name);
    let said = words(&name);
    let of_genes = candidate
        .table
        .as_ref()
        .is_some_and(|t| t.level == FeatureLevel::Gene);
    let word = said
        .iter()
        .find(|w| w.starts_with("transcript") || w.ends_with("rna") || w.ends_with("rnaseq"))
        .filter(|_| of_genes);
    if let Some(word) = word {
        inferences.push(Inference::new(
            format!("level of `{}`", candidate.name),
            FeatureLevel::Transcript.plural(),
            format!("its rows are genes and its name says `{word}`"),
            "declare `level:` of the table in `dataset.yaml`",
        ));
    }
    TableOverrides {
        level: word.map(|_| FeatureLevel::Transcript),
        assay: Some(name),
        ..TableOverrides::default()
    }
}

/// The fraction of the columns that a sheet explains; none where it cannot be a sheet of theirs. A sheet has about as
/// many rows as the table has samples; a table has many more.
fn covered(sheet: &Sheet, columns: &[SampleColumn]) -> f64 {
    if sheet.rows.len() > 4 * columns.len() + 100 {
        return 0.0;
    }
    match matching::assign(sheet, columns, None) {
        Some(found) if found.pairs.len() >= 2 => found.pairs.len() as f64 / columns.len() as f64,
        _ => 0.0,
    }
}

fn add_sheet(inputs: &mut Inputs, path: &Path, covered: f64) {
    let name = file_name(path);
    inputs.inferences.push(Inference::new(
        SHEET_FOUND,
        format!("`{name}`"),
        format!(
            "one of its columns names {:.0} % of the table's samples",
            100.0 * covered
        ),
        "give another one with `--samples`",
    ));
    inputs.sheets.push(SheetSource {
        path: path.to_path_buf(),
        name,
        id: None,
    });
}

/// Documents, programs and settings, which are neither tables nor sheets.
fn is_other(name: &str) -> bool {
    let lower = name.to_lowercase();
    let lower = lower.strip_suffix(".gz").unwrap_or(&lower);
    let lower = lower.strip_suffix(".zst").unwrap_or(lower);
    lower.starts_with('.')
        || lower.starts_with("readme")
        || lower.starts_with("licen")
        || [
            ".md", ".yaml", ".yml", ".json", ".html", ".pdf", ".r", ".py", ".log", ".png", ".svg",
            ".docx", ".fasta", ".xml",
        ]
        .iter()
        .any(|e| lower.ends_with(e))
}

fn look_at(path: &Path, name: &str) -> Result<Candidate, DatasetError> {
    let grid = container::head(path, name)?;
    let raw = formats::detect(&grid)
        .and_then(|(f, e)| f.read(&grid, None).ok().map(|raw| (e.score, raw)));
    let samples_in_rows = raw.as_ref().is_some_and(|(_, raw)| raw.samples_in_rows);
    let table = raw.map(|(score, raw)| Head {
        score,
        level: raw.level,
        quantity: raw.quantity,
        columns: raw.columns,
        features: raw.features.into_iter().map(|f| f.id).collect(),
    });
    Ok(Candidate {
        path: path.to_path_buf(),
        name: name.to_string(),
        sheet: Sheet::from_grid(&grid),
        grid,
        table,
        samples_in_rows,
    })
}

/// Protein tables first, then those a producer's headers prove, then by name.
fn rank(candidate: &Candidate) -> (bool, bool, std::cmp::Reverse<u32>, String) {
    let (score, level) = candidate
        .table
        .as_ref()
        .map_or((0, FeatureLevel::Site), |t| (t.score, t.level));
    let lower = candidate.name.to_lowercase();
    let proteins = ["protein", "proteom", "pg_matrix", "abundance_"]
        .iter()
        .any(|w| lower.contains(w));
    let other_kind = [
        "phospho",
        "acetyl",
        "transcript",
        "rna",
        "cna",
        "cnv",
        "mutation",
        "somatic",
        "published",
        "peptide",
    ]
    .iter()
    .any(|w| lower.contains(w));
    let by_level = !matches!(
        level,
        FeatureLevel::ProteinGroup | FeatureLevel::Gene | FeatureLevel::Marker
    );
    (
        by_level || other_kind,
        !proteins,
        std::cmp::Reverse(score),
        candidate.name.clone(),
    )
}

/// Looks for a sample sheet beside a single table: named like one, small, and explaining most of its columns.
fn beside(path: &Path, inputs: &mut Inputs) {
    const NAMES: [&str; 12] = [
        "design",
        "sample",
        "samples",
        "annotation",
        "metadata",
        "experiment",
        "experiments",
        "clinical",
        "sheet",
        "samplesheet",
        "groups",
        "meta",
    ];
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut others: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|e| {
            e.metadata()
                .is_ok_and(|m| m.is_file() && m.len() < LARGEST_SHEET)
        })
        .map(|e| e.path())
        .filter(|p| p != path && !is_other(&file_name(p)))
        .filter(|p| {
            words(&file_name(p))
                .iter()
                .any(|w| NAMES.contains(&w.as_str()))
        })
        .collect();
    others.sort();
    if others.is_empty() {
        return;
    }
    let Ok(Candidate {
        table: Some(Head { columns, .. }),
        ..
    }) = look_at(path, &file_name(path))
    else {
        return;
    };
    let mut best: Option<(f64, PathBuf)> = None;
    for other in others {
        let Ok(grid) = container::head(&other, &file_name(&other)) else {
            continue;
        };
        let covered = covered(&Sheet::from_grid(&grid), &columns);
        if covered >= SHEET_COVERAGE && best.as_ref().is_none_or(|(c, _)| covered > *c) {
            best = Some((covered, other));
        }
    }
    if let Some((covered, other)) = best {
        add_sheet(inputs, &other, covered);
    }
}
