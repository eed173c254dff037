//! Hypotheses both runs have, and why one has what the other lacks.

use std::collections::BTreeSet;

use super::differences::FeaturePairs;
use super::record::{Disagreement, Match, Overlap, Reason};
use crate::agent::draft::is_set;
use crate::agent::retrace::{Found, Retraced, Rule, TestAccount};
use crate::discovery::{Claim, Direction, Entity, EntityKind, Grade, Hypothesis};
use crate::tool::Catalog;

/// q in the other run up to which a claim was "just above" the level it is told at.
const JUST_ABOVE: f64 = 3.0;
/// Change of an effect, in units of itself, from which a different normalisation is named.
const MOVED: f64 = 0.25;

/// What a claim is about, in the names of the second run: subject, objective, direction.
type Key = (String, String, Direction);

fn keys(
    hypothesis: &Hypothesis,
    rename: impl Fn(&Claim) -> Option<String>,
    objective: impl Fn(&str) -> Option<String>,
) -> BTreeSet<Key> {
    let Some(objective) = objective(&hypothesis.objective.0) else {
        return BTreeSet::new();
    };
    hypothesis
        .claims
        .iter()
        .filter_map(|c| Some((rename(c)?, objective.clone(), c.direction)))
        .collect()
}

/// Hypotheses of the first run and their matches in the second.
pub(super) fn overlap(
    first: &Retraced,
    second: &Retraced,
    pairs: &FeaturePairs,
    objectives: &[(String, String)],
) -> Overlap {
    let there = |id: &str| {
        let found = objectives.iter().find(|(a, _)| a == id);
        found.map(|(_, b)| b.clone())
    };
    let second_keys: Vec<BTreeSet<Key>> = second
        .hypotheses()
        .iter()
        .map(|h| keys(h, |c| Some(c.subject.id.clone()), |o| Some(o.to_owned())))
        .collect();
    let mut matches = Vec::new();
    let mut met = BTreeSet::new();
    for h in first.hypotheses() {
        let hash = h.frozen.as_ref().map(|f| &f.hash);
        let frozen = second
            .hypotheses()
            .iter()
            .position(|o| hash.is_some() && o.frozen.as_ref().map(|f| &f.hash) == hash);
        let own = keys(h, |c| renamed(&c.subject, &pairs.forward), there);
        let found = frozen.or_else(|| {
            let (place, shared) = second_keys
                .iter()
                .enumerate()
                .map(|(k, keys)| (k, keys.intersection(&own).count()))
                .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)))?;
            (shared > 0).then_some(place)
        });
        if let Some(place) = found {
            let other = &second.hypotheses()[place];
            met.insert(place);
            matches.push(Match {
                ranks: [h.rank, other.rank],
                grades: [h.grade, other.grade],
                statement: h.statement.clone(),
                same_frozen: frozen.is_some(),
            });
        }
    }
    let same_frozen = matches.iter().filter(|m| m.same_frozen).count();
    Overlap {
        same_frozen,
        same_subject: matches.len() - same_frozen,
        only_first: first.hypotheses().len() - matches.len(),
        only_second: second.hypotheses().len() - met.len(),
        matches,
    }
}

/// What a subject is called in the other run: sets by their id.
fn renamed(subject: &Entity, names: &std::collections::BTreeMap<String, String>) -> Option<String> {
    if is_set(subject.kind) {
        Some(subject.id.clone())
    } else {
        names.get(&subject.id).cloned()
    }
}

/// Claims of supported or suggestive hypotheses that the other run does not make.
pub(super) fn disagreements(
    first: &Retraced,
    second: &Retraced,
    pairs: &FeaturePairs,
    objectives: &[(String, String)],
    catalog: &Catalog,
) -> Vec<Disagreement> {
    let swapped: Vec<(String, String)> = objectives
        .iter()
        .map(|(a, b)| (b.clone(), a.clone()))
        .collect();
    let mut found = one_way(1, first, second, &pairs.forward, objectives, catalog);
    found.extend(one_way(2, second, first, &pairs.back, &swapped, catalog));
    found
}

