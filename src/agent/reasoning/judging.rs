//! Judges: tested on corrupted twins before their scores count, then asked for the judged part of the axes. A judge that writes
//! compares and scores in words; one that cannot write is a reward model and scores one hypothesis at a time.

use std::collections::BTreeMap;

use proteus_llm::{LlmError, Role};
use serde::{Deserialize, Serialize};

use super::asking::{How, Reasoner};
use super::facts::HypothesisFacts;
use super::reading::{Subject, fitting, fitting_values, passes};
use super::rewarding;
use super::twins::Version;
use super::values::ShownValues;
use crate::agent::AgentError;
use crate::discovery::{Corruption, JudgeKind, JudgeRecord, Judged, Judgement, Readings};

/// Hypotheses whose twins are shown at most.
pub(super) const TESTED: usize = 4;
/// Samples of one score: the first greedy, the others with some variety.
pub(super) const SAMPLES: u64 = 3;
/// One-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.645;
/// A judge that writes and guesses prefers the sound one in both orders in a quarter of the pairs, one that always says "first"
/// in none; a reward model that guesses scores it higher in half of them. Either must do so in more than half.
const CHANCE: f64 = 0.5;

#[derive(Serialize)]
pub(super) struct ScoreFacts<'a> {
    pub fact: &'a HypothesisFacts,
    pub values: Option<ShownValues<'a>>,
}

#[derive(Serialize)]
pub(super) struct TwinFacts<'a> {
    pub fact: &'a HypothesisFacts,
    pub first: String,
    pub second: String,
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

/// The judges, by what they can do; found out when they are first asked.
struct Panel {
    writing: Vec<String>,
    scoring: Vec<String>,
}

/// One pair and how a judge told it apart.
struct Told {
    judge: String,
    model: String,
    kind: JudgeKind,
    right: bool,
}

/// Tests every judge, then asks those that passed. Reward models among them also choose among drafts of the writer.
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
    readings.judges = records.values().cloned().collect();
    let trusted = |kind: JudgeKind| -> Vec<String> {
        let all = readings.judges.iter();
        all.filter(|r| r.trusted && r.kind == kind)
            .map(|r| r.judge.clone())
            .collect()
    };
    let (writing, scoring) = (trusted(JudgeKind::Writes), trusted(JudgeKind::Scores));
    if !writing.is_empty()
        && let Err(error) = score(reasoner, subjects, &writing, readings).await?
    {
        return Ok(Err(error));
    }
    for judge in &scoring {
        if let Err(error) = rewarding::score(reasoner, subjects, judge, readings).await? {
            return Ok(Err(error));
        }
    }
    match scoring.first() {
        Some(judge) => rewarding::choose_drafts(reasoner, subjects, judge, readings).await,
        None => Ok(Ok(())),
    }
}

