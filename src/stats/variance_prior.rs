//! Squeezes residual variances towards a common or trended prior estimated from all features (limma `squeezeVar`).
//!
//! Model: s² given σ² is σ² χ²_df / df, and 1/σ² is χ²_d0 / (d0 s0²), so s²/s0² follows F(df, d0). Smyth 2004
//! (doi:10.2202/1544-6115.1027); robust: Phipson et al. 2016 (doi:10.1214/16-AOAS920). limma has two estimators of
//! (d0, s0²); both are here, see [`HyperparameterMethod`]. Variances are on the squared log2 scale.
//! Agreement with limma: legacy 1e-9 relative, robust 1e-6, unequal-df 1e-5 (its optimiser stops early, and so does ours).

mod log_moments;
mod unequal_df;
mod winsorized;

/// How the prior degrees of freedom and variance are estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HyperparameterMethod {
    /// limma since 3.61: maximum likelihood where residual degrees of freedom differ between features, else as legacy.
    #[default]
    UnequalDf,
    /// limma up to 3.60: moments of log variances.
    Legacy,
}

/// Settings of the variance prior; the defaults are limma's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriorOptions {
    /// The estimator.
    pub method: HyperparameterMethod,
    /// Whether outlying variances keep out of the prior and are squeezed less.
    pub robust: bool,
    /// Tail shares (lower, upper) that the legacy robust estimator winsorizes.
    pub winsor_tail_p: (f64, f64),
}

impl Default for PriorOptions {
    fn default() -> Self {
        Self {
            method: HyperparameterMethod::default(),
            robust: false,
            winsor_tail_p: (0.05, 0.1),
        }
    }
}

/// Squeezed variances, one per feature.
#[derive(Debug, Clone, PartialEq)]
pub struct SqueezedVariance {
    /// Prior variance s0²; differs between features when trended.
    pub prior_variance: Vec<f64>,
    /// Prior degrees of freedom d0, possibly ∞; differs between features when robust.
    pub prior_df: Vec<f64>,
    /// (df s² + d0 s0²) / (df + d0).
    pub posterior_variance: Vec<f64>,
    /// The estimator that ran: [`HyperparameterMethod::UnequalDf`] falls back to legacy where degrees of freedom are equal.
    pub method: HyperparameterMethod,
}

/// Why variances cannot be squeezed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum VariancePriorError {
    /// Variances, degrees of freedom and trend covariate differ in number.
    #[error("{variances} variances with {found} {what}")]
    Lengths {
        /// Number of variances.
        variances: usize,
        /// `degrees of freedom` or `trend covariates`.
        what: &'static str,
        /// Their number.
        found: usize,
    },
    /// The trend covariate is missing for a feature.
    #[error(
        "the trend covariate is `{value}` for feature {feature}\nhint: leave out features that were never observed"
    )]
    Covariate {
        /// Zero-based feature.
        feature: usize,
        /// What was found.
        value: f64,
    },
    /// Too few features with residual degrees of freedom and positive variance.
    #[error(
        "the variance prior cannot be estimated from {informative} informative variances\nhint: at least 2 features need residual degrees of freedom, which takes replicates"
    )]
    TooFew {
        /// Features with residual degrees of freedom and a variance above 0.
        informative: usize,
    },
}

/// The prior as fitted: a scale per feature or one for all, and degrees of freedom.
struct Prior {
    scale: Vec<f64>,
    df: f64,
    /// Degrees of freedom per feature where outliers get fewer.
    shrunk_df: Option<Vec<f64>>,
}

impl Prior {
    fn undefined() -> Self {
        Self {
            scale: vec![f64::NAN],
            df: f64::NAN,
            shrunk_df: None,
        }
    }

    fn scale_at(&self, i: usize) -> f64 {
        if self.scale.len() == 1 {
            self.scale[0]
        } else {
            self.scale[i]
        }
    }
}

