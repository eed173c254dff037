//! Results per comparison: volcano, p-values and top rows; sets; detection; everything else that was tested.

use serde::Serialize;

use super::FigureShelf;
use super::listing::{Listing, file_of, heading_of};
use crate::dataset::Molecule;
use crate::report::figures::{
    DotGrid, PlacedDot, SetDot, SetPlot, VolcanoPoint, dot_grid, p_value_histogram, set_dots,
    volcano,
};
use crate::report::grids::{Grid, grids};
use crate::report::text::{NAME, count, tidy};
use crate::report::{ReportError, ReportModel, Table};

/// Adjusted p-value up to which figures and sentences call a row significant.
pub(in crate::report) const ALPHA: f64 = 0.05;
/// Rows of a table of features.
pub(in crate::report) const TOP_FEATURES: usize = 40;
/// Rows of a table of sets.
const TOP_SETS: usize = 25;
/// Sets in a dot plot.
const TOP_DOTS: usize = 15;
/// Cell populations in the figure of their shifts.
const TOP_POPULATIONS: usize = 40;
/// The size of their dots, as of sets of so many members.
const POPULATION_DOT: f64 = 30.0;
/// What the effect of a set is.
pub(in crate::report) const SHIFT: &str =
    "mean log2 fold change of members minus that of all proteins";

/// The results of one table.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct Section {
    /// Its id on the page.
    pub anchor: String,
    pub heading: String,
    pub summary: String,
    pub figures: Vec<String>,
    pub listing: Listing,
    /// Number of the comparison whose features it shows; none for other results.
    pub comparison: Option<usize>,
}

/// What the rows of a result table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum ResultKind {
    /// Features that were compared.
    Features,
    /// Sets.
    Sets,
    /// Features seen in some samples only.
    Detection,
    /// Anything else that was tested.
    Other,
}

/// A result table of the run and its number among those of its kind, in the order of the page.
#[derive(Debug, Clone)]
pub(in crate::report) struct ResultTable {
    pub kind: ResultKind,
    pub number: usize,
    pub step: String,
    pub name: String,
}

impl ResultTable {
    /// The id of its part of the page.
    pub(in crate::report) fn anchor(&self) -> String {
        let kind = match self.kind {
            ResultKind::Features => "comparison",
            ResultKind::Sets => "sets",
            ResultKind::Detection => "detection",
            ResultKind::Other => "structure",
        };
        format!("result-{kind}-{}", self.number)
    }
}

/// What the effects of a table of features are, in the words of log2 abundances.
pub(in crate::report) fn effect_title(table: &Table) -> &'static str {
    if table.has(&["logFC"]) {
        "log2 fold change, target − reference"
    } else {
        "slope, log2 per standard deviation"
    }
}

/// All result tables, by kind.
#[derive(Debug, Clone, Default, Serialize)]
pub(in crate::report) struct Results {
    /// Sets across comparisons.
    pub set_grids: Vec<GridFigure>,
    /// Structure of the samples across variables.
    pub structure_grids: Vec<GridFigure>,
    pub comparisons: Vec<Section>,
    pub sets: Vec<Section>,
    pub detection: Vec<Section>,
    pub others: Vec<Section>,
}

/// Results side by side, drawn.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct GridFigure {
    /// Its place among all grids, from 0.
    pub place: usize,
    pub caption: String,
    pub figure: String,
}

const FEATURE_COLUMNS: [(&str, &str); 18] = [
    ("gene", "gene"),
    ("feature", "feature"),
    ("logFC", "log2 fold change"),
    ("slope", "slope"),
    ("largest_difference", "largest difference"),
    ("highest_level", "highest in"),
    ("lowest_level", "lowest in"),
    ("CI.L", "95 % CI from"),
    ("CI.R", "to"),
    ("AveExpr", "mean log2"),
    ("t", "t"),
    ("F", "F"),
    ("rho", "Spearman rho"),
    ("P.Value", "p"),
    ("adj.P.Val", "adjusted p"),
    ("n_target", "n target"),
    ("n_reference", "n reference"),
    ("n", "n"),
];

const SET_COLUMNS: [(&str, &str); 13] = [
    ("name", "set"),
    ("collection", "collection"),
    ("size", "members"),
    ("effect", "shift, log2"),
    ("CI.L", "95 % CI from"),
    ("CI.R", "to"),
    ("direction", "direction"),
    ("overlap", "overlap"),
    ("fold", "fold"),
    ("P.Value", "p"),
    ("adj.P.Val", "adjusted p"),
    ("leading", "leading members"),
    ("genes", "genes"),
];

