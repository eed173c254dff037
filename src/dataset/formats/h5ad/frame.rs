//! `obs` and `var`: data frames as AnnData writes them, one array per column, factors as codes and categories, nullable
//! columns as values and mask.

use std::borrow::Cow;

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
    /// A factor: the position of every cell's category, negative where it has none.
    Factor(Vec<i64>, Vec<String>),
    /// Numbers; NaN where missing.
    Numbers(Vec<f64>),
}

impl Cells {
    /// The cell as text, empty where it is missing.
    pub fn text(&self, row: usize) -> Cow<'_, str> {
        match self {
            Self::Words(words) => Cow::Borrowed(words[row].as_deref().unwrap_or_default()),
            Self::Factor(codes, categories) => {
                let at = usize::try_from(codes[row]).ok();
                let category = at.and_then(|k| categories.get(k));
                Cow::Borrowed(category.map_or("", String::as_str))
            }
            Self::Numbers(numbers) if numbers[row].is_nan() => Cow::Borrowed(""),
            Self::Numbers(numbers) => Cow::Owned(numbers[row].to_string()),
        }
    }

    /// Whether they are text.
    pub fn are_words(&self) -> bool {
        !matches!(self, Self::Numbers(_))
    }

    fn len(&self) -> usize {
        match self {
            Self::Words(words) => words.len(),
            Self::Factor(codes, _) => codes.len(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }

    fn texts(&self) -> Vec<String> {
        (0..self.len()).map(|i| self.text(i).into_owned()).collect()
    }
}

impl Frame {
    /// Reads the frame of a group of a file with so many bytes; faults are in words.
    pub fn read(group: &Group, size: u64) -> Result<Self, String> {
        let attributes = group.attrs().map_err(|e| e.to_string())?;
        let index_name = attributes
            .get("_index")
            .and_then(one_text)
            .unwrap_or_else(|| "_index".to_string());
        let index = group
            .dataset(&index_name)
            .map_err(|_| format!("it has no index `{index_name}`"))
            .and_then(|d| values(&d, size))?
            .texts();
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
                    .and_then(|d| values(&d, size))
            } else if groups.contains(&name) {
                group
                    .group(&name)
                    .map_err(|e| e.to_string())
                    .and_then(|g| encoded(&g, size))
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

/// Refuses an array that says it has more bytes than a file of so many bytes could hold, compressed a thousandfold.
pub(super) fn bounded(data: &Dataset, size: u64) -> Result<(), String> {
    let shape = data.shape().map_err(|e| e.to_string())?;
    let elements = shape.iter().fold(1u64, |n, d| n.saturating_mul(*d));
    let bytes = data
        .element_size()
        .map_err(|e| e.to_string())?
        .saturating_mul(elements);
    if bytes > size.saturating_mul(1_032) {
        return Err(format!(
            "it says that it has {bytes} bytes in a file of {size}"
        ));
    }
    Ok(())
}

/// Values of a plain array.
fn values(data: &Dataset, size: u64) -> Result<Cells, String> {
    bounded(data, size)?;
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
fn encoded(group: &Group, size: u64) -> Result<Cells, String> {
    if let (Ok(codes), Ok(categories)) = (group.dataset("codes"), group.dataset("categories")) {
        bounded(&codes, size)?;
        let codes = codes.read_i64().map_err(|e| e.to_string())?;
        return Ok(Cells::Factor(codes, values(&categories, size)?.texts()));
    }
    if let (Ok(stored), Ok(mask)) = (group.dataset("values"), group.dataset("mask")) {
        bounded(&mask, size)?;
        let mask = mask.read_raw().map_err(|e| e.to_string())?;
        let missing = |i: usize| mask.get(i).is_some_and(|m| *m != 0);
        return Ok(match values(&stored, size)? {
            Cells::Numbers(numbers) => Cells::Numbers(
                (numbers.into_iter().enumerate())
                    .map(|(i, x)| if missing(i) { f64::NAN } else { x })
                    .collect(),
            ),
            words => Cells::Words(
                (words.texts().into_iter().enumerate())
                    .map(|(i, w)| Some(w).filter(|w| !w.is_empty() && !missing(i)))
                    .collect(),
            ),
        });
    }
    Err("its encoding is not known".to_string())
}