/// Scores in words, by judges that passed.
async fn score(
    reasoner: &Reasoner,
    subjects: &[Subject<'_>],
    judges: &[String],
    readings: &mut Readings,
) -> Result<Result<(), LlmError>, AgentError> {
    for subject in subjects {
        let prompt = fitting_values(reasoner, "judge/score", subject.values.as_ref(), |values| {
            ScoreFacts {
                fact: &subject.facts,
                values,
            }
        })?;
        let Some((prompt, values)) = prompt else {
            continue;
        };
        let mut samples: BTreeMap<String, (String, Vec<Scores>)> = BTreeMap::new();
        for sample in 0..SAMPLES {
            let how = How {
                values,
                ..How::sample(sample)
            };
            let answers = reasoner
                .ask_those::<Scores>(Role::Judge, judges, &prompt, how)
                .await;
            for (judge, answer) in answers {
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

/// Shows every judge pairs of a hypothesis and a twin, those that write each in both orders.
async fn test(
    reasoner: &Reasoner,
    subjects: &[Subject<'_>],
    records: &mut BTreeMap<String, JudgeRecord>,
) -> Result<Result<(), LlmError>, AgentError> {
    let mut panel = Panel {
        writing: reasoner.desk().backends(Role::Judge),
        scoring: Vec::new(),
    };
    for (place, subject) in subjects.iter().take(TESTED).enumerate() {
        let stranger = stranger(subjects, place);
        let sound = Version::sound(&subject.facts);
        // What a reward model says of the sound one is asked once.
        let mut of_sound = BTreeMap::new();
        for corruption in Corruption::ALL {
            let Some(twin) = Version::corrupted(&subject.facts, corruption, stranger) else {
                continue;
            };
            let mut told = match compared(reasoner, subject, &sound, &twin, &mut panel).await? {
                Ok(told) => told,
                Err(error) => return Ok(Err(error)),
            };
            let pair = (&sound, &twin);
            match rewarded(reasoner, subject, pair, &mut panel, &mut of_sound).await? {
                Ok(by_score) => told.extend(by_score),
                Err(error) => return Ok(Err(error)),
            }
            for one in told {
                let record = records
                    .entry(one.judge.clone())
                    .or_insert_with(|| JudgeRecord {
                        judge: one.judge,
                        model: one.model,
                        kind: one.kind,
                        by_corruption: BTreeMap::new(),
                        trusted: false,
                    });
                let count = record.by_corruption.entry(corruption).or_default();
                count.shown += 1;
                count.preferred += usize::from(one.right);
            }
        }
    }
    Ok(Ok(()))
}

/// One pair, shown in both orders to the judges that write; one that turns out not to goes over to those that score.
async fn compared(
    reasoner: &Reasoner,
    subject: &Subject<'_>,
    sound: &Version,
    twin: &Version,
    panel: &mut Panel,
) -> Result<Result<Vec<Told>, LlmError>, AgentError> {
    let mut both: BTreeMap<String, (String, usize, usize)> = BTreeMap::new();
    for sound_is in [Place::First, Place::Second] {
        let (first, second) = match sound_is {
            Place::First => (sound, twin),
            Place::Second => (twin, sound),
        };
        let shown = TwinFacts {
            fact: &subject.facts,
            first: first.shown(),
            second: second.shown(),
        };
        let Some(prompt) = fitting(reasoner, "judge/twins", &shown)? else {
            continue;
        };
        // Those that turned out not to write are not asked again.
        let asked = panel.writing.clone();
        for (judge, answer) in reasoner
            .ask_those::<Better>(Role::Judge, &asked, &prompt, How::default())
            .await
        {
            match answer {
                Ok(told) => {
                    let right = told.value.better == sound_is;
                    let entry = both.entry(judge).or_insert((told.model, 0, 0));
                    entry.1 += 1;
                    entry.2 += usize::from(right);
                }
                Err(LlmError::Unsupported { .. }) => {
                    panel.writing.retain(|other| *other != judge);
                    panel.scoring.push(judge);
                }
                Err(error) if passes(&error) => {}
                Err(error) => return Ok(Err(error)),
            }
        }
    }
    let told = both.into_iter().map(|(judge, (model, asked, right))| Told {
        judge,
        model,
        kind: JudgeKind::Writes,
        right: asked == 2 && right == 2,
    });
    Ok(Ok(told.collect()))
}

/// One pair, scored by the judges that score: right where the sound one is scored higher. One that does not score either
/// leaves the panel.
async fn rewarded(
    reasoner: &Reasoner,
    subject: &Subject<'_>,
    (sound, twin): (&Version, &Version),
    panel: &mut Panel,
    of_sound: &mut BTreeMap<String, f64>,
) -> Result<Result<Vec<Told>, LlmError>, AgentError> {
    let mut all = Vec::new();
    for judge in panel.scoring.clone() {
        let for_sound = match of_sound.get(&judge) {
            Some(known) => Some(*known),
            None => match rewarding::reward(reasoner, subject, &judge, sound).await? {
                Ok(scored) => scored.map(|(_, reward)| reward),
                Err(LlmError::Unsupported { .. }) => {
                    panel.scoring.retain(|other| *other != judge);
                    continue;
                }
                Err(error) => return Ok(Err(error)),
            },
        };
        let Some(for_sound) = for_sound else { continue };
        of_sound.insert(judge.clone(), for_sound);
        match rewarding::reward(reasoner, subject, &judge, twin).await? {
            Ok(Some((model, for_twin))) => all.push(Told {
                judge,
                model,
                kind: JudgeKind::Scores,
                right: for_sound > for_twin,
            }),
            Ok(None) => {}
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(all))
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
