//! A table of a run as the report sees it: columns by name, rows by key, cells as text.

use polars::prelude::{AnyValue, DataFrame, DataType};

/// A table that a step wrote.
#[derive(Debug, Clone)]
pub struct Table {
    frame: DataFrame,
}

impl Table {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.frame.height()
    }

    /// Names of the columns, in order.
    pub fn columns(&self) -> Vec<&str> {
        let names = self.frame.get_column_names();
        names.into_iter().map(|name| name.as_str()).collect()
    }

    /// Whether every one of these columns is there.
    pub fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.frame.column(name).is_ok())
    }

    /// Whether the column holds numbers.
    pub fn is_numeric(&self, name: &str) -> bool {
        let column = self.frame.column(name);
        column.is_ok_and(|column| column.dtype().is_primitive_numeric())
    }

    /// A column as numbers, NaN where missing; none when it is not there or holds no numbers.
    pub fn numbers(&self, name: &str) -> Option<Vec<f64>> {
        let column = self
            .frame
            .column(name)
            .ok()?
            .cast(&DataType::Float64)
            .ok()?;
        let values = column.f64().ok()?;
        Some(values.iter().map(|v| v.unwrap_or(f64::NAN)).collect())
    }

    /// A column as text, empty where missing; none when it is not there.
    pub fn texts(&self, name: &str) -> Option<Vec<String>> {
        self.frame.column(name).ok()?;
        Some((0..self.rows()).map(|row| self.cell(row, name)).collect())
    }

    /// One cell as text, numbers in full precision; empty where missing or out of range.
    pub fn cell(&self, row: usize, column: &str) -> String {
        let value = self.frame.column(column).ok().and_then(|c| c.get(row).ok());
        match value {
            None | Some(AnyValue::Null) => String::new(),
            Some(AnyValue::String(text)) => text.to_owned(),
            Some(AnyValue::StringOwned(text)) => text.to_string(),
            Some(AnyValue::Float64(number)) => full_precision(number),
            Some(AnyValue::Float32(number)) => full_precision(f64::from(number)),
            Some(other) => other.to_string(),
        }
    }

    /// One cell as a number; NaN where missing or not a number.
    pub fn number(&self, row: usize, column: &str) -> f64 {
        let value = self.frame.column(column).ok().and_then(|c| c.get(row).ok());
        value.and_then(|v| v.extract::<f64>()).unwrap_or(f64::NAN)
    }

    /// The cells of a row with their columns.
    pub fn row(&self, row: usize) -> Vec<(String, String)> {
        let columns = self.columns().into_iter();
        columns
            .map(|name| (name.to_owned(), self.cell(row, name)))
            .collect()
    }

    /// The first row with `key` in `column`.
    pub fn find(&self, column: &str, key: &str) -> Option<usize> {
        let column = self.frame.column(column).ok()?;
        match column.str() {
            Ok(texts) => texts.iter().position(|text| text == Some(key)),
            Err(_) => {
                let name = column.name().as_str();
                (0..self.rows()).find(|&row| self.cell(row, name) == key)
            }
        }
    }
}

impl From<DataFrame> for Table {
    fn from(frame: DataFrame) -> Self {
        Self { frame }
    }
}

/// The shortest text that reads back as the same number.
fn full_precision(number: f64) -> String {
    let size = number.abs();
    if number.is_nan() {
        String::new()
    } else if size != 0.0 && !(1e-4..1e15).contains(&size) {
        format!("{number:e}")
    } else {
        number.to_string()
    }
}
