#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use super::*;
use crate::Matrix;
use crate::reference::{Table, assert_close, assert_p_close};
use proptest::prelude::*;

struct Study {
    y: Matrix,
    treated: Vec<usize>,
    control: Vec<usize>,
    batch: Vec<usize>,
    donor: Vec<String>,
}

fn study() -> Study {
    let table = Table::read("sim1_small/abundance.tsv");
    let (_, raw) = table.matrix();
    let samples = Table::read("sim1_small/meta.tsv");
    let condition = samples.texts("condition");
    let of = |level: &str| {
        let is_level = |j: &usize| condition[*j] == level;
        (0..condition.len()).filter(is_level).collect()
    };
    let batch = samples.texts("batch");
    Study {
        y: Matrix::from_fn(raw.rows(), raw.cols(), |i, j| raw.get(i, j).log2()),
        treated: of("trtA"),
        control: of("ctrl"),
        batch: batch.iter().map(|b| b[1..].parse().unwrap()).collect(),
        donor: samples
            .texts("donor")
            .into_iter()
            .map(str::to_owned)
            .collect(),
    }
}

/// One column over the features; a test that could not be made is missing.
fn column<T, E>(results: &[Result<T, E>], get: impl Fn(&T) -> f64) -> Vec<f64> {
    results
        .iter()
        .map(|r| r.as_ref().map_or(f64::NAN, &get))
        .collect()
}

#[test]
fn two_group_tests_agree_with_r() {
    let study = study();
    let expected = Table::read("general/two_groups.tsv");
    let pick = |i: usize, columns: &[usize]| -> Vec<f64> {
        columns.iter().map(|&j| study.y.get(i, j)).collect()
    };
    let rows: Vec<(Vec<f64>, Vec<f64>)> = (0..study.y.rows())
        .map(|i| (pick(i, &study.treated), pick(i, &study.control)))
        .collect();
    let check = |name: &str, found: &[f64]| {
        // Statistics far beyond any data come from spreads that are rounding errors themselves.
        let expected = expected.numbers(name);
        assert_close(name, found, &expected, 1e-12, 1e-12);
    };
    let check_p = |name: &str, found: &[f64], tolerance: f64| {
        assert_p_close(name, found, &expected.numbers(name), tolerance);
    };
    let welch: Vec<_> = rows.iter().map(|(x, y)| welch_t(x, y)).collect();
    check("welch_t", &column(&welch, |t| t.t));
    check("welch_df", &column(&welch, |t| t.df));
    check_p("welch_p", &column(&welch, |t| t.p), 1e-10);
    let lows = column(&welch, |t| t.interval(0.95)[0]);
    assert_close(
        "welch_low",
        &lows,
        &expected.numbers("welch_low"),
        1e-9,
        1e-10,
    );
    let student: Vec<_> = rows.iter().map(|(x, y)| student_t(x, y)).collect();
    check("student_t", &column(&student, |t| t.t));
    check_p("student_p", &column(&student, |t| t.p), 1e-10);
    let wilcoxon: Vec<_> = rows.iter().map(|(x, y)| rank_sum(x, y)).collect();
    check("wilcoxon_w", &column(&wilcoxon, |t| t.statistic));
    check_p("wilcoxon_p", &column(&wilcoxon, |t| t.p), 1e-12);
    let normal: Vec<_> = rows.iter().map(|(x, y)| rank_sum_normal(x, y)).collect();
    check_p("wilcoxon_normal_p", &column(&normal, |t| t.p), 1e-12);
}

#[test]
fn many_group_tests_agree_with_r() {
    let study = study();
    let expected = Table::read("general/two_groups.tsv");
    let rows = || (0..study.y.rows()).map(|i| study.y.row(i));
    let anova: Vec<_> = rows().map(|r| one_way_anova(r, &study.batch)).collect();
    let welch: Vec<_> = rows().map(|r| welch_anova(r, &study.batch)).collect();
    let kruskal: Vec<_> = rows().map(|r| kruskal_wallis(r, &study.batch)).collect();
    let known: Vec<Option<usize>> = study.batch.iter().map(|&b| Some(b)).collect();
    let explained = rows().map(|r| explained_share(r, &known).unwrap_or(f64::NAN));
    for (name, found) in [
        ("explained", explained.collect()),
        ("anova_f", column(&anova, |t| t.f)),
        ("welch_anova_f", column(&welch, |t| t.f)),
        ("welch_anova_df2", column(&welch, |t| t.df2)),
        ("kruskal_h", column(&kruskal, |t| t.statistic)),
    ] {
        assert_close(name, &found, &expected.numbers(name), 1e-11, 1e-12);
    }
    for (name, found) in [
        ("anova_p", column(&anova, |t| t.p)),
        ("welch_anova_p", column(&welch, |t| t.p)),
        ("kruskal_p", column(&kruskal, |t| t.p)),
    ] {
        assert_p_close(name, &found, &expected.numbers(name), 1e-10);
    }
}

