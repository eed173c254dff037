//! Protein abundances from those of their peptides (or precursors): pairwise ratios and least squares as in MaxLFQ, median
//! polish, sum, and the mean of the best peptides. All take and give log2 abundances, NaN where nothing was measured; a
//! sample without a peptide of the protein stays NaN.
//!
//! Which samples are given matters for all but the sum, so leave out those that are not in the design *before*.

use crate::Matrix;
use crate::descriptive::median;
use rayon::prelude::*;

/// How peptides are rolled up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RollUp {
    /// [`max_lfq`]
    MaxLfq,
    /// [`median_polish`]
    MedianPolish,
    /// [`sum`]
    Sum,
    /// [`top`] of so many peptides.
    Top(usize),
}

/// Proteins × samples from peptides × samples; `members` holds the rows of `peptides` of each protein, none of which may be
/// out of range.
pub fn roll_up(peptides: &Matrix, members: &[Vec<usize>], method: RollUp) -> Matrix {
    let rows: Vec<Vec<f64>> = members
        .par_iter()
        .map(|rows| {
            let y = peptides.select_rows(rows);
            match method {
                RollUp::MaxLfq => max_lfq(&y),
                RollUp::MedianPolish => median_polish(&y),
                RollUp::Sum => sum(&y),
                RollUp::Top(n) => top(&y, n),
            }
        })
        .collect();
    Matrix::from_fn(rows.len(), peptides.cols(), |i, j| rows[i][j])
}

/// The levels whose differences fit the median peptide ratios of all pairs of samples best in the least-squares sense
/// (Cox et al. 2014, doi 10.1074/mcp.M113.031591, with one shared peptide enough for a ratio). Samples that no chain of
/// shared peptides connects are fitted apart; each connected part lies at the mean of its peptides, as in the R package
/// iq (Pham et al. 2020, doi 10.1093/bioinformatics/btz961). Agrees with `lm.fit` on the pairwise ratios to 1e-9.
pub fn max_lfq(y: &Matrix) -> Vec<f64> {
    let (n, rows) = (y.cols(), y.rows());
    if rows == 1 {
        return y.row(0).to_vec();
    }
    let by_sample = y.transposed();
    let mut ratio = vec![f64::NAN; n * n];
    let mut shared = Vec::with_capacity(rows);
    for i in 0..n {
        for j in i + 1..n {
            shared.clear();
            let pairs = by_sample.row(i).iter().zip(by_sample.row(j));
            shared.extend(pairs.map(|(a, b)| b - a).filter(|d| !d.is_nan()));
            let r = middle(&mut shared);
            ratio[i * n + j] = r;
            ratio[j * n + i] = -r;
        }
    }
    let mut levels = vec![f64::NAN; n];
    for part in connected(y, &ratio) {
        let seen: Vec<f64> = part.iter().flat_map(|&j| present(y, j)).collect();
        if let [only] = part[..] {
            levels[only] = median(&seen);
            continue;
        }
        let mean = seen.iter().sum::<f64>() / seen.len() as f64;
        for (&j, level) in part.iter().zip(fit(&part, &ratio, n)) {
            levels[j] = level + mean;
        }
    }
    levels
}

/// Samples that share peptides, directly or through others; samples without any are in no part.
fn connected(y: &Matrix, ratio: &[f64]) -> Vec<Vec<usize>> {
    let n = y.cols();
    let mut taken: Vec<bool> = (0..n).map(|j| present(y, j).next().is_none()).collect();
    let mut parts = Vec::new();
    for start in 0..n {
        if taken[start] {
            continue;
        }
        taken[start] = true;
        let mut part = vec![start];
        let mut at = 0;
        while at < part.len() {
            let i = part[at];
            for j in 0..n {
                if !taken[j] && !ratio[i * n + j].is_nan() {
                    taken[j] = true;
                    part.push(j);
                }
            }
            at += 1;
        }
        part.sort_unstable();
        parts.push(part);
    }
    parts
}

