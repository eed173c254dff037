//! Long columns of numbers as base64 of little-endian values, equal ones kept once.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

/// The place of a column among all columns.
pub(super) type Column = usize;

/// The columns of a page. Whoever refers to one knows what its bytes are.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Columns {
    texts: Vec<String>,
    #[serde(skip)]
    known: HashMap<blake3::Hash, Column>,
    #[serde(skip)]
    bytes: usize,
}

impl Columns {
    /// Numbers in single precision, NaN where missing.
    pub(super) fn floats(&mut self, values: &[f64]) -> Column {
        self.add(&bytes(values, |v| (*v as f32).to_le_bytes()))
    }

    /// Whole numbers of 32 bits.
    pub(super) fn places(&mut self, values: &[u32]) -> Column {
        self.add(&bytes(values, |v| v.to_le_bytes()))
    }

    /// Whole numbers of 16 bits.
    pub(super) fn steps(&mut self, values: &[i16]) -> Column {
        self.add(&bytes(values, |v| v.to_le_bytes()))
    }

    /// Characters that all columns take on the page.
    pub(super) fn size(&self) -> usize {
        self.bytes
    }

    fn add(&mut self, bytes: &[u8]) -> Column {
        let texts = &mut self.texts;
        let total = &mut self.bytes;
        *self.known.entry(blake3::hash(bytes)).or_insert_with(|| {
            let text = STANDARD.encode(bytes);
            *total += text.len();
            texts.push(text);
            texts.len() - 1
        })
    }
}

fn bytes<T, const N: usize>(values: &[T], of: impl Fn(&T) -> [u8; N]) -> Vec<u8> {
    values.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_columns_are_kept_once() {
        let mut columns = Columns::default();
        let first = columns.floats(&[1.0, -2.5]);
        assert_eq!(columns.floats(&[1.0, -2.5]), first);
        assert_ne!(columns.floats(&[1.0, 2.5]), first);
        // 1.0 is 00 00 80 3f, −2.5 is 00 00 20 c0.
        assert_eq!(columns.texts[first], "AACAPwAAIMA=");
        assert_eq!(columns.size(), 24);
        assert_eq!(columns.steps(&[-1]), 2);
        assert_eq!(columns.texts[2], "//8=");
    }
}