#[test]
fn paired_tests_agree_with_r() {
    let study = study();
    let expected = Table::read("general/paired.tsv");
    let partner = |j: usize| {
        let same = |k: &&usize| study.donor[**k] == study.donor[j];
        *study.control.iter().find(same).unwrap()
    };
    let pairs: Vec<(usize, usize)> = study.treated.iter().map(|&j| (j, partner(j))).collect();
    let sides = |i: usize| -> (Vec<f64>, Vec<f64>) {
        let row = study.y.row(i);
        pairs.iter().map(|&(a, b)| (row[a], row[b])).unzip()
    };
    let t: Vec<_> = (0..study.y.rows())
        .map(&sides)
        .map(|(x, y)| paired_t(&x, &y))
        .collect();
    assert_close(
        "t",
        &column(&t, |t| t.t),
        &expected.numbers("t"),
        1e-12,
        1e-12,
    );
    assert_p_close("t_p", &column(&t, |t| t.p), &expected.numbers("t_p"), 1e-10);
    let differences = |i: usize| -> Vec<f64> {
        let (x, y) = sides(i);
        x.iter().zip(&y).map(|(a, b)| a - b).collect()
    };
    let v: Vec<_> = (0..study.y.rows())
        .map(|i| signed_rank(&differences(i)))
        .collect();
    assert_close(
        "v",
        &column(&v, |t| t.statistic),
        &expected.numbers("v"),
        0.0,
        0.0,
    );
    assert_p_close("v_p", &column(&v, |t| t.p), &expected.numbers("v_p"), 1e-12);
    let v: Vec<_> = (0..study.y.rows())
        .map(|i| signed_rank_normal(&differences(i)))
        .collect();
    assert_p_close(
        "v_normal_p",
        &column(&v, |t| t.p),
        &expected.numbers("v_normal_p"),
        1e-12,
    );
}

#[test]
fn rank_tests_of_larger_samples_agree_with_r() {
    let values = Table::read("general/rank_values.tsv");
    let expected = Table::read("general/rank_tests.tsv");
    let mut found = vec![Vec::new(); 6];
    for case in expected.texts("case") {
        let rows = values.only("case", case);
        let x = rows.only("sample", "x").numbers("value");
        let y = rows.only("sample", "y").numbers("value");
        let differences: Vec<f64> = x.iter().zip(&y).map(|(a, b)| a - b).collect();
        let groups: Vec<usize> = rows
            .texts("sample")
            .iter()
            .map(|s| usize::from(*s == "y"))
            .collect();
        let w = rank_sum(&x, &y).unwrap();
        let v = signed_rank(&differences).unwrap();
        let h = kruskal_wallis(&rows.numbers("value"), &groups).unwrap();
        let all = [w.statistic, w.p, v.statistic, v.p, h.statistic, h.p];
        for (column, value) in found.iter_mut().zip(all) {
            column.push(value);
        }
        assert_eq!(w.exact, case != "normal_large" && case != "tied");
    }
    for (name, column) in ["w", "v"].into_iter().zip([&found[0], &found[2]]) {
        assert_close(name, column, &expected.numbers(name), 0.0, 0.0);
    }
    assert_close("h", &found[4], &expected.numbers("h"), 1e-12, 0.0);
    for (name, column) in ["w_p", "v_p", "h_p"]
        .into_iter()
        .zip([&found[1], &found[3], &found[5]])
    {
        assert_p_close(name, column, &expected.numbers(name), 1e-11);
    }
}

#[test]
fn fisher_agrees_with_r() {
    let expected = Table::read("general/fisher.tsv");
    let cells =
        |name: &str| -> Vec<u64> { expected.numbers(name).iter().map(|&v| v as u64).collect() };
    let (a, b, c, d) = (cells("a"), cells("b"), cells("c"), cells("d"));
    let tests: Vec<FisherTest> = (0..a.len())
        .map(|i| fisher_exact([[a[i], b[i]], [c[i], d[i]]]))
        .collect();
    let column = |get: &dyn Fn(&FisherTest) -> f64| -> Vec<f64> { tests.iter().map(get).collect() };
    assert_p_close("p", &column(&|t| t.p), &expected.numbers("p"), 1e-10);
    assert_p_close(
        "greater",
        &column(&|t| t.p_greater),
        &expected.numbers("greater"),
        1e-10,
    );
    assert_p_close(
        "less",
        &column(&|t| t.p_less),
        &expected.numbers("less"),
        1e-10,
    );
    // R solves for the odds or their reciprocal, whichever is below 1, to about 1e-4.
    let below_one = |v: &[f64]| -> Vec<f64> { v.iter().map(|v| v.min(1.0 / v)).collect() };
    let infinite = |name: &str| -> Vec<f64> {
        expected
            .texts(name)
            .iter()
            .map(|t| {
                if *t == "Inf" {
                    f64::INFINITY
                } else {
                    t.parse().unwrap()
                }
            })
            .collect()
    };
    let odds = below_one(&column(&|t| t.odds_ratio));
    assert_close("odds", &odds, &below_one(&infinite("odds")), 0.0, 1.5e-4);
    let determined: Vec<usize> = (0..7).filter(|&i| i != 5).collect();
    for (k, name) in ["low", "high"].into_iter().enumerate() {
        let found = column(&|t| t.interval(0.95)[k]);
        let expected = infinite(name);
        let pick = |v: &[f64]| below_one(&determined.iter().map(|&i| v[i]).collect::<Vec<_>>());
        assert_close(name, &pick(&found), &pick(&expected), 0.0, 1.5e-4);
    }
}

