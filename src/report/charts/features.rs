//! The rows that comparisons and matrices speak of, listed once per assay.

use std::collections::HashMap;

use serde::Serialize;

use super::columns::{Column, Columns};
use crate::report::ReportModel;
use crate::report::text::{NAME, tidy};

/// Characters shown of a feature's id, which may name a whole protein group.
const ID: usize = 2 * NAME;

/// How a page calls a feature: its id, safe to show and cut where it is very long.
pub(in crate::report) fn shown_id(id: &str) -> String {
    tidy(id, ID)
}

/// The features of one assay.
#[derive(Debug, Serialize)]
struct FeatureSet {
    /// The assay.
    name: String,
    /// Ids, in the order in which they were met.
    ids: Vec<String>,
    /// Gene symbols; empty where there is none, or where it is the id.
    symbols: Vec<String>,
    #[serde(skip)]
    places: HashMap<String, u32>,
}

/// All of them.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct FeatureSets {
    sets: Vec<FeatureSet>,
}

impl FeatureSets {
    /// The set of an assay, made if it is new.
    pub(super) fn of_assay(&mut self, name: &str) -> usize {
        self.known(name).unwrap_or_else(|| {
            self.sets.push(FeatureSet {
                name: tidy(name, NAME),
                ids: Vec::new(),
                symbols: Vec::new(),
                places: HashMap::new(),
            });
            self.sets.len() - 1
        })
    }

    /// The set of an assay, where comparisons or matrices have met it.
    pub(super) fn known(&self, name: &str) -> Option<usize> {
        let name = tidy(name, NAME);
        self.sets.iter().position(|set| set.name == name)
    }

    /// The place of a feature in a set, which learns it if it is new.
    pub(super) fn place(&mut self, model: &ReportModel, set: usize, id: &str, symbol: &str) -> u32 {
        let set = &mut self.sets[set];
        if let Some(place) = set.places.get(id) {
            return *place;
        }
        let place = set.ids.len() as u32;
        set.places.insert(id.to_owned(), place);
        let shown = |text: &str| model.shown(text, str::to_owned).into_owned();
        set.ids.push(shown_id(&shown(id)));
        let symbol = if symbol == id { "" } else { symbol };
        set.symbols.push(tidy(&shown(symbol), NAME));
        place
    }

    /// The place of a feature that is known.
    pub(super) fn find(&self, set: usize, id: &str) -> Option<u32> {
        self.sets.get(set)?.places.get(id).copied()
    }

    /// The places of rows as a column; none where they are simply 0, 1, 2, …
    pub(super) fn column(places: &[u32], columns: &mut Columns) -> Option<Column> {
        let plain = places.iter().enumerate().all(|(k, p)| k as u32 == *p);
        (!plain).then(|| columns.places(places))
    }
}
