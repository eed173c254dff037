//! The panel of an experiment: which antigen each channel measures, and whether it tells what a cell is or what it does.

use super::super::grid::Grid;
use super::super::label::canonical;
use super::Channel;
use super::channels::{says_what, split_metal};

/// Share of a table's markers that a file must name to be its panel.
const NAMED: f64 = 0.5;

/// What a marker is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It tells what a cell is.
    Type,
    /// It tells what a cell does.
    State,
    /// Neither.
    Unused,
}

/// A panel as read.
#[derive(Debug, Clone)]
pub(crate) struct Panel {
    /// How messages call it.
    pub file: String,
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    /// All its names in canonical form.
    names: Vec<String>,
    antigen: Option<String>,
    metal: Option<String>,
    kind: Option<Kind>,
}

const ANTIGENS: [&str; 6] = ["antigen", "marker", "markername", "target", "name", "desc"];
const KINDS: [&str; 5] = ["markerclass", "class", "markertype", "type", "use"];

impl Panel {
    /// The panel in a grid, whatever its columns are called; empty where no column holds names.
    pub fn of(grid: &Grid) -> Self {
        let find = |names: &[&str]| {
            let at = |name: &&str| grid.header.iter().position(|h| canonical(h) == **name);
            names.iter().find_map(at)
        };
        let antigen = find(&ANTIGENS);
        let kind = find(&KINDS).filter(|&j| grid.column(j).any(|c| kind_of(c).is_some()));
        let rows = (0..grid.n_rows())
            .map(|i| Row {
                names: (0..grid.n_columns())
                    .filter(|&j| Some(j) != kind)
                    .map(|j| canonical(grid.cell(i, j)))
                    .filter(|n| !n.is_empty())
                    .collect(),
                antigen: antigen
                    .map(|j| grid.cell(i, j).to_string())
                    .filter(|a| !a.is_empty()),
                metal: (0..grid.n_columns()).find_map(|j| split_metal(grid.cell(i, j)).0),
                kind: kind.and_then(|j| kind_of(grid.cell(i, j))),
            })
            .collect();
        Self {
            file: grid.file.clone(),
            rows,
        }
    }

    /// Whether the panel names at least half of these channels, and most of its rows one of them.
    pub fn describes(&self, channels: &[Channel]) -> bool {
        let named = channels.iter().filter(|c| self.row(c).is_some()).count();
        let of_rows = named as f64 >= NAMED * self.rows.len() as f64;
        named >= 3 && named as f64 >= NAMED * channels.len() as f64 && of_rows
    }

    fn row(&self, channel: &Channel) -> Option<&Row> {
        let told = says_what(channel);
        let label = channel.label.as_deref().map(canonical);
        let wanted = [
            Some(canonical(&channel.header)),
            label,
            told.antigen.then(|| canonical(&told.name)),
            told.metal.as_deref().map(canonical),
        ];
        let wanted = wanted.into_iter().flatten().filter(|w| !w.is_empty());
        wanted
            .into_iter()
            .find_map(|w| self.rows.iter().find(|r| r.names.contains(&w)))
    }

    /// The metal of a channel, where the panel names one.
    pub fn metal(&self, channel: &Channel) -> Option<&str> {
        self.row(channel)?.metal.as_deref()
    }

    /// The antigen of a channel and its kind, where the panel names them.
    pub fn of_channel(&self, channel: &Channel) -> Option<(Option<&str>, Option<Kind>)> {
        let row = self.row(channel)?;
        Some((row.antigen.as_deref(), row.kind))
    }
}

fn kind_of(cell: &str) -> Option<Kind> {
    match canonical(cell).as_str() {
        "type" | "lineage" | "phenotype" | "celltype" => Some(Kind::Type),
        "state" | "functional" | "function" | "signaling" | "signalling" => Some(Kind::State),
        "none" | "unused" | "ignore" => Some(Kind::Unused),
        _ => None,
    }
}
