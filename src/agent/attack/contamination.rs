//! Contamination: whether skin, blood, plasma or muscle that came along with some samples explains what is claimed of a
//! protein, and the scores of the samples that enter the model as covariates.
//!
//! Only a panel that itself goes along with what is tested can explain anything. A protein of such a panel is explained
//! where the panel's other proteins move the same way, unless it moves far beyond them and keeps its effect beside their
//! score. (Keeping it alone proves little: a score of few proteins is measured with error, and a covariate with error
//! adjusts too little.) Any other protein is explained where its effect is gone with the score in the model and the score
//! says something of it within the groups too: an effect that only grows uncertain, because score and groups run together,
//! is not.

use std::collections::BTreeMap;

use proteus_stats::Matrix;
use proteus_stats::covariate_adjustment::{AdjustedEffect, adjusted_effects, tested_p};
use proteus_stats::descriptive::{mean, median, standard_deviation};
use proteus_stats::linear_model;

use crate::agent::pursuit::Pursuit;
use crate::agent::score::small;
use crate::dataset::{ModelFrame, Role, SampleMetadata, Variable};
use crate::tool::frame::{numbers, texts};
use crate::tool::{Abundance, Artifact};

/// Columns of the table of samples that hold scores: mean log2 ratio of a panel of proteins to the typical sample.
const PANELS: [&str; 4] = ["keratin", "red_blood_cells", "plasma", "muscle"];
/// Standard deviation of a score over samples (log2) below which it explains nothing.
const VARIED: f64 = 0.1;
/// p from which a panel goes along with what is tested, an effect counts as left, a score as saying something.
const LEVEL: f64 = 0.05;
/// Share of an effect that is left below which it counts as gone.
const GONE: f64 = 0.5;
/// Times the effect of the panel's other proteins beyond which an effect is not theirs alone.
const BEYOND: f64 = 2.0;
/// Other proteins of a panel needed to say how it moves without one of them.
const OTHERS: usize = 2;

/// Residual degrees of freedom from which scores enter the model.
pub const LEAST_DF: usize = 10;

/// What a panel's score does to a protein's effect.
#[derive(Debug, Clone, PartialEq)]
struct Influence {
    /// Name of the panel.
    panel: String,
    /// Whether the protein belongs to it.
    member: bool,
    /// Change of the panel along the tested column; 0 where there are several columns.
    change: f64,
    /// Whether the protein changes far more than the panel's others.
    beyond: bool,
    /// How the panel moves, in words.
    moves: String,
    /// The effect with the score in the model.
    adjusted: AdjustedEffect,
}

/// How a claim about a protein came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A panel explains it.
    Explained(String),
    /// It stands beside every panel that goes along with what is tested.
    Stands(String),
}

/// What every panel that goes along with an objective's tested columns does to the proteins tested.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contaminants {
    by_feature: BTreeMap<String, Vec<Influence>>,
    by_symbol: BTreeMap<String, String>,
}

impl Contaminants {
    /// Looks at every panel and protein of an objective; empty where nothing is compared or no panel goes along with it.
    pub fn of(pursuit: &Pursuit) -> Self {
        match (&pursuit.frame, &pursuit.matrix) {
            (Some(frame), Some(matrix)) => Self::among(&panels(pursuit), frame, matrix),
            _ => Self::default(),
        }
    }

    fn among(panels: &[Panel], frame: &ModelFrame, matrix: &Abundance) -> Self {
        let mut found = Self::default();
        for panel in panels {
            found.look(panel, frame, matrix);
        }
        if !found.by_feature.is_empty() {
            for feature in matrix.features.iter() {
                if let Some(symbol) = &feature.symbol {
                    let id = feature.id.clone();
                    found.by_symbol.entry(symbol.to_uppercase()).or_insert(id);
                }
            }
        }
        found
    }

    /// What became of a claim about a protein with this effect; none where no panel goes along with what is tested.
    /// `linear` says whether the claim is about abundance: what is left of an effect can be told for these alone.
    pub fn outcome(&self, feature: &str, effect: f64, linear: bool) -> Option<Outcome> {
        let influences = self.by_feature.get(feature)?;
        let explained = influences.iter().find(|i| i.explains(effect, linear));
        if let Some(influence) = explained {
            return Some(Outcome::Explained(influence.told()));
        }
        let beside: Vec<&str> = influences.iter().map(|i| i.panel.as_str()).collect();
        Some(Outcome::Stands(format!(
            "keeps its effect beside the {}: contamination that goes along with what is tested",
            beside.join(" and the ")
        )))
    }

    /// The same by gene symbol, for members of sets.
    pub fn outcome_of_gene(&self, symbol: &str, effect: f64) -> Option<Outcome> {
        let feature = self.by_symbol.get(&symbol.to_uppercase())?;
        self.outcome(feature, effect, true)
    }