/// Squeezes `variance` with `df` residual degrees of freedom each; with a `covariate` (mean log2 abundance) the prior follows a trend in it.
///
/// A variance without degrees of freedom is ignored and becomes the prior variance. Fewer than three variances are not squeezed (d0 = 0).
pub fn squeeze_variance(
    variance: &[f64],
    df: &[f64],
    covariate: Option<&[f64]>,
    options: PriorOptions,
) -> Result<SqueezedVariance, VariancePriorError> {
    let n = variance.len();
    let lengths = [
        ("degrees of freedom", df.len()),
        ("trend covariates", covariate.map_or(n, <[f64]>::len)),
    ];
    for (what, found) in lengths {
        if found != n {
            return Err(VariancePriorError::Lengths {
                variances: n,
                what,
                found,
            });
        }
    }
    let unknown = covariate.and_then(|c| c.iter().position(|v| !v.is_finite()).map(|i| (i, c[i])));
    if let Some((feature, value)) = unknown {
        return Err(VariancePriorError::Covariate { feature, value });
    }
    if n < 3 {
        return Ok(SqueezedVariance {
            prior_variance: variance.to_vec(),
            prior_df: vec![0.0; n],
            posterior_variance: variance.to_vec(),
            method: HyperparameterMethod::Legacy,
        });
    }
    let usable: Vec<f64> = variance
        .iter()
        .zip(df)
        .map(|(&v, &d)| if d == 0.0 { 0.0 } else { v })
        .collect();
    let mut positive = df.iter().copied().filter(|&d| d > 0.0);
    let equal = positive
        .next()
        .is_none_or(|first| positive.all(|d| d == first));
    let method = if equal {
        HyperparameterMethod::Legacy
    } else {
        options.method
    };
    let prior = match method {
        HyperparameterMethod::UnequalDf => unequal_df::fit(&usable, df, covariate, options.robust),
        HyperparameterMethod::Legacy if options.robust => {
            winsorized::fit(&usable, df, covariate, options.winsor_tail_p)
        }
        HyperparameterMethod::Legacy => log_moments::fit(&usable, df, covariate),
    };
    if prior.df.is_nan() || prior.scale.iter().any(|s| s.is_nan()) {
        let informative = usable
            .iter()
            .zip(df)
            .filter(|&(&v, &d)| d > 0.0 && v > 0.0)
            .count();
        return Err(VariancePriorError::TooFew { informative });
    }
    let prior_variance: Vec<f64> = (0..n).map(|i| prior.scale_at(i)).collect();
    let prior_df = prior.shrunk_df.unwrap_or_else(|| vec![prior.df; n]);
    let posterior_variance = (0..n)
        .map(|i| posterior(usable[i], df[i], prior_variance[i], prior_df[i]))
        .collect();
    Ok(SqueezedVariance {
        prior_variance,
        prior_df,
        posterior_variance,
        method,
    })
}

fn posterior(variance: f64, df: f64, prior_variance: f64, prior_df: f64) -> f64 {
    if prior_df.is_infinite() {
        prior_variance
    } else {
        (df * variance + prior_df * prior_variance) / (df + prior_df)
    }
}

/// Prior degrees of freedom of right outliers, from each feature's probability of being none.
///
/// The most extreme feature gets the degrees of freedom under which it would be the median; others lie between that
/// and `df` by probability, and never fall as the tail probability rises. `median_tail(d)` is the log tail probability of
/// the most extreme statistic under d degrees of freedom.
fn shrink_outliers(
    ln_tail: &[f64],
    not_outlier: &[f64],
    df: f64,
    median_tail: impl Fn(f64) -> f64,
) -> Vec<f64> {
    let smallest = ln_tail.iter().copied().fold(f64::INFINITY, f64::min);
    let outlier_df = if smallest == f64::NEG_INFINITY {
        0.0
    } else {
        let half = 0.5f64.ln();
        let first = half / smallest * df;
        half / median_tail(first) * first
    };
    let mut shrunk: Vec<f64> = not_outlier
        .iter()
        .map(|&p| p * df + (1.0 - p) * outlier_df)
        .collect();
    let mut order: Vec<usize> = (0..shrunk.len()).collect();
    order.sort_by(|&a, &b| ln_tail[a].total_cmp(&ln_tail[b]));
    let mut sum = 0.0;
    let mut lowest = (f64::INFINITY, 0);
    for (at, &i) in order.iter().enumerate() {
        sum += shrunk[i];
        let mean = sum / (at + 1) as f64;
        if mean < lowest.0 {
            lowest = (mean, at);
        }
    }
    let mut highest = f64::NEG_INFINITY;
    for (at, &i) in order.iter().enumerate() {
        let value = if at <= lowest.1 { lowest.0 } else { shrunk[i] };
        highest = highest.max(value);
        shrunk[i] = highest;
    }
    shrunk
}

#[cfg(test)]
mod tests;
