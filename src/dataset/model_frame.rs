//! From a question about samples to the columns of a linear model: which samples enter, what is adjusted for
//! (nuisance), what is tested, which samples may be exchanged with which.
//!
//! Tools fit `[nuisance | tested]`; the decoy procedure relabels or rotates under the same frame, so that both mean
//! the same null: "unrelated to the tested columns given the nuisance columns".

use indexmap::IndexMap;
use proteus_stats::Matrix;
use proteus_stats::descriptive::quantile;
use proteus_stats::natural_spline::natural_spline_columns;

use super::{Contrast, SampleMetadata, Series, Variable, VariableValues};

/// What is tested.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// Target arm against reference arm; other levels of the variable stay in the model as nuisance.
    Contrast(Contrast),
    /// All levels of a categorical variable at once (an F test).
    Levels(String),
    /// The slope of a continuous variable.
    Continuous(String),
    /// A course of any shape over a series of times or doses (an F test over a natural spline).
    Course(String),
    /// The slope over a series of doses, each doubling alike.
    Trend(String),
}

impl Term {
    /// The variable of the sheet that is tested.
    pub fn variable(&self) -> &str {
        match self {
            Self::Contrast(contrast) => &contrast.variable,
            Self::Levels(variable)
            | Self::Continuous(variable)
            | Self::Course(variable)
            | Self::Trend(variable) => variable,
        }
    }
}

/// How samples of one block (subject, pair, donor) are handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    /// No blocks.
    None,
    /// Blocks span the arms: one nuisance column per block, labels exchanged within blocks.
    Within,
    /// Labels are constant within a block: the block is the unit of replication.
    Between,
}

/// A linear model over the columns of an abundance matrix.
#[derive(Debug, Clone)]
pub struct ModelFrame {
    /// Columns of the abundance matrix that enter, in order.
    pub columns: Vec<usize>,
    /// Intercept, other levels, covariates and blocks: samples × p.
    pub nuisance: Matrix,
    /// Names of the nuisance columns.
    pub nuisance_names: Vec<String>,
    /// Tested columns: samples × r.
    pub tested: Matrix,
    /// Names of the tested columns.
    pub tested_names: Vec<String>,
    /// Samples with the same number may exchange labels.
    pub strata: Vec<usize>,
    /// Unit of replication of each sample: labels move with whole units.
    pub units: Vec<usize>,
    /// Group of each sample by the tested variable (level, or arm); empty for a continuous variable.
    pub groups: Vec<usize>,
    /// For a contrast: 0 reference, 1 target, none for samples of other levels. Empty otherwise.
    pub arms: Vec<Option<usize>>,
    /// How blocks are handled.
    pub pairing: Pairing,
    /// Whether a nuisance column is continuous, so that relabelling within strata cannot stand for the null.
    pub continuous_nuisance: bool,
}

/// Why no model can be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// No such variable.
    #[error("no variable `{variable}` in the sample sheet; it has {known}")]
    UnknownVariable {
        /// The variable looked for.
        variable: String,
        /// The variables there are.
        known: String,
    },
    /// A label where a number was needed, or the other way round.
    #[error("variable `{variable}` is not {expected}")]
    WrongType {
        /// The variable.
        variable: String,
        /// What was expected.
        expected: &'static str,
    },
    /// An arm or level with too few samples.
    #[error("{what} has {found} samples with values, at least {needed} are needed")]
    TooFew {
        /// The arm, level or variable.
        what: String,
        /// Samples found.
        found: usize,
        /// Samples needed.
        needed: usize,
    },
    /// The tested columns are a combination of the nuisance columns.
    #[error(
        "`{tested}` cannot be told apart from {with}: every sample of one has the same value of the other"
    )]
    Confounded {
        /// The tested variable.
        tested: String,
        /// The covariates or blocks.
        with: String,
    },
}

