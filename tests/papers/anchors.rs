//! What each score of alignment and novelty stands for, with packs, with papers, with both.

use proteus::agent::score::{Background, PapersSay, score};
use proteus::discovery::{FiveAxes, Grade, PapersOfHypothesis};
use proteus::report::ReportModel;

use super::*;
use crate::report::fixture::{Texts, finished_run};

/// A supported hypothesis with so many entries of packs.
fn hypothesis(entries: usize) -> Hypothesis {
    let folder = tempfile::tempdir().unwrap();
    let model = ReportModel::load(&finished_run(folder.path(), &Texts::default())).unwrap();
    let mut all = model.hypotheses.iter();
    let mut found = all.find(|h| h.grade == Grade::Supported).unwrap().clone();
    let entry = found.support[0].clone();
    found.support = vec![entry; entries];
    found
}

fn looked_at(supporting: usize, contradicting: usize) -> PapersOfHypothesis {
    PapersOfHypothesis {
        papers: 10,
        supporting,
        contradicting,
        stating: supporting + contradicting,
        naming: 10 - supporting - contradicting,
        ..PapersOfHypothesis::default()
    }
}

/// Scores by `entries` of packs, none where they are silent, and by papers for and against. What is supported was expected.
fn scored(entries: Option<usize>, papers: Option<(usize, usize)>) -> FiveAxes {
    let found = papers.map(|(supporting, contradicting)| looked_at(supporting, contradicting));
    let background = Background {
        packs_silent: entries.is_none().then_some("no pack is read"),
        prior: 0.9,
        papers: found
            .as_ref()
            .map_or(PapersSay::NotAsked, PapersSay::LookedAt),
    };
    score(&hypothesis(entries.unwrap_or(0)), background)
}

#[test]
fn alignment_counts_what_states_it() {
    for (entries, papers, expected) in [
        // As ever without papers.
        (None, None, None),
        (Some(0), None, None),
        (Some(1), None, Some(4)),
        (Some(3), None, Some(5)),
        // Papers alone: mentions decide nothing.
        (None, Some((0, 0)), None),
        (None, Some((1, 0)), Some(4)),
        (None, Some((2, 0)), Some(5)),
        (None, Some((2, 1)), Some(3)),
        (None, Some((1, 1)), Some(2)),
        (None, Some((1, 2)), Some(1)),
        (None, Some((0, 1)), Some(1)),
        // Both: entries state no direction, and outweigh no paper that states the opposite.
        (Some(1), Some((0, 0)), Some(4)),
        (Some(1), Some((1, 0)), Some(5)),
        (Some(4), Some((0, 1)), Some(1)),
        (Some(4), Some((1, 1)), Some(2)),
        (Some(0), Some((0, 0)), None),
    ] {
        let axis = scored(entries, papers).alignment;
        assert_eq!(
            axis.rule, expected,
            "{entries:?}, {papers:?}: {}",
            axis.because
        );
    }
}

#[test]
fn papers_only_lower_novelty() {
    for (entries, papers, expected) in [
        (None, None, None),
        (Some(0), None, Some(4)),
        (Some(2), None, Some(2)),
        (Some(0), Some((0, 0)), Some(4)),
        (Some(0), Some((1, 0)), Some(3)),
        (Some(1), Some((0, 1)), Some(2)),
        (Some(2), Some((5, 3)), Some(1)),
        (None, Some((0, 0)), None),
        (None, Some((1, 0)), Some(3)),
        (None, Some((1, 1)), Some(2)),
        (None, Some((9, 0)), Some(1)),
    ] {
        let axis = scored(entries, papers).novelty;
        assert_eq!(
            axis.rule, expected,
            "{entries:?}, {papers:?}: {}",
            axis.because
        );
        let (with, without) = (axis.rule, scored(entries, None).novelty.rule);
        assert!(without.is_none() || with <= without);
    }
    let axis = scored(Some(0), Some((1, 0))).novelty;
    assert!(
        axis.because
            .contains("of 10 papers looked at, 1 state it or its opposite"),
        "{axis:?}"
    );
}

#[test]
fn what_was_not_looked_up_says_so() {
    let found = PapersOfHypothesis {
        papers: 4,
        unreadable: Some("it compares no two groups of samples".to_owned()),
        ..PapersOfHypothesis::default()
    };
    for (papers, told) in [
        (
            PapersSay::NotLookedUp("nobody was left to ask"),
            "nobody was left to ask",
        ),
        (PapersSay::LookedAt(&found), "it compares no two groups"),
    ] {
        let background = Background {
            packs_silent: Some("no pack is read"),
            prior: 0.5,
            papers,
        };
        let axes = score(&hypothesis(0), background);
        for axis in [axes.alignment, axes.novelty] {
            assert_eq!(axis.rule, None);
            assert!(axis.because.contains(told), "{axis:?}");
        }
        let packs = Background {
            packs_silent: None,
            ..background
        };
        let axes = score(&hypothesis(2), packs);
        assert_eq!(
            axes.alignment.rule,
            Some(5),
            "the packs speak for themselves"
        );
        assert!(
            axes.alignment.because.contains(told),
            "{:?}",
            axes.alignment
        );
    }
}
