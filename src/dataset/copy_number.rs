//! Copy numbers of genes, told from the numbers: neighbouring genes share a segment of the genome and so their value,
//! which no measurement of RNA or protein does.

use std::collections::HashSet;

use super::formats::RawTable;
use super::{FeatureLevel, Inference, Quantity};

/// Fewer genes than this tell nothing.
const LEAST_GENES: usize = 200;
/// At most this many different values per gene in the middle sample. A genome has a few hundred segments; logarithms of
/// abundances rounded to three digits still take about one value in twenty genes.
const MOST_DISTINCT: f64 = 0.04;
/// Copy numbers are known for nearly every gene.
const MOST_MISSING: f64 = 0.2;

/// The evidence that a table of genes holds copy numbers (log2 ratios to two copies, or calls from −2 to 2); none where it
/// does not.
pub(crate) fn evidence(table: &RawTable) -> Option<String> {
    let (n, m) = (table.features.len(), table.columns.len());
    let may_be = matches!(
        table.quantity,
        Quantity::Other | Quantity::Ratio | Quantity::Counts
    );
    let of_genes = matches!(table.level, FeatureLevel::Gene | FeatureLevel::Transcript);
    if !may_be || !of_genes || n < LEAST_GENES || m == 0 {
        return None;
    }
    let mut distinct: Vec<usize> = Vec::with_capacity(m);
    let (mut gains, mut losses, mut observed) = (0usize, 0usize, 0usize);
    for c in 0..m {
        let column = table
            .values
            .iter()
            .skip(c)
            .step_by(m)
            .filter(|v| !v.is_nan());
        let mut seen: HashSet<u64> = HashSet::new();
        for v in column {
            observed += 1;
            gains += usize::from(*v > 0.0);
            losses += usize::from(*v < 0.0);
            seen.insert(v.to_bits());
        }
        distinct.push(seen.len());
    }
    distinct.sort_unstable();
    let middle = distinct[m / 2];
    let shared = middle as f64 <= MOST_DISTINCT * n as f64;
    let whole = observed as f64 >= (1.0 - MOST_MISSING) * (n * m) as f64;
    (shared && whole && gains > 0 && losses > 0).then(|| {
        format!("its {n} genes share {middle} different values in the middle sample, gains and losses among them, as segments of the genome do")
    })
}

/// Marks a table of copy numbers as one and says so, unless its owner declared what it measures.
pub(crate) fn mark(
    table: &mut RawTable,
    file: &str,
    declared: Option<Quantity>,
) -> Option<Inference> {
    if declared.is_some() {
        return None;
    }
    let because = evidence(table)?;
    table.quantity = Quantity::CopyNumber;
    Some(Inference::new(
        format!("quantity of `{file}`"),
        "copy number",
        because,
        "declare `quantity:` of the table in `dataset.yaml`",
    ))
}
