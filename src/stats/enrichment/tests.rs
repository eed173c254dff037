#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use super::*;
use crate::distributions::student_t_upper;
use crate::reference::{Table, assert_close, assert_p_close, gene_sets};
use proptest::prelude::*;

/// The simulated study's sets over the given features.
fn sets_over(features: &[&str]) -> (Vec<String>, FeatureSets) {
    let place = |member: &String| features.iter().position(|f| f == member);
    let (names, members): (Vec<String>, Vec<Vec<usize>>) = gene_sets("sim1_small/sets.gmt")
        .into_iter()
        .map(|(name, members)| (name, members.iter().filter_map(place).collect()))
        .unzip();
    (names, FeatureSets::new(features.len(), members).unwrap())
}

#[test]
fn over_representation_agrees_with_phyper() {
    let statistics = Table::read("general/moderated_t.tsv");
    let (names, sets) = sets_over(&statistics.texts("feature"));
    let is_hit: Vec<bool> = statistics
        .numbers("hit")
        .iter()
        .map(|&h| h == 1.0)
        .collect();
    let found = over_represented_sets(&sets, &is_hit).unwrap();
    let expected = Table::read("general/over_representation.tsv");
    assert_eq!(names, expected.texts("set"));
    let column = |get: fn(&OverRepresentation) -> f64| found.iter().map(get).collect::<Vec<_>>();
    assert_close(
        "size",
        &column(|t| t.set_size as f64),
        &expected.numbers("size"),
        0.0,
        0.0,
    );
    assert_close(
        "overlap",
        &column(|t| t.overlap as f64),
        &expected.numbers("overlap"),
        0.0,
        0.0,
    );
    assert_p_close("p", &column(|t| t.p), &expected.numbers("p"), 1e-10);
    let far = Table::read("general/over_representation_far.tsv");
    let count =
        |name: &str| -> Vec<usize> { far.numbers(name).iter().map(|&v| v as usize).collect() };
    let (overlap, size, hits, universe) = (
        count("overlap"),
        count("size"),
        count("hits"),
        count("universe"),
    );
    let found: Vec<f64> = (0..overlap.len())
        .map(|i| over_representation(overlap[i], size[i], hits[i], universe[i]))
        .map(|t| t.ln_p / std::f64::consts::LN_10)
        .collect();
    assert_close("log10 p", &found, &far.numbers("log10_p"), 1e-12, 1e-12);
    assert_eq!(over_representation(3, 5, 10, 20).expected, 2.5);
}

#[test]
fn enrichment_scores_agree_with_the_reference() {
    let statistics = Table::read("general/moderated_t.tsv");
    let (names, sets) = sets_over(&statistics.texts("feature"));
    let t = statistics.numbers("t");
    let expected = Table::read("general/enrichment_score.tsv");
    for (weight, column) in [(1.0, "weighted"), (0.0, "unweighted")] {
        let found = preranked(&t, &sets, weight, 1, 0).unwrap();
        let of = |name: &&str| found[names.iter().position(|n| n == name).unwrap()].es;
        let es: Vec<f64> = expected.texts("set").iter().map(of).collect();
        assert_close(column, &es, &expected.numbers(column), 1e-12, 1e-13);
    }
}

#[test]
fn preranked_scores_agree_with_fgsea_within_its_own_spread() {
    let statistics = Table::read("general/moderated_t.tsv");
    let (names, sets) = sets_over(&statistics.texts("feature"));
    let found = preranked(&statistics.numbers("t"), &sets, 1.0, 10_000, 7).unwrap();
    let expected = Table::read("general/fgsea.tsv");
    let features = statistics.texts("feature");
    for (i, name) in expected.texts("set").into_iter().enumerate() {
        let ours = &found[names.iter().position(|n| n == name).unwrap()];
        let nes = expected.numbers("nes")[i];
        assert!((ours.nes - nes).abs() < 0.05, "{name}: {} {nes}", ours.nes);
        let p = expected.numbers("p")[i];
        assert!((ours.p / p).log10().abs() < 0.3, "{name}: {} {p}", ours.p);
        let edge: Vec<&str> = ours.leading_edge.iter().map(|&f| features[f]).collect();
        assert_eq!(edge.join(";"), expected.texts("leading_edge")[i]);
    }
    let again = preranked(&statistics.numbers("t"), &sets, 1.0, 500, 7).unwrap();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let alone = pool.install(|| preranked(&statistics.numbers("t"), &sets, 1.0, 500, 7).unwrap());
    assert_eq!(again, alone);
}

