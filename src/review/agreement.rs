//! How far reviewers agree with each other and with the engine.

use proteus_stats::Matrix;
use proteus_stats::agreement::{
    Metric, Undefined, bradley_terry, intraclass_correlation, krippendorff_alpha, quadratic_kappa,
};
use proteus_stats::correlation::spearman;
use proteus_stats::descriptive::{mean, observed};
use proteus_stats::hypothesis_tests::TestError;
use serde::Serialize;

use super::comparisons::margin;
use super::record::{Axis, Review};
use super::{ReviewError, ReviewedRun};
use crate::report::text::count;

/// Confidence level of intervals.
const LEVEL: f64 = 0.95;
/// Rate of the weak tie between every two hypotheses that keeps the strengths finite.
const WEAK_TIE: f64 = 0.1;
/// Difference of two scores from which on reviewers are said to disagree.
const GAP: u8 = 2;

/// A number, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measure {
    /// The number.
    pub value: Option<f64>,
    /// Its 95 % interval, where the measure has one.
    pub interval: Option<[f64; 2]>,
    /// Hypotheses it rests on.
    pub hypotheses: usize,
    /// Why there is no number.
    pub undefined: Option<String>,
}

/// Why there is no number, in the words of a review.
fn words(why: Undefined) -> String {
    match why {
        Undefined::TooFewRaters { found } => format!(
            "{} scored it, at least 2 are needed",
            count(found, "reviewer", "reviewers")
        ),
        Undefined::TooFewUnits {
            ratings,
            found,
            needed,
        } => format!(
            "{} with {ratings}, at least {needed} are needed",
            count(found, "hypothesis", "hypotheses")
        ),
        other => other.to_string(),
    }
}

impl Measure {
    fn of(found: Result<f64, Undefined>, hypotheses: usize) -> Self {
        let (value, undefined) = match found {
            Ok(value) => (Some(value), None),
            Err(why) => (None, Some(words(why))),
        };
        Self {
            value,
            interval: None,
            hypotheses,
            undefined,
        }
    }

    fn with(mut self, interval: Option<[f64; 2]>) -> Self {
        self.interval = interval;
        self
    }
}

/// One reviewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rater {
    /// Name.
    pub name: String,
    /// Hypotheses with a standing review.
    pub reviewed: usize,
    /// Of these, made without sight of grades and scores.
    pub blinded: usize,
}

/// Kappa of two reviewers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairKappa {
    /// One.
    pub first: String,
    /// The other.
    pub second: String,
    /// Quadratic weighted kappa.
    pub kappa: Measure,
}

/// Agreement on one axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AxisAgreement {
    /// The axis.
    pub axis: &'static str,
    /// Scores given.
    pub scores: usize,
    /// Quadratic weighted kappa of every two reviewers.
    pub kappa: Vec<PairKappa>,
    /// Mean of these.
    pub mean_kappa: Measure,
    /// Krippendorff's alpha, by order only.
    pub alpha_ordinal: Measure,
    /// Krippendorff's alpha, by squared difference.
    pub alpha_interval: Measure,
    /// ICC(2,1): of a single reviewer.
    pub icc_single: Measure,
    /// ICC(2,k): of the mean over these reviewers.
    pub icc_average: Measure,
    /// Spearman correlation of the engine's score with the mean of the reviewers.
    pub engine: Measure,
}

/// A hypothesis in the order of the reviewers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranked {
    /// Its id.
    pub hypothesis: String,
    /// Its rank in the run.
    pub rank: usize,
    /// Strength in the Bradley–Terry model, 0 on average.
    pub strength: f64,
    /// Mean over reviewers of the mean of their scores.
    pub mean_score: f64,
    /// What it says.
    pub statement: String,
}

/// Two reviewers far apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The hypothesis.
    pub hypothesis: String,
    /// Its rank in the run.
    pub rank: usize,
    /// The axis.
    pub axis: &'static str,
    /// Who scored it lowest, and how.
    pub lowest: (String, u8),
    /// Who scored it highest, and how.
    pub highest: (String, u8),
}

/// How far the reviewers of a run agree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// The run.
    pub run: String,
    /// Hypotheses in it.
    pub hypotheses: usize,
    /// Who reviewed it.
    pub reviewers: Vec<Rater>,
    /// Axis by axis.
    pub axes: Vec<AxisAgreement>,
    /// Spearman correlation of the mean of the engine's scores with the mean of the reviewers', over all axes.
    pub engine_overall: Measure,
    /// The order that follows from all comparisons of two hypotheses by one reviewer, best first.
    pub ranking: Vec<Ranked>,
    /// Why there is no such order.
    pub ranking_undefined: Option<String>,
    /// Who disagrees where, the largest gaps first.
    pub gaps: Vec<Gap>,
}

