//! Expected values: reference/linear/limma.R (limma 3.54.1).
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::design_matrix::{DesignMatrix, Term};
use crate::reference::{Table, assert_close};
use proptest::prelude::*;

/// log2 abundance of the small study, its samples' sheet and the group of each sample.
pub(crate) fn study() -> (Matrix, Table) {
    let (_, raw) = Table::read("sim1_small/abundance.tsv").matrix();
    let y = Matrix::from_fn(raw.rows(), raw.cols(), |i, j| raw.get(i, j).log2());
    (y, Table::read("sim1_small/meta.tsv"))
}

pub(crate) fn factor(sheet: &Table, name: &str, reference: Option<&str>) -> Term {
    Term::Factor {
        name: name.into(),
        labels: sheet.texts(name).into_iter().map(Into::into).collect(),
        reference: reference.map(Into::into),
    }
}

/// One column per group, and trtA − ctrl.
pub(crate) fn group_means(sheet: &Table) -> (Matrix, Matrix) {
    let group = factor(sheet, "condition", Some("ctrl"));
    let samples = sheet.texts("sample").len();
    let design = DesignMatrix::new(samples, false, &[group]).unwrap();
    (design.matrix, Matrix::new(2, 1, vec![-1.0, 1.0]).unwrap())
}

/// Intercept, group, age, sex.
pub(crate) fn adjusted(sheet: &Table) -> Matrix {
    let age = Term::Continuous {
        name: "age".into(),
        values: sheet.numbers("age"),
    };
    let terms = [
        factor(sheet, "condition", Some("ctrl")),
        age,
        factor(sheet, "sex", None),
    ];
    let samples = sheet.texts("sample").len();
    DesignMatrix::new(samples, true, &terms).unwrap().matrix
}

/// The fit of one column against a table; a sigma of pure rounding error need only be as tiny.
pub(crate) fn assert_fit(fit: &LinearFit, column: usize, expected: &Table, relative: f64) {
    assert_close(
        "logFC",
        &fit.coefficients.column(column),
        &expected.numbers("logFC"),
        relative,
        1e-12,
    );
    assert_close(
        "su",
        &fit.stdev_unscaled.column(column),
        &expected.numbers("su"),
        relative,
        0.0,
    );
    assert_close(
        "sigma",
        &fit.sigma,
        &expected.numbers("sigma"),
        relative,
        1e-13,
    );
    assert_close("df", &fit.df_residual, &expected.numbers("df"), 0.0, 0.0);
    assert_close("ave", &fit.ave_expr, &expected.numbers("ave"), 1e-14, 0.0);
}

#[test]
fn group_means_agree_with_limma() {
    let (y, sheet) = study();
    let (design, contrast) = group_means(&sheet);
    let fit = contrasts_fit(&fit(&y, &design).unwrap(), &contrast).unwrap();
    assert_fit(&fit, 0, &Table::read("linear/legacy.tsv.gz"), 1e-10);
}

#[test]
fn covariates_and_their_contrasts_agree_with_limma() {
    let (y, sheet) = study();
    let fit = fit(&y, &adjusted(&sheet)).unwrap();
    assert_fit(&fit, 1, &Table::read("linear/covariates.tsv.gz"), 1e-10);
    let contrast = Matrix::new(4, 1, vec![0.0, 1.0, 0.1, -1.0]).unwrap();
    let contrast = contrasts_fit(&fit, &contrast).unwrap();
    let expected = Table::read("linear/contrast_correlated.tsv.gz");
    assert_close(
        "logFC",
        &contrast.coefficients.column(0),
        &expected.numbers("logFC"),
        1e-10,
        1e-11,
    );
    assert_close(
        "su",
        &contrast.stdev_unscaled.column(0),
        &expected.numbers("su"),
        1e-10,
        0.0,
    );
}

