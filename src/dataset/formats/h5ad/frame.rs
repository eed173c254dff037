//! `obs` and `var`: data frames as AnnData writes them, one array per column, factors as codes and categories, nullable
//! columns as values and mask.

use hdf5_pure::{AttrValue, DType, Dataset, Group};

/// A data frame.
pub(super) struct Frame {
    /// Names of the rows.
    pub index: Vec<String>,
    /// Columns in the order they were written.
    pub columns: Vec<Column>,
    /// Columns that could not be read, with the reason.
    pub skipped: Vec<String>,
}

/// A column of a frame.
pub(super) struct Column {
    /// Its name.
    pub name: String,
    /// Its cells.
    pub cells: Cells,
}

/// The cells of a column.
pub(super) enum Cells {
    /// Text; none where missing.
    Words(Vec<Option<String>>),
    /// Numbers; NaN where missing.
    Numbers(Vec<f64>),
}

impl Cells {
    /// The cell as text, empty where it is missing.
    pub fn text(&self, row: usize) -> String {
        match self {
            Self::Words(words) => words[row].clone().unwrap_or_default(),
            Self::Numbers(numbers) if numbers[row].is_nan() => String::new(),
            Self::Numbers(numbers) => numbers[row].to_string(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Words(words) => words.len(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }
}

impl Frame {
    /// Reads the frame of a group; faults are in words.
    pub fn read(group: &Group) -> Result<Self, String> {
        let attributes = group.attrs().map_err(|e| e.to_string())?;
        let index_name = attributes
            .get("_index")
            .and_then(one_text)
            .unwrap_or_else(|| "_index".to_string());
        let index = group
            .dataset(&index_name)
            .map_err(|_| format!("it has no index `{index_name}`"))
            .and_then(|d| values(&d))?;
        let index: Vec<String> = (0..index.len()).map(|i| index.text(i)).collect();
        let datasets = group.datasets().map_err(|e| e.to_string())?;
        let groups = group.groups().map_err(|e| e.to_string())?;
        let mut order = attributes
            .get("column-order")
            .map(texts)
            .unwrap_or_default();
        if order.is_empty() {
            order = datasets
                .iter()
                .chain(&groups)
                .filter(|n| **n != index_name)
                .cloned()
                .collect();
            order.sort_unstable();
        }
        let mut frame = Self {
            index,
            columns: Vec::new(),
            skipped: Vec::new(),
        };
        for name in order {
            let cells = if datasets.contains(&name) {
                group
                    .dataset(&name)
                    .map_err(|e| e.to_string())
                    .and_then(|d| values(&d))
            } else if groups.contains(&name) {
                group
                    .group(&name)
                    .map_err(|e| e.to_string())
                    .and_then(|g| encoded(&g))
            } else {
                Err("it is not there".to_string())
            };
            match cells {
                Ok(cells) if cells.len() == frame.index.len() => {
                    frame.columns.push(Column { name, cells })
                }
                Ok(cells) => frame
                    .skipped
                    .push(format!("`{name}` ({} rows)", cells.len())),
                Err(fault) => frame.skipped.push(format!("`{name}` ({fault})")),
            }
        }
        Ok(frame)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.index.len()
    }
}

fn one_text(value: &AttrValue) -> Option<String> {
    texts(value).into_iter().next()
}

/// The texts of an attribute; none where it holds something else.
pub(super) fn texts(value: &AttrValue) -> Vec<String> {
    value
        .as_strings()
        .map(|all| all.iter().map(ToString::to_string).collect())
        .unwrap_or_default()
}

/// Values of a plain array.
fn values(data: &Dataset) -> Result<Cells, String> {
    let kind = data.dtype().map_err(|e| e.to_string())?;
    Ok(match kind {
        DType::String | DType::VariableLengthString => {
            let words = data.read_string().map_err(|e| e.to_string())?;
            Cells::Words(
                words
                    .into_iter()
                    .map(|w| Some(w).filter(|w| !w.is_empty()))
                    .collect(),
            )
        }
        DType::Enum(names) => {
            let codes = data.read_raw().map_err(|e| e.to_string())?;
            let truth = |code: &u8| names.get(usize::from(*code)).map(|n| n.to_lowercase());
            Cells::Words(codes.iter().map(truth).collect())
        }
        _ => Cells::Numbers(data.read_f64().map_err(|e| e.to_string())?),
    })
}

/// Values of a factor or a nullable column.
fn encoded(group: &Group) -> Result<Cells, String> {
    if let (Ok(codes), Ok(categories)) = (group.dataset("codes"), group.dataset("categories")) {
        let codes = codes.read_i64().map_err(|e| e.to_string())?;
        let categories = values(&categories)?;
        let word = |code: &i64| {
            let at = usize::try_from(*code)
                .ok()
                .filter(|k| *k < categories.len())?;
            Some(categories.text(at))
        };
        return Ok(Cells::Words(codes.iter().map(word).collect()));
    }
    if let (Ok(stored), Ok(mask)) = (group.dataset("values"), group.dataset("mask")) {
        let mask = mask.read_raw().map_err(|e| e.to_string())?;
        let missing = |i: usize| mask.get(i).is_some_and(|m| *m != 0);
        return Ok(match values(&stored)? {
            Cells::Words(words) => Cells::Words(
                words
                    .into_iter()
                    .enumerate()
                    .map(|(i, w)| w.filter(|_| !missing(i)))
                    .collect(),
            ),
            Cells::Numbers(numbers) => Cells::Numbers(
                (numbers.into_iter().enumerate())
                    .map(|(i, x)| if missing(i) { f64::NAN } else { x })
                    .collect(),
            ),
        });
    }
    Err("its encoding is not known".to_string())
}
