//! Results side by side: gene sets across comparisons, and the structure of the samples across variables, as rows × columns
//! of dots.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::page::{ALPHA, ResultKind, ResultTable, short_heading};
use super::{ReportError, ReportModel, Table};
use crate::discovery::Target;

/// Sets of a grid at most.
const MOST_SETS: usize = 36;
/// Sets that each comparison brings in at least.
const FEWEST_PER_TABLE: usize = 3;
/// Columns of a grid at most.
const MOST_COLUMNS: usize = 40;

/// A grid.
#[derive(Debug)]
pub(super) struct Grid {
    /// What its rows are.
    pub(super) kind: ResultKind,
    /// Name of the tables it is made of.
    pub(super) table: String,
    /// What the colour of a dot says.
    pub(super) value_title: &'static str,
    /// What the size of a dot says.
    pub(super) size_title: &'static str,
    /// Names of the rows.
    pub(super) rows: Vec<String>,
    /// The columns.
    pub(super) columns: Vec<GridColumn>,
    /// The dots.
    pub(super) dots: Vec<GridDot>,
    /// How many rows and columns had no room.
    pub(super) left_out: (usize, usize),
}

/// A column.
#[derive(Debug)]
pub(super) struct GridColumn {
    /// What it is called.
    pub(super) name: String,
    /// The part of the page that its table stands in.
    pub(super) anchor: String,
}

/// A dot.
#[derive(Debug, Clone)]
pub(super) struct GridDot {
    /// Place of its row.
    pub(super) row: usize,
    /// Place of its column.
    pub(super) column: usize,
    /// Signed effect.
    pub(super) value: f64,
    /// What its size shows.
    pub(super) size: f64,
    /// p-value.
    pub(super) p: f64,
    /// Adjusted p-value.
    pub(super) q: f64,
}

/// All grids of a run: one per kind of set that more than one comparison tested, one per table of structure and variables.
///
/// # Errors
/// A table cannot be read.
pub(super) fn grids(model: &ReportModel, tables: &[ResultTable]) -> Result<Vec<Grid>, ReportError> {
    let mut of_sets: IndexMap<&str, Vec<&ResultTable>> = IndexMap::new();
    for of in tables.iter().filter(|t| t.kind == ResultKind::Sets) {
        of_sets.entry(of.name.as_str()).or_default().push(of);
    }
    let mut grids = Vec::new();
    for (name, tables) in of_sets.iter().filter(|(_, tables)| tables.len() > 1) {
        grids.extend(sets(model, name, tables)?);
    }
    for of in tables.iter().filter(|t| t.kind == ResultKind::Other) {
        grids.extend(structure(model, of)?);
    }
    Ok(grids)
}

/// One row of a table of sets.
struct SetRow {
    set: String,
    name: String,
    stands_for_itself: bool,
    value: f64,
    size: f64,
    p: f64,
    q: f64,
}

/// The effect of a table of sets: its own, or log2 of how often more members were selected than expected, negative where
/// they are lower.
fn set_value(table: &Table, row: usize) -> f64 {
    if table.has(&["effect"]) {
        return table.number(row, "effect");
    }
    let excess = table.number(row, "fold").log2();
    match table.cell(row, "direction").as_str() {
        "down" => -excess,
        _ => excess,
    }
}

fn set_rows(table: &Table) -> Vec<SetRow> {
    let read = |row: usize| {
        let (set, stands_for) = (table.cell(row, "set"), table.cell(row, "representative"));
        SetRow {
            name: table.cell(row, "name"),
            stands_for_itself: stands_for.is_empty() || stands_for == set,
            set,
            value: set_value(table, row),
            size: table.number(row, "size"),
            p: table.number(row, "P.Value"),
            q: table.number(row, "adj.P.Val"),
        }
    };
    let mut rows: Vec<SetRow> = (0..table.rows()).map(read).collect();
    rows.retain(|row| row.p.is_finite() && row.value.is_finite());
    rows.sort_by(|a, b| a.p.total_cmp(&b.p).then_with(|| a.set.cmp(&b.set)));
    rows
}

