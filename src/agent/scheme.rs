//! How decoys of an objective are made: which exchange of labels or rotation of residuals stands for its null.

use proteus_stats::Matrix;
use proteus_stats::linear_model;
use proteus_stats::moderated::{ModerationOptions, moderate};
use proteus_stats::relabelling::UnitLabels;
use proteus_stats::rotation::RotationModel;
use proteus_stats::unequal_variance::pooled_variance_ratio;

use crate::dataset::{
    ModelFrame, Pairing, SampleMetadata, Term, Variable, VariableValues, nuisance_columns,
};
use crate::discovery::Objective;
use crate::tool::Abundance;

/// Relabellings below which exchanging labels cannot resolve a p-value.
const FEW_RELABELLINGS: f64 = 200.0;
/// Pairs below which exchanging labels within pairs cannot.
const FEW_PAIRS: usize = 9;
/// Ratio of pooled variances between arms from which residuals are whitened by arm and rotated.
const UNEQUAL_VARIANCE: f64 = 1.5;

/// Seed of the residuals drawn for missing cells: part of the prepared data, not of a decoy.
const FILL_SEED: u64 = 1;

/// A way of making decoys, with its words for the report.
#[derive(Debug, Clone)]
pub enum Scheme {
    /// Labels move between units of one stratum.
    Relabel(Relabelling),
    /// The tested effect is removed and the residuals are rotated.
    Rotate(Box<Rotation>),
    /// Whole rows of the sample sheet move between samples.
    ShuffleSheet {
        /// Number of samples.
        samples: usize,
    },
    /// Whole samples of the partner's matrix trade places within strata.
    ExchangePartner {
        /// Columns of the partner's matrix that trade places.
        columns: Vec<usize>,
        /// Stratum of each of them.
        strata: Vec<usize>,
    },
    /// No valid decoy exists.
    None {
        /// Why.
        reason: String,
    },
}

/// Labels of a tested variable, exchangeable between units within strata.
#[derive(Debug, Clone)]
pub struct Relabelling {
    variable: String,
    /// Position in the sample sheet of each sample of the frame.
    sheet_rows: Vec<usize>,
    units: UnitLabels,
    words: String,
}

/// An effect-removed rotation of the columns of one matrix.
#[derive(Debug, Clone)]
pub struct Rotation {
    columns: Vec<usize>,
    engine: proteus_stats::rotation::Rotation,
    words: String,
}

impl Scheme {
    /// Decoys of label-reading linear-model claims. `matrix` is the one the tests will see.
    pub fn for_labels(
        frame: &ModelFrame,
        term: &Term,
        metadata: &SampleMetadata,
        matrix: &Abundance,
    ) -> Self {
        let df = frame.residual_df();
        if df < 2 {
            return Self::None {
                reason: format!(
                    "{df} residual degrees of freedom: no inference is possible below 2"
                ),
            };
        }
        let relabelling = Relabelling::new(frame, term, metadata, matrix);
        if frame.pairing == Pairing::Between {
            return match relabelling {
                Some(r) if r.units.distinct() >= FEW_RELABELLINGS => Self::Relabel(r),
                Some(r) => Self::None {
                    reason: format!(
                        "labels are constant within {} blocks, which allow only {} relabellings",
                        r.units.units(),
                        r.units.distinct()
                    ),
                },
                None => Self::None {
                    reason: "labels are constant within blocks that cannot be exchanged".to_owned(),
                },
            };
        }
        let y = matrix.values.select_columns(&frame.columns);
        let scale = unequal_scale(&y, frame);
        if scale.is_none() && !frame.continuous_nuisance {
            let enough_pairs =
                frame.pairing != Pairing::Within || distinct_count(&frame.strata) >= FEW_PAIRS;
            if let Some(r) =
                relabelling.filter(|r| enough_pairs && r.units.distinct() >= FEW_RELABELLINGS)
            {
                return Self::Relabel(r);
            }
        }
        match rotation(&y, frame, scale.as_deref()) {
            Ok(engine) => {
                let unequal = if scale.is_some() {
                    " after whitening by group (unequal variances)"
                } else {
                    ""
                };
                Self::Rotate(Box::new(Rotation {
                    columns: frame.columns.clone(),
                    engine,
                    words: format!(
                        "the tested effect was removed and the residuals ({df} degrees of freedom) were rotated{unequal}; rests on normal residuals"
                    ),
                }))
            }
            Err(reason) => Self::None { reason },
        }
    }

    /// Decoys of detection claims: labels exchanged, detection columns kept whole.
    pub fn for_detection(
        frame: &ModelFrame,
        term: &Term,
        metadata: &SampleMetadata,
        matrix: &Abundance,
    ) -> Self {
        match Relabelling::new(frame, term, metadata, matrix) {
            Some(r) if r.units.distinct() >= FEW_RELABELLINGS => Self::Relabel(r),
            Some(r) => Self::None {
                reason: format!(
                    "only {} relabellings: an exact test of detection cannot reach significance",
                    r.units.distinct()
                ),
            },
            None => Self::None {
                reason: "the tested variable has no labels to exchange".to_owned(),
            },
        }
    }

