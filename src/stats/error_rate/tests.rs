#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use super::*;
use crate::reference::assert_close;
use proptest::prelude::*;

/// The definition itself, min over t ≤ S of (1 + D(t)) / ((B + 1/m)·R(t)), by brute force.
fn q_by_definition(targets: &[f64], decoys: &[Vec<f64>], menu_size: usize) -> Vec<f64> {
    let per_decoy = decoys.len() as f64 + 1.0 / menu_size as f64;
    let estimate = |t: f64| {
        let d = decoys.iter().flatten().filter(|&&s| s >= t).count() as f64;
        let r = targets.iter().filter(|&&s| s >= t).count() as f64;
        (1.0 + d) / (per_decoy * r)
    };
    targets
        .iter()
        .map(|&s| {
            let lower = targets.iter().filter(|&&t| t <= s);
            lower.map(|&t| estimate(t)).fold(1.0, f64::min)
        })
        .collect()
}

fn pooled(targets: &[f64], decoys: &[Vec<f64>], menu_size: usize) -> PooledDecoys {
    let mut counts = PooledDecoys::new(targets, menu_size).unwrap();
    for decoy in decoys {
        counts.add(decoy).unwrap();
    }
    counts
}

#[test]
fn pooled_p_by_hand() {
    // m = 4, B = 2: D(5) = 1 (the 6), D(3) = 3 (6, 3, 4), D(1) = 5; p = (1 + D) / 9.
    let decoys = [vec![6.0, 0.5, 3.0, f64::NAN], vec![4.0, 1.0]];
    let counts = pooled(&[5.0, 3.0, 1.0, f64::NAN], &decoys, 4);
    assert_eq!(counts.counts(), [1, 3, 4, 0]);
    assert_close(
        "p",
        &counts.p_values(),
        &[2.0 / 9.0, 4.0 / 9.0, 5.0 / 9.0, 1.0],
        1e-15,
        0.0,
    );
}

#[test]
fn subject_p_by_hand() {
    let mut counts = SubjectDecoys::new(&[2.0, 1.0, f64::NAN]);
    for decoy in [[2.0, 0.0, 9.0], [3.0, f64::NAN, 9.0], [1.9, 0.5, 9.0]] {
        counts.add(&decoy).unwrap();
    }
    assert_eq!(counts.p_values(), [3.0 / 4.0, 1.0 / 4.0, 1.0]);
    assert!(matches!(
        counts.add(&[1.0]),
        Err(ErrorRateError::SubjectMismatch {
            found: 1,
            expected: 3
        })
    ));
}

#[test]
fn a_list_of_ten_clears_twenty_decoys_but_a_lone_hit_does_not() {
    // No decoy reaches any target: q = 1 / (R·(B + 1/m)).
    let quiet = vec![vec![0.0; 1000]; 20];
    let ten: Vec<f64> = (0..10).map(|i| 10.0 + f64::from(i)).collect();
    let q = stratum_q(&pooled(&ten, &quiet, 1000).p_values(), 1000);
    assert_close("ten", &[q[0]], &[1.0 / (10.0 * 20.001)], 1e-12, 0.0);
    let lone = stratum_q(&pooled(&[10.0], &quiet, 1000).p_values(), 1000);
    assert_close("lone", &lone, &[1.0 / 20.001], 1e-12, 0.0);
    let floor = resolution_floor(Counting::Pooled, 1000, 20, 1, 1, 1);
    assert_eq!(floor, 0.05);
    assert!(resolution_floor(Counting::Pooled, 1000, 20, 1, 20, 1) > SUPPORTED_LEVEL);
    assert_eq!(
        resolution_floor(Counting::Pooled, 1000, 400, 1, 20, 1),
        0.05
    );
    assert_eq!(
        resolution_floor(Counting::PerSubject, 10, 999, 1, 1, 1),
        0.01
    );
    assert_eq!(resolution_floor(Counting::Pooled, 1000, 20, 0, 1, 0), 1.0);
    assert_eq!(decoys_needed(20, SUPPORTED_LEVEL), 400);
    assert_eq!(decoys_needed(0, SUPPORTED_LEVEL), 20);
}