fn one_way(
    found_in: usize,
    run: &Retraced,
    other: &Retraced,
    names: &std::collections::BTreeMap<String, String>,
    objectives: &[(String, String)],
    catalog: &Catalog,
) -> Vec<Disagreement> {
    let made: BTreeSet<(String, String, Direction)> = other
        .hypotheses()
        .iter()
        .filter(|h| h.grade <= Grade::Suggestive)
        .flat_map(|h| {
            h.claims
                .iter()
                .map(|c| (c.subject.id.clone(), h.objective.0.clone(), c.direction))
        })
        .collect();
    let mut found = Vec::new();
    for h in run
        .hypotheses()
        .iter()
        .filter(|h| h.grade <= Grade::Suggestive)
    {
        // Structure is described for the samples at hand; it is not looked for one by one in others.
        let about = h.claims.first().map(|c| c.subject.kind);
        if matches!(about, Some(EntityKind::Subtype | EntityKind::Component)) {
            continue;
        }
        let objective = objectives
            .iter()
            .find(|(a, _)| *a == h.objective.0)
            .map(|(_, b)| b.as_str());
        for claim in &h.claims {
            let name = renamed(&claim.subject, names);
            if let (Some(name), Some(objective)) = (&name, objective)
                && made.contains(&(name.clone(), objective.to_owned(), claim.direction))
            {
                continue;
            }
            let account = match (&name, objective) {
                (Some(name), Some(objective)) => other
                    .tests_of(
                        objective,
                        &Found {
                            entity: Entity::new(claim.subject.kind, name, &claim.subject.symbol),
                            is_set: is_set(claim.subject.kind),
                        },
                        catalog,
                    )
                    .into_iter()
                    .find(|t| t.archetype == h.archetype),
                _ => None,
            };
            let reason = reason(claim, &name, objective, account.as_ref(), run, other);
            found.push(Disagreement {
                found_in,
                rank: h.rank,
                grade: h.grade,
                subject: claim.subject.symbol.clone(),
                id: claim.subject.id.clone(),
                objective: h.objective.0.clone(),
                archetype: h.archetype,
                effect: claim.value,
                other_effect: account.as_ref().and_then(|t| t.effect),
                other_q: account.as_ref().and_then(|t| t.q),
                words: words(&reason),
                reason,
            });
        }
    }
    found
}

fn reason(
    claim: &Claim,
    name: &Option<String>,
    objective: Option<&str>,
    account: Option<&TestAccount>,
    run: &Retraced,
    other: &Retraced,
) -> Reason {
    if objective.is_none() {
        return Reason::NeverAsked;
    }
    let (Some(_), Some(account)) = (name, account) else {
        return Reason::NotMeasured;
    };
    if let Some(effect) = account.effect
        && account.p_tool.is_some()
        && claim.direction != Direction::Undirected
        && Direction::of(effect) != claim.direction
    {
        return Reason::OtherDirection;
    }
    match &account.rule {
        Rule::QTooLarge { found, level } if *found <= JUST_ABOVE * level => Reason::JustAbove,
        rule => Reason::Rule {
            normalisation: account
                .effect
                .filter(|e| (e - claim.value).abs() > MOVED * claim.value.abs())
                .and_then(|_| normalisations(run, other)),
            rule: rule.clone(),
        },
    }
}

/// How the two runs normalised, where that differs.
fn normalisations(run: &Retraced, other: &Retraced) -> Option<String> {
    let of = |run: &Retraced| -> BTreeSet<String> {
        let steps = run.run().steps().unwrap_or_default();
        steps
            .into_iter()
            .filter_map(|name| run.run().step(&name).ok())
            .filter(|s| s.tool == "normalise")
            .filter_map(|s| {
                let chosen = s.facts.get("method").or_else(|| s.params.get("method"))?;
                Some(
                    chosen
                        .as_str()
                        .map_or_else(|| chosen.to_string(), str::to_owned),
                )
            })
            .collect()
    };
    let (a, b) = (of(run), of(other));
    let list = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(", ");
    (a != b).then(|| format!("normalised by {} here and by {} there", list(&a), list(&b)))
}

fn words(reason: &Reason) -> String {
    match reason {
        Reason::NeverAsked => "the other run never asked this".to_owned(),
        Reason::NotMeasured => "not in the other run's table".to_owned(),
        Reason::OtherDirection => "goes the other way there".to_owned(),
        Reason::JustAbove => "q there is just above the level".to_owned(),
        Reason::Rule {
            rule,
            normalisation,
        } => {
            let by = match rule {
                Rule::Told { rank, grade, .. } => {
                    format!("there it is H{rank}, {}", grade.word())
                }
                Rule::Folded {
                    rank: Some(rank), ..
                } => format!("told along by H{rank} there"),
                Rule::Folded { rank: None, how } => format!("told along there: {how}"),
                Rule::LeftOut { by, reason, .. } => {
                    format!("left out there by `{by}`: {reason}")
                }
                Rule::TooFewValues { found } => format!("too few values there: {found}"),
                Rule::NotInTable { reason } => format!("not tested there: {reason}"),
                Rule::OffMenu { reason } => format!("never graded there: {reason}"),
                Rule::QTooLarge { found, level } => {
                    format!("q there is {found:.2}, above {level}")
                }
                Rule::Futile => "nothing of this kind stood out from the decoys there".to_owned(),
                Rule::NotSelected => {
                    "nothing of this kind stood out enough over the menu there".to_owned()
                }
                Rule::ListFull { .. } => "it passed there too, and the list was full".to_owned(),
                Rule::NotPrintable => {
                    "it passed there too, and not as one of the few that are printed".to_owned()
                }
            };
            match normalisation {
                Some(how) => format!("{by}; {how}"),
                None => by,
            }
        }
    }
}
