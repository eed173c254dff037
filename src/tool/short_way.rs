//! The short way through a tool that decoys take: p-values alone, and work that several tools of one world have in common
//! done once.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;

use super::Abundance;
use crate::dataset::Feature;

/// Who the p-values of a table belong to, in order. Cloning is cheap.
#[derive(Debug, Clone)]
pub enum Subjects {
    /// The features of a matrix, by identifier.
    Features(Arc<Vec<Feature>>),
    /// Anything else, by name.
    Named(Arc<Vec<String>>),
}

impl Subjects {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Features(features) => features.len(),
            Self::Named(names) => names.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The identifiers in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let (features, names) = match self {
            Self::Features(features) => (&features[..], &[][..]),
            Self::Named(names) => (&[][..], &names[..]),
        };
        let of_features = features.iter().map(|f| f.id.as_str());
        of_features.chain(names.iter().map(String::as_str))
    }

    /// Whether both are the same list, seen without comparing names.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Features(a), Self::Features(b)) => Arc::ptr_eq(a, b),
            (Self::Named(a), Self::Named(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// The p-values of one output table, and the effects they belong to.
#[derive(Debug, Clone)]
pub struct PValues {
    /// The subjects; each stands in the table at most once.
    pub subjects: Subjects,
    /// p of each; NaN where it could not be tested, whether or not the table has a row for it.
    pub p: Vec<f64>,
    /// Effect of each, as in the table; NaN where the test has none or could not be done.
    pub effect: Vec<f64>,
}

/// p-values by output table.
pub type TablesOfP = IndexMap<String, PValues>;

/// A matrix that results are kept for, with the results by name.
type OfMatrix = (Arc<Abundance>, BTreeMap<String, Arc<dyn Any + Send + Sync>>);

/// Results that several tools of one world need of the same matrix and the same samples, such as one fitted model. It lives
/// no longer than its world, so that no decoy can see another's.
#[derive(Default)]
pub struct Shared {
    kept: Mutex<Vec<OfMatrix>>,
}

impl Shared {
    /// The result for `matrix` under `name`, or what `make` gives. `name` must stand for all that `make` reads beside the
    /// matrix and the world's sample sheet, and for the type.
    ///
    /// # Errors
    /// Those of `make`, which are not kept.
    pub fn once<T: Send + Sync + 'static, E>(
        &self,
        matrix: &Arc<Abundance>,
        name: &str,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        // A panic elsewhere leaves only whole entries behind.
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = lock()
            .iter()
            .find(|(of, _)| Arc::ptr_eq(of, matrix))
            .and_then(|(_, results)| results.get(name)?.clone().downcast().ok());
        if let Some(found) = found {
            return Ok(found);
        }
        let made: Arc<T> = Arc::new(make()?);
        let mut kept = lock();
        let place = match kept.iter().position(|(of, _)| Arc::ptr_eq(of, matrix)) {
            Some(place) => place,
            None => {
                kept.push((Arc::clone(matrix), BTreeMap::new()));
                kept.len() - 1
            }
        };
        kept[place].1.insert(name.to_owned(), made.clone());
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use proteus_stats::Matrix;

    use super::*;
    use crate::dataset::{FeatureLevel, Quantity};

    fn matrix() -> Arc<Abundance> {
        Arc::new(Abundance {
            level: FeatureLevel::ProteinGroup,
            quantity: Quantity::LfqIntensity,
            features: Arc::new(Vec::new()),
            samples: Arc::new(Vec::new()),
            values: Matrix::filled(0, 0, 0.0),
        })
    }

    #[test]
    fn a_result_is_made_once_per_matrix_and_name() {
        let shared = Shared::default();
        let (one, other) = (matrix(), matrix());
        let made = |of: &Arc<Abundance>, name: &str, value: usize| {
            *shared.once(of, name, || Ok::<usize, ()>(value)).unwrap()
        };
        assert_eq!(made(&one, "a", 1), 1);
        assert_eq!(made(&one, "a", 2), 1);
        assert_eq!(made(&one, "b", 3), 3);
        assert_eq!(made(&other, "a", 4), 4);
        assert_eq!(shared.once(&one, "c", || Err::<usize, u8>(5)), Err(5));
    }

    #[test]
    fn subjects_are_the_same_only_where_they_are_one_list() {
        let names = Arc::new(vec!["A".to_owned(), "B".to_owned()]);
        let subjects = Subjects::Named(Arc::clone(&names));
        assert!(subjects.is_same(&Subjects::Named(names)));
        assert!(!subjects.is_same(&Subjects::Named(Arc::new(vec!["A".to_owned()]))));
        assert_eq!(subjects.ids().collect::<Vec<_>>(), ["A", "B"]);
    }
}
