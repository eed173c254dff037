//! Rows of two assays that are about the same gene, and samples that are in both.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use proteus_stats::Matrix;

use crate::dataset::{Feature, Quantity};
use crate::tool::Abundance;

/// Identifier of the last row of a matrix of genotypes: how much of a sample's genome is changed.
pub(super) const BURDEN: &str = "(burden)";

/// For each row of `rows` the row of `others` that is about the same protein or gene: by a shared accession, else by a shared
/// symbol (in any case). Of several the one observed most often, then the first; none where there is no such row.
pub(super) fn partners(rows: &Abundance, others: &Abundance) -> Vec<Option<usize>> {
    let observed: Vec<usize> = (0..others.values.rows())
        .map(|i| others.values.observed_in_row(i))
        .collect();
    let mut best: BTreeMap<String, usize> = BTreeMap::new();
    for (i, feature) in others.features.iter().enumerate() {
        for name in names(feature) {
            let held = best.entry(name).or_insert(i);
            if observed[i] > observed[*held] {
                *held = i;
            }
        }
    }
    rows.features
        .iter()
        .map(|feature| names(feature).find_map(|name| best.get(&name).copied()))
        .collect()
}

/// Names a feature can be found by, the most specific first: accessions without their isoform, then symbols.
fn names(feature: &Feature) -> impl Iterator<Item = String> {
    let accessions = feature
        .accessions
        .iter()
        .map(|a| format!("accession {}", a.split('-').next().unwrap_or(a)));
    let symbols = feature
        .symbol
        .iter()
        .chain(&feature.symbols)
        .map(|s| format!("symbol {}", s.to_uppercase()));
    accessions.chain(symbols)
}

/// Samples that are columns of both: positions in the first and in the second, in the order of the first.
pub(super) fn samples_in_both(a: &Abundance, b: &Abundance) -> Vec<(usize, usize)> {
    let place: BTreeMap<&str, usize> = b
        .samples
        .iter()
        .enumerate()
        .map(|(j, id)| (id.as_str(), j))
        .collect();
    a.samples
        .iter()
        .enumerate()
        .filter_map(|(j, id)| Some((j, *place.get(id.as_str())?)))
        .collect()
}

/// Whether the table says present or absent and nothing else.
pub(super) fn is_presence(partner: &Abundance) -> bool {
    let known = || partner.values.values().iter().filter(|v| !v.is_nan());
    partner.quantity == Quantity::Binary
        || (known().all(|v| *v == 0.0 || *v == 1.0) && known().any(|v| *v == 1.0))
}

/// One row per gene: present where any of its rows is.
pub(super) fn presence_by_gene(partner: &Abundance) -> Abundance {
    let mut rows: IndexMap<&str, Vec<usize>> = IndexMap::new();
    for (i, feature) in partner.features.iter().enumerate() {
        let gene = feature.symbol.as_deref().unwrap_or(&feature.id);
        rows.entry(gene).or_default().push(i);
    }
    let lists: Vec<&Vec<usize>> = rows.values().collect();
    let values = Matrix::from_fn(lists.len(), partner.samples.len(), |g, j| {
        lists[g]
            .iter()
            .map(|&i| partner.values.get(i, j))
            .fold(f64::NAN, f64::max)
    });
    let first: Vec<usize> = lists.iter().map(|list| list[0]).collect();
    Abundance {
        values,
        features: partner.select_features(&first).features,
        ..partner.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::fixture::abundance;
    use std::sync::Arc;

    #[test]
    fn accessions_come_before_symbols_and_the_fuller_row_first() {
        let with = |accession: &str, symbol: &str| Feature {
            id: accession.to_owned(),
            accessions: vec![accession.to_owned()],
            symbol: Some(symbol.to_owned()),
            ..Feature::default()
        };
        let values: &[f64] = &[1.0, 2.0];
        let gap: &[f64] = &[1.0, f64::NAN];
        let mut rows = abundance(&[("a", values), ("b", values), ("c", values)]);
        rows.features = Arc::new(vec![
            with("P1-2", "Akt1"),
            with("P9", "AKT2"),
            with("P7", "NONE"),
        ]);
        let mut others = abundance(&[("x", gap), ("y", values), ("z", values)]);
        others.features = Arc::new(vec![
            with("P3", "AKT2"),
            with("P4", "AKT2"),
            with("P1", "AKT2"),
        ]);
        assert_eq!(partners(&rows, &others), [Some(2), Some(1), None]);
        let mut other = abundance(&[("a", values)]);
        other.samples = Arc::new(vec!["s2".to_owned(), "s9".to_owned()]);
        assert_eq!(samples_in_both(&rows, &other), [(1, 0)]);
    }
}