#[test]
fn long_lists_need_few_decoys_and_marginal_claims_many() {
    let stratum = |passing: usize, p: f64| {
        let mut all = vec![p; passing];
        all.resize(1000, 0.5);
        Listing::new(&all, None).decoys_resolving(8.0, SUPPORTED_LEVEL, 320)
    };
    // Sixteen sure claims: (1 + 0)·8/(20·16) = 0.025. A lone one: 8/B = 0.05 at 160.
    assert_eq!(stratum(16, 1e-40), Some(20));
    assert_eq!(stratum(1, 1e-40), Some(160));
    // Of 0.002 expected claims per decoy, (1 + 320·0.004 + √1.28)·8/320 = 0.085 is too much for one, which 0.002·8 lets pass in
    // the limit, and enough for two.
    assert_eq!(stratum(1, 2e-6), Some(320));
    assert_eq!(stratum(2, 2e-6), Some(320));
    assert_eq!(stratum(1, 7e-6), None);
    assert_eq!(stratum(0, 0.5), None);
    assert_eq!(
        Listing::new(&[f64::NAN; 5], None).decoys_resolving(1.0, 0.25, 40),
        None
    );
    // With 20 distinct relabellings a tenth of the decoys are the data: q ≥ 0.1·8.
    let few = Listing::new(&[1e-40; 30], Some(20.0));
    assert_eq!(few.decoys_resolving(8.0, SUPPORTED_LEVEL, 320), None);
    assert_eq!(few.decoys_resolving(0.1, SUPPORTED_LEVEL, 320), Some(20));
}

#[test]
fn selection_across_strata_by_hand() {
    let stratum = |weight, q: &[f64]| Stratum {
        weight,
        q: q.to_vec(),
    };
    let strata = [
        stratum(1.0, &[0.001, 0.02]),
        stratum(1.0, &[0.3]),
        stratum(1.0, &[0.015, 0.9]),
        stratum(1.0, &[]),
    ];
    // P = .001, .3, .015, 1 and one reserved slot at 1: BH over 5 gives .005, .5, .0375, 1; two are selected.
    let selection = across_strata(&strata, 5, SUPPORTED_LEVEL).unwrap();
    assert_eq!(selection.selected, [true, false, true, false]);
    assert_close("first", &selection.q[0], &[0.0025, 0.05], 1e-12, 0.0);
    assert_eq!(selection.q[1], [1.0]);
    assert_close("third", &selection.q[2], &[0.0375, 1.0], 1e-12, 0.0);
    assert!(selection.q[3].is_empty());
    // Half weight on the third stratum: .03 → BH .075, no longer selected.
    let mut lighter = strata.clone();
    lighter[2].weight = 0.5;
    let selection = across_strata(&lighter, 5, SUPPORTED_LEVEL).unwrap();
    assert_eq!(selection.selected_count, 1);
    assert_close("alone", &selection.q[0], &[0.005, 0.1], 1e-12, 0.0);
    assert!(across_strata(&strata, 3, 0.05).is_err());
    lighter[0].weight = 0.0;
    assert!(across_strata(&lighter, 5, 0.05).is_err());
}

