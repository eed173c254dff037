//! Long columns of numbers as base64 of little-endian values, equal ones kept once.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

/// The place of a column among all columns.
pub(super) type Column = usize;

/// Steps between the lowest and the highest of packed numbers: 16 bits, one of their values kept for what is missing.
const STEPS: f64 = 65_534.0;
const MISSING: i16 = i16::MIN;

/// Numbers in 16 bits each.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Packed {
    /// A number is `low + (k + 32767) × step` of its 16 bits k; −32768 is missing.
    low: f64,
    step: f64,
    steps: Column,
}

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

    /// Numbers to 1/65,534 of their range, NaN where missing.
    pub(super) fn packed(&mut self, values: &[f64]) -> Packed {
        let finite = values.iter().filter(|v| v.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(*v), high.max(*v))
        });
        let low = if low.is_finite() { low } else { 0.0 };
        let step = ((high - low) / STEPS).max(f64::MIN_POSITIVE);
        let pack = |v: &f64| {
            if v.is_finite() {
                (((v - low) / step).round() - 32_767.0) as i16
            } else {
                MISSING
            }
        };
        let steps: Vec<i16> = values.iter().map(pack).collect();
        Packed {
            low,
            step,
            steps: self.add(&bytes(&steps, |v| v.to_le_bytes())),
        }
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
    }

    #[test]
    fn packed_numbers_keep_their_ends_and_what_is_missing() {
        let mut columns = Columns::default();
        let packed = columns.packed(&[2.0, f64::NAN, 10.0]);
        assert_eq!(packed.low, 2.0);
        assert!((packed.step - 8.0 / 65_534.0).abs() < 1e-15);
        // −32767, −32768, 32767.
        assert_eq!(columns.texts[packed.steps], "AYAAgP9/");
        let nothing = columns.packed(&[f64::NAN]);
        assert!(nothing.step > 0.0 && nothing.low == 0.0);
        let one = columns.packed(&[5.0, 5.0]);
        assert_eq!(one.low, 5.0);
    }
}
