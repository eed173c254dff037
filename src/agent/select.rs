//! Which hypotheses are printed and in which order: near-duplicates folded together, then the best first with each next
//! one chosen to add something.

use std::collections::BTreeSet;

use crate::discovery::{Archetype, Direction, EntityKind, Grade, Hypothesis};

/// Overlap of the named entities from which two hypotheses of one shape and direction are the same.
const SAME: f64 = 0.5;
/// The same between two contrasts of one variable, where the better one already says what the other shows.
const SIBLINGS: f64 = 0.3;
/// What each already chosen hypothesis of the same stratum, or naming the same entities, costs the next.
const SAME_STRATUM: f64 = 0.12;
const SAME_ENTITIES: f64 = 0.35;
/// What a chosen hypothesis costs the next one about a set of the same genes, at full overlap: a respiratory complex, the pathway
/// it is part of and a panel of its subunits are three ways to say one thing.
const SAME_THEME: f64 = 1.0;
/// What each chosen activity costs the next one of its objective: footprints share genes, and one set of proteins moves many.
const NEXT_ACTIVITY: f64 = 0.5;
/// The most that repeating what is chosen can cost.
const REPEATS: f64 = 1.4;
/// What a claim about the samples' structure is worth less where other objectives ask about its variable directly: that
/// the design shows in the samples is what everybody expects.
const EXPECTED: f64 = 1.2;

/// What ranking needs beside the record.
#[derive(Debug, Clone)]
pub struct Weighed {
    /// The record.
    pub hypothesis: Hypothesis,
    /// Place of its leading row among the rows of its stratum, best = 1, worst → 0.
    pub standing: f64,
    /// How large its change is beside what is usual there, 0 to 1; a half where that cannot be said.
    pub size: f64,
    /// Priority of its objective.
    pub priority: f64,
    /// Whether it says of the samples' structure what other objectives ask about directly.
    pub asked_directly: bool,
    /// Genes of the sets it names; empty for a claim about single proteins.
    pub theme: BTreeSet<String>,
    /// Samples of its target arm (or all), to see whether two contrasts split the samples alike.
    pub target_samples: BTreeSet<String>,
}

/// Folds near-duplicates into the better one of each pair; the folded ids are kept.
pub fn fold(mut all: Vec<Weighed>) -> Vec<Weighed> {
    // Equals keep their order, which no name decides.
    all.sort_by(|a, b| value(b).total_cmp(&value(a)));
    let mut kept: Vec<Weighed> = Vec::new();
    for candidate in all {
        match kept.iter_mut().find(|k| duplicates(k, &candidate)) {
            Some(better) => better
                .hypothesis
                .absorbed
                .push(candidate.hypothesis.statement),
            None => kept.push(candidate),
        }
    }
    kept
}

fn duplicates(a: &Weighed, b: &Weighed) -> bool {
    let (x, y) = (&a.hypothesis, &b.hypothesis);
    let opposed = x.direction != y.direction
        && x.direction != Direction::Undirected
        && y.direction != Direction::Undirected;
    if opposed || family(x.archetype) != family(y.archetype) {
        return false;
    }
    let same_variable = variable(x) == variable(y);
    let same_split =
        x.objective == y.objective || jaccard(&a.target_samples, &b.target_samples) >= SAME;
    let (p, q) = (named(x), named(y));
    if same_split || x.direction != y.direction {
        // A protein told alone, or without a direction, repeats the panel or the contrast that names it.
        return (same_split || same_variable) && (told(x, &p, &q) || jaccard(&p, &q) >= SAME);
    }
    same_variable && (told(x, &p, &q) || jaccard(&p, &q) >= SIBLINGS)
}

/// Whether one of two hypotheses about proteins names half or more of the other's: a short panel repeats a long one.
fn told(hypothesis: &Hypothesis, a: &BTreeSet<String>, b: &BTreeSet<String>) -> bool {
    let smaller = a.len().min(b.len());
    family(hypothesis.archetype) != 2
        && smaller > 0
        && a.intersection(b).count() as f64 >= SAME * smaller as f64
}

/// The variable an objective is about.
fn variable(hypothesis: &Hypothesis) -> &str {
    hypothesis.objective.0.split(':').next().unwrap_or_default()
}

/// Archetypes that say the same kind of thing.
fn family(archetype: Archetype) -> u8 {
    match archetype {
        Archetype::DifferentialProtein
        | Archetype::Chain
        | Archetype::ProteinAcrossGroups
        | Archetype::TimeCourse
        | Archetype::DoseTrend
        | Archetype::DetectionSwitch
        | Archetype::DetectionPanel => 0,
        Archetype::SiteBeyondProtein | Archetype::ProteinBeyondRna => 5,
        Archetype::RegulatorActivity => 8,
        Archetype::MutationDifference => 9,
        Archetype::MutationEffect => 6,
        Archetype::CopyNumberEffect => 7,
        Archetype::ProteinAssociation => 1,
        Archetype::PathwayShift | Archetype::ComplexShift | Archetype::OverRepresentation => 2,
        Archetype::SubtypeAssociation => 3,
        Archetype::ComponentAssociation => 4,
    }
}