#[test]
fn reserved_slots_are_shared_by_strata_asked_later() {
    let stratum = |weight, q: &[f64]| Stratum {
        weight,
        q: q.to_vec(),
    };
    let first = [
        stratum(1.0, &[0.004, 0.02]),
        stratum(1.0, &[0.4]),
        stratum(1.0, &[0.9]),
    ];
    // One slot of four is reserved and shared by five strata, of which three are asked: .001/.2 = .005, .3/.2 → 1 and
    // .006/.2 = .03. With .004, .005, .03 first: .004·4/1 = .016, .005·4/2 = .01, .03·4/3 = .04; three are selected.
    let mut all = first.to_vec();
    all.extend([
        stratum(0.2, &[0.001, 0.002]),
        stratum(0.2, &[0.3]),
        stratum(0.2, &[0.006]),
    ]);
    let selection = across_strata(&all, 4, SUPPORTED_LEVEL).unwrap();
    assert_eq!(selection.selected, [true, false, false, true, false, true]);
    // q·4/3 for the first, q·4/(3·.2) = q·20/3 for those asked later.
    assert_close(
        "first",
        &selection.q[0],
        &[4.0 / 750.0, 2.0 / 75.0],
        1e-12,
        0.0,
    );
    assert_close(
        "later",
        &selection.q[3],
        &[1.0 / 150.0, 1.0 / 75.0],
        1e-12,
        0.0,
    );
    assert_close("last", &selection.q[5], &[0.04], 1e-12, 0.0);
    assert_eq!(selection.q[4], [1.0]);
    // Where none is asked, or nothing of what is asked comes to anything, the first are as they were.
    let alone = across_strata(&first, 4, SUPPORTED_LEVEL).unwrap();
    let mut idle = first.to_vec();
    idle.extend(vec![stratum(0.2, &[0.8]); 5]);
    let with_idle = across_strata(&idle, 4, SUPPORTED_LEVEL).unwrap();
    assert_eq!(with_idle.q[..3], alone.q[..]);
    // More is shared out than was reserved.
    idle.push(stratum(0.2, &[0.8]));
    assert!(across_strata(&idle, 4, SUPPORTED_LEVEL).is_err());
}

/// Under the global null no choice among the strata that share the reserved slots makes a claim likelier than 5 %: strata that are
/// asked later are chosen by their own p, which is worse than any rule that sees only the others, and twice as many as a run takes.
#[test]
fn an_adversary_who_asks_the_best_looking_strata_later_gains_nothing() {
    use rand::{Rng, SeedableRng};

    const DRAWS: usize = 4_000;
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(20_261_201);
    for (first, later, members) in [(5, 6, 1), (10, 24, 20), (1, 12, 5)] {
        let counted = (first as f64 * 1.2).ceil() as usize;
        let weight = (counted - first) as f64 / later as f64;
        let (mut chosen, mut all, mut free) = (0, 0, 0);
        for _ in 0..DRAWS {
            let mut drawn = || {
                let p: Vec<f64> = (0..members).map(|_| random.random()).collect();
                stratum_q(&p, members)
            };
            let mut strata: Vec<Stratum> = (0..first)
                .map(|_| Stratum {
                    weight: 1.0,
                    q: drawn(),
                })
                .collect();
            let mut candidates: Vec<Stratum> =
                (0..later).map(|_| Stratum { weight, q: drawn() }).collect();
            candidates.sort_by(|a, b| {
                let best = |s: &Stratum| s.q.iter().copied().fold(1.0, f64::min);
                best(a).total_cmp(&best(b))
            });
            let holds = |strata: &[Stratum], counted: usize| {
                let selection = across_strata(strata, counted, SUPPORTED_LEVEL).unwrap();
                let claims = selection.q.iter().flatten();
                usize::from(claims.filter(|q| **q <= SUPPORTED_LEVEL).count() > 0)
            };
            // What the price is for: the same choice, asked as if it had been on the menu.
            let mut unpaid = strata.clone();
            unpaid.extend(
                candidates
                    .iter()
                    .take(2)
                    .cloned()
                    .map(|s| Stratum { weight: 1.0, ..s }),
            );
            free += holds(&unpaid, first + 2);
            strata.extend(candidates.iter().take(4).cloned());
            chosen += holds(&strata, counted);
            strata.extend(candidates.into_iter().skip(4));
            all += holds(&strata, counted);
        }
        // Three standard errors of a rate of 5 %.
        let most = SUPPORTED_LEVEL + 3.0 * (0.05 * 0.95 / DRAWS as f64).sqrt();
        let share = |count: usize| count as f64 / DRAWS as f64;
        assert!(share(chosen) <= most, "{first}/{later}: {}", share(chosen));
        assert!(share(chosen) <= share(all), "{first}/{later}");
        assert!(share(all) <= most, "{first}/{later}: {}", share(all));
        assert!(share(free) > most, "{first}/{later}: {}", share(free));
    }
}

