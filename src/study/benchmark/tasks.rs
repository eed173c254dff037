//! Discovery tasks on general tables, laid out like DiscoveryBench (Majumder et al. 2024, arXiv:2407.01725): folders of CSV
//! files with `metadata_*.json`, whose queries name a target column, the columns it depends on and the hypothesis.
//!
//! The engine's own loop is not for such tables: it normalises samples and looks for sets of genes. What is scored here is
//! its analysis of associations (`clinical_association`) on the table as it is: numeric columns are features, texts of few
//! levels become one feature per level, and the target is the variable. No judge: a gold column is recovered if it is
//! significant at 5 % false discovery rate, and its direction counts where the hypothesis says one in so many words.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proteus_stats::descriptive::{mean, standard_deviation};
use proteus_stats::matrix::Matrix;
use serde::{Deserialize, Serialize};

use super::super::StudyError;
use crate::agent::{Resources, answers};
use crate::dataset::{Feature, FeatureLevel, Quantity, Role, SampleMetadata, Variable};
use crate::discovery::Direction;
use crate::run::RunError;
use crate::tool::{Abundance, Artifact, Shared, ToolError, ToolInput};

/// The analysis of associations.
const TOOL: &str = "clinical_association";
/// False discovery rate at which a column counts as found.
const LEVEL: f64 = 0.05;
/// Levels of a text column that becomes features.
const MOST_LEVELS: usize = 12;
/// Rows needed of a table.
const FEWEST_ROWS: usize = 10;

/// One query with its gold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Folder name, number of the metadata and of the query.
    pub name: String,
    /// The table.
    pub table: PathBuf,
    /// The question.
    pub question: String,
    /// Column that is explained.
    pub target: String,
    /// Columns that explain it, and in which direction, where that is said.
    pub gold: Vec<(String, Direction)>,
}

/// What came of a task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskRow {
    /// As [`Task::name`].
    pub task: String,
    /// The target.
    pub target: String,
    /// Gold columns.
    pub gold: usize,
    /// Gold columns that were found.
    pub matched: usize,
    /// Of those with a direction, how many were found in it, and how many there are.
    pub direction: [usize; 2],
    /// Columns tested and columns found.
    pub tested: [usize; 2],
    /// Best place of a gold column among all, by p, from 1.
    pub best_rank: Option<usize>,
    /// Why it could not be scored.
    pub failed: Option<String>,
}

/// All tasks of a folder.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TasksSummary {
    /// One per query that names its columns.
    pub rows: Vec<TaskRow>,
    /// Queries whose gold names no column of the table.
    pub without_gold: usize,
    /// Gold columns, and those found.
    pub variables: [usize; 2],
    /// Directions told, and those right.
    pub directions: [usize; 2],
}

#[derive(Deserialize)]
struct Metadata {
    datasets: Vec<MetaDataset>,
    #[serde(default)]
    queries: Vec<Vec<Query>>,
}

#[derive(Deserialize)]
struct MetaDataset {
    name: String,
}

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    qid: i64,
    #[serde(default)]
    question: String,
    #[serde(default)]
    target_col: String,
    #[serde(default)]
    relevant_cols: Vec<String>,
    #[serde(default)]
    true_hypothesis: String,
}