impl ModelFrame {
    /// Builds the frame for the abundance columns named `samples`. Samples that lack the tested variable or any
    /// covariate are left out; aliased nuisance columns are dropped.
    pub fn build(
        metadata: &SampleMetadata,
        samples: &[String],
        term: &Term,
        covariates: &[String],
        blocking: Option<&str>,
    ) -> Result<Self, ModelError> {
        let position: IndexMap<&str, usize> = metadata
            .ids
            .iter()
            .enumerate()
            .map(|(i, id)| (id.as_str(), i))
            .collect();
        let variable = lookup(metadata, term.variable())?;
        let adjusted = covariates
            .iter()
            .map(|name| lookup(metadata, name))
            .collect::<Result<Vec<_>, _>>()?;
        let block = blocking.map(|name| lookup(metadata, name)).transpose()?;

        let usable = |i: usize| {
            has_value(variable, i)
                && adjusted.iter().all(|v| has_value(v, i))
                && block.is_none_or(|v| has_value(v, i))
        };
        let mut chosen: Vec<(usize, usize)> = samples
            .iter()
            .enumerate()
            .filter_map(|(column, id)| position.get(id.as_str()).map(|&i| (column, i)))
            .filter(|&(_, i)| usable(i))
            .collect();

        let mut pairing = Pairing::None;
        if let Some(block) = block {
            pairing = pairing_of(term, variable, block, &chosen);
            if pairing == Pairing::Within {
                let spanning = spanning_blocks(term, variable, block, &chosen);
                chosen.retain(|&(_, i)| label(block, i).is_some_and(|b| spanning.contains(&b)));
            }
        }
        let rows: Vec<usize> = chosen.iter().map(|&(_, i)| i).collect();
        let tested = tested_columns(term, variable, &rows)?;

        let mut nuisance = vec![("(Intercept)".to_owned(), vec![1.0; rows.len()])];
        nuisance.extend(tested.other_levels);
        let mut continuous_nuisance = false;
        for v in &adjusted {
            continuous_nuisance |= !v.is_categorical();
            nuisance.extend(covariate_columns(v, &rows));
        }
        if let (Some(block), Pairing::Within) = (block, pairing) {
            nuisance.extend(covariate_columns(block, &rows));
        }

        let mut basis: Vec<Vec<f64>> = Vec::new();
        nuisance.retain(|(_, values)| extends(&mut basis, values));
        for (_, values) in &tested.columns {
            if !extends(&mut basis, values) {
                let with = covariates
                    .iter()
                    .map(String::as_str)
                    .chain(blocking)
                    .collect::<Vec<_>>();
                return Err(ModelError::Confounded {
                    tested: term.variable().to_owned(),
                    with: if with.is_empty() {
                        "the other terms of the model".to_owned()
                    } else {
                        with.iter()
                            .map(|n| format!("`{n}`"))
                            .collect::<Vec<_>>()
                            .join(", ")
                    },
                });
            }
        }

        let strata_labels: Vec<String> = rows
            .iter()
            .enumerate()
            .map(|(k, &i)| {
                let mut parts: Vec<String> = adjusted
                    .iter()
                    .filter(|v| v.is_categorical())
                    .map(|v| label(v, i).unwrap_or_default().to_owned())
                    .collect();
                if let (Some(block), Pairing::Within) = (block, pairing) {
                    parts.push(label(block, i).unwrap_or_default().to_owned());
                }
                if let Some(None) = tested.arms.get(k) {
                    parts.push(format!("level {}", label(variable, i).unwrap_or_default()));
                }
                parts.join("\u{1f}")
            })
            .collect();
        let units = match (block, pairing) {
            (Some(block), Pairing::Between) => number_labels(
                rows.iter()
                    .map(|&i| label(block, i).unwrap_or_default().to_owned()),
            ),
            _ => (0..rows.len()).collect(),
        };
        Ok(Self {
            columns: chosen.iter().map(|&(column, _)| column).collect(),
            nuisance: Matrix::from_fn(rows.len(), nuisance.len(), |i, j| nuisance[j].1[i]),
            nuisance_names: nuisance.into_iter().map(|(name, _)| name).collect(),
            tested: Matrix::from_fn(rows.len(), tested.columns.len(), |i, j| {
                tested.columns[j].1[i]
            }),
            tested_names: tested.columns.into_iter().map(|(name, _)| name).collect(),
            strata: number_labels(strata_labels.into_iter()),
            units,
            groups: tested.groups,
            arms: tested.arms,
            pairing,
            continuous_nuisance,
        })
    }

    /// Nuisance columns, then tested columns: the design to fit.
    pub fn design(&self) -> Matrix {
        let p = self.nuisance.cols();
        Matrix::from_fn(self.nuisance.rows(), p + self.tested.cols(), |i, j| {
            if j < p {
                self.nuisance.get(i, j)
            } else {
                self.tested.get(i, j - p)
            }
        })
    }