const DETECTION_COLUMNS: [(&str, &str); 9] = [
    ("gene", "gene"),
    ("feature", "feature"),
    ("detected_target", "seen in target"),
    ("n_target", "of"),
    ("detected_reference", "seen in reference"),
    ("n_reference", "of"),
    ("P.Value", "p"),
    ("adj.P.Val", "adjusted p"),
    ("median_log2", "median log2 where seen"),
];

const OTHER_COLUMNS: [(&str, &str); 8] = [
    ("label", "structure"),
    ("variable", "variable"),
    ("test", "test"),
    ("effect", "effect"),
    ("direction", "which goes with which"),
    ("P.Value", "p"),
    ("adj.P.Val", "adjusted p"),
    ("n", "n"),
];

/// The tables of the run that hold tests, in the order of the questions, by what they hold; empty ones are left out.
///
/// # Errors
/// A table cannot be read.
pub(in crate::report) fn result_tables(
    model: &ReportModel,
) -> Result<Vec<ResultTable>, ReportError> {
    let mut tables = model.tables_with(&["P.Value"])?;
    let place = |step: &str| {
        let objective = model.objective_of_step(step);
        objective.and_then(|o| model.objectives.iter().position(|p| p.id == o.id))
    };
    tables.sort_by_key(|(step, _)| place(step).unwrap_or(usize::MAX));
    let mut sorted: Vec<ResultTable> = Vec::new();
    for (step, name) in tables {
        let table = model.table(&step, &name)?;
        let kind = if table.rows() == 0 {
            continue;
        } else if table.has(&["detected_reference", "detected_target"]) {
            ResultKind::Detection
        } else if table.has(&["feature"]) {
            ResultKind::Features
        } else if table.has(&["set"]) {
            ResultKind::Sets
        } else if table.has(&["variable", "effect"]) {
            ResultKind::Other
        } else {
            continue;
        };
        let number = 1 + sorted.iter().filter(|t| t.kind == kind).count();
        sorted.push(ResultTable {
            kind,
            number,
            step,
            name,
        });
    }
    Ok(sorted)
}

/// Draws the tables of the run that hold tests.
pub(super) fn results(
    model: &ReportModel,
    figures: &mut FigureShelf,
) -> Result<Results, ReportError> {
    let mut results = Results::default();
    let tables = result_tables(model)?;
    for (place, grid) in grids(model, &tables)?.iter().enumerate() {
        let drawn = grid_figure(grid, place, figures);
        match grid.kind {
            ResultKind::Sets => results.set_grids.push(drawn),
            _ => results.structure_grids.push(drawn),
        }
    }
    for of in tables {
        let table = model.table(&of.step, &of.name)?;
        let source = Source {
            model,
            table: &table,
            of: &of,
        };
        match of.kind {
            ResultKind::Features => results.comparisons.push(source.comparison(figures)),
            ResultKind::Sets => results.sets.push(source.sets(figures)),
            ResultKind::Detection => results.detection.push(source.detection()),
            ResultKind::Other => results.others.push(source.other()),
        }
    }
    Ok(results)
}

/// Draws a grid.
fn grid_figure(grid: &Grid, place: usize, figures: &mut FigureShelf) -> GridFigure {
    let table = tidy(&grid.table.replace('_', " "), NAME);
    let mut caption = match grid.kind {
        ResultKind::Sets => format!(
            "Sets side by side: {table} in {} comparisons.",
            grid.columns.len()
        ),
        _ => format!("Structure side by side: {table} across variables."),
    };
    for (left_out, what) in [(grid.left_out.0, "rows"), (grid.left_out.1, "columns")] {
        if left_out > 0 {
            caption.push_str(&format!(" {left_out} further {what} are in the tables."));
        }
    }
    let columns: Vec<String> = grid.columns.iter().map(|c| c.name.clone()).collect();
    let dots: Vec<PlacedDot> = grid
        .dots
        .iter()
        .map(|dot| PlacedDot {
            row: dot.row,
            column: dot.column,
            value: dot.value,
            size: dot.size,
            q: dot.q,
        })
        .collect();
    let note = format!(
        "dot size: {} · blue: lower, vermilion: higher · open: adjusted p > {ALPHA}",
        grid.size_title
    );
    let svg = dot_grid(&DotGrid {
        rows: &grid.rows,
        columns: &columns,
        dots: &dots,
        alpha: ALPHA,
        note: &note,
        title: &caption,
    });
    GridFigure {
        place,
        figure: figures.add(&format!("grid-{}", place + 1), svg),
        caption,
    }
}

