//! Builds the design matrix of a linear model, samples × coefficients, from factors and continuous covariates.
//!
//! Treatment coding as in R `model.matrix`: an intercept and one column per level other than the reference. Without an
//! intercept the first factor gets a column per level (group means). Every term must be known for every sample.

use crate::Matrix;
use crate::orthogonal::PivotedQr;

/// One explanatory variable, with a value for every sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// A categorical variable; levels are sorted, with the reference first.
    Factor {
        /// The variable's name, used in column names.
        name: String,
        /// The label of each sample.
        labels: Vec<String>,
        /// The level others are compared with; the first in sorted order when `None`.
        reference: Option<String>,
    },
    /// A numeric variable entered as one column.
    Continuous {
        /// The variable's name, also the column's.
        name: String,
        /// The value of each sample.
        values: Vec<f64>,
    },
}

/// A design matrix with its column names.
#[derive(Debug, Clone, PartialEq)]
pub struct DesignMatrix {
    /// Samples × coefficients.
    pub matrix: Matrix,
    /// A name per column: `(intercept)`, `variable=level` or the covariate's name.
    pub coefficients: Vec<String>,
}

/// Why a design cannot be built.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DesignError {
    /// A term does not have one value per sample.
    #[error("`{name}` has {found} values for {samples} samples")]
    Length {
        /// The term.
        name: String,
        /// Values found.
        found: usize,
        /// Samples expected.
        samples: usize,
    },
    /// A covariate is missing or infinite for a sample.
    #[error(
        "`{name}` is `{value}` in sample {sample}\nhint: leave out samples in which a covariate is not known"
    )]
    NotFinite {
        /// The covariate.
        name: String,
        /// Zero-based sample.
        sample: usize,
        /// What was found.
        value: f64,
    },
    /// The reference level does not occur.
    #[error("`{name}` has no level `{reference}`; found {levels:?}")]
    UnknownLevel {
        /// The factor.
        name: String,
        /// The level asked for.
        reference: String,
        /// The levels that occur.
        levels: Vec<String>,
    },
    /// Columns are linear combinations of others, so their effects cannot be told apart.
    #[error(
        "{aliased:?} cannot be told apart from the other columns\nhint: they are confounded; drop one of the variables"
    )]
    Confounded {
        /// Names of the aliased columns.
        aliased: Vec<String>,
    },
    /// There is nothing to estimate.
    #[error("a design needs an intercept or at least one term, and at least one sample")]
    Empty,
}

/// The sorted distinct labels, with `reference` moved to the front.
fn ordered_levels(
    name: &str,
    labels: &[String],
    reference: Option<&String>,
) -> Result<Vec<String>, DesignError> {
    let mut levels: Vec<String> = labels.to_vec();
    levels.sort_unstable();
    levels.dedup();
    if let Some(reference) = reference {
        let Some(position) = levels.iter().position(|l| l == reference) else {
            return Err(DesignError::UnknownLevel {
                name: name.to_owned(),
                reference: reference.clone(),
                levels,
            });
        };
        levels[..=position].rotate_right(1);
    }
    Ok(levels)
}

impl DesignMatrix {
    /// Codes `terms` for `samples` samples, with or without an intercept. Aliased columns are kept: see [`Self::check_rank`].
    pub fn new(samples: usize, intercept: bool, terms: &[Term]) -> Result<Self, DesignError> {
        let mut names = Vec::new();
        let mut columns: Vec<Vec<f64>> = Vec::new();
        if intercept {
            names.push("(intercept)".to_owned());
            columns.push(vec![1.0; samples]);
        }
        let mut all_levels = !intercept;
        for term in terms {
            let (name, found) = match term {
                Term::Factor { name, labels, .. } => (name, labels.len()),
                Term::Continuous { name, values } => (name, values.len()),
            };
            if found != samples {
                let name = name.clone();
                return Err(DesignError::Length {
                    name,
                    found,
                    samples,
                });
            }
            match term {
                Term::Factor {
                    name,
                    labels,
                    reference,
                } => {
                    let levels = ordered_levels(name, labels, reference.as_ref())?;
                    let skipped = usize::from(!all_levels);
                    all_levels = false;
                    for level in levels.iter().skip(skipped) {
                        names.push(level_column(name, level));
                        let indicator = labels.iter().map(|l| f64::from(l == level)).collect();
                        columns.push(indicator);
                    }
                }
                Term::Continuous { name, values } => {
                    if let Some(sample) = values.iter().position(|v| !v.is_finite()) {
                        return Err(DesignError::NotFinite {
                            name: name.clone(),
                            sample,
                            value: values[sample],
                        });
                    }
                    names.push(name.clone());
                    columns.push(values.clone());
                }
            }
        }
        if columns.is_empty() || samples == 0 {
            return Err(DesignError::Empty);
        }
        Ok(Self {
            matrix: Matrix::from_fn(samples, columns.len(), |i, j| columns[j][i]),
            coefficients: names,
        })
    }