    /// Whether a panel explains a claim about a protein with this effect.
    pub fn explains(&self, feature: &str, effect: f64) -> bool {
        matches!(
            self.outcome(feature, effect, true),
            Some(Outcome::Explained(_))
        )
    }

    fn look(&mut self, panel: &Panel, frame: &ModelFrame, matrix: &Abundance) {
        let score: Vec<f64> = frame
            .columns
            .iter()
            .map(|&j| panel.scores[&matrix.samples[j]])
            .collect();
        let rows: Vec<usize> = (0..matrix.features.len())
            .filter(|&i| panel.members.contains(&matrix.features[i].id))
            .collect();
        let y = matrix.values.select_columns(&frame.columns);
        if let Some((change, moves)) = along(&score, frame)
            && let Ok(all) = adjusted_effects(&y, &frame.nuisance, &frame.tested, &score)
        {
            for (i, adjusted) in all.into_iter().enumerate() {
                let id = &matrix.features[i].id;
                if !panel.members.contains(id) {
                    self.by_feature
                        .entry(id.clone())
                        .or_default()
                        .push(Influence {
                            panel: panel.name.clone(),
                            member: false,
                            change,
                            beyond: false,
                            moves: moves.clone(),
                            adjusted,
                        });
                }
            }
        }
        for id in &panel.members {
            // A protein that is not in the matrix tested can still be claimed to be detected in one arm only.
            let own = rows.iter().copied().find(|&i| matrix.features[i].id == *id);
            let others: Vec<usize> = rows.iter().copied().filter(|i| Some(*i) != own).collect();
            let of_others = if others.len() >= OTHERS {
                mean_ratio(&y, &others)
            } else {
                score.clone()
            };
            let Some((change, moves)) = along(&of_others, frame) else {
                continue;
            };
            let row = own.map(|i| y.select_rows(&[i]));
            let adjusted = row.as_ref().and_then(|row| {
                let found = adjusted_effects(row, &frame.nuisance, &frame.tested, &of_others);
                found.ok()?.first().copied()
            });
            let effect = row.as_ref().and_then(|row| effect(row, frame));
            self.by_feature
                .entry(id.clone())
                .or_default()
                .push(Influence {
                    panel: panel.name.clone(),
                    member: true,
                    change,
                    beyond: effect.is_some_and(|e| e.abs() > BEYOND * change.abs()),
                    moves,
                    adjusted: adjusted.unwrap_or(AdjustedEffect {
                        left: f64::NAN,
                        p: f64::NAN,
                        p_covariate: f64::NAN,
                    }),
                });
        }
    }
}

/// Whether an effect is gone with a score in the model, and the score says something within the groups too.
pub(super) fn is_gone(effect: &AdjustedEffect) -> bool {
    effect.left < GONE && effect.p > LEVEL && effect.p_covariate <= LEVEL
}

impl Influence {
    fn explains(&self, effect: f64, linear: bool) -> bool {
        let AdjustedEffect { left, p, .. } = self.adjusted;
        let is_left = left >= GONE && p <= LEVEL;
        if self.member {
            let same_way = self.change == 0.0 || effect.is_nan() || self.change * effect > 0.0;
            return same_way && !(linear && is_left && self.beyond);
        }
        linear && is_gone(&self.adjusted)
    }

    fn told(&self) -> String {
        let AdjustedEffect { left, p, .. } = self.adjusted;
        let with_score = if left.is_nan() {
            String::new()
        } else {
            format!(
                "; with their score in the model {:.0} % of the effect is left (p = {})",
                (100.0 * left).max(0.0),
                small(p)
            )
        };
        if self.member {
            format!("is one of the {}, {}{with_score}", self.panel, self.moves)
        } else {
            format!("follows the {}, {}{with_score}", self.panel, self.moves)
        }
    }
}

/// A panel in the samples of an objective.
struct Panel {
    name: String,
    /// Identifiers of its proteins.
    members: Vec<String>,
    /// Score by sample id.
    scores: BTreeMap<String, f64>,
}