/// Compares the standing reviews of a run.
///
/// # Errors
/// A journal cannot be read.
pub fn agreement(run: &ReviewedRun) -> Result<Agreement, ReviewError> {
    let reviewers = run.store.reviewers()?;
    let mut raters = Vec::new();
    let mut reviews: Vec<Vec<Option<&Review>>> = Vec::new();
    for reviewer in &reviewers {
        let standing = run.standing(reviewer);
        let reviewed = standing.iter().flatten().count();
        if reviewed == 0 {
            continue;
        }
        let here =
            |s: &super::Submission<'_>| run.subjects.iter().any(|h| h.is_same_claim(s.subject));
        let blinded = reviewer
            .all_standing()
            .into_iter()
            .filter(|s| s.blinded && here(s));
        raters.push(Rater {
            name: reviewer.name.clone(),
            reviewed,
            blinded: blinded.count(),
        });
        reviews.push(standing);
    }
    let (ranking, ranking_undefined) = match ranking(run, &reviews) {
        Ok(ranking) => (ranking, None),
        Err(why) => (Vec::new(), Some(words(why))),
    };
    let means = human_means(run, &reviews, |review| review.mean());
    let rules: Vec<f64> = run
        .hypotheses
        .iter()
        .map(|h| ReviewedRun::rule_mean(h).unwrap_or(f64::NAN))
        .collect();
    Ok(Agreement {
        run: run.view.id().to_owned(),
        hypotheses: run.hypotheses.len(),
        axes: Axis::ALL
            .into_iter()
            .map(|axis| on_axis(run, axis, &raters, &reviews))
            .collect(),
        engine_overall: with_engine(&rules, &means),
        ranking,
        ranking_undefined,
        gaps: gaps(run, &raters, &reviews),
        reviewers: raters,
    })
}

fn on_axis(
    run: &ReviewedRun,
    axis: Axis,
    raters: &[Rater],
    reviews: &[Vec<Option<&Review>>],
) -> AxisAgreement {
    let cell = |i: usize, j: usize| {
        let score = reviews[j][i].and_then(|review| review.score(axis));
        score.map_or(f64::NAN, f64::from)
    };
    let ratings = Matrix::from_fn(run.hypotheses.len(), reviews.len(), cell);
    let by_two_or_more = (0..ratings.rows())
        .filter(|&i| ratings.observed_in_row(i) >= 2)
        .count();
    let mut kappa = Vec::new();
    for first in 0..raters.len() {
        for second in first + 1..raters.len() {
            let (a, b) = (ratings.column(first), ratings.column(second));
            let both = a
                .iter()
                .zip(&b)
                .filter(|(a, b)| !(a.is_nan() || b.is_nan()));
            let shared = both.count();
            kappa.push(PairKappa {
                first: raters[first].name.clone(),
                second: raters[second].name.clone(),
                kappa: Measure::of(quadratic_kappa(&a, &b), shared),
            });
        }
    }
    let known: Vec<f64> = kappa.iter().filter_map(|pair| pair.kappa.value).collect();
    let mean_kappa = match (known.is_empty(), kappa.first()) {
        (false, _) => Measure::of(Ok(mean(&known)), by_two_or_more),
        (true, Some(pair)) => Measure {
            hypotheses: by_two_or_more,
            ..pair.kappa.clone()
        },
        (true, None) => Measure::of(
            Err(Undefined::TooFewRaters {
                found: raters.len(),
            }),
            by_two_or_more,
        ),
    };
    let alpha = |metric| Measure::of(krippendorff_alpha(&ratings, metric), by_two_or_more);
    let (icc_single, icc_average) = match intraclass_correlation(&ratings, LEVEL) {
        Ok(icc) => {
            let measure = |value: f64, interval| Measure::of(Ok(value), icc.units).with(interval);
            (
                measure(icc.single, icc.single_interval),
                measure(icc.average, icc.average_interval),
            )
        }
        Err(why) => {
            let found = match why {
                Undefined::TooFewUnits { found, .. } => found,
                _ => 0,
            };
            (Measure::of(Err(why), found), Measure::of(Err(why), found))
        }
    };
    let rules: Vec<f64> = run
        .hypotheses
        .iter()
        .map(|h| axis.rule(&h.scores).rule.map_or(f64::NAN, f64::from))
        .collect();
    let means = human_means(run, reviews, |review| review.score(axis).map(f64::from));
    AxisAgreement {
        axis: axis.word(),
        scores: observed(ratings.values()).len(),
        kappa,
        mean_kappa,
        alpha_ordinal: alpha(Metric::Ordinal),
        alpha_interval: alpha(Metric::Interval),
        icc_single,
        icc_average,
        engine: with_engine(&rules, &means),
    }
}

