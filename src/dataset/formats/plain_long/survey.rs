//! Which column of a long table holds the samples, which the features and which the values: told from the names of the
//! columns and from all rows, since a table sorted by sample shows one sample in its first thousands of rows.

use std::collections::HashSet;

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use super::super::super::grid::places;
use super::super::super::label::{canonical, words};
use super::super::super::long::{LongLayout, Repeats, Row, Survey, likely};
use super::super::super::number::{Cell, Notation};
use super::super::super::{FeatureLevel, Quantity};
use super::super::accession::{is_uniprot, split_ids};
use super::{FEATURES, SAMPLES, VALUES};

/// More different cells than any table has samples or features.
const MOST_NAMES: usize = 5_000_000;

/// What was seen of the columns that may be samples, features or values; each list in the order of preference.
pub(super) struct Seen {
    rows: usize,
    values: Vec<Values>,
    features: Vec<Names>,
    samples: Vec<Names>,
    /// One per feature column and sample column.
    pairs: Vec<Option<Pairs>>,
}

/// A column that may hold the values.
struct Values {
    column: usize,
    quantity: Quantity,
    numbers: usize,
    texts: usize,
}

/// A column that may name samples or features.
struct Names {
    column: usize,
    seen: IndexSet<Box<str>, RandomState>,
    /// The name in the row added last.
    last: usize,
}

impl Names {
    fn add(&mut self, row: &dyn Row) {
        let cell = row.text(self.column);
        let guess = likely(self.last, |k| {
            self.seen.get_index(k).is_some_and(|name| **name == *cell)
        });
        self.last = match guess.or_else(|| self.seen.get_index_of(&*cell)) {
            Some(known) => known,
            None if self.seen.len() < MOST_NAMES => self.seen.insert_full(cell.into()).0,
            None => MOST_NAMES,
        };
    }

    /// Whether names come again, as those of samples and features do in a long table.
    fn repeat(&self, rows: usize) -> bool {
        let distinct = self.seen.len();
        (2..MOST_NAMES).contains(&distinct) && distinct * 3 <= rows * 2
    }
}

impl Seen {
    /// Ready for the rows of a table with this header; none where no column can be the sample, the feature or the value.
    pub fn of(header: &[String]) -> Option<Self> {
        let places = places(header);
        let place = |name: &str| places.get(name).copied();
        let named = |names: &[&str]| -> Vec<Names> {
            let columns = names.iter().filter_map(|n| place(n));
            columns
                .map(|column| Names {
                    column,
                    seen: IndexSet::default(),
                    last: 0,
                })
                .collect()
        };
        let values: Vec<Values> = VALUES
            .iter()
            .filter_map(|(name, quantity)| {
                Some(Values {
                    column: place(name)?,
                    quantity: *quantity,
                    numbers: 0,
                    texts: 0,
                })
            })
            .collect();
        let (features, samples) = (named(&FEATURES), named(&SAMPLES));
        let pairs = (0..features.len() * samples.len())
            .map(|_| Some(Pairs::default()))
            .collect();
        (!values.is_empty() && !features.is_empty() && !samples.is_empty()).then_some(Self {
            rows: 0,
            values,
            features,
            samples,
            pairs,
        })
    }

    fn level(&self, features: &Names, header: &[String]) -> FeatureLevel {
        let accessions = features
            .seen
            .iter()
            .filter(|id| split_ids(id).first().is_some_and(|a| is_uniprot(a)))
            .count();
        let by_gene = words(&header[features.column])
            .iter()
            .any(|w| w == "gene" || w == "symbol");
        if by_gene && 2 * accessions <= features.seen.len() {
            FeatureLevel::Gene
        } else {
            FeatureLevel::ProteinGroup
        }
    }
}

