//! Later generations: objectives spawned after a look at the results of earlier ones, chosen by expected change of belief from a
//! list that was fixed, and paid for, before there was any result.
//!
//! Let π be the probability, before results, that a candidate finds anything. Of its relatives, the objectives pursued so far that are
//! about the same variable, a share f found something (the tool's own p by Benjamini–Hochberg, never decoys). Its odds are multiplied
//! by 4^(2f − 1): by four where every relative found something, by a quarter where none did, by one where half did or there
//! is none. The expected change of belief is H(π′)·l, H the binary entropy of the updated probability in bits and l how much its samples can
//! teach (`learnable`). Objectives whose outcome is as good as known, either way, come last by themselves.

use proteus_stats::error_rate::{SUPPORTED_LEVEL, stratum_q};

use super::menu::Stratum;
use super::menu_making;
use super::propose::{learnable_of, variable_of};
use super::pursuit::Pursuit;
use crate::dataset::Dataset;
use crate::discovery::{Objective, ObjectiveId, ObjectiveStatus};

/// The last generation, counted from 0.
pub const LAST: usize = 2;
/// What the odds are multiplied by where every relative found something, and divided by where none did.
const ODDS: f64 = 4.0;
/// Expected change of belief, in bits, below which nothing is asked for its sake.
const WORTH_ASKING: f64 = 0.1;

/// An objective that may be asked later.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The objective.
    pub objective: Objective,
    /// How much its samples can teach, in [0, 1].
    pub learnable: f64,
    /// What its strata have together of the strata charged, fixed before any result.
    pub share: f64,
}

/// The candidates with equal shares of the slots that are `reserved` for them.
pub fn candidates(listed: Vec<Objective>, dataset: &Dataset, reserved: usize) -> Vec<Candidate> {
    let share = reserved as f64 / listed.len().max(1) as f64;
    listed
        .into_iter()
        .map(|objective| Candidate {
            learnable: learnable_of(&objective, dataset),
            objective,
            share,
        })
        .collect()
}

/// What one objective came to, as far as it bears on others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The objective.
    pub objective: ObjectiveId,
    /// What it is about.
    pub variable: String,
    /// Whether anything on the menu passed by the tool's own p.
    pub found: bool,
}

/// What every pursuit with a stratum on the menu has shown.
pub fn shown(menu: &[Stratum], pursuits: &[Pursuit]) -> Vec<Shown> {
    pursuits
        .iter()
        .enumerate()
        .filter_map(|(p, pursuit)| {
            let mut own = menu
                .iter()
                .filter(|s| s.pursuit == p && s.off_menu.is_none() && !s.is_chain())
                .peekable();
            own.peek()?;
            let passes = |stratum: &Stratum| {
                let p = menu_making::analytic(stratum, pursuits);
                let q = stratum_q(&p, stratum.members.len());
                q.iter().any(|q| *q <= SUPPORTED_LEVEL)
            };
            Some(Shown {
                objective: pursuit.objective.id.clone(),
                variable: variable_of(&pursuit.objective),
                found: own.any(passes),
            })
        })
        .collect()
}

/// What asking a candidate is expected to change.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// Relatives that found something, and all of them.
    pub relatives: (usize, usize),
    /// The probability that it finds anything, given them.
    pub probability: f64,
    /// Expected change of belief in bits.
    pub change: f64,
}

impl Candidate {
    /// What asking it is expected to change, given what was shown.
    pub fn expected(&self, shown: &[Shown]) -> Expected {
        let variable = variable_of(&self.objective);
        let relatives: Vec<&Shown> = shown.iter().filter(|s| s.variable == variable).collect();
        let found = relatives.iter().filter(|s| s.found).count();
        let weight = match relatives.len() {
            0 => 0.0,
            all => 2.0 * found as f64 / all as f64 - 1.0,
        };
        let prior = self.objective.prior.clamp(0.01, 0.99);
        let odds = prior / (1.0 - prior) * ODDS.powf(weight);
        let probability = odds / (1.0 + odds);
        Expected {
            relatives: (found, relatives.len()),
            probability,
            change: entropy(probability) * self.learnable,
        }
    }
}

/// Entropy of a yes or no in bits.
fn entropy(p: f64) -> f64 {
    let term = |p: f64| if p > 0.0 { -p * p.log2() } else { 0.0 };
    term(p) + term(1.0 - p)
}

/// Takes the candidates of the next generation, at most `room`, those that change most first; equals in the order of the list.
/// They are given their generation, parent and reason.
pub fn take(
    candidates: &mut Vec<Candidate>,
    shown: &[Shown],
    room: usize,
    generation: usize,
) -> Vec<Candidate> {
    let mut ranked: Vec<(usize, Expected)> = candidates
        .iter()
        .map(|candidate| candidate.expected(shown))
        .enumerate()
        .filter(|(_, expected)| expected.change >= WORTH_ASKING)
        .collect();
    ranked.sort_by(|(_, a), (_, b)| b.change.total_cmp(&a.change));
    ranked.truncate(room);
    let taken = ranked
        .iter()
        .map(|(place, expected)| {
            let mut candidate = candidates[*place].clone();
            let variable = variable_of(&candidate.objective);
            let objective = &mut candidate.objective;
            objective.generation = generation;
            objective.why = format!(
                "{}; chosen after a look at earlier results: {}",
                objective.why,
                told(objective.prior, expected)
            );
            if objective.parent.is_none() {
                let relative = shown.iter().find(|s| s.variable == variable);
                objective.parent = relative.map(|s| s.objective.clone());
            }
            candidate
        })
        .collect();
    let mut places: Vec<usize> = ranked.into_iter().map(|(place, _)| place).collect();
    places.sort_unstable();
    for place in places.into_iter().rev() {
        candidates.remove(place);
    }
    taken
}