#[test]
fn recounting_uses_the_number_printed() {
    let p = [0.001, 0.002, 0.003, 0.004];
    let all = stratum_q(&p, 100);
    assert_close("all", &all, &[0.1; 4], 1e-12, 0.0);
    let printed = stratum_q(&[p[1], p[3]], 100);
    assert_close("printed", &printed, &[0.2, 0.2], 1e-12, 0.0);
}

#[test]
fn audit_lowers_grades_from_four_of_twenty() {
    let verdict = |bad: usize| {
        let runs: Vec<usize> = (0..20).map(|i| usize::from(i < bad)).collect();
        audit_verdict(&runs)
    };
    assert!(!verdict(3).lower_a_step);
    assert!(verdict(4).lower_a_step);
    // 1 − pbinom(3, 20, 0.05) in R.
    assert_close("p", &[verdict(4).p], &[0.015902_f64], 1e-4, 0.0);
    assert_eq!(audit_verdict(&[]).p, 1.0);
    assert_close(
        "interval",
        &[interval_level(10, 1000)],
        &[0.9995],
        1e-12,
        0.0,
    );
}

#[test]
fn ten_million_decoy_scores_are_counted_quickly() {
    let targets: Vec<f64> = (0..10_000).map(|i| f64::from(i) * 1e-3).collect();
    let mut counts = PooledDecoys::new(&targets, 10_000).unwrap();
    let decoy: Vec<f64> = (0..10_000)
        .map(|i| f64::from(i * 7919 % 10_000) * 1e-3)
        .collect();
    for _ in 0..100 {
        counts.add(&decoy).unwrap();
    }
    // Every target is reached by those at or above it in each replay.
    let expected: Vec<u64> = (0..10_000).map(|i| 100 * (10_000 - i)).collect();
    assert_eq!(counts.counts(), expected);
}

proptest! {
    #[test]
    fn pooled_q_is_the_definition_and_ignores_order(
        targets in prop::collection::vec(0_u8..30, 1..25),
        decoys in prop::collection::vec(prop::collection::vec(0_u8..25, 0..25), 1..6),
    ) {
        let targets: Vec<f64> = targets.into_iter().map(f64::from).collect();
        let decoys: Vec<Vec<f64>> = decoys.into_iter().map(|d| d.into_iter().map(f64::from).collect()).collect();
        let menu_size = 25;
        let p = pooled(&targets, &decoys, menu_size).p_values();
        let q = stratum_q(&p, menu_size);
        let expected = q_by_definition(&targets, &decoys, menu_size);
        for i in 0..q.len() {
            prop_assert!((q[i] - expected[i]).abs() < 1e-12);
            prop_assert!(q[i] >= p[i] && q[i] <= 1.0);
            for j in 0..q.len() {
                prop_assert!(targets[i] < targets[j] || q[i] <= q[j]);
            }
        }
        let backwards: Vec<f64> = targets.iter().rev().copied().collect();
        let mut back = stratum_q(&pooled(&backwards, &decoys, menu_size).p_values(), menu_size);
        back.reverse();
        prop_assert_eq!(back, q);
    }

    #[test]
    fn selection_never_lowers_q(
        strata in prop::collection::vec(prop::collection::vec(0.0..=1.0_f64, 0..6), 1..8),
        spare in 0_usize..4,
    ) {
        let strata: Vec<Stratum> = strata.into_iter().map(|q| Stratum { weight: 1.0, q }).collect();
        let selection = across_strata(&strata, strata.len() + spare, SUPPORTED_LEVEL).unwrap();
        for (before, after) in strata.iter().zip(&selection.q) {
            for (b, a) in before.q.iter().zip(after) {
                prop_assert!(a >= b && *a <= 1.0);
            }
        }
    }
}