#[test]
fn paired_designs_agree_with_limma() {
    let (y, sheet) = study();
    let terms = [
        factor(&sheet, "donor", None),
        factor(&sheet, "condition", Some("ctrl")),
    ];
    let design = DesignMatrix::new(y.cols(), true, &terms).unwrap();
    let column = design.column_of_level("condition", "trtA").unwrap();
    let fit = fit(&y, &design.matrix).unwrap();
    assert_fit(&fit, column, &Table::read("linear/paired.tsv.gz"), 1e-10);
}

#[test]
fn weights_agree_with_limma() {
    let (y, sheet) = study();
    let (design, contrast) = group_means(&sheet);
    let weights = Table::read("linear/weights.tsv.gz").numbers("weight");
    let errors = ErrorStructure {
        weights: Some(&weights),
        blocks: None,
    };
    let fit = contrasts_fit(&fit_with(&y, &design, errors).unwrap(), &contrast).unwrap();
    assert_fit(&fit, 0, &Table::read("linear/weighted.tsv.gz"), 1e-10);
}

#[test]
fn blocks_agree_with_limma() {
    let (y, sheet) = study();
    let (design, contrast) = group_means(&sheet);
    let mut donors = sheet.texts("donor");
    donors.sort_unstable();
    donors.dedup();
    let block: Vec<usize> = sheet
        .texts("donor")
        .iter()
        .map(|d| donors.iter().position(|x| x == d).unwrap())
        .collect();
    let correlation = Table::read("linear/consensus.tsv.gz").numbers("consensus")[0];
    let errors = ErrorStructure {
        weights: None,
        blocks: Some(BlockCorrelation {
            block: &block,
            correlation,
        }),
    };
    let fit = contrasts_fit(&fit_with(&y, &design, errors).unwrap(), &contrast).unwrap();
    assert_fit(&fit, 0, &Table::read("linear/block.tsv.gz"), 1e-10);
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let y = Matrix::filled(2, 3, 1.0);
    let design = Matrix::filled(4, 1, 1.0);
    let error = fit(&y, &design).unwrap_err();
    assert_eq!(error.to_string(), "the design has 4 rows for 3 samples");
    let design = Matrix::filled(3, 1, 1.0);
    let blocks = ErrorStructure {
        weights: None,
        blocks: Some(BlockCorrelation {
            block: &[0, 0, 0],
            correlation: -0.5,
        }),
    };
    assert!(matches!(
        fit_with(&y, &design, blocks),
        Err(LinearModelError::Correlation { largest: 3, .. })
    ));
    let infinite = Matrix::filled(3, 1, f64::INFINITY);
    assert_eq!(fit(&y, &infinite), Err(LinearModelError::Design));
}

proptest! {
    /// The shortcut in the orthonormal basis and a QR of each row's own samples are the same estimate.
    #[test]
    fn both_routes_agree(seed in 0u64..1000, missing in 0.0f64..0.6) {
        use rand::{Rng, SeedableRng};
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let n = 16;
        let design = Matrix::from_fn(n, 4, |i, j| match j {
            0 => 1.0,
            1 => f64::from(i % 2 == 0),
            2 => f64::from(i < 5),
            _ => 40.0 + 12.0 * rng.random::<f64>(),
        });
        let y = Matrix::from_fn(20, n, |i, _| {
            let value = 20.0 + i as f64 + rng.random::<f64>();
            if rng.random::<f64>() < missing { f64::NAN } else { value }
        });
        let ones = vec![1.0; n];
        let by_qr = ErrorStructure { weights: Some(&ones), blocks: None };
        let (a, b) = (fit(&y, &design).unwrap(), fit_with(&y, &design, by_qr).unwrap());
        assert_close("coefficients", a.coefficients.values(), b.coefficients.values(), 1e-9, 1e-9);
        assert_close("stdev", a.stdev_unscaled.values(), b.stdev_unscaled.values(), 1e-9, 0.0);
        assert_close("sigma", &a.sigma, &b.sigma, 1e-9, 1e-12);
        prop_assert_eq!(a.df_residual, b.df_residual);
    }
}