#[test]
fn an_exact_interval_ends_where_the_one_sided_tests_say() {
    let test = fisher_exact([[300, 5], [10, 400]]);
    let [low, high] = test.interval(0.95);
    assert!(low < test.odds_ratio && test.odds_ratio < high);
    assert!((2240.0..2260.0).contains(&test.odds_ratio));
}

#[test]
fn tables_agree_with_r() {
    let expected = Table::read("general/contingency.tsv");
    for (i, cells) in expected.texts("cells").into_iter().enumerate() {
        let width = expected.numbers("columns")[i] as usize;
        let counts: Vec<u64> = cells.split(',').map(|c| c.parse().unwrap()).collect();
        let mut table: Vec<Vec<u64>> = counts.chunks(width).map(<[u64]>::to_vec).collect();
        table.push(vec![0; width]);
        let test = chi_squared(&table).unwrap();
        assert_close(
            "chi2",
            &[test.chi_squared],
            &expected.numbers("chi2")[i..=i],
            1e-12,
            0.0,
        );
        assert_eq!(test.df, expected.numbers("df")[i]);
        assert_p_close("p", &[test.p], &expected.numbers("p")[i..=i], 1e-10);
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for (k, &count) in counts.iter().enumerate() {
            x.extend(std::iter::repeat_n(k / width, count as usize));
            y.extend(std::iter::repeat_n(k % width, count as usize));
        }
        let permuted = chi_squared_permutation_p(&x, &y, 20_000, 1).unwrap();
        let simulated = expected.numbers("simulated_p")[i];
        // Five standard errors of 20,000 shuffles.
        let error = 5.0 * (simulated * (1.0 - simulated) / 20_000.0).sqrt();
        assert!(
            (permuted - simulated).abs() < error,
            "{permuted} {simulated}"
        );
        assert_eq!(
            permuted,
            chi_squared_permutation_p(&x, &y, 20_000, 1).unwrap()
        );
    }
    assert!(matches!(
        chi_squared(&[vec![3, 0], vec![4, 0]]),
        Err(TestError::TableTooSmall {
            rows: 2,
            columns: 1
        })
    ));
}

#[test]
fn proportions_agree_with_r() {
    let expected = Table::read("general/clopper_pearson.tsv");
    let (k, n) = (expected.numbers("successes"), expected.numbers("trials"));
    for (level, names) in [(0.95, ["low", "high"]), (0.99, ["low99", "high99"])] {
        let found: Vec<[f64; 2]> = k
            .iter()
            .zip(&n)
            .map(|(&k, &n)| clopper_pearson(k as u64, n as u64, level))
            .collect();
        for (end, name) in names.into_iter().enumerate() {
            let ends: Vec<f64> = found.iter().map(|f| f[end]).collect();
            assert_close(name, &ends, &expected.numbers(name), 1e-10, 0.0);
        }
    }
}

#[test]
fn data_that_cannot_be_tested_is_an_error() {
    let nan = f64::NAN;
    assert!(matches!(
        welch_t(&[1.0, nan], &[1.0, 2.0]),
        Err(TestError::TooFew {
            found: 1,
            needed: 2,
            ..
        })
    ));
    assert_eq!(
        student_t(&[1.0, 1.0], &[2.0, 2.0]).unwrap_err(),
        TestError::Constant
    );
    assert_eq!(
        rank_sum_normal(&[1.0, 1.0], &[1.0]).unwrap_err(),
        TestError::Constant
    );
    assert_eq!(signed_rank(&[0.0, 0.0]).unwrap_err(), TestError::Constant);
    assert_eq!(
        kruskal_wallis(&[1.0; 4], &[0, 0, 1, 1]).unwrap_err(),
        TestError::Constant
    );
    assert!(paired_t(&[1.0], &[]).is_err());
    assert!(one_way_anova(&[1.0, 2.0, nan], &[0, 0, 1]).is_err());
}

proptest! {
    #[test]
    fn tests_ignore_order_and_flip_with_their_groups(
        mut x in prop::collection::vec(-5.0..5.0_f64, 3..20), y in prop::collection::vec(-5.0..5.0_f64, 3..20),
    ) {
        let (t, w) = (welch_t(&x, &y).unwrap(), rank_sum(&x, &y).unwrap());
        let flipped = welch_t(&y, &x).unwrap();
        prop_assert!((t.t + flipped.t).abs() < 1e-9 && (t.p - flipped.p).abs() < 1e-12);
        prop_assert!((rank_sum(&y, &x).unwrap().p - w.p).abs() < 1e-12);
        x.reverse();
        prop_assert!((welch_t(&x, &y).unwrap().t - t.t).abs() < 1e-9);
        prop_assert_eq!(rank_sum(&x, &y).unwrap(), w);
    }
}