struct Source<'a> {
    model: &'a ReportModel,
    table: &'a Table,
    of: &'a ResultTable,
}

impl Source<'_> {
    fn heading(&self) -> String {
        tidy(&heading_of(self.model, &self.of.step), 2 * NAME)
    }

    fn numbers(&self, column: &str) -> Vec<f64> {
        let missing = || vec![f64::NAN; self.table.rows()];
        self.table.numbers(column).unwrap_or_else(missing)
    }

    fn significant(&self) -> usize {
        self.numbers("adj.P.Val")
            .iter()
            .filter(|q| **q <= ALPHA)
            .count()
    }

    fn listing(&self, columns: &[(&str, &str)], most: usize) -> Listing {
        let file = file_of(&self.of.step, &self.of.name);
        let measure = self
            .model
            .measure(self.model.objective_of_step(&self.of.step));
        let headings: Vec<String> = columns.iter().map(|(_, h)| measure.told(h)).collect();
        let columns: Vec<(&str, &str)> = columns
            .iter()
            .zip(&headings)
            .map(|((name, _), heading)| (*name, heading.as_str()))
            .collect();
        Listing::of_table("", self.table, &columns, "P.Value", most, &file)
    }

    fn comparison(&self, figures: &mut FigureShelf) -> Section {
        let number = self.of.number;
        let p = self.numbers("P.Value");
        let q = self.numbers("adj.P.Val");
        let heading = self.heading();
        let effect = ["logFC", "slope"]
            .into_iter()
            .find(|c| self.table.has(&[c]));
        let mut drawn = Vec::new();
        if let Some(effect) = effect {
            let effects = self.numbers(effect);
            let labels = self
                .table
                .texts("gene")
                .or_else(|| self.table.texts("feature"));
            let labels = labels.unwrap_or_default();
            let points: Vec<VolcanoPoint> = labels
                .into_iter()
                .enumerate()
                .map(|(row, label)| VolcanoPoint {
                    effect: effects[row],
                    p: p[row],
                    q: q[row],
                    label,
                })
                .collect();
            let measure = self
                .model
                .measure(self.model.objective_of_step(&self.of.step));
            let axis = measure.told(effect_title(self.table));
            let svg = volcano(&points, ALPHA, &axis, &format!("Volcano plot. {heading}"));
            drawn.push(figures.add(&format!("volcano-{number}"), svg));
        }
        drawn.extend(self.shifts(&heading, figures));
        let svg = p_value_histogram(&p, &format!("p-values. {heading}"));
        drawn.push(figures.add(&format!("p-values-{number}"), svg));
        let tested = p.iter().filter(|p| p.is_finite()).count();
        let mut summary = format!(
            "{} of {} tested have an adjusted p of at most {ALPHA}",
            count(self.significant(), "feature", "features"),
            crate::report::text::thousands(tested),
        );
        if let Some(effect) = effect {
            let effects = self.numbers(effect);
            let up = (0..p.len())
                .filter(|&i| q[i] <= ALPHA && effects[i] > 0.0)
                .count();
            let down = (0..p.len())
                .filter(|&i| q[i] <= ALPHA && effects[i] < 0.0)
                .count();
            summary.push_str(&format!(": {up} higher, {down} lower"));
        }
        summary.push('.');
        Section {
            anchor: self.of.anchor(),
            heading,
            summary,
            figures: drawn,
            listing: self.listing(&FEATURE_COLUMNS, TOP_FEATURES),
            comparison: Some(number),
        }
    }

    /// Cell populations by how far each shifts; few enough to be told one by one. None of other features.
    fn shifts(&self, heading: &str, figures: &mut FigureShelf) -> Option<String> {
        let objective = self.model.objective_of_step(&self.of.step);
        let assay = self.model.assay_of(objective)?;
        let told = self.table.has(&["logFC", "CI.L", "CI.R"]);
        if assay.molecule != Molecule::Population || !told {
            return None;
        }
        let dot = |row: usize| SetDot {
            name: self.table.cell(row, "gene"),
            effect: self.table.number(row, "logFC"),
            low: self.table.number(row, "CI.L"),
            high: self.table.number(row, "CI.R"),
            size: POPULATION_DOT,
            q: self.table.number(row, "adj.P.Val"),
        };
        let p = self.numbers("P.Value");
        let mut rows: Vec<usize> = (0..self.table.rows())
            .filter(|&row| p[row].is_finite())
            .collect();
        rows.sort_by(|a, b| p[*a].total_cmp(&p[*b]).then(a.cmp(b)));
        let mut dots: Vec<SetDot> = rows.into_iter().take(TOP_POPULATIONS).map(dot).collect();
        dots.sort_by(|a, b| b.effect.total_cmp(&a.effect));
        let title = format!("Shifts of cell populations. {heading}");
        let plot = SetPlot {
            width: 560.0,
            alpha: ALPHA,
            effect_title: &assay.measure().told(effect_title(self.table)),
            note: "line: 95 % CI · grey: adjusted p > 0.05",
            title: &title,
        };
        let name = format!("shifts-{}", self.of.number);
        (!dots.is_empty()).then(|| figures.add(&name, set_dots(&dots, &plot)))
    }

    fn sets(&self, figures: &mut FigureShelf) -> Section {
        let number = self.of.number;
        let heading = format!("{} · {}", self.heading(), self.of.name.replace('_', " "));
        let mut drawn = Vec::new();
        if self.table.has(&["effect", "name", "size"]) {
            let title = format!("Sets. {heading}");
            let plot = SetPlot {
                width: 860.0,
                alpha: ALPHA,
                effect_title: SHIFT,
                note: "dot size: members measured · line: 95 % CI · grey: adjusted p > 0.05",
                title: &title,
            };
            let svg = set_dots(&top_sets(self.table), &plot);
            drawn.push(figures.add(&format!("sets-{number}"), svg));
        }
        let summary = format!(
            "{} of {} have an adjusted p of at most {ALPHA}.",
            count(self.significant(), "set", "sets"),
            count(self.table.rows(), "set tested", "sets tested")
        );
        Section {
            anchor: self.of.anchor(),
            heading,
            summary,
            figures: drawn,
            listing: self.listing(&SET_COLUMNS, TOP_SETS),
            comparison: None,
        }
    }

    fn detection(&self) -> Section {
        let rows = count(self.table.rows(), "feature differs", "features differ");
        Section {
            anchor: self.of.anchor(),
            heading: self.heading(),
            summary: format!(
                "{rows} in how often it is seen; {} at adjusted p ≤ {ALPHA}.",
                self.significant()
            ),
            figures: Vec::new(),
            listing: self.listing(&DETECTION_COLUMNS, TOP_FEATURES),
            comparison: None,
        }
    }

    fn other(&self) -> Section {
        Section {
            anchor: self.of.anchor(),
            heading: format!("{} · {}", self.heading(), self.of.name.replace('_', " ")),
            summary: format!(
                "{} of {} have an adjusted p of at most {ALPHA}.",
                self.significant(),
                count(self.table.rows(), "test", "tests")
            ),
            figures: Vec::new(),
            listing: self.listing(&OTHER_COLUMNS, TOP_SETS),
            comparison: None,
        }
    }
}

/// The best sets that stand for themselves, by p; none where a table has no effects.
pub(in crate::report) fn top_sets(table: &Table) -> Vec<SetDot> {
    if !table.has(&["effect", "name", "size"]) {
        return Vec::new();
    }
    let p = table.numbers("P.Value").unwrap_or_default();
    let mut rows: Vec<usize> = (0..table.rows())
        .filter(|&row| p[row].is_finite())
        .filter(|&row| {
            let stands_for = table.cell(row, "representative");
            stands_for.is_empty() || stands_for == table.cell(row, "set")
        })
        .collect();
    rows.sort_by(|a, b| p[*a].total_cmp(&p[*b]).then(a.cmp(b)));
    let top = rows.into_iter().take(TOP_DOTS);
    top.map(|row| SetDot {
        name: table.cell(row, "name"),
        effect: table.number(row, "effect"),
        low: table.number(row, "CI.L"),
        high: table.number(row, "CI.R"),
        size: table.number(row, "size"),
        q: table.number(row, "adj.P.Val"),
    })
    .collect()
}