    /// The exchange of labels behind a test that counts every split of the samples itself: no decoys are drawn with it, it
    /// only serves to list what is tested. None where samples may not simply change places.
    pub fn for_enumeration(
        frame: &ModelFrame,
        term: &Term,
        metadata: &SampleMetadata,
        matrix: &Abundance,
        covariates: &[String],
    ) -> Self {
        if frame.pairing != Pairing::None || !covariates.is_empty() {
            return Self::None {
                reason: "counting every split of the samples takes them as exchangeable, which blocks or covariates forbid"
                    .to_owned(),
            };
        }
        match Relabelling::new(frame, term, metadata, matrix) {
            Some(mut relabelling) => {
                relabelling.words = format!(
                    "none drawn: the test itself counts the splits of the samples ({} distinct)",
                    count_words(relabelling.units.distinct())
                );
                Self::Relabel(relabelling)
            }
            None => Self::None {
                reason: "the tested variable has no labels to exchange".to_owned(),
            },
        }
    }

    /// Decoys of claims about outside variables of a label-blind structure.
    pub fn for_outside_variable(metadata: &SampleMetadata) -> Self {
        Self::ShuffleSheet {
            samples: metadata.len(),
        }
    }

    /// Decoys of claims about a row and its partner in another assay: what is known of a sample there, all genes together,
    /// goes to another sample with the same categorical covariates.
    pub fn for_partner(
        partner: &Abundance,
        metadata: &SampleMetadata,
        objective: &Objective,
    ) -> Self {
        let known =
            |j: &usize| (0..partner.values.rows()).any(|i| !partner.values.get(i, *j).is_nan());
        let held: Vec<usize> = (0..partner.samples.len()).filter(known).collect();
        let names: Vec<String> = held.iter().map(|&j| partner.samples[j].clone()).collect();
        let (kept, _, strata) = match nuisance_columns(metadata, &names, &objective.covariates) {
            Ok(columns) => columns,
            Err(error) => {
                return Self::None {
                    reason: error.to_string(),
                };
            }
        };
        let columns: Vec<usize> = kept.iter().map(|&k| held[k]).collect();
        let units: Vec<usize> = (0..columns.len()).collect();
        match UnitLabels::new(&units, &units, &strata) {
            Ok(labels) if labels.distinct() >= FEW_RELABELLINGS => {
                Self::ExchangePartner { columns, strata }
            }
            Ok(labels) => Self::None {
                reason: format!(
                    "{} samples in both assays allow only {} exchanges",
                    columns.len(),
                    labels.distinct()
                ),
            },
            Err(error) => Self::None {
                reason: error.to_string(),
            },
        }
    }

    /// How decoys were made, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Relabel(r) => r.words.clone(),
            Self::Rotate(r) => r.words.clone(),
            Self::ShuffleSheet { samples } => {
                format!("rows of the sample sheet were exchanged between all {samples} samples")
            }
            Self::ExchangePartner { columns, strata } => {
                let within = match distinct_count(strata) {
                    0 | 1 => String::new(),
                    n => format!(" within {n} strata"),
                };
                format!(
                    "what the other assay holds of a sample was exchanged, all genes together, between {} samples{within}",
                    columns.len()
                )
            }
            Self::None { reason } => format!("none: {reason}"),
        }
    }

    /// Distinct relabellings, where labels are exchanged.
    pub fn relabellings(&self) -> Option<f64> {
        match self {
            Self::Relabel(r) => Some(r.units.distinct()),
            _ => None,
        }
    }

    /// Whether there are decoys at all.
    pub fn is_valid(&self) -> bool {
        !matches!(self, Self::None { .. })
    }

    /// Whether the decoys rest on normal residuals.
    pub fn rests_on_normality(&self) -> bool {
        matches!(self, Self::Rotate(_))
    }

    /// The sample sheet of decoy `seed`; none where labels stay.
    pub fn sheet(&self, metadata: &SampleMetadata, seed: u64) -> Option<SampleMetadata> {
        match self {
            Self::Relabel(r) => Some(r.apply(metadata, seed)),
            Self::ShuffleSheet { samples } => {
                let order = shuffled(*samples, seed);
                let mut sheet = metadata.subset(&order);
                sheet.ids.clone_from(&metadata.ids);
                Some(sheet)
            }
            Self::Rotate(_) | Self::ExchangePartner { .. } | Self::None { .. } => None,
        }
    }

    /// The matrix of decoy `seed`; none where values stay.
    pub fn matrix(&self, original: &Abundance, seed: u64) -> Option<Abundance> {
        if let Self::ExchangePartner { columns, strata } = self {
            return Some(exchanged(original, columns, strata, seed));
        }
        let Self::Rotate(rotation) = self else {
            return None;
        };
        let decoy = rotation.engine.decoy(seed);
        let mut values = original.values.clone();
        for i in 0..values.rows() {
            let row = values.row_mut(i);
            for (value, &j) in decoy.row(i).iter().zip(&rotation.columns) {
                row[j] = *value;
            }
        }
        Some(original.with_values(values))
    }
}