/// A table of texts.
struct Sheet {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn fault(path: &Path, reason: impl Into<String>, hint: &str) -> StudyError {
    StudyError::Tasks {
        path: path.to_path_buf(),
        reason: reason.into(),
        hint: hint.to_owned(),
    }
}

/// Reads every task below `folder`, and counts the queries whose gold names no column.
pub fn read_tasks(folder: &Path) -> Result<(Vec<Task>, usize), StudyError> {
    let mut tasks = Vec::new();
    let mut without = 0;
    let mut open = vec![folder.to_path_buf()];
    let mut found = 0;
    while let Some(next) = open.pop() {
        let mut entries: Vec<PathBuf> = fs::read_dir(&next)
            .map_err(|e| RunError::reading(&next, e))?
            .filter_map(|e| Some(e.ok()?.path()))
            .collect();
        entries.sort();
        for path in entries {
            let name = path
                .file_name()
                .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            if path.is_dir() {
                open.push(path);
            } else if name.starts_with("metadata") && name.ends_with(".json") {
                found += 1;
                let (more, none) = tasks_of(&path)?;
                tasks.extend(more);
                without += none;
            }
        }
        open.sort_by(|a, b| b.cmp(a));
    }
    if found == 0 {
        return Err(fault(
            folder,
            "no `metadata_*.json` is below it",
            "give the folder that holds the task folders of DiscoveryBench or of the same layout",
        ));
    }
    Ok((tasks, without))
}

fn tasks_of(path: &Path) -> Result<(Vec<Task>, usize), StudyError> {
    let text = fs::read_to_string(path).map_err(|e| RunError::reading(path, e))?;
    let metadata: Metadata = serde_json::from_str(&text).map_err(|e| {
        fault(
            path,
            format!("it is no metadata of tasks: {e}"),
            "it needs `datasets` with `name`, and `queries`",
        )
    })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let base = folder
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let stem = path
        .file_stem()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let Some(first) = metadata.datasets.first() else {
        return Err(fault(
            path,
            "it names no dataset",
            "name the CSV file under `datasets`",
        ));
    };
    let table = folder.join(&first.name);
    let header = read(&table)?.header;
    let mut tasks = Vec::new();
    let mut without = 0;
    for query in metadata.queries.into_iter().flatten() {
        match gold(&query, &header) {
            Some((target, gold)) => tasks.push(Task {
                name: format!("{base}/{stem}/{}", query.qid),
                table: table.clone(),
                question: query.question,
                target,
                gold,
            }),
            None => without += 1,
        }
    }
    Ok((tasks, without))
}

/// Target and gold columns: as named, else those that the hypothesis names, the last one being the target.
fn gold(query: &Query, header: &[String]) -> Option<(String, Vec<(String, Direction)>)> {
    let known = |name: &str| header.iter().find(|h| h.as_str() == name).cloned();
    let mut named: Vec<String> = query
        .relevant_cols
        .iter()
        .filter_map(|c| known(c))
        .collect();
    let mut target = known(&query.target_col);
    if named.is_empty() {
        let words = spaced(&query.true_hypothesis);
        let mut mentioned: Vec<(usize, String)> = header
            .iter()
            .filter_map(|h| Some((words.rfind(&spaced(h))?, h.clone())))
            .collect();
        mentioned.sort();
        named = mentioned.into_iter().map(|(_, h)| h).collect();
        if target.is_none() {
            target = named.pop();
        }
    }
    let target = target?;
    named.retain(|c| *c != target);
    named.dedup();
    let direction = direction_of(&query.true_hypothesis);
    let single = named.len() == 1;
    // One word cannot say the direction of several columns.
    let gold: Vec<(String, Direction)> = named
        .into_iter()
        .map(|c| {
            (
                c,
                if single {
                    direction
                } else {
                    Direction::Undirected
                },
            )
        })
        .collect();
    (!gold.is_empty()).then_some((target, gold))
}

/// Lower case, with every run of other characters as one space, and spaces around.
fn spaced(text: &str) -> String {
    let lower: String = text
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let words: Vec<&str> = lower.split_whitespace().collect();
    format!(" {} ", words.join(" "))
}

/// The direction that a hypothesis says in so many words; undirected where it says none or both.
fn direction_of(hypothesis: &str) -> Direction {
    let words = spaced(hypothesis);
    let any = |list: &[&str]| list.iter().any(|w| words.contains(&format!(" {w}")));
    let up = any(&[
        "positiv",
        "increas",
        "higher",
        "raises",
        "rises",
        "more likely",
        "greater",
    ]);
    let down = any(&[
        "negativ",
        "decreas",
        "lower",
        "reduc",
        "falls",
        "less likely",
        "inverse",
    ]);
    match (up, down) {
        (true, false) => Direction::Higher,
        (false, true) => Direction::Lower,
        _ => Direction::Undirected,
    }
}

fn read(path: &Path) -> Result<Sheet, StudyError> {
    let hint = "give the table as CSV with a header, as the metadata names it";
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_path(path)
        .map_err(|e| fault(path, format!("the table cannot be read: {e}"), hint))?;
    let header = reader
        .headers()
        .map_err(|e| fault(path, format!("the header cannot be read: {e}"), hint))?
        .iter()
        .map(|h| h.trim().to_owned())
        .collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| fault(path, format!("a row cannot be read: {e}"), hint))?;
        rows.push(record.iter().map(|c| c.trim().to_owned()).collect());
    }
    Ok(Sheet { header, rows })
}

/// Scores every task.
pub fn score_tasks(folder: &Path, resources: &Resources) -> Result<TasksSummary, StudyError> {
    let (tasks, without_gold) = read_tasks(folder)?;
    let mut tables: BTreeMap<PathBuf, Sheet> = BTreeMap::new();
    let mut rows = Vec::with_capacity(tasks.len());
    for task in &tasks {
        if !tables.contains_key(&task.table) {
            tables.insert(task.table.clone(), read(&task.table)?);
        }
        rows.push(score(task, &tables[&task.table], resources)?);
    }
    let sum = |of: &dyn Fn(&TaskRow) -> usize| rows.iter().map(of).sum();
    Ok(TasksSummary {
        variables: [sum(&|r| r.gold), sum(&|r| r.matched)],
        directions: [sum(&|r| r.direction[1]), sum(&|r| r.direction[0])],
        rows,
        without_gold,
    })
}