/// Levels of mean zero with the least squared distance of their differences to the ratios: conjugate gradients on the
/// graph's Laplacian, which end after as many steps as there are samples, or far fewer when most pairs are measured.
fn fit(part: &[usize], ratio: &[f64], n: usize) -> Vec<f64> {
    let m = part.len();
    // 1 where the pair is measured, else 0; on the diagonal 0.
    let mut known = vec![0.0; m * m];
    let mut residual = vec![0.0; m];
    for a in 0..m {
        for b in 0..m {
            let r = ratio[part[b] * n + part[a]];
            if !r.is_nan() {
                known[a * m + b] = 1.0;
                residual[a] += r;
            }
        }
    }
    let dot = |x: &[f64], z: &[f64]| x.iter().zip(z).map(|(a, b)| a * b).sum::<f64>();
    let degree: Vec<f64> = (0..m)
        .map(|a| known[a * m..(a + 1) * m].iter().sum())
        .collect();
    let times = |x: &[f64]| -> Vec<f64> {
        (0..m)
            .map(|a| degree[a] * x[a] - dot(&known[a * m..(a + 1) * m], x))
            .collect()
    };
    let mut levels = vec![0.0; m];
    let mut direction = residual.clone();
    let mut size = dot(&residual, &residual);
    let enough = 1e-28 * size;
    for _ in 0..4 * m {
        if size <= enough || size == 0.0 {
            break;
        }
        let image = times(&direction);
        let step = size / dot(&direction, &image);
        for a in 0..m {
            levels[a] += step * direction[a];
            residual[a] -= step * image[a];
        }
        let next = dot(&residual, &residual);
        for a in 0..m {
            direction[a] = residual[a] + next / size * direction[a];
        }
        size = next;
    }
    let mean = levels.iter().sum::<f64>() / m as f64;
    levels.iter().map(|l| l - mean).collect()
}

/// The median of values without NaN, which are reordered; NaN where there are none.
fn middle(values: &mut [f64]) -> f64 {
    const FEW: usize = 24;
    let n = values.len();
    if n == 0 || n > FEW {
        return median(values);
    }
    for i in 1..n {
        let mut j = i;
        while j > 0 && values[j - 1] > values[j] {
            values.swap(j - 1, j);
            j -= 1;
        }
    }
    if n % 2 == 1 {
        values[n / 2]
    } else {
        (values[n / 2 - 1] + values[n / 2]) / 2.0
    }
}

/// The overall level plus the sample's effect of Tukey's median polish; rows are swept first, at most ten times or until
/// the sum of absolute residuals changes by less than 1 %. Agrees with R `stats::medpolish(na.rm = TRUE)` to 1e-12.
pub fn median_polish(y: &Matrix) -> Vec<f64> {
    let (rows, cols) = (y.rows(), y.cols());
    let mut residual = y.clone();
    let (mut overall, mut of_row, mut of_column) = (0.0, vec![0.0; rows], vec![0.0; cols]);
    let known = |x: &[f64]| {
        let x: Vec<f64> = x.iter().copied().filter(|v| !v.is_nan()).collect();
        median(&x)
    };
    let mut before = 0.0;
    for _ in 0..10 {
        let rows_now: Vec<f64> = (0..rows).map(|i| known(residual.row(i))).collect();
        residual = Matrix::from_fn(rows, cols, |i, j| residual.get(i, j) - rows_now[i]);
        of_row.iter_mut().zip(&rows_now).for_each(|(e, d)| *e += d);
        let shift = known(&of_column);
        of_column.iter_mut().for_each(|e| *e -= shift);
        overall += shift;
        let columns_now: Vec<f64> = (0..cols)
            .map(|j| known(&(0..rows).map(|i| residual.get(i, j)).collect::<Vec<_>>()))
            .collect();
        residual = Matrix::from_fn(rows, cols, |i, j| residual.get(i, j) - columns_now[j]);
        of_column
            .iter_mut()
            .zip(&columns_now)
            .for_each(|(e, d)| *e += d);
        let shift = known(&of_row);
        of_row.iter_mut().for_each(|e| *e -= shift);
        overall += shift;
        let now: f64 = (0..rows)
            .flat_map(|i| residual.row(i))
            .filter(|v| !v.is_nan())
            .map(|v| v.abs())
            .sum();
        if now == 0.0 || (now - before).abs() < 0.01 * now {
            break;
        }
        before = now;
    }
    of_column.iter().map(|effect| overall + effect).collect()
}

/// log2 of the summed abundances of the peptides that were measured in the sample.
pub fn sum(y: &Matrix) -> Vec<f64> {
    (0..y.cols())
        .map(|j| {
            let total: f64 = present(y, j).map(f64::exp2).sum();
            if total > 0.0 { total.log2() } else { f64::NAN }
        })
        .collect()
}