/// Mean over reviewers of what they say of each hypothesis; NaN where nobody said it.
fn human_means(
    run: &ReviewedRun,
    reviews: &[Vec<Option<&Review>>],
    said: impl Fn(&Review) -> Option<f64>,
) -> Vec<f64> {
    let of = |i: usize| {
        let all: Vec<f64> = reviews
            .iter()
            .filter_map(|one| one[i].and_then(&said))
            .collect();
        if all.is_empty() { f64::NAN } else { mean(&all) }
    };
    (0..run.hypotheses.len()).map(of).collect()
}

fn with_engine(rules: &[f64], means: &[f64]) -> Measure {
    let both = rules
        .iter()
        .zip(means)
        .filter(|(r, m)| !(r.is_nan() || m.is_nan()));
    let shared = both.count();
    match spearman(rules, means) {
        Ok(found) => Measure::of(Ok(found.r), found.n).with(found.rank_interval(LEVEL)),
        Err(TestError::TooFew { found, needed, .. }) => {
            let ratings = "a score of both";
            let why = Undefined::TooFewUnits {
                ratings,
                found,
                needed,
            };
            Measure::of(Err(why), shared)
        }
        // What is left are scores that are all the same, on one side or the other.
        Err(_) => Measure::of(Err(Undefined::NoVariation), shared),
    }
}

fn ranking(run: &ReviewedRun, reviews: &[Vec<Option<&Review>>]) -> Result<Vec<Ranked>, Undefined> {
    let n = run.hypotheses.len();
    let mut wins = Matrix::filled(n, n, 0.0);
    let mut add = |winner: usize, loser: usize, times: f64| {
        wins.set(winner, loser, wins.get(winner, loser) + times);
    };
    for one in reviews {
        for i in 0..n {
            for j in i + 1..n {
                let (Some(a), Some(b)) = (one[i], one[j]) else {
                    continue;
                };
                match margin(a, b) {
                    Some(m) if m > 0.0 => add(i, j, 1.0),
                    Some(m) if m < 0.0 => add(j, i, 1.0),
                    Some(_) => {
                        add(i, j, 0.5);
                        add(j, i, 0.5);
                    }
                    None => {}
                }
            }
        }
    }
    let compared: Vec<usize> = (0..n)
        .filter(|&i| (0..n).any(|j| wins.get(i, j) + wins.get(j, i) > 0.0))
        .collect();
    let wins = wins.select_rows(&compared).select_columns(&compared);
    let strengths = bradley_terry(&wins, WEAK_TIE)?;
    let means = human_means(run, reviews, |review| review.mean());
    let mut ranked: Vec<Ranked> = compared
        .iter()
        .zip(strengths)
        .map(|(&place, strength)| {
            let h = &run.hypotheses[place];
            Ranked {
                hypothesis: h.id.clone(),
                rank: h.rank,
                strength,
                mean_score: means[place],
                statement: h.statement.clone(),
            }
        })
        .collect();
    ranked.sort_by(|a, b| b.strength.total_cmp(&a.strength).then(a.rank.cmp(&b.rank)));
    Ok(ranked)
}

fn gaps(run: &ReviewedRun, raters: &[Rater], reviews: &[Vec<Option<&Review>>]) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for (i, h) in run.hypotheses.iter().enumerate() {
        for axis in Axis::ALL {
            let scores: Vec<(&str, u8)> = raters
                .iter()
                .zip(reviews)
                .filter_map(|(rater, one)| Some((rater.name.as_str(), one[i]?.score(axis)?)))
                .collect();
            let lowest = scores.iter().min_by_key(|(_, score)| *score);
            let highest = scores.iter().max_by_key(|(_, score)| *score);
            if let (Some(low), Some(high)) = (lowest, highest)
                && high.1 - low.1 >= GAP
            {
                gaps.push(Gap {
                    hypothesis: h.id.clone(),
                    rank: h.rank,
                    axis: axis.word(),
                    lowest: (low.0.to_owned(), low.1),
                    highest: (high.0.to_owned(), high.1),
                });
            }
        }
    }
    gaps.sort_by_key(|gap| (std::cmp::Reverse(gap.highest.1 - gap.lowest.1), gap.rank));
    gaps
}
