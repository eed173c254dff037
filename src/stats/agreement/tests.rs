//! Expected values: reference/agreement/generate.py (krippendorff, pingouin, scikit-learn, choix).

use proptest::prelude::*;

use super::*;
use crate::reference::{Table, assert_close};

const CASES: [&str; 5] = ["close", "loose", "biased", "gaps", "unrelated"];

/// The ratings of a case, units × raters.
fn ratings(case: &str) -> Matrix {
    let table = Table::read("agreement/ratings.tsv").only("case", case);
    let columns = ["r0", "r1", "r2", "r3"].map(|rater| table.numbers(rater));
    Matrix::from_fn(columns[0].len(), columns.len(), |i, j| columns[j][i])
}

#[test]
fn kappa_agrees_with_scikit_learn() {
    let expected = Table::read("agreement/kappa.tsv");
    for case in CASES {
        let (ratings, rows) = (ratings(case), expected.only("case", case));
        let pairs = rows
            .numbers("first")
            .into_iter()
            .zip(rows.numbers("second"));
        let found: Vec<f64> = pairs
            .map(|(a, b)| {
                let (a, b) = (ratings.column(a as usize), ratings.column(b as usize));
                quadratic_kappa(&a, &b).expect("ratings that vary")
            })
            .collect();
        assert_close(case, &found, &rows.numbers("kappa"), 0.0, 1e-12);
    }
}

#[test]
fn alpha_agrees_with_krippendorff() {
    let expected = Table::read("agreement/krippendorff.tsv");
    let columns = [(Metric::Ordinal, "ordinal"), (Metric::Interval, "interval")];
    for (metric, column) in columns {
        let found = CASES
            .map(|case| krippendorff_alpha(&ratings(case), metric).expect("ratings that vary"));
        assert_close(column, &found, &expected.numbers(column), 0.0, 1e-12);
    }
}

#[test]
fn intraclass_correlations_agree_with_pingouin() {
    let expected = Table::read("agreement/intraclass.tsv");
    for case in CASES {
        let found = intraclass_correlation(&ratings(case), 0.95).expect("ratings that vary");
        let row = expected.only("case", case);
        assert_eq!(found.units as f64, row.numbers("units")[0], "{case}");
        let number = |column: &str| row.numbers(column)[0];
        assert_close(
            case,
            &[found.single, found.average],
            &[number("single"), number("average")],
            1e-10,
            1e-10,
        );
        let ends = [found.single_interval, found.average_interval];
        let ends = ends.map(|e| e.expect("error to estimate from")).concat();
        let wanted = ["single_low", "single_high", "average_low", "average_high"].map(number);
        assert_close(case, &ends, &wanted, 1e-8, 1e-8);
    }
}

#[test]
fn strengths_agree_with_choix() {
    let comparisons = Table::read("agreement/comparisons.tsv");
    let expected = Table::read("agreement/strengths.tsv");
    for case in ["sparse", "separated", "ties"] {
        let wanted = expected.only("case", case).numbers("strength");
        let mut wins = Matrix::filled(wanted.len(), wanted.len(), 0.0);
        let rows = comparisons.only("case", case);
        for k in 0..rows.numbers("times").len() {
            let cell = |column: &str| rows.numbers(column)[k];
            wins.set(
                cell("winner") as usize,
                cell("loser") as usize,
                cell("times"),
            );
        }
        let found = bradley_terry(&wins, 0.1).expect("it settles");
        assert_close(case, &found, &wanted, 0.0, 1e-6);
    }
}