impl Relabelling {
    fn new(
        frame: &ModelFrame,
        term: &Term,
        metadata: &SampleMetadata,
        matrix: &Abundance,
    ) -> Option<Self> {
        let sheet_rows: Vec<usize> = frame
            .columns
            .iter()
            .map(|&j| metadata.ids.iter().position(|id| *id == matrix.samples[j]))
            .collect::<Option<_>>()?;
        // Values of a continuous variable move like labels: every sample's own value is one.
        let labels: Vec<usize> = if frame.groups.is_empty() {
            (0..sheet_rows.len()).collect()
        } else {
            frame.groups.clone()
        };
        let units = UnitLabels::new(&frame.units, &labels, &frame.strata).ok()?;
        let strata = distinct_count(&frame.strata);
        let what = match frame.pairing {
            Pairing::Within => format!("the labels were exchanged within {strata} blocks"),
            Pairing::Between => format!(
                "the labels of {} whole blocks were exchanged",
                units.units()
            ),
            Pairing::None if strata > 1 => {
                format!("the labels were exchanged between samples within {strata} strata")
            }
            Pairing::None => format!(
                "the labels were exchanged between {} samples",
                sheet_rows.len()
            ),
        };
        Some(Self {
            variable: term.variable().to_owned(),
            sheet_rows,
            words: format!(
                "{what} ({} distinct relabellings)",
                count_words(units.distinct())
            ),
            units,
        })
    }

    fn apply(&self, metadata: &SampleMetadata, seed: u64) -> SampleMetadata {
        let mut sheet = metadata.clone();
        let Some(variable) = sheet.variables.get_mut(&self.variable) else {
            return sheet;
        };
        let sources = self.units.shuffled_sources(seed);
        relabel(variable, &self.sheet_rows, &sources);
        sheet
    }
}

/// Gives the sample at `rows[k]` the value of the sample at `rows[sources[k]]`.
fn relabel(variable: &mut Variable, rows: &[usize], sources: &[usize]) {
    match &mut variable.values {
        VariableValues::Categorical { codes, .. } => {
            let before = codes.clone();
            for (&row, &source) in rows.iter().zip(sources) {
                codes[row] = before[rows[source]];
            }
        }
        VariableValues::Continuous { values } => {
            let before = values.clone();
            for (&row, &source) in rows.iter().zip(sources) {
                values[row] = before[rows[source]];
            }
        }
    }
}

/// The matrix with the given columns exchanged within strata.
fn exchanged(original: &Abundance, columns: &[usize], strata: &[usize], seed: u64) -> Abundance {
    let mut members: std::collections::BTreeMap<usize, Vec<usize>> =
        std::collections::BTreeMap::new();
    for (&column, &stratum) in columns.iter().zip(strata) {
        members.entry(stratum).or_default().push(column);
    }
    let mut source: Vec<usize> = (0..original.values.cols()).collect();
    for (stratum, list) in members {
        let order = shuffled(list.len(), seed.wrapping_add(stratum as u64));
        for (&to, from) in list.iter().zip(order) {
            source[to] = list[from];
        }
    }
    original.with_values(original.values.select_columns(&source))
}

fn shuffled(n: usize, seed: u64) -> Vec<usize> {
    use rand::SeedableRng;
    use rand::seq::SliceRandom;
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(&mut rand_chacha::ChaCha8Rng::seed_from_u64(seed));
    order
}

fn distinct_count(labels: &[usize]) -> usize {
    labels
        .iter()
        .collect::<std::collections::BTreeSet<_>>()
        .len()
}

fn count_words(count: f64) -> String {
    if count < 1e6 {
        format!("{count:.0}")
    } else {
        "over a million".to_owned()
    }
}

/// A rotation of `y` under the frame, missing cells filled from the posterior variances of the fitted model.
fn rotation(
    y: &Matrix,
    frame: &ModelFrame,
    scale: Option<&[f64]>,
) -> Result<proteus_stats::rotation::Rotation, String> {
    let fit = linear_model::fit(y, &frame.design()).map_err(|e| e.to_string())?;
    let moderated = moderate(fit, ModerationOptions::default()).map_err(|e| e.to_string())?;
    let posterior = &moderated.variance.posterior_variance;
    let typical = proteus_stats::descriptive::median(posterior);
    let variance: Vec<f64> = posterior
        .iter()
        .map(|v| if v.is_finite() { *v } else { typical })
        .collect();
    let model = RotationModel {
        nuisance: &frame.nuisance,
        tested: &frame.tested,
        sample_scale: scale,
        blocks: None,
    };
    proteus_stats::rotation::Rotation::new(y, model, &variance, FILL_SEED)
        .map_err(|e| e.to_string())
}

/// Per-sample scale when the groups' pooled variances differ by more than [`UNEQUAL_VARIANCE`]; none otherwise.
fn unequal_scale(y: &Matrix, frame: &ModelFrame) -> Option<Vec<f64>> {
    if frame.groups.is_empty() {
        return None;
    }
    let spread = pooled_variance_ratio(y, &frame.groups);
    (spread.ratio > UNEQUAL_VARIANCE).then_some(spread.sample_scale)
}