    /// Residual degrees of freedom of a complete row.
    pub fn residual_df(&self) -> usize {
        self.columns
            .len()
            .saturating_sub(self.nuisance.cols() + self.tested.cols())
    }

    /// Positions (in `columns`) of the reference and of the target arm; empty unless the term is a contrast.
    pub fn arm_positions(&self) -> (Vec<usize>, Vec<usize>) {
        let of = |arm: usize| {
            (0..self.arms.len())
                .filter(|&i| self.arms[i] == Some(arm))
                .collect()
        };
        (of(0), of(1))
    }
}

/// Intercept and covariates over the abundance columns named `samples`, for tests of something that is no variable of the
/// sheet: the columns that enter (those with a value of every covariate), the design over them (aliased columns dropped), and
/// a number per column such that samples of the same number agree in every categorical covariate.
///
/// # Errors
/// A covariate is not in the sheet.
pub fn nuisance_columns(
    metadata: &SampleMetadata,
    samples: &[String],
    covariates: &[String],
) -> Result<(Vec<usize>, Matrix, Vec<usize>), ModelError> {
    let adjusted = covariates
        .iter()
        .map(|name| lookup(metadata, name))
        .collect::<Result<Vec<_>, _>>()?;
    let chosen: Vec<(usize, usize)> = samples
        .iter()
        .enumerate()
        .filter_map(|(column, id)| {
            let row = metadata.ids.iter().position(|known| known == id)?;
            Some((column, row))
        })
        .filter(|&(_, row)| adjusted.iter().all(|v| has_value(v, row)))
        .collect();
    let rows: Vec<usize> = chosen.iter().map(|&(_, row)| row).collect();
    let mut nuisance = vec![("(Intercept)".to_owned(), vec![1.0; rows.len()])];
    for variable in &adjusted {
        nuisance.extend(covariate_columns(variable, &rows));
    }
    let mut basis: Vec<Vec<f64>> = Vec::new();
    nuisance.retain(|(_, values)| extends(&mut basis, values));
    let strata = number_labels(rows.iter().map(|&row| {
        let labels = adjusted
            .iter()
            .filter(|v| v.is_categorical())
            .map(|v| label(v, row).unwrap_or_default());
        labels.collect::<Vec<_>>().join("\u{1f}")
    }));
    let design = Matrix::from_fn(rows.len(), nuisance.len(), |i, j| nuisance[j].1[i]);
    Ok((
        chosen.into_iter().map(|(column, _)| column).collect(),
        design,
        strata,
    ))
}

struct Tested {
    columns: Vec<(String, Vec<f64>)>,
    other_levels: Vec<(String, Vec<f64>)>,
    groups: Vec<usize>,
    arms: Vec<Option<usize>>,
}