#[test]
fn scores_by_hand() {
    // Members at places 0 and 3 of 5, weights 4 and 1: 0.8, then −1/3 twice, then +0.2.
    let score = enrichment_score(&[4.0, 3.0, 2.0, -1.0, -2.0], &[0, 3], 1.0);
    assert_close("es", &[score.es], &[0.8], 1e-15, 0.0);
    assert_eq!(score.leading_edge, [0]);
    let low = enrichment_score(&[4.0, 3.0, 2.0, -1.0, -2.0], &[3, 4], 1.0);
    assert_close("es", &[low.es], &[-1.0], 1e-15, 0.0);
    assert_eq!(low.leading_edge, [4, 3]);
    let balanced = enrichment_score(&[2.0, 1.0, -1.0, -2.0], &[0, 3], 1.0);
    assert_eq!((balanced.es, balanced.leading_edge.len()), (0.0, 0));
    assert!(enrichment_score(&[1.0, 2.0], &[], 1.0).es.is_nan());
}

#[test]
fn camera_agrees_with_limma() {
    let statistics = Table::read("general/camera_statistics.tsv");
    let (names, sets) = sets_over(&statistics.texts("feature"));
    let z: Vec<f64> = statistics
        .numbers("t")
        .iter()
        .zip(statistics.numbers("df_total"))
        .map(|(&t, df)| hill_z(t, df))
        .collect();
    assert_close("z", &z, &statistics.numbers("z"), 1e-13, 0.0);
    let expected = Table::read("general/camera.tsv");
    assert_eq!(names, expected.texts("set"));
    let table = Table::read("general/camera_residuals.tsv");
    let (_, residuals) = table.matrix();
    let residuals = StandardisedResiduals::new(residuals.clone(), residuals.cols() as f64);
    for (correlation, p, direction) in [
        (
            InterFeatureCorrelation::Preset(0.01),
            "preset_p",
            "direction",
        ),
        (
            InterFeatureCorrelation::Estimated(&residuals),
            "estimated_p",
            "estimated_direction",
        ),
    ] {
        let found = camera(&z, &sets, correlation).unwrap();
        let column: Vec<f64> = found.iter().map(|r| r.p).collect();
        assert_p_close(p, &column, &expected.numbers(p), 1e-8);
        let up: Vec<&str> = found
            .iter()
            .map(|r| if r.t > 0.0 { "Up" } else { "Down" })
            .collect();
        assert_eq!(up, expected.texts(direction));
    }
    let found = camera(&z, &sets, InterFeatureCorrelation::Estimated(&residuals)).unwrap();
    let rho: Vec<f64> = found.iter().map(|r| r.correlation).collect();
    assert_close(
        "correlation",
        &rho,
        &expected.numbers("correlation"),
        1e-10,
        1e-13,
    );
    for result in &found {
        assert!(result.restandardised * result.t >= 0.0);
        assert!((student_t_upper(result.t, result.df) - result.p_up).abs() < 1e-14);
    }
}

#[test]
fn camera_on_given_statistics_agrees_with_camera_pr() {
    let statistics = Table::read("general/moderated_t.tsv");
    let mut t = statistics.numbers("t");
    let mut features = statistics.texts("feature");
    // A feature without a statistic must change nothing.
    t.push(f64::NAN);
    features.push("P00003");
    let (_, sets) = sets_over(&features);
    let found = camera(&t, &sets, InterFeatureCorrelation::Preset(0.01)).unwrap();
    let expected = Table::read("general/camera_preranked.tsv");
    let p: Vec<f64> = found.iter().map(|r| r.p).collect();
    assert_p_close("p", &p, &expected.numbers("p"), 1e-8);
    let sizes: Vec<f64> = found.iter().map(|r| r.size as f64).collect();
    assert_close("size", &sizes, &expected.numbers("size"), 0.0, 0.0);
}