/// Panels of which every sample compared has a score and that vary at all.
fn panels(pursuit: &Pursuit) -> Vec<Panel> {
    let scores = scores(pursuit);
    let tables = pursuit.outputs.values().filter_map(|output| {
        let Some(Artifact::Table(table)) = output.artifacts.get("panels") else {
            return None;
        };
        let column = |name: &str| texts(table, name).ok();
        Some((column("panel")?, column("name")?, column("feature")?))
    });
    let Some((columns, names, features)) = tables.into_iter().next() else {
        return Vec::new();
    };
    let samples: Vec<&String> = match (&pursuit.frame, &pursuit.matrix) {
        (Some(frame), Some(matrix)) => frame.columns.iter().map(|&j| &matrix.samples[j]).collect(),
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    for panel in PANELS {
        let Some(of_samples) = scores.get(&score_name(panel)) else {
            continue;
        };
        let scores: BTreeMap<String, f64> = of_samples.iter().cloned().collect();
        let rows: Vec<usize> = (0..columns.len())
            .filter(|&k| columns[k] == panel)
            .collect();
        let Some(&first) = rows.first() else { continue };
        if samples.iter().all(|id| scores.contains_key(*id)) {
            found.push(Panel {
                name: names[first].clone(),
                members: rows.iter().map(|&k| features[k].clone()).collect(),
                scores,
            });
        }
    }
    found
}

/// How far a score changes along the tested column (0 where there are several), and that in words; none where it does not
/// go along with what is tested.
pub(super) fn along(score: &[f64], frame: &ModelFrame) -> Option<(f64, String)> {
    let row = Matrix::new(1, score.len(), score.to_vec()).ok()?;
    let p = *tested_p(&row, &frame.nuisance, &frame.tested)
        .ok()?
        .first()?;
    if p.is_nan() || p > LEVEL {
        return None;
    }
    if frame.tested.cols() != 1 {
        return Some((
            0.0,
            format!("which differ between the groups (p = {})", small(p)),
        ));
    }
    let fit = linear_model::fit(&row, &frame.design()).ok()?;
    let effect = fit.coefficients.get(0, frame.nuisance.cols());
    let moves = if frame.arms.is_empty() {
        let way = if effect > 0.0 { "rise" } else { "fall" };
        format!("which {way} with what is tested (p = {})", small(p))
    } else {
        let way = if effect > 0.0 { "higher" } else { "lower" };
        format!(
            "which are {:.1} log2 units {way} (p = {})",
            effect.abs(),
            small(p)
        )
    };
    Some((effect, moves))
}

/// Coefficient of the tested column in the first row of `y`; none where there are several columns.
fn effect(y: &Matrix, frame: &ModelFrame) -> Option<f64> {
    if frame.tested.cols() != 1 {
        return None;
    }
    let fit = linear_model::fit(y, &frame.design()).ok()?;
    Some(fit.coefficients.get(0, frame.nuisance.cols()))
}

/// Mean over `rows` of the log2 ratio to each row's median, per column. A column in which none was observed takes the lowest
/// value found: nothing seen of a panel is the least of it.
fn mean_ratio(y: &Matrix, rows: &[usize]) -> Vec<f64> {
    let centres: Vec<f64> = rows.iter().map(|&i| median(y.row(i))).collect();
    let means: Vec<f64> = (0..y.cols())
        .map(|j| {
            let ratios: Vec<f64> = rows
                .iter()
                .zip(&centres)
                .map(|(&i, centre)| y.get(i, j) - centre)
                .collect();
            mean(&ratios)
        })
        .collect();
    let lowest = means.iter().copied().fold(f64::INFINITY, f64::min);
    means
        .into_iter()
        .map(|m| if m.is_nan() { lowest } else { m })
        .collect()
}

fn score_name(panel: &str) -> String {
    format!("{} score", panel.replace('_', " "))
}

/// Scores by name, each with sample ids and values; only those known of every sample and different between them.
pub fn scores(pursuit: &Pursuit) -> BTreeMap<String, Vec<(String, f64)>> {
    let mut found = BTreeMap::new();
    for output in pursuit.outputs.values() {
        let Some(Artifact::Table(table)) = output.artifacts.get("samples") else {
            continue;
        };
        let Ok(samples) = texts(table, "sample") else {
            continue;
        };
        for panel in PANELS {
            let Ok(values) = numbers(table, panel) else {
                continue;
            };
            let spread = standard_deviation(&values);
            if values.iter().all(|v| v.is_finite()) && spread > VARIED {
                let of_samples = samples.iter().cloned().zip(values).collect();
                found.insert(score_name(panel), of_samples);
            }
        }
    }
    found
}

/// The sheet with the scores as further variables; a name that is taken stays as it is.
pub fn with_scores(sheet: &SampleMetadata, pursuit: &Pursuit) -> SampleMetadata {
    let mut sheet = sheet.clone();
    for (name, values) in scores(pursuit) {
        if sheet.variables.contains_key(&name) {
            continue;
        }
        let known: BTreeMap<&str, f64> = values.iter().map(|(id, v)| (id.as_str(), *v)).collect();
        let of_sheet = sheet.ids.iter().map(|id| known.get(id.as_str()).copied());
        let values: Vec<Option<f64>> = of_sheet.collect();
        sheet.insert(Variable::continuous(name, values, Role::Covariate));
    }
    sheet
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proteus_stats::random_draws::RandomDraws;

    use super::*;
    use crate::dataset::{Arm, Contrast, Feature, FeatureLevel, Quantity, Term};

    const PROTEINS: usize = 60;
    const SAMPLES: usize = 12;

    fn feature(name: &str) -> Feature {
        Feature {
            id: name.to_owned(),
            symbol: Some(name.to_owned()),
            ..Feature::default()
        }
    }

    /// Two arms of six. K0 to K4 are a panel that came along with five samples of the second arm, in different amounts; F
    /// follows it; T rises in the second arm by itself, and so does M, which is of the panel, far beyond it.
    fn study() -> (Abundance, ModelFrame, Panel) {
        let mut draws = RandomDraws::new(3, "contamination");
        let amounts: Vec<f64> = (0..SAMPLES)
            .map(|j| {
                if j > 6 {
                    1.0 + 2.5 * draws.uniform()
                } else {
                    0.0
                }
            })
            .collect();
        let mut names: Vec<String> = (0..5).map(|i| format!("K{i}")).collect();
        names.extend(["F", "T", "M"].map(str::to_owned));
        names.extend((names.len()..PROTEINS).map(|i| format!("P{i}")));
        let values = Matrix::from_fn(PROTEINS, SAMPLES, |i, j| {
            let change = match names[i].as_str() {
                name if name.starts_with('K') => amounts[j],
                "F" => 0.7 * amounts[j],
                "T" if j >= 6 => 3.0,
                "M" if j >= 6 => 7.0,
                _ => 0.0,
            };
            25.0 + change + 0.15 * draws.normal()
        });
        let samples: Vec<String> = (0..SAMPLES).map(|j| format!("S{j}")).collect();
        let mut sheet = SampleMetadata::new(samples.clone());
        let arms: Vec<Option<String>> = (0..SAMPLES)
            .map(|j| Some(if j < 6 { "a" } else { "b" }.to_owned()))
            .collect();
        sheet.insert(Variable::categorical("arm", &arms, Role::Condition));
        let term = Term::Contrast(Contrast::new("arm", Arm::one("b"), Arm::one("a")));
        let frame =
            ModelFrame::build(&sheet, &samples, &term, &[], None).unwrap_or_else(|e| panic!("{e}"));
        let panel = Panel {
            name: "skin keratins".to_owned(),
            members: ["K0", "K1", "K2", "K3", "K4", "M"]
                .map(str::to_owned)
                .to_vec(),
            scores: samples
                .iter()
                .cloned()
                .zip(mean_ratio(&values, &[0, 1, 2, 3, 4]))
                .collect(),
        };
        let matrix = Abundance {
            level: FeatureLevel::ProteinGroup,
            quantity: Quantity::Intensity,
            features: Arc::new(names.iter().map(|n| feature(n)).collect()),
            samples: Arc::new(samples),
            values,
        };
        (matrix, frame, panel)
    }

    #[test]
    fn members_and_followers_are_explained_and_effects_of_their_own_stand() {
        let (matrix, frame, panel) = study();
        let found = Contaminants::among(&[panel], &frame, &matrix);
        for explained in ["K0", "K3", "F"] {
            assert!(found.explains(explained, 2.0), "{explained}: {found:?}");
        }
        assert!(!found.explains("T", 3.0) && !found.explains("M", 7.0));
        assert!(matches!(
            found.outcome("T", 3.0, true),
            Some(Outcome::Stands(_))
        ));
        // A protein of the panel that goes the other way is not explained by it, and presence in one arm only is.
        assert!(!found.explains("K0", -2.0));
        assert!(matches!(
            found.outcome("M", 1.0, false),
            Some(Outcome::Explained(_))
        ));
        let told = found.outcome("K0", 2.0, true);
        let Some(Outcome::Explained(words)) = told else {
            panic!("{told:?}");
        };
        assert!(
            words.starts_with("is one of the skin keratins, which are"),
            "{words}"
        );
        assert!(words.contains("log2 units higher"), "{words}");
        assert!(found.outcome_of_gene("f", 2.0) == found.outcome("F", 2.0, true));
    }

    #[test]
    fn a_panel_that_does_not_go_along_with_the_groups_explains_nothing() {
        let (matrix, frame, mut panel) = study();
        let turned = matrix.select_samples(&[0, 7, 1, 8, 2, 9, 3, 10, 4, 11, 5, 6]);
        let matrix = Abundance {
            samples: Arc::clone(&matrix.samples),
            ..turned
        };
        let scores = mean_ratio(&matrix.values, &[0, 1, 2, 3, 4]);
        panel.scores = matrix.samples.iter().cloned().zip(scores).collect();
        let found = Contaminants::among(&[panel], &frame, &matrix);
        assert_eq!(found.outcome("K0", 2.0, true), None);
        assert_eq!(found, Contaminants::default());
    }
}