fn tested_columns(term: &Term, variable: &Variable, rows: &[usize]) -> Result<Tested, ModelError> {
    match term {
        Term::Contrast(contrast) => {
            let arms: Vec<Option<usize>> = rows
                .iter()
                .map(|&i| arm_of(contrast, label(variable, i)))
                .collect();
            for (arm, side) in [(0, &contrast.reference), (1, &contrast.target)] {
                let found = arms.iter().filter(|a| **a == Some(arm)).count();
                if found == 0 {
                    return Err(ModelError::TooFew {
                        what: format!("arm `{}` of `{}`", side.label, contrast.id),
                        found,
                        needed: 1,
                    });
                }
            }
            let others: Vec<&str> = distinct(
                rows.iter()
                    .zip(&arms)
                    .filter(|(_, arm)| arm.is_none())
                    .filter_map(|(&i, _)| label(variable, i)),
            );
            let groups = rows
                .iter()
                .zip(&arms)
                .map(|(&i, arm)| {
                    arm.unwrap_or_else(|| {
                        2 + others
                            .iter()
                            .position(|o| Some(*o) == label(variable, i))
                            .unwrap_or(0)
                    })
                })
                .collect();
            Ok(Tested {
                columns: vec![(
                    contrast.id.clone(),
                    arms.iter()
                        .map(|a| f64::from(u8::from(*a == Some(1))))
                        .collect(),
                )],
                other_levels: others
                    .iter()
                    .map(|level| {
                        let column = rows
                            .iter()
                            .map(|&i| f64::from(u8::from(label(variable, i) == Some(*level))))
                            .collect();
                        (format!("{}={level}", variable.name), column)
                    })
                    .collect(),
                groups,
                arms,
            })
        }
        Term::Levels(name) => {
            if !variable.is_categorical() {
                return Err(ModelError::WrongType {
                    variable: name.clone(),
                    expected: "a label with levels",
                });
            }
            let levels: Vec<&str> = variable
                .levels()
                .iter()
                .map(String::as_str)
                .filter(|level| rows.iter().any(|&i| label(variable, i) == Some(*level)))
                .collect();
            if levels.len() < 2 {
                return Err(ModelError::TooFew {
                    what: format!("`{name}` (levels)"),
                    found: levels.len(),
                    needed: 2,
                });
            }
            let groups: Vec<usize> = rows
                .iter()
                .map(|&i| {
                    levels
                        .iter()
                        .position(|l| Some(*l) == label(variable, i))
                        .unwrap_or(0)
                })
                .collect();
            Ok(Tested {
                columns: levels
                    .iter()
                    .enumerate()
                    .skip(1)
                    .map(|(k, level)| {
                        let column = groups
                            .iter()
                            .map(|&g| f64::from(u8::from(g == k)))
                            .collect();
                        (format!("{name}={level}"), column)
                    })
                    .collect(),
                other_levels: Vec::new(),
                groups,
                arms: Vec::new(),
            })
        }
        Term::Course(name) | Term::Trend(name) => {
            series_columns(name, variable, rows, matches!(term, Term::Course(_)))
        }
        Term::Continuous(name) => {
            let Some(numbers) = variable.numbers() else {
                return Err(ModelError::WrongType {
                    variable: name.clone(),
                    expected: "a number",
                });
            };
            if rows.len() < 4 {
                return Err(ModelError::TooFew {
                    what: format!("`{name}`"),
                    found: rows.len(),
                    needed: 4,
                });
            }
            let values = centred(
                rows.iter()
                    .map(|&i| numbers[i].unwrap_or(f64::NAN))
                    .collect(),
            );
            Ok(Tested {
                columns: vec![(name.clone(), values)],
                other_levels: Vec::new(),
                groups: Vec::new(),
                arms: Vec::new(),
            })
        }
    }
}

/// Degrees of freedom of a course: enough for a rise and a return.
const COURSE_DF: usize = 3;

/// Columns over a series: a natural spline with knots at even quantiles of its points, or the position alone.
fn series_columns(
    name: &str,
    variable: &Variable,
    rows: &[usize],
    course: bool,
) -> Result<Tested, ModelError> {
    let whole = Series::of(&variable.subset(rows)).ok_or_else(|| ModelError::WrongType {
        variable: name.to_owned(),
        expected: "a series of four or more times or doses",
    })?;
    let at: Vec<f64> = whole
        .positions
        .iter()
        .map(|p| p.unwrap_or(f64::NAN))
        .collect();
    let columns = if course {
        let points: Vec<f64> = whole.points.iter().map(|p| p.0).collect();
        let inner = COURSE_DF.min(points.len() - 1);
        let knots: Vec<f64> = (0..=inner)
            .map(|k| quantile(&points, k as f64 / inner as f64))
            .collect();
        natural_spline_columns(&at, &knots)
            .into_iter()
            .enumerate()
            .map(|(k, column)| (format!("{name}:{}", k + 1), centred(column)))
            .collect()
    } else {
        vec![(name.to_owned(), centred(at))]
    };
    let groups = if variable.is_categorical() {
        number_labels(
            rows.iter()
                .map(|&i| label(variable, i).unwrap_or_default().to_owned()),
        )
    } else {
        Vec::new()
    };
    Ok(Tested {
        columns,
        other_levels: Vec::new(),
        groups,
        arms: Vec::new(),
    })
}

fn covariate_columns(variable: &Variable, rows: &[usize]) -> Vec<(String, Vec<f64>)> {
    match &variable.values {
        VariableValues::Continuous { values } => {
            let column = centred(
                rows.iter()
                    .map(|&i| values[i].unwrap_or(f64::NAN))
                    .collect(),
            );
            vec![(variable.name.clone(), column)]
        }
        VariableValues::Categorical { levels, .. } => levels
            .iter()
            .skip(1)
            .map(|level| {
                let column = rows
                    .iter()
                    .map(|&i| f64::from(u8::from(label(variable, i) == Some(level))))
                    .collect();
                (format!("{}={level}", variable.name), column)
            })
            .collect(),
    }
}