#[test]
fn a_shift_of_everything_enriches_no_set() {
    let t: Vec<f64> = (0..300)
        .map(|i| f64::from(i * 7919 % 300) / 100.0 - 1.5)
        .collect();
    let shifted: Vec<f64> = t.iter().map(|v| v + 5.0).collect();
    let sets = FeatureSets::new(300, vec![(0..20).collect(), (100..180).collect()]).unwrap();
    let preset = InterFeatureCorrelation::Preset(0.05);
    let (before, after) = (
        camera(&t, &sets, preset).unwrap(),
        camera(&shifted, &sets, preset).unwrap(),
    );
    for (a, b) in before.iter().zip(&after) {
        assert!((a.p - b.p).abs() < 1e-10 && (a.restandardised - b.restandardised).abs() < 1e-10);
    }
}

#[test]
fn near_copies_are_absorbed_by_the_better_ranked() {
    let sets = FeatureSets::new(
        40,
        vec![
            (0..10).collect(),
            (0..9).collect(),
            (20..30).collect(),
            (5..25).collect(),
            (20..24).collect(),
        ],
    )
    .unwrap();
    let jaccard = collapse_redundant(&sets, &[1, 0, 2, 3, 4], OverlapMeasure::Jaccard, 0.5);
    assert_eq!(jaccard.len(), 4);
    assert_eq!(
        (jaccard[0].representative, jaccard[0].absorbed.as_slice()),
        (1, [0].as_slice())
    );
    let inside = collapse_redundant(&sets, &[2, 4, 0, 1, 3], OverlapMeasure::Coefficient, 0.9);
    assert_eq!(inside[0].absorbed, [4]);
    assert_eq!(inside[1].absorbed, [1]);
    assert_eq!(overlap(&[], &[1], OverlapMeasure::Coefficient), 0.0);
}

#[test]
fn bad_sets_are_errors() {
    let error = FeatureSets::new(3, vec![vec![0], vec![3, 1]]).unwrap_err();
    assert!(matches!(
        error,
        EnrichmentError::UnknownFeature {
            set: 1,
            feature: 3,
            features: 3
        }
    ));
    let sets = FeatureSets::new(3, vec![vec![0, 0, 1]]).unwrap();
    assert_eq!(sets.members(0), [0, 1]);
    assert!(over_represented_sets(&sets, &[true]).is_err());
    let nan = f64::NAN;
    let preset = InterFeatureCorrelation::Preset(0.01);
    assert!(matches!(
        camera(&[nan, 1.0, nan], &sets, preset),
        Err(EnrichmentError::TooFewFeatures { found: 1 })
    ));
}

proptest! {
    #[test]
    fn a_score_changes_sign_with_its_list(
        mut ranked in prop::collection::vec(-3.0..3.0_f64, 12..40), pick in prop::collection::btree_set(0_usize..12, 1..6),
    ) {
        ranked.sort_by(|a, b| b.total_cmp(a));
        let places: Vec<usize> = pick.into_iter().collect();
        let score = enrichment_score(&ranked, &places, 1.0);
        prop_assert!(score.es.abs() <= 1.0 + 1e-12);
        let turned: Vec<f64> = ranked.iter().rev().map(|v| -v).collect();
        let mirrored: Vec<usize> = places.iter().rev().map(|p| ranked.len() - 1 - p).collect();
        let back = enrichment_score(&turned, &mirrored, 1.0);
        // Where peak and trough are equally far, rounding decides which of them, or none (fgsea's 0), is the score.
        let tied = score.es == 0.0 || back.es == 0.0 || (score.es - back.es).abs() < 1e-12;
        prop_assert!((score.es + back.es).abs() < 1e-12 || tied);
    }
}
