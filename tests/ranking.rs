//! The order of hypotheses: what says again what is chosen comes later than what adds something.

use std::collections::BTreeSet;

use proteus::agent::select::{Weighed, rank};
use proteus::discovery::{Archetype, Entity, EntityKind, Hypothesis};
use proteus::run::RunView;

use crate::report::fixture::{Texts, finished_run};

fn one() -> Hypothesis {
    let parent = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let run = finished_run(parent.path(), &Texts::default());
    let view = RunView::open(&run).unwrap_or_else(|error| panic!("{error}"));
    let all = view.hypotheses().unwrap_or_else(|error| panic!("{error}"));
    all.into_iter()
        .next()
        .unwrap_or_else(|| panic!("no hypothesis"))
}

/// `like`, about a set of its own with these genes.
fn about(
    like: &Hypothesis,
    id: &str,
    archetype: Archetype,
    standing: f64,
    genes: &[&str],
) -> Weighed {
    let mut hypothesis = like.clone();
    id.clone_into(&mut hypothesis.id);
    hypothesis.archetype = archetype;
    hypothesis.entities.clear();
    hypothesis.claims[0].subject = Entity::new(EntityKind::Pathway, id, id);
    hypothesis.error_rate.stratum = format!("{archetype:?}");
    Weighed {
        hypothesis,
        standing,
        size: 0.5,
        priority: 1.0,
        asked_directly: false,
        theme: genes.iter().map(|g| (*g).to_owned()).collect(),
        target_samples: BTreeSet::new(),
    }
}

fn order(all: Vec<Weighed>) -> Vec<String> {
    rank(all, 10).into_iter().map(|h| h.id).collect()
}

#[test]
fn a_set_of_the_same_genes_comes_after_one_of_others() {
    let like = one();
    let sets = vec![
        about(
            &like,
            "respiration",
            Archetype::PathwayShift,
            1.0,
            &["A", "B", "C", "D"],
        ),
        about(
            &like,
            "respiratory chain",
            Archetype::PathwayShift,
            0.9,
            &["A", "B", "C"],
        ),
        about(
            &like,
            "translation",
            Archetype::PathwayShift,
            0.5,
            &["X", "Y", "Z"],
        ),
    ];
    assert_eq!(
        order(sets.clone()),
        ["respiration", "translation", "respiratory chain"]
    );
    // What goes the other way, or answers another question, is no repeat.
    let mut opposed = sets.clone();
    opposed[1].hypothesis.direction = proteus::discovery::Direction::Undirected;
    assert_eq!(
        order(opposed),
        ["respiration", "respiratory chain", "translation"]
    );
}

#[test]
fn a_second_activity_waits_longer_than_a_second_pathway() {
    let like = one();
    let of = |archetype| {
        vec![
            about(&like, "first", archetype, 1.0, &[]),
            about(&like, "second", archetype, 0.95, &[]),
            about(&like, "other", Archetype::ComplexShift, 0.5, &[]),
        ]
    };
    assert_eq!(
        order(of(Archetype::PathwayShift)),
        ["first", "second", "other"]
    );
    assert_eq!(
        order(of(Archetype::RegulatorActivity)),
        ["first", "other", "second"]
    );
}