fn pairing_of(
    term: &Term,
    variable: &Variable,
    block: &Variable,
    chosen: &[(usize, usize)],
) -> Pairing {
    let mut members: IndexMap<&str, Vec<usize>> = IndexMap::new();
    for &(_, i) in chosen {
        if let Some(b) = label(block, i) {
            members.entry(b).or_default().push(i);
        }
    }
    if members.values().all(|m| m.len() == 1) {
        return Pairing::None;
    }
    let spanning = spanning_blocks(term, variable, block, chosen);
    if spanning.is_empty() {
        Pairing::Between
    } else {
        Pairing::Within
    }
}

/// Blocks whose samples differ in the tested variable.
fn spanning_blocks<'v>(
    term: &Term,
    variable: &Variable,
    block: &'v Variable,
    chosen: &[(usize, usize)],
) -> Vec<&'v str> {
    let value = |i: usize| -> Option<String> {
        match term {
            Term::Contrast(contrast) => arm_of(contrast, label(variable, i)).map(|a| a.to_string()),
            Term::Levels(_) => label(variable, i).map(str::to_owned),
            Term::Course(_) | Term::Trend(_) if variable.is_categorical() => {
                label(variable, i).map(str::to_owned)
            }
            Term::Continuous(_) | Term::Course(_) | Term::Trend(_) => {
                variable.numbers().and_then(|n| n[i]).map(|x| x.to_string())
            }
        }
    };
    let mut values: IndexMap<&str, Vec<String>> = IndexMap::new();
    for &(_, i) in chosen {
        if let (Some(b), Some(v)) = (label(block, i), value(i)) {
            let seen = values.entry(b).or_default();
            if !seen.contains(&v) {
                seen.push(v);
            }
        }
    }
    values
        .into_iter()
        .filter(|(_, v)| v.len() > 1)
        .map(|(b, _)| b)
        .collect()
}

fn lookup<'m>(metadata: &'m SampleMetadata, name: &str) -> Result<&'m Variable, ModelError> {
    metadata
        .variables
        .get(name)
        .ok_or_else(|| ModelError::UnknownVariable {
            variable: name.to_owned(),
            known: metadata
                .variables
                .keys()
                .map(|k| format!("`{k}`"))
                .collect::<Vec<_>>()
                .join(", "),
        })
}

fn has_value(variable: &Variable, sample: usize) -> bool {
    match &variable.values {
        VariableValues::Categorical { codes, .. } => codes[sample].is_some(),
        VariableValues::Continuous { values } => values[sample].is_some_and(f64::is_finite),
    }
}

fn label(variable: &Variable, sample: usize) -> Option<&str> {
    variable.group_of(sample)
}

fn arm_of(contrast: &Contrast, label: Option<&str>) -> Option<usize> {
    let label = label?;
    if contrast.reference.levels.iter().any(|l| l == label) {
        Some(0)
    } else if contrast.target.levels.iter().any(|l| l == label) {
        Some(1)
    } else {
        None
    }
}

fn distinct<'a>(labels: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for label in labels {
        if !seen.contains(&label) {
            seen.push(label);
        }
    }
    seen
}

fn number_labels(labels: impl Iterator<Item = String>) -> Vec<usize> {
    let mut seen: IndexMap<String, usize> = IndexMap::new();
    labels
        .map(|label| {
            let next = seen.len();
            *seen.entry(label).or_insert(next)
        })
        .collect()
}

fn centred(values: Vec<f64>) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    values.into_iter().map(|v| v - mean).collect()
}

/// Adds the part of `column` orthogonal to `basis` to it; false if nothing of it is left.
fn extends(basis: &mut Vec<Vec<f64>>, column: &[f64]) -> bool {
    let norm = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
    let scale = norm(column);
    let mut rest = column.to_vec();
    // Twice, because one pass of Gram–Schmidt loses orthogonality on nearly aliased columns.
    for _ in 0..2 {
        for b in basis.iter() {
            let dot: f64 = b.iter().zip(&rest).map(|(x, y)| x * y).sum();
            for (r, x) in rest.iter_mut().zip(b) {
                *r -= dot * x;
            }
        }
    }
    let left = norm(&rest);
    if left <= 1e-8 * scale || left.is_nan() || scale == 0.0 {
        return false;
    }
    basis.push(rest.into_iter().map(|x| x / left).collect());
    true
}