#[test]
fn what_is_not_defined_says_why() {
    let nan = f64::NAN;
    let matrix = |raters: usize, values: &[f64]| {
        Matrix::new(values.len() / raters, raters, values.to_vec()).expect("a rectangle")
    };
    let one_rater = matrix(2, &[1.0, nan, 3.0, nan]);
    let constant = matrix(2, &[3.0, 3.0, 3.0, 3.0]);
    let apart = matrix(2, &[1.0, nan, nan, 2.0]);
    for metric in [Metric::Ordinal, Metric::Interval] {
        assert_eq!(
            krippendorff_alpha(&one_rater, metric),
            Err(Undefined::TooFewRaters { found: 1 })
        );
        assert_eq!(
            krippendorff_alpha(&constant, metric),
            Err(Undefined::NoVariation)
        );
        assert!(matches!(
            krippendorff_alpha(&apart, metric),
            Err(Undefined::TooFewUnits { found: 0, .. })
        ));
    }
    assert!(matches!(
        intraclass_correlation(&one_rater, 0.95),
        Err(Undefined::TooFewRaters { found: 1 })
    ));
    assert_eq!(
        intraclass_correlation(&constant, 0.95),
        Err(Undefined::NoVariation)
    );
    assert!(matches!(
        intraclass_correlation(&apart, 0.95),
        Err(Undefined::TooFewUnits { found: 0, .. })
    ));
    assert_eq!(
        quadratic_kappa(&[2.0, 2.0], &[2.0, 2.0]),
        Err(Undefined::NoVariation)
    );
    assert!(matches!(
        quadratic_kappa(&[2.0, nan], &[2.0, 1.0]),
        Err(Undefined::TooFewUnits { found: 1, .. })
    ));
    assert_eq!(
        bradley_terry(&Matrix::filled(3, 3, 0.0), 0.1),
        Err(Undefined::NoComparison)
    );
    assert_eq!(
        bradley_terry(&Matrix::filled(0, 0, 0.0), 0.1),
        Err(Undefined::NoComparison)
    );
}

#[test]
fn raters_who_agree_in_all_agree_perfectly() {
    let same = Matrix::from_fn(6, 3, |i, _| (i % 5 + 1) as f64);
    assert_eq!(krippendorff_alpha(&same, Metric::Ordinal), Ok(1.0));
    assert_eq!(quadratic_kappa(&same.column(0), &same.column(1)), Ok(1.0));
    let found = intraclass_correlation(&same, 0.95).expect("units that differ");
    assert_close(
        "icc",
        &[found.single, found.average],
        &[1.0, 1.0],
        1e-12,
        0.0,
    );
    assert_eq!(found.single_interval, None);
}

fn any_ratings() -> impl Strategy<Value = Matrix> {
    let rating = prop_oneof![1 => Just(f64::NAN), 5 => (1_u8..=5).prop_map(f64::from)];
    (2_usize..9, 2_usize..5).prop_flat_map(move |(units, raters)| {
        proptest::collection::vec(rating.clone(), units * raters)
            .prop_map(move |values| Matrix::new(units, raters, values).expect("a rectangle"))
    })
}

proptest! {
    #[test]
    fn the_order_of_units_and_raters_does_not_matter(ratings in any_ratings()) {
        let units: Vec<usize> = (0..ratings.rows()).rev().collect();
        let raters: Vec<usize> = (0..ratings.cols()).rev().collect();
        let turned = ratings.select_rows(&units).select_columns(&raters);
        for metric in [Metric::Ordinal, Metric::Interval] {
            match (krippendorff_alpha(&ratings, metric), krippendorff_alpha(&turned, metric)) {
                (Ok(a), Ok(b)) => prop_assert!((a - b).abs() < 1e-12 && a <= 1.0),
                (a, b) => prop_assert_eq!(a, b),
            }
        }
        match (intraclass_correlation(&ratings, 0.95), intraclass_correlation(&turned, 0.95)) {
            (Ok(a), Ok(b)) => prop_assert!((a.single - b.single).abs() < 1e-9 && a.single < 1.0 + 1e-9),
            (a, b) => prop_assert_eq!(a, b),
        }
    }

    #[test]
    fn kappa_is_symmetric_and_at_most_one(ratings in any_ratings()) {
        let (a, b) = (ratings.column(0), ratings.column(1));
        match (quadratic_kappa(&a, &b), quadratic_kappa(&b, &a)) {
            (Ok(x), Ok(y)) => prop_assert!((x - y).abs() < 1e-12 && (-1.0 - 1e-12..=1.0).contains(&x)),
            (x, y) => prop_assert_eq!(x, y),
        }
    }

    #[test]
    fn who_wins_all_stands_first_and_strengths_are_centred(items in 2_usize..8, winner in 0_usize..8) {
        let winner = winner % items;
        let wins = Matrix::from_fn(items, items, |i, j| f64::from(u8::from(i == winner && j != winner)));
        let found = bradley_terry(&wins, 0.1).expect("it settles");
        prop_assert!(found.iter().sum::<f64>().abs() < 1e-9);
        prop_assert!(found.iter().enumerate().all(|(i, s)| i == winner || *s < found[winner]));
    }
}
