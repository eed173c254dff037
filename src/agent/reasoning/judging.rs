//! Judges: tested on corrupted twins before their scores count, then asked for the judged part of the axes.

use std::collections::BTreeMap;

use proteus_llm::{LlmError, Role};
use serde::{Deserialize, Serialize};

use super::asking::Reasoner;
use super::facts::HypothesisFacts;
use super::reading::{Subject, fitting, passes};
use super::twins::Version;
use crate::agent::AgentError;
use crate::discovery::{Corruption, JudgeRecord, Judged, Judgement, Readings};

/// Hypotheses whose twins are shown at most.
const TESTED: usize = 4;
/// Samples of one score: the first greedy, the others with some variety.
const SAMPLES: u64 = 3;
const VARIETY: f64 = 0.7;
/// One-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.645;
/// A judge that guesses prefers the sound one in both orders in a quarter of the pairs, one that always says "first" in none;
/// one that reads must do so in more than half.
const CHANCE: f64 = 0.5;

#[derive(Serialize)]
struct ScoreFacts<'a> {
    fact: &'a HypothesisFacts,
}

#[derive(Serialize)]
struct TwinFacts<'a> {
    fact: &'a HypothesisFacts,
    first: String,
    second: String,
}

#[derive(Deserialize)]
struct Better {
    better: Place,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Place {
    First,
    Second,
}

#[derive(Deserialize)]
struct Scores {
    coherence: u8,
    evaluability: u8,
}

/// Tests every judge, then asks those that passed.
pub(super) async fn judge(
    reasoner: &Reasoner,
    subjects: &[Subject<'_>],
    readings: &mut Readings,
) -> Result<Result<(), LlmError>, AgentError> {
    let mut records: BTreeMap<String, JudgeRecord> = BTreeMap::new();
    if let Err(error) = test(reasoner, subjects, &mut records).await? {
        return Ok(Err(error));
    }
    for record in records.values_mut() {
        let total = record.total();
        record.trusted = lower_bound(total.preferred, total.shown) > CHANCE;
    }
    let any = records.values().any(|r| r.trusted);
    readings.judges = records.values().cloned().collect();
    if !any {
        return Ok(Ok(()));
    }
    for subject in subjects {
        let shown = ScoreFacts {
            fact: &subject.facts,
        };
        let Some(prompt) = fitting(reasoner, "judge/score", &shown)? else {
            continue;
        };
        let mut samples: BTreeMap<String, (String, Vec<Scores>)> = BTreeMap::new();
        for sample in 0..SAMPLES {
            let temperature = if sample == 0 { 0.0 } else { VARIETY };
            let answers = reasoner
                .ask_each::<Scores>(Role::Judge, &prompt, temperature, sample + 1)
                .await;
            for (judge, answer) in answers {
                if !records.get(&judge).is_some_and(|r| r.trusted) {
                    continue;
                }
                match answer {
                    Ok(told) => {
                        let entry = samples.entry(judge).or_insert((told.model, Vec::new()));
                        entry.1.push(told.value);
                    }
                    Err(error) if passes(&error) => {}
                    Err(error) => return Ok(Err(error)),
                }
            }
        }
        let judgements = samples
            .into_iter()
            .map(|(judge, (model, scores))| Judgement {
                judge,
                model,
                coherence: judged(scores.iter().map(|s| s.coherence)),
                evaluability: judged(scores.iter().map(|s| s.evaluability)),
            });
        readings
            .hypotheses
            .entry(subject.hypothesis.id.clone())
            .or_default()
            .judgements = judgements.collect();
    }
    Ok(Ok(()))
}

/// Shows every judge pairs of a hypothesis and a twin, each in both orders.
async fn test(
    reasoner: &Reasoner,
    subjects: &[Subject<'_>],
    records: &mut BTreeMap<String, JudgeRecord>,
) -> Result<Result<(), LlmError>, AgentError> {
    for (place, subject) in subjects.iter().take(TESTED).enumerate() {
        let stranger = stranger(subjects, place);
        for corruption in Corruption::ALL {
            let Some(twin) = Version::corrupted(&subject.facts, corruption, stranger) else {
                continue;
            };
            let sound = Version::sound(&subject.facts);
            let mut both: BTreeMap<String, (String, usize, usize)> = BTreeMap::new();
            for sound_is in [Place::First, Place::Second] {
                let (first, second) = match sound_is {
                    Place::First => (&sound, &twin),
                    Place::Second => (&twin, &sound),
                };
                let shown = TwinFacts {
                    fact: &subject.facts,
                    first: first.shown(),
                    second: second.shown(),
                };
                let Some(prompt) = fitting(reasoner, "judge/twins", &shown)? else {
                    continue;
                };
                for (judge, answer) in reasoner
                    .ask_each::<Better>(Role::Judge, &prompt, 0.0, 1)
                    .await
                {
                    match answer {
                        Ok(told) => {
                            let right = told.value.better == sound_is;
                            let entry = both.entry(judge).or_insert((told.model, 0, 0));
                            entry.1 += 1;
                            entry.2 += usize::from(right);
                        }
                        Err(error) if passes(&error) => {}
                        Err(error) => return Ok(Err(error)),
                    }
                }
            }
            for (judge, (model, asked, right)) in both {
                let record = records.entry(judge.clone()).or_insert_with(|| JudgeRecord {
                    judge,
                    model,
                    by_corruption: BTreeMap::new(),
                    trusted: false,
                });
                let count = record.by_corruption.entry(corruption).or_default();
                count.shown += 1;
                count.preferred += usize::from(asked == 2 && right == 2);
            }
        }
    }
    Ok(Ok(()))
}

/// A subject of another hypothesis that this one does not have.
fn stranger<'s>(subjects: &'s [Subject<'_>], place: usize) -> Option<&'s str> {
    let own = &subjects[place].ground;
    subjects
        .iter()
        .flat_map(|s| &s.facts.facts)
        .map(|f| f.subject.as_str())
        .find(|name| own.effect(name).is_none())
}

fn judged(scores: impl Iterator<Item = u8>) -> Judged {
    let scores: Vec<f64> = scores.map(|s| f64::from(s.clamp(1, 5))).collect();
    let n = scores.len();
    let mean = scores.iter().sum::<f64>() / n.max(1) as f64;
    let squares: f64 = scores.iter().map(|s| (s - mean).powi(2)).sum();
    let standard_deviation = if n > 1 {
        (squares / (n - 1) as f64).sqrt()
    } else {
        0.0
    };
    Judged {
        mean,
        standard_deviation,
        n,
    }
}

/// Lower end of Wilson's score interval (one-sided 95 %) for a share (doi:10.1080/01621459.1927.10502953).
fn lower_bound(hits: usize, n: usize) -> f64 {
    if n == 0 {
        return 0.0;
    }
    let (n, share) = (n as f64, hits as f64 / n as f64);
    let centre = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    (centre - spread) / (1.0 + Z * Z / n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_bound_is_wilsons() {
        // By hand from the formula, with z = 1.645.
        assert!(
            (lower_bound(15, 20) - 0.567_78).abs() < 1e-5,
            "{}",
            lower_bound(15, 20)
        );
        assert!(lower_bound(10, 20) < CHANCE && lower_bound(0, 0).abs() < f64::EPSILON);
    }

    #[test]
    fn one_sample_has_no_spread() {
        let one = judged([4].into_iter());
        assert!((one.mean - 4.0).abs() < 1e-12 && one.standard_deviation.abs() < 1e-12);
        let three = judged([3, 4, 5].into_iter());
        assert!((three.standard_deviation - 1.0).abs() < 1e-12);
    }
}
