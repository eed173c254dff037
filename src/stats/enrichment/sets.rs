//! Sets as lists of feature numbers.

use super::EnrichmentError;

/// Sets over features 0..n, each ascending and without duplicates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureSets {
    features: usize,
    members: Vec<Vec<usize>>,
}

impl FeatureSets {
    /// Sets over `features` features. Members may come in any order and more than once; an empty set is allowed and is
    /// never found enriched.
    pub fn new(features: usize, members: Vec<Vec<usize>>) -> Result<Self, EnrichmentError> {
        let mut sets = members;
        for (set, members) in sets.iter_mut().enumerate() {
            members.sort_unstable();
            members.dedup();
            if let Some(&feature) = members.last().filter(|&&f| f >= features) {
                return Err(EnrichmentError::UnknownFeature {
                    set,
                    feature,
                    features,
                });
            }
        }
        Ok(Self {
            features,
            members: sets,
        })
    }

    /// Number of sets.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is no set.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Number of features the sets are over.
    pub fn features(&self) -> usize {
        self.features
    }

    /// The members of one set, ascending.
    pub fn members(&self, set: usize) -> &[usize] {
        &self.members[set]
    }

    /// The sets in order.
    pub fn iter(&self) -> impl Iterator<Item = &[usize]> {
        self.members.iter().map(Vec::as_slice)
    }

    pub(super) fn check_length(
        &self,
        what: &'static str,
        found: usize,
    ) -> Result<(), EnrichmentError> {
        if found == self.features {
            Ok(())
        } else {
            Err(EnrichmentError::WrongLength {
                what,
                found,
                expected: self.features,
            })
        }
    }
}
