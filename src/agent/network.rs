//! Which proteins that passed have known partners that passed too: a change that its network shares is easier to explain
//! than one that stands alone. It orders claims and draws their mechanism; it is no part of any error rate.

use std::collections::{BTreeMap, BTreeSet};

use proteus_stats::hypergeometric::Hypergeometric;

use crate::knowledge::Interactions;

/// Surprise (−log10 p) above which more partners add nothing.
pub const ENOUGH: f64 = 4.0;

/// What the network says of one row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Partners {
    /// Rows of its known partners that passed as well, in the order given.
    pub rows: Vec<usize>,
    /// −log10 of the hypergeometric chance of so many among its measured partners, between 0 and 4.
    pub surprise: f64,
}

/// Partners of every row of `passed` among the others; `measured` holds the symbols that were tested.
pub fn partners(
    passed: &[usize],
    symbol: impl Fn(usize) -> String,
    measured: &BTreeSet<String>,
    interactions: &Interactions,
) -> BTreeMap<usize, Partners> {
    let symbols: Vec<String> = passed.iter().map(|&row| symbol(row)).collect();
    let rows_of: BTreeMap<&str, usize> = symbols
        .iter()
        .zip(passed)
        .rev()
        .map(|(symbol, &row)| (symbol.as_str(), row))
        .collect();
    let place: BTreeMap<usize, usize> = passed.iter().enumerate().map(|(k, &r)| (r, k)).collect();
    passed
        .iter()
        .zip(&symbols)
        .map(|(&row, own)| {
            let known = interactions.neighbours(own);
            let among = known.iter().filter(|n| measured.contains(&***n)).count();
            let mut rows: Vec<usize> = known
                .iter()
                .filter_map(|n| rows_of.get(&**n).copied())
                .filter(|&partner| partner != row)
                .collect();
            rows.sort_by_key(|r| place[r]);
            let surprise = if rows.is_empty() || measured.len() < 2 {
                0.0
            } else {
                let drawing = Hypergeometric::new(
                    measured.len() as u64 - 1,
                    among as u64,
                    passed.len() as u64 - 1,
                );
                (-drawing.ln_upper_tail(rows.len() as u64) / std::f64::consts::LN_10)
                    .clamp(0.0, ENOUGH)
            };
            (row, Partners { rows, surprise })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::content::Content;
    use crate::knowledge::Packs;

    #[test]
    fn subunits_of_one_complex_stand_together_and_a_stranger_stands_alone() {
        let packs = Packs::open(&Content::embedded()).unwrap();
        let interactions = packs.interactions().unwrap();
        let symbols = ["PSMC1", "ALB", "PSMC2", "PSMD1"];
        let mut measured: BTreeSet<String> = symbols.iter().map(|s| (*s).to_owned()).collect();
        measured.extend(interactions.genes().take(300).map(|g| g.to_string()));
        let found = partners(
            &[0, 1, 2, 3],
            |row| symbols[row].to_owned(),
            &measured,
            interactions,
        );
        assert_eq!(found[&0].rows, [2, 3]);
        assert_eq!(found[&3].rows, [0, 2]);
        assert!(found[&0].surprise > 2.0, "{}", found[&0].surprise);
        assert_eq!(found[&1], Partners::default());
    }
}