/// What a hypothesis is about: its claims' subjects; for a set its leading members too.
fn named(hypothesis: &Hypothesis) -> BTreeSet<String> {
    let structure = matches!(family(hypothesis.archetype), 3 | 4);
    let mut names: BTreeSet<String> = hypothesis
        .claims
        .iter()
        .map(|c| {
            if structure {
                format!("{}~{}", c.subject.id, c.object.id)
            } else {
                // By gene: isoforms, neighbouring groups and sites of one gene, and its RNA, are one claim.
                c.subject.gene().to_owned()
            }
        })
        .collect();
    if family(hypothesis.archetype) == 2 {
        names = hypothesis
            .entities
            .iter()
            .filter(|e| e.kind == EntityKind::Protein)
            .map(|e| e.symbol.clone())
            .collect();
        if names.is_empty() {
            names = hypothesis
                .claims
                .iter()
                .map(|c| c.subject.id.clone())
                .collect();
        }
    }
    names
}

fn jaccard(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let union = a.union(b).count();
    if union == 0 {
        0.0
    } else {
        a.intersection(b).count() as f64 / union as f64
    }
}

/// What the size of a change can add to a claim's worth.
const SIZE: f64 = 1.2;

/// Worth of a hypothesis by itself: grade first, then standing in its stratum, size of the change, cautions, breadth and
/// priority.
fn value(weighed: &Weighed) -> f64 {
    let h = &weighed.hypothesis;
    let grade = match h.grade {
        Grade::Supported => 4.0,
        Grade::Suggestive => 2.0,
        Grade::Exploratory => 0.5,
        Grade::Contradicted => 0.0,
    };
    let robust = if h.robustness.tried == 0 {
        0.5
    } else {
        h.robustness.held as f64 / h.robustness.tried as f64
    };
    let breadth = ((h.claims.len() as f64).sqrt() - 1.0).min(2.0) * 0.3;
    let cautions = 0.1 * h.flags.len().min(4) as f64;
    let expected = f64::from(u8::from(weighed.asked_directly)) * EXPECTED;
    grade
        + 0.6 * weighed.standing
        + SIZE * weighed.size
        + 0.5 * weighed.priority
        + 0.3 * robust
        + breadth
        - cautions
        - expected
}

/// What the next hypothesis says again of a chosen one.
fn repeats(chosen: &Weighed, next: &Weighed) -> f64 {
    let (c, n) = (&chosen.hypothesis, &next.hypothesis);
    let mut cost = SAME_ENTITIES * jaccard(&named(c), &named(n));
    if c.error_rate.stratum == n.error_rate.stratum {
        cost += match n.archetype {
            Archetype::RegulatorActivity => NEXT_ACTIVITY,
            _ => SAME_STRATUM,
        };
    }
    if c.objective == n.objective && c.direction == n.direction {
        cost += SAME_THEME * cosine(&chosen.theme, &next.theme);
    }
    cost
}

/// Shared genes over the geometric mean of the sizes (Ochiai 1957): a small set within a large one counts less than two alike.
fn cosine(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let shared = a.intersection(b).count() as f64;
    shared / (a.len() as f64 * b.len() as f64).sqrt()
}

/// Orders the records: greedily the one worth most, less what it repeats of those already chosen; keeps `limit`.
pub fn rank(mut all: Vec<Weighed>, limit: usize) -> Vec<Hypothesis> {
    let mut chosen: Vec<Weighed> = Vec::new();
    while !all.is_empty() && chosen.len() < limit {
        let marginal = |w: &Weighed| {
            let repeats: f64 = chosen.iter().map(|c| repeats(c, w)).sum();
            value(w) - repeats.min(REPEATS)
        };
        let best = (0..all.len()).max_by(|&a, &b| {
            marginal(&all[a])
                .total_cmp(&marginal(&all[b]))
                .then_with(|| b.cmp(&a))
        });
        match best {
            Some(best) => chosen.push(all.remove(best)),
            None => break,
        }
    }
    chosen
        .into_iter()
        .enumerate()
        .map(|(i, mut w)| {
            w.hypothesis.rank = i + 1;
            w.hypothesis
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> BTreeSet<String> {
        list.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn overlap_counts_over_the_union() {
        let (a, b) = (names(&["A", "B", "C"]), names(&["B", "C", "D"]));
        assert!((jaccard(&a, &b) - 0.5).abs() < 1e-12);
        assert_eq!(jaccard(&names(&[]), &names(&[])), 0.0);
    }

    #[test]
    fn sets_are_alike_by_shared_genes_over_the_mean_of_their_sizes() {
        let (small, large) = (
            names(&["A", "B"]),
            names(&["A", "B", "C", "D", "E", "F", "G", "H"]),
        );
        assert!((cosine(&small, &large) - 0.5).abs() < 1e-12);
        assert!((cosine(&small, &small) - 1.0).abs() < 1e-12);
        assert_eq!(cosine(&small, &names(&[])), 0.0);
        assert_eq!(cosine(&small, &names(&["C"])), 0.0);
    }

    #[test]
    fn sets_and_proteins_are_never_the_same_kind_of_claim() {
        assert_ne!(
            family(Archetype::DifferentialProtein),
            family(Archetype::PathwayShift)
        );
        assert_eq!(
            family(Archetype::DifferentialProtein),
            family(Archetype::DetectionSwitch)
        );
    }
}