impl Survey for Seen {
    fn columns(&self) -> Vec<usize> {
        let names = self.features.iter().chain(&self.samples).map(|n| n.column);
        let mut all: Vec<usize> = self.values.iter().map(|v| v.column).chain(names).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn add(&mut self, row: &dyn Row, notation: Notation) {
        self.rows += 1;
        for value in &mut self.values {
            match row.number(value.column, notation) {
                Cell::Number(_) => value.numbers += 1,
                Cell::Text => value.texts += 1,
                Cell::Missing => {}
            }
        }
        for names in self.features.iter_mut().chain(&mut self.samples) {
            names.add(row);
        }
        let width = self.samples.len();
        for (k, pairs) in self.pairs.iter_mut().enumerate() {
            let (feature, sample) = (self.features[k / width].last, self.samples[k % width].last);
            if pairs.as_mut().is_some_and(|p| !p.add(feature, sample)) {
                *pairs = None;
            }
        }
    }

    fn layout(&self, header: &[String], notation: Notation) -> Option<(LongLayout, String)> {
        let value = self
            .values
            .iter()
            .find(|v| v.numbers > 0 && v.texts * 20 <= v.numbers)?;
        let width = self.samples.len();
        let fits = |k: &usize| {
            let (feature, sample) = (&self.features[k / width], &self.samples[k % width]);
            self.pairs[*k].is_some() && feature.repeat(self.rows) && sample.repeat(self.rows)
        };
        let chosen = (0..self.pairs.len()).find(fits)?;
        let (features, samples) = (
            &self.features[chosen / width],
            &self.samples[chosen % width],
        );
        let (sample, feature) = (samples.column, features.column);
        let mut layout = LongLayout::new(
            self.level(features, header),
            value.quantity,
            vec![sample],
            vec![feature],
            value.column,
        );
        layout.scale = None;
        layout.notation = Some(notation);
        layout.repeats = Repeats::Never;
        layout.keep_empty = true;
        let places = places(header);
        let find = |names: &[&str]| {
            let mut found = names.iter().filter_map(|n| places.get(&canonical(n)));
            found.next().copied()
        };
        layout.genes = find(&GENES).filter(|j| *j != feature);
        layout.descriptions = find(&DESCRIPTIONS).into_iter().collect();
        layout.facts = (0..header.len())
            .filter(|j| ![sample, feature, value.column].contains(j))
            .collect();
        let because = format!(
            "one row per `{}` and `{}` with a number in `{}`, and every pair of them once",
            header[sample], header[feature], header[value.column]
        );
        Some((layout, because))
    }
}

const GENES: [&str; 6] = [
    "Gene",
    "Genes",
    "Gene name",
    "Gene symbol",
    "gene_name",
    "Symbol",
];
const DESCRIPTIONS: [&str; 2] = ["Description", "Protein description"];

/// Pairs of a feature and a sample: a bit each, or a set of those there are where most pairs are not.
#[derive(Default)]
struct Pairs {
    bits: Vec<Vec<u64>>,
    words: usize,
    added: usize,
    sparse: Option<HashSet<(u32, u32), RandomState>>,
}

impl Pairs {
    /// Words that are always granted, and words per pair: a set needs about as much for each.
    const GRANTED: usize = 1 << 16;
    const PER_PAIR: usize = 2;

    /// Adds a pair; false where it is there already.
    fn add(&mut self, feature: usize, sample: usize) -> bool {
        self.added += 1;
        if let Some(set) = &mut self.sparse {
            return set.insert((feature as u32, sample as u32));
        }
        if self.bits.len() <= feature {
            self.bits.resize_with(feature + 1, Vec::new);
        }
        let row = &mut self.bits[feature];
        let (word, bit) = (sample / 64, 1u64 << (sample % 64));
        if row.len() <= word {
            self.words += word + 1 - row.len();
            row.resize(word + 1, 0);
        }
        let new = row[word] & bit == 0;
        row[word] |= bit;
        if self.words > Self::GRANTED + Self::PER_PAIR * self.added {
            let bits = std::mem::take(&mut self.bits);
            self.sparse = Some(
                bits.iter()
                    .enumerate()
                    .flat_map(|(feature, row)| {
                        row.iter().enumerate().flat_map(move |(word, bits)| {
                            (0..64)
                                .filter(move |b| bits >> b & 1 == 1)
                                .map(move |b| (feature as u32, (64 * word + b) as u32))
                        })
                    })
                    .collect(),
            );
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_met_once_whether_few_or_many_of_them_are_there() {
        let mut dense = Pairs::default();
        assert!((0..500).all(|f| (0..40).all(|s| dense.add(f, s))));
        assert!(dense.sparse.is_none() && !dense.add(7, 39));
        let mut sparse = Pairs::default();
        assert!((0..4000).all(|k| sparse.add(k, 1000 + k * 3)));
        assert!(sparse.sparse.is_some());
        assert!((0..4000).all(|k| !sparse.add(k, 1000 + k * 3)));
        assert!(sparse.add(0, 1));
    }
}
