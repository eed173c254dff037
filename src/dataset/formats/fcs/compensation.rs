//! Spillover: how much of each dye's light is seen in the detectors of the others, taken out by the inverse of the matrix
//! that the file carries (Bagwell & Adams 1993, doi:10.1111/j.1749-6632.1993.tb38775.x).

use super::super::super::cells::{Channel, finite};
use super::text::Keywords;

/// Keywords that hold a spillover matrix with the names of its detectors.
const NAMED: [&str; 4] = ["$SPILLOVER", "SPILLOVER", "$SPILL", "SPILL"];
/// Detectors at most.
const MOST: usize = 200;

/// A spillover matrix.
pub(super) struct Spillover {
    keyword: &'static str,
    /// Positions of its detectors among the channels.
    detectors: Vec<usize>,
    /// Dyes × detectors, row by row.
    matrix: Vec<f64>,
}

/// The matrix of a file; none where it has none or the identity or holds compensated signals, and a fault in words where it
/// cannot be used.
pub(super) fn of(keywords: &Keywords, channels: &[Channel]) -> Result<Option<Spillover>, String> {
    if channels.iter().any(|c| c.header.starts_with("Comp-")) {
        return Ok(None);
    }
    let named = NAMED
        .iter()
        .find_map(|key| Some((*key, keywords.get(key)?)));
    let spill = match (named, keywords.get("$COMP")) {
        (Some((keyword, text)), _) => by_name(keyword, text, channels)?,
        (None, Some(text)) => by_order(text, channels)?,
        (None, None) => return Ok(None),
    };
    let n = spill.detectors.len();
    let identity = |k: usize, x: &f64| *x == f64::from(u8::from(k / n == k % n));
    let trivial = spill.matrix.iter().enumerate().all(|(k, x)| identity(k, x));
    Ok((!trivial).then_some(spill))
}

/// `n,name1,…,namen,values`; names are those of `$PnN`, or numbers of channels.
fn by_name(keyword: &'static str, text: &str, channels: &[Channel]) -> Result<Spillover, String> {
    let fields: Vec<&str> = text.split(',').map(str::trim).collect();
    let n = size(fields[0], keyword)?;
    let values = numbers(fields.get(1 + n..).unwrap_or_default(), n, keyword)?;
    let detectors = fields[1..=n]
        .iter()
        .map(|name| {
            let by_name = channels.iter().position(|c| c.header == *name);
            let by_number = || {
                name.parse::<usize>()
                    .ok()
                    .filter(|k| (1..=channels.len()).contains(k))
            };
            by_name
                .or_else(|| by_number().map(|k| k - 1))
                .ok_or_else(|| format!("`{keyword}` names `{name}`, which is no channel"))
        })
        .collect::<Result<Vec<usize>, String>>()?;
    Ok(Spillover {
        keyword,
        detectors,
        matrix: values,
    })
}

/// `n,values`, as in FCS 3.0: the detectors are the channels that are neither scatter nor time, in order; values may be
/// per cent.
fn by_order(text: &str, channels: &[Channel]) -> Result<Spillover, String> {
    let keyword = "$COMP";
    let fields: Vec<&str> = text.split(',').map(str::trim).collect();
    let n = size(fields[0], keyword)?;
    let mut values = numbers(&fields[1..], n, keyword)?;
    let detectors: Vec<usize> = (0..channels.len())
        .filter(|&k| super::says_what(&channels[k]).apart.is_none())
        .collect();
    if detectors.len() != n {
        return Err(format!(
            "`{keyword}` is for {n} channels, and {} are neither scatter nor time",
            detectors.len()
        ));
    }
    if (0..n).all(|k| values[k * n + k] == 100.0) {
        values.iter_mut().for_each(|x| *x /= 100.0);
    }
    Ok(Spillover {
        keyword,
        detectors,
        matrix: values,
    })
}

fn size(field: &str, keyword: &str) -> Result<usize, String> {
    let n = field
        .parse::<usize>()
        .ok()
        .filter(|n| (1..=MOST).contains(n));
    n.ok_or_else(|| format!("`{keyword}` begins with `{field}`, not a number of channels"))
}

fn numbers(fields: &[&str], n: usize, keyword: &str) -> Result<Vec<f64>, String> {
    let values: Option<Vec<f64>> = fields
        .iter()
        .map(|f| f.parse::<f64>().ok().filter(|x| x.is_finite()))
        .collect();
    let found = fields.len();
    values.filter(|v| v.len() == n * n).ok_or_else(|| {
        format!(
            "`{keyword}` needs {} numbers for {n} channels, and {found} fields follow",
            n * n
        )
    })
}

impl Spillover {
    /// What was taken out, in words.
    pub fn in_words(&self) -> String {
        format!(
            "{} holds a matrix of {} channels",
            self.keyword,
            self.detectors.len()
        )
    }

    /// Replaces the signals of the detectors by those of the dyes; `values` are events × `width`.
    pub fn take_out(&self, values: &mut [f32], width: usize) -> Result<(), String> {
        let n = self.detectors.len();
        let inverse = inverted(&self.matrix, n)
            .ok_or_else(|| format!("the matrix in `{}` cannot be inverted", self.keyword))?;
        let mut seen = vec![0.0f64; n];
        for event in values.chunks_exact_mut(width) {
            for (x, &d) in seen.iter_mut().zip(&self.detectors) {
                *x = f64::from(event[d]);
            }
            for (k, &d) in self.detectors.iter().enumerate() {
                let sum: f64 = (0..n).map(|j| seen[j] * inverse[j * n + k]).sum();
                event[d] = finite(sum as f32);
            }
        }
        Ok(())
    }
}

/// The inverse of an n × n matrix by Gauss–Jordan elimination with row pivots; none where it has none.
fn inverted(matrix: &[f64], n: usize) -> Option<Vec<f64>> {
    let mut a = matrix.to_vec();
    let mut inverse: Vec<f64> = (0..n * n)
        .map(|k| f64::from(u8::from(k / n == k % n)))
        .collect();
    for column in 0..n {
        let pivot = (column..n)
            .max_by(|&i, &j| a[i * n + column].abs().total_cmp(&a[j * n + column].abs()))?;
        let value = a[pivot * n + column];
        if value.abs() < 1e-9 {
            return None;
        }
        for k in 0..n {
            a.swap(column * n + k, pivot * n + k);
            inverse.swap(column * n + k, pivot * n + k);
        }
        for k in 0..n {
            a[column * n + k] /= value;
            inverse[column * n + k] /= value;
        }
        for row in (0..n).filter(|r| *r != column) {
            let factor = a[row * n + column];
            for k in 0..n {
                a[row * n + k] -= factor * a[column * n + k];
                inverse[row * n + k] -= factor * inverse[column * n + k];
            }
        }
    }
    Some(inverse)
}