/// The candidates that were not asked in the end, given up with the reason.
pub fn retired(candidates: Vec<Candidate>, shown: &[Shown], limit: usize) -> Vec<Objective> {
    candidates
        .into_iter()
        .map(|candidate| {
            let expected = candidate.expected(shown);
            let because = if expected.change < WORTH_ASKING {
                format!("too little for a question of its own (< {WORTH_ASKING})")
            } else {
                format!("others promised more, and at most {limit} are asked later")
            };
            let mut objective = candidate.objective;
            objective.status = ObjectiveStatus::Retired {
                reason: format!(
                    "could have been asked after the first results and was not: {}; {because}",
                    told(objective.prior, &expected)
                ),
            };
            objective
        })
        .collect()
}

/// What was expected, in words.
fn told(prior: f64, expected: &Expected) -> String {
    let (found, all) = expected.relatives;
    let relatives = match all {
        0 => "nothing else was asked of its variable".to_owned(),
        _ => format!("{found} of {all} objectives about its variable found something"),
    };
    format!(
        "{relatives}, so that the probability of a finding is {:.2} (was {prior:.2}) and the expected change of belief {:.2} bits",
        expected.probability, expected.change
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::Target;

    fn candidate(variable: &str, prior: f64, learnable: f64) -> Candidate {
        let id = format!("{variable}:a-b within x={learnable}");
        let target = Target::Contrast {
            contrast: format!("{variable}:a-b"),
        };
        Candidate {
            objective: Objective {
                prior,
                ..Objective::new(&id, target, Vec::new())
            },
            learnable,
            share: 0.25,
        }
    }

    fn outcome(variable: &str, found: bool) -> Shown {
        Shown {
            objective: ObjectiveId(format!("{variable}:a-b")),
            variable: variable.to_owned(),
            found,
        }
    }

    #[test]
    fn relatives_move_the_probability_and_what_is_known_is_not_asked() {
        let even = candidate("arm", 0.5, 0.5);
        let alone = even.expected(&[]);
        assert_eq!(alone.relatives, (0, 0));
        assert!((alone.probability - 0.5).abs() < 1e-12 && (alone.change - 0.5).abs() < 1e-12);
        // Odds 1 · 4: 0.8, entropy 0.7219; the same on the other side.
        for (found, probability) in [(true, 0.8), (false, 0.2)] {
            let told = even.expected(&[outcome("arm", found), outcome("sex", !found)]);
            assert!((told.probability - probability).abs() < 1e-12);
            assert!((told.change - 0.721_928_094_887 * 0.5).abs() < 1e-9);
        }
        let mixed = even.expected(&[outcome("arm", true), outcome("arm", false)]);
        assert_eq!(mixed.relatives, (1, 2));
        assert!((mixed.probability - 0.5).abs() < 1e-12);
    }

    #[test]
    fn what_changes_belief_most_is_taken_and_the_rest_given_up() {
        let mut list = vec![
            candidate("arm", 0.9, 0.6),
            candidate("sex", 0.35, 0.5),
            candidate("stage", 0.5, 0.05),
            candidate("age", 0.35, 0.5),
        ];
        let seen = [outcome("arm", true), outcome("sex", false)];
        // arm: odds 36, H(36/37) = 0.179, · 0.6 = 0.107. sex: odds 0.135, H = 0.526, · 0.5 = 0.263. age: H(0.35) = 0.934, · 0.5 = 0.467.
        let taken = take(&mut list, &seen, 2, 1);
        let of = |c: &Candidate| variable_of(&c.objective);
        assert_eq!(taken.iter().map(of).collect::<Vec<_>>(), ["age", "sex"]);
        assert_eq!(list.iter().map(of).collect::<Vec<_>>(), ["arm", "stage"]);
        assert!(taken.iter().all(|c| c.objective.generation == 1));
        assert_eq!(taken[0].objective.parent, None);
        assert_eq!(
            taken[1].objective.parent,
            Some(ObjectiveId("sex:a-b".to_owned()))
        );
        assert!(
            taken[1].objective.why.contains(
                "0 of 1 objectives about its variable found something, so that the probability of a finding is 0.12 (was 0.35) and the expected change of belief 0.26 bits"
            ),
            "{}",
            taken[1].objective.why
        );
        let given_up = retired(list.clone(), &seen, 2);
        let reason = |k: usize| match &given_up[k].status {
            ObjectiveStatus::Retired { reason } => reason.clone(),
            other => format!("{other:?}"),
        };
        assert!(
            reason(0).contains("at most 2 are asked later"),
            "{}",
            reason(0)
        );
        assert!(reason(1).contains("too little"), "{}", reason(1));
        // The bar holds where there is room, and nothing is taken where there is none.
        assert!(take(&mut list.clone(), &seen, 0, 2).is_empty());
        assert_eq!(take(&mut list, &seen, 5, 2).len(), 1);
        assert_eq!(list.len(), 1);
    }
}