    /// The columns that are linear combinations of earlier ones.
    pub fn aliased(&self) -> Vec<usize> {
        let mut aliased = PivotedQr::of_matrix(&self.matrix).aliased().to_vec();
        aliased.sort_unstable();
        aliased
    }

    /// An error naming the aliased columns unless every coefficient can be estimated.
    pub fn check_rank(&self) -> Result<(), DesignError> {
        let aliased = self.aliased();
        if aliased.is_empty() {
            return Ok(());
        }
        Err(DesignError::Confounded {
            aliased: aliased
                .into_iter()
                .map(|j| self.coefficients[j].clone())
                .collect(),
        })
    }

    /// The column named `name`.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.coefficients.iter().position(|c| c == name)
    }

    /// The column of a factor's level; `None` for the reference level or an unknown one.
    pub fn column_of_level(&self, variable: &str, level: &str) -> Option<usize> {
        self.column(&level_column(variable, level))
    }

    /// The columns that code a variable.
    pub fn columns_of(&self, variable: &str) -> Vec<usize> {
        let prefix = level_column(variable, "");
        let belongs = |name: &String| name == variable || name.starts_with(&prefix);
        (0..self.coefficients.len())
            .filter(|&j| belongs(&self.coefficients[j]))
            .collect()
    }
}

fn level_column(variable: &str, level: &str) -> String {
    format!("{variable}={level}")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn factor(name: &str, labels: &[&str], reference: Option<&str>) -> Term {
        Term::Factor {
            name: name.into(),
            labels: labels.iter().map(|&l| l.into()).collect(),
            reference: reference.map(Into::into),
        }
    }

    #[test]
    fn treatment_coding_starts_from_the_reference() {
        let terms = [
            factor("group", &["a", "b", "c", "b"], Some("b")),
            Term::Continuous {
                name: "age".into(),
                values: vec![30.0, 41.0, 52.0, 63.0],
            },
        ];
        let design = DesignMatrix::new(4, true, &terms).unwrap();
        let expected = ["(intercept)", "group=a", "group=c", "age"];
        assert_eq!(design.coefficients, expected);
        assert_eq!(design.matrix.row(2), [1.0, 0.0, 1.0, 52.0]);
        assert_eq!(design.columns_of("group"), [1, 2]);
        assert_eq!(design.column_of_level("group", "b"), None);
        let means = DesignMatrix::new(4, false, &terms).unwrap();
        assert_eq!(means.coefficients[..3], ["group=b", "group=a", "group=c"]);
    }

    #[test]
    fn names_confounded_columns() {
        let terms = [
            factor("group", &["a", "a", "b", "b"], None),
            factor("batch", &["x", "x", "y", "y"], None),
        ];
        let design = DesignMatrix::new(4, true, &terms).unwrap();
        let error = design.check_rank().unwrap_err();
        let aliased = vec!["batch=y".to_owned()];
        assert_eq!(error, DesignError::Confounded { aliased });
    }

    #[test]
    fn refuses_bad_terms() {
        let short = [factor("group", &["a"], None)];
        assert!(matches!(
            DesignMatrix::new(2, true, &short),
            Err(DesignError::Length { .. })
        ));
        let unknown = [factor("group", &["a", "b"], Some("z"))];
        assert!(matches!(
            DesignMatrix::new(2, true, &unknown),
            Err(DesignError::UnknownLevel { .. })
        ));
        let missing = [Term::Continuous {
            name: "age".into(),
            values: vec![1.0, f64::NAN],
        }];
        assert!(matches!(
            DesignMatrix::new(2, true, &missing),
            Err(DesignError::NotFinite { sample: 1, .. })
        ));
        assert_eq!(DesignMatrix::new(2, false, &[]), Err(DesignError::Empty));
    }
}