fn numbers(sheet: &Sheet, column: usize) -> Vec<Option<f64>> {
    sheet
        .rows
        .iter()
        .map(|r| r.get(column)?.parse().ok().filter(|v: &f64| v.is_finite()))
        .collect()
}

/// Whether nearly all cells that are not empty are numbers, of more than two values.
fn is_numeric(sheet: &Sheet, column: usize) -> bool {
    let filled = sheet
        .rows
        .iter()
        .filter(|r| r.get(column).is_some_and(|c| !c.is_empty()))
        .count();
    let values: BTreeSet<u64> = numbers(sheet, column)
        .into_iter()
        .flatten()
        .map(f64::to_bits)
        .collect();
    filled > 0
        && numbers(sheet, column).iter().flatten().count() * 10 >= 9 * filled
        && values.len() > 2
}

/// Features of all columns but the target: id `column`, or `column=level`; each with mean 0 and variance 1, so that one
/// prior of variances fits all.
fn features(sheet: &Sheet, target: usize) -> (Vec<(usize, String)>, Vec<f64>) {
    let n = sheet.rows.len();
    let mut names = Vec::new();
    let mut values = Vec::new();
    let mut add = |column: usize, name: String, raw: Vec<f64>| {
        let known: Vec<f64> = raw.iter().copied().filter(|v| !v.is_nan()).collect();
        let (centre, spread) = (mean(&known), standard_deviation(&known));
        if known.len() >= FEWEST_ROWS.min(n) && spread > 0.0 {
            names.push((column, name));
            values.extend(raw.iter().map(|v| (v - centre) / spread));
        }
    };
    for column in (0..sheet.header.len()).filter(|&c| c != target) {
        let name = &sheet.header[column];
        if is_numeric(sheet, column) {
            let raw = numbers(sheet, column)
                .into_iter()
                .map(|v| v.unwrap_or(f64::NAN))
                .collect();
            add(column, name.clone(), raw);
            continue;
        }
        let levels: BTreeSet<&str> = sheet
            .rows
            .iter()
            .filter_map(|r| r.get(column))
            .map(String::as_str)
            .filter(|c| !c.is_empty())
            .collect();
        if levels.len() < 2 || levels.len() > MOST_LEVELS {
            continue;
        }
        // Of two levels one says all.
        let told = if levels.len() == 2 { 1 } else { 0 };
        for level in levels.into_iter().skip(told) {
            let raw = sheet
                .rows
                .iter()
                .map(|r| match r.get(column).map(String::as_str) {
                    Some("") | None => f64::NAN,
                    Some(cell) => f64::from(u8::from(cell == level)),
                })
                .collect();
            add(column, format!("{name}={level}"), raw);
        }
    }
    (names, values)
}

fn score(task: &Task, sheet: &Sheet, resources: &Resources) -> Result<TaskRow, StudyError> {
    let mut row = TaskRow {
        task: task.name.clone(),
        target: task.target.clone(),
        gold: task.gold.len(),
        matched: 0,
        direction: [
            0,
            task.gold
                .iter()
                .filter(|(_, d)| *d != Direction::Undirected)
                .count(),
        ],
        tested: [0, 0],
        best_rank: None,
        failed: None,
    };
    let column = |name: &str| sheet.header.iter().position(|h| h == name);
    let Some(target) = column(&task.target) else {
        row.failed = Some(format!("the table has no column `{}`", task.target));
        return Ok(row);
    };
    let found = match associations(sheet, target, &task.target, resources) {
        Ok(found) => found,
        Err(reason) => {
            row.failed = Some(reason);
            return Ok(row);
        }
    };
    row.tested = [found.len(), found.iter().filter(|f| f.q <= LEVEL).count()];
    for (name, direction) in &task.gold {
        let Some(gold) = column(name) else { continue };
        let best = found.iter().enumerate().find(|(_, f)| f.column == gold);
        let Some((place, best)) = best else { continue };
        row.best_rank = Some(row.best_rank.map_or(place + 1, |r| r.min(place + 1)));
        if best.q <= LEVEL {
            row.matched += 1;
            row.direction[0] += usize::from(
                *direction != Direction::Undirected && Direction::of(best.effect) == *direction,
            );
        }
    }
    Ok(row)
}