/// The mean log2 abundance of the `n` peptides with the highest mean over the samples, the same ones in every sample
/// (Silva et al. 2006, doi 10.1074/mcp.M500230-MCP200, in the form of iq's `topN`); of equal ones the earlier row.
pub fn top(y: &Matrix, n: usize) -> Vec<f64> {
    let mean = |values: &[f64]| {
        let known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        known.iter().sum::<f64>() / known.len() as f64
    };
    let mut best: Vec<(f64, usize)> = (0..y.rows())
        .map(|i| (mean(y.row(i)), i))
        .filter(|(m, _)| !m.is_nan())
        .collect();
    best.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    best.truncate(n);
    (0..y.cols())
        .map(|j| mean(&best.iter().map(|&(_, i)| y.get(i, j)).collect::<Vec<_>>()))
        .collect()
}

/// The measured values of a sample.
fn present(y: &Matrix, column: usize) -> impl Iterator<Item = f64> {
    (0..y.rows())
        .map(move |i| y.get(i, column))
        .filter(|v| !v.is_nan())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Table;

    /// Peptides and members by protein, from the reference.
    fn peptides() -> (Matrix, Vec<(String, Vec<usize>)>) {
        let table = Table::read("roll_up/peptides.tsv");
        let names = table.texts("protein");
        let columns: Vec<Vec<f64>> = (1..=7).map(|k| table.numbers(&format!("s{k}"))).collect();
        let mut members: Vec<(String, Vec<usize>)> = Vec::new();
        for (i, name) in names.iter().enumerate() {
            match members.iter_mut().find(|(known, _)| known == name) {
                Some((_, rows)) => rows.push(i),
                None => members.push(((*name).to_string(), vec![i])),
            }
        }
        (
            Matrix::from_fn(names.len(), 7, |i, j| columns[j][i]),
            members,
        )
    }

    fn agrees(method: RollUp, name: &str, tolerance: f64) {
        let (y, members) = peptides();
        let rows: Vec<Vec<usize>> = members.iter().map(|(_, rows)| rows.clone()).collect();
        let found = roll_up(&y, &rows, method);
        let expected = Table::read("roll_up/expected.tsv").only("method", name);
        let proteins = expected.texts("protein");
        for (i, (protein, _)) in members.iter().enumerate() {
            assert_eq!(proteins[i], protein);
            for j in 0..7 {
                let (a, b) = (found.get(i, j), expected.numbers(&format!("s{}", j + 1))[i]);
                let same = (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance;
                assert!(
                    same,
                    "{name} of {protein} in sample {}: {a} against {b}",
                    j + 1
                );
            }
        }
    }

    #[test]
    fn max_lfq_agrees_with_least_squares_in_r() {
        agrees(RollUp::MaxLfq, "max_lfq", 1e-9);
    }

    #[test]
    fn median_polish_agrees_with_r() {
        agrees(RollUp::MedianPolish, "median_polish", 1e-12);
    }

    #[test]
    fn sum_and_top_three_agree_with_r() {
        agrees(RollUp::Sum, "sum", 1e-12);
        agrees(RollUp::Top(3), "top3", 1e-12);
    }

    #[test]
    fn peptides_in_proportion_give_their_ratios_and_order_does_not_matter() {
        let y = Matrix::from_fn(4, 5, |i, j| 20.0 + 3.0 * i as f64 + 0.7 * j as f64);
        for method in [
            RollUp::MaxLfq,
            RollUp::MedianPolish,
            RollUp::Sum,
            RollUp::Top(3),
        ] {
            let forth = roll_up(&y, &[vec![0, 1, 2, 3]], method);
            let back = roll_up(&y, &[vec![3, 2, 1, 0]], method);
            for j in 0..5 {
                assert!((forth.get(0, j) - back.get(0, j)).abs() < 1e-12);
                assert!((forth.get(0, j) - forth.get(0, 0) - 0.7 * j as f64).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn nothing_measured_gives_nothing() {
        let y = Matrix::filled(2, 3, f64::NAN);
        for method in [
            RollUp::MaxLfq,
            RollUp::MedianPolish,
            RollUp::Sum,
            RollUp::Top(3),
        ] {
            let found = roll_up(&y, &[vec![0, 1], Vec::new()], method);
            assert!((0..2).all(|i| (0..3).all(|j| found.get(i, j).is_nan())));
        }
    }
}