fn sets(
    model: &ReportModel,
    name: &str,
    tables: &[&ResultTable],
) -> Result<Option<Grid>, ReportError> {
    let shown = &tables[..tables.len().min(MOST_COLUMNS)];
    let per_table = (MOST_SETS / shown.len()).max(FEWEST_PER_TABLE);
    let mut read = Vec::new();
    for of in shown {
        read.push(set_rows(model.table(&of.step, &of.name)?.as_ref()));
    }
    // Every comparison brings in its best; of these, first come those that most comparisons agree on.
    let mut best: BTreeMap<&str, (usize, f64, &str)> = BTreeMap::new();
    for rows in &read {
        let own = rows.iter().filter(|row| row.stands_for_itself);
        for row in own.take(per_table) {
            best.entry(row.set.as_str())
                .or_insert((0, f64::INFINITY, row.name.as_str()));
        }
    }
    for row in read.iter().flatten() {
        if let Some((passed, least, _)) = best.get_mut(row.set.as_str()) {
            *passed += usize::from(row.q <= ALPHA);
            *least = least.min(row.p);
        }
    }
    let mut order: Vec<(&str, (usize, f64, &str))> = best.into_iter().collect();
    order.sort_by(|(a, x), (b, y)| {
        (y.0.cmp(&x.0))
            .then(x.1.total_cmp(&y.1))
            .then_with(|| a.cmp(b))
    });
    let found = order.len();
    order.truncate(MOST_SETS);
    let places: BTreeMap<&str, usize> = order
        .iter()
        .enumerate()
        .map(|(k, (s, _))| (*s, k))
        .collect();
    let mut dots = Vec::new();
    for (column, rows) in read.iter().enumerate() {
        let mut met = vec![false; order.len()];
        for row in rows {
            // A set tested in both directions shows the stronger one.
            let place = places.get(row.set.as_str()).copied();
            if let Some(place) = place.filter(|place| !std::mem::replace(&mut met[*place], true)) {
                dots.push(GridDot {
                    row: place,
                    column,
                    value: row.value,
                    size: row.size,
                    p: row.p,
                    q: row.q,
                });
            }
        }
    }
    let rows: Vec<String> = order
        .iter()
        .map(|(_, (_, _, name))| (*name).to_owned())
        .collect();
    let tested = model.table(&shown[0].step, &shown[0].name)?;
    Ok((!rows.is_empty()).then(|| Grid {
        kind: ResultKind::Sets,
        table: name.to_owned(),
        value_title: if tested.has(&["effect"]) {
            "mean log2 fold change of members minus that of all"
        } else {
            "log2 of members selected over expected, negative for lower"
        },
        size_title: "members measured",
        rows,
        columns: columns_of(model, shown),
        dots,
        left_out: (found - found.min(MOST_SETS), tables.len() - shown.len()),
    }))
}

/// The comparisons as columns, without the variable where all of two groups compare the same one.
fn columns_of(model: &ReportModel, tables: &[&ResultTable]) -> Vec<GridColumn> {
    let variable = |of: &ResultTable| match &model.objective_of_step(&of.step)?.target {
        Target::Contrast { contrast } => Some(model.contrast(contrast)?.variable),
        _ => None,
    };
    let variables: BTreeSet<String> = tables.iter().filter_map(|of| variable(of)).collect();
    let prefix = match variables.first() {
        Some(one) if variables.len() == 1 => format!("{one}:"),
        _ => String::new(),
    };
    let named = tables.iter().map(|of| {
        let name = short_heading(model, &of.step);
        GridColumn {
            name: name.strip_prefix(&prefix).unwrap_or(&name).to_owned(),
            anchor: of.anchor(),
        }
    });
    named.collect()
}

/// Clusters and components against variables; none where either is a single one.
fn structure(model: &ReportModel, of: &ResultTable) -> Result<Option<Grid>, ReportError> {
    let table = model.table(&of.step, &of.name)?;
    if !table.has(&["label", "variable", "effect", "adj.P.Val"]) {
        return Ok(None);
    }
    let mut rows: Vec<String> = Vec::new();
    let mut columns: Vec<String> = Vec::new();
    let mut dots = Vec::new();
    let place = |names: &mut Vec<String>, name: String| {
        let known = names.iter().position(|known| *known == name);
        known.unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        })
    };
    for at in 0..table.rows() {
        let (p, value) = (table.number(at, "P.Value"), table.number(at, "effect"));
        if p.is_finite() && value.is_finite() {
            dots.push(GridDot {
                row: place(&mut rows, table.cell(at, "label")),
                column: place(&mut columns, table.cell(at, "variable")),
                value,
                size: -p.max(1e-300).log10(),
                p,
                q: table.number(at, "adj.P.Val"),
            });
        }
    }
    if rows.len() < 2 || columns.len() < 2 {
        return Ok(None);
    }
    // The table is ordered by p, so that what is left out is the weakest.
    let left_out = (
        rows.len() - rows.len().min(MOST_SETS),
        columns.len() - columns.len().min(MOST_COLUMNS),
    );
    rows.truncate(MOST_SETS);
    columns.truncate(MOST_COLUMNS);
    dots.retain(|dot| dot.row < rows.len() && dot.column < columns.len());
    let anchor = of.anchor();
    let columns = columns.into_iter().map(|name| GridColumn {
        name,
        anchor: anchor.clone(),
    });
    Ok(Some(Grid {
        kind: ResultKind::Other,
        table: of.name.clone(),
        value_title: "Cramér's V, eta squared or Spearman's rho",
        size_title: "−log10 p",
        rows,
        columns: columns.collect(),
        dots,
        left_out,
    }))
}