/// One tested column.
struct Found {
    column: usize,
    effect: f64,
    q: f64,
}

/// Every feature against the target, the most significant first; the reason in words where the analysis refuses.
fn associations(
    sheet: &Sheet,
    target: usize,
    name: &str,
    resources: &Resources,
) -> Result<Vec<Found>, String> {
    let n = sheet.rows.len();
    if n < FEWEST_ROWS {
        return Err(format!("{n} rows, {FEWEST_ROWS} are needed"));
    }
    let ids: Vec<String> = (1..=n).map(|i| format!("row {i}")).collect();
    let mut samples = SampleMetadata::new(ids.clone());
    samples.insert(if is_numeric(sheet, target) {
        Variable::continuous(name, numbers(sheet, target), Role::Clinical)
    } else {
        let labels: Vec<Option<String>> = sheet
            .rows
            .iter()
            .map(|r| r.get(target).filter(|c| !c.is_empty()).cloned())
            .collect();
        Variable::categorical(name, &labels, Role::Clinical)
    });
    let (names, values) = features(sheet, target);
    let matrix = Matrix::new(names.len(), n, values).map_err(|e| e.to_string())?;
    let abundance = Abundance {
        level: FeatureLevel::Marker,
        quantity: Quantity::Other,
        features: Arc::new(
            names
                .iter()
                .enumerate()
                .map(|(k, (_, name))| Feature {
                    id: format!("{k}"),
                    symbol: Some(name.clone()),
                    ..Feature::default()
                })
                .collect(),
        ),
        samples: Arc::new(ids),
        values: matrix,
    };
    let ports = BTreeMap::from([("matrix".to_owned(), Artifact::Matrix(Arc::new(abundance)))]);
    let input = ToolInput {
        ports: &ports,
        samples: &samples,
        knowledge: &resources.packs,
        shared: &Shared::default(),
        seed: 1,
    };
    let entry = resources
        .catalog
        .get(TOOL)
        .ok_or_else(|| format!("there is no tool `{TOOL}`"))?;
    let params = serde_json::json!({ "variable": name, "trend": "never" });
    let output = entry
        .tool
        .run_json(&input, &params)
        .map_err(|e: ToolError| e.to_string())?;
    let mut found: Vec<(f64, Found)> = Vec::new();
    for answer in &entry.spec.answers {
        let answered =
            answers::read(TOOL, TOOL, TOOL, answer, &output).map_err(|e| e.to_string())?;
        for row in answered.rows.iter().filter(|r| !r.p.is_nan()) {
            let Some((column, _)) = row.subject.parse::<usize>().ok().and_then(|k| names.get(k))
            else {
                continue;
            };
            found.push((
                row.p,
                Found {
                    column: *column,
                    effect: row.effect,
                    q: row.q,
                },
            ));
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.column.cmp(&b.1.column)));
    Ok(found.into_iter().map(|(_, f)| f).collect())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]
    use super::*;

    fn fixture() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discovery_tasks")
    }

    #[test]
    fn tasks_are_read_with_their_gold() {
        let (tasks, without) = read_tasks(&fixture()).unwrap();
        assert_eq!((tasks.len(), without), (3, 1));
        let by = |qid: &str| tasks.iter().find(|t| t.name.ends_with(qid)).unwrap();
        assert_eq!(
            by("metadata_0/0").gold,
            [("schooling_years".to_owned(), Direction::Higher)]
        );
        assert_eq!(by("metadata_0/0").target, "income");
        // Named in the hypothesis alone.
        assert_eq!(by("metadata_0/1").target, "income");
        assert_eq!(
            by("metadata_0/1").gold,
            [("commute_minutes".to_owned(), Direction::Lower)]
        );
        assert!(
            by("metadata_1/0")
                .gold
                .iter()
                .all(|(_, d)| *d == Direction::Undirected)
        );
    }

    #[test]
    fn hypotheses_say_their_direction_in_words() {
        assert_eq!(
            direction_of("x has a positive relation with y"),
            Direction::Higher
        );
        assert_eq!(
            direction_of("As x increases, y decreases"),
            Direction::Undirected
        );
        assert_eq!(
            direction_of("x lowers nothing, it is lower"),
            Direction::Lower
        );
    }

    #[test]
    fn a_folder_without_tasks_is_refused() {
        let empty = tempfile::tempdir().unwrap();
        let error = read_tasks(empty.path()).unwrap_err().to_string();
        assert!(
            error.contains("metadata_*.json") && error.contains("hint: "),
            "{error}"
        );
    }
}
