//! Reading and building tables: the few polars calls tools need, with errors that name table column and type.

use polars::prelude::{Column, DataFrame, DataType, NamedFrom, Series};

use crate::dataset::Feature;

/// A column that is not there or not of the needed type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// No such column.
    #[error("no column `{column}`; the table has {found}")]
    Missing {
        /// The column looked for.
        column: String,
        /// The columns there are.
        found: String,
    },
    /// The column holds something else.
    #[error("column `{column}` is not {expected}: {reason}")]
    Type {
        /// The column.
        column: String,
        /// What was expected.
        expected: &'static str,
        /// What polars said.
        reason: String,
    },
    /// Columns of unequal length.
    #[error("the columns do not form a table: {0}")]
    Shape(String),
}

fn column<'t>(table: &'t DataFrame, name: &str) -> Result<&'t Column, FrameError> {
    table.column(name).map_err(|_| FrameError::Missing {
        column: name.to_owned(),
        found: table
            .get_column_names()
            .iter()
            .map(|n| format!("`{n}`"))
            .collect::<Vec<_>>()
            .join(", "),
    })
}

/// A numeric column as `f64`; nulls become NaN.
pub fn numbers(table: &DataFrame, name: &str) -> Result<Vec<f64>, FrameError> {
    let wrong = |error: polars::prelude::PolarsError| FrameError::Type {
        column: name.to_owned(),
        expected: "numeric",
        reason: error.to_string(),
    };
    let cast = column(table, name)?
        .cast(&DataType::Float64)
        .map_err(wrong)?;
    let values = cast.f64().map_err(wrong)?;
    Ok(values.iter().map(|v| v.unwrap_or(f64::NAN)).collect())
}

/// A text column; nulls become empty.
pub fn texts(table: &DataFrame, name: &str) -> Result<Vec<String>, FrameError> {
    let wrong = |error: polars::prelude::PolarsError| FrameError::Type {
        column: name.to_owned(),
        expected: "text",
        reason: error.to_string(),
    };
    let cast = column(table, name)?
        .cast(&DataType::String)
        .map_err(wrong)?;
    let values = cast.str().map_err(wrong)?;
    Ok(values
        .iter()
        .map(|v| v.unwrap_or_default().to_owned())
        .collect())
}

/// A true/false column; nulls become false.
pub fn flags(table: &DataFrame, name: &str) -> Result<Vec<bool>, FrameError> {
    let wrong = |error: polars::prelude::PolarsError| FrameError::Type {
        column: name.to_owned(),
        expected: "true/false",
        reason: error.to_string(),
    };
    let values = column(table, name)?.bool().map_err(wrong)?;
    Ok(values.iter().map(|v| v.unwrap_or(false)).collect())
}

/// Builds a table column by column.
#[derive(Debug, Default)]
pub struct TableBuilder {
    columns: Vec<Column>,
}

impl TableBuilder {
    /// No columns yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A text column.
    pub fn text(mut self, name: &str, values: Vec<String>) -> Self {
        self.columns.push(Series::new(name.into(), values).into());
        self
    }

    /// The columns `feature` (id) and `gene` (label) that identify the rows of a table about features.
    pub fn features<'f>(self, features: impl Iterator<Item = &'f Feature>) -> Self {
        let (ids, labels) = features
            .map(|f| (f.id.clone(), f.label().into_owned()))
            .unzip();
        self.text("feature", ids).text("gene", labels)
    }

    /// A text column with gaps.
    pub fn optional_text(mut self, name: &str, values: Vec<Option<String>>) -> Self {
        self.columns.push(Series::new(name.into(), values).into());
        self
    }

    /// A number column; NaN becomes null, so that it is empty in every file format.
    pub fn number(mut self, name: &str, values: &[f64]) -> Self {
        let values: Vec<Option<f64>> = values.iter().map(|v| (!v.is_nan()).then_some(*v)).collect();
        self.columns.push(Series::new(name.into(), values).into());
        self
    }

    /// A whole-number column.
    pub fn count(mut self, name: &str, values: &[usize]) -> Self {
        let values: Vec<i64> = values.iter().map(|&v| v as i64).collect();
        self.columns.push(Series::new(name.into(), values).into());
        self
    }

    /// A true/false column.
    pub fn flag(mut self, name: &str, values: &[bool]) -> Self {
        self.columns.push(Series::new(name.into(), values).into());
        self
    }

    /// The table; an error if the columns differ in length or share a name.
    pub fn build(self) -> Result<DataFrame, FrameError> {
        DataFrame::new_infer_height(self.columns)
            .map_err(|error| FrameError::Shape(error.to_string()))
    }
}
