//! Permutation p-values where no limit can be trusted.

use super::{TestError, chi_squared};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// p-value of the chi-squared statistic of the table of `x` against `y`, from `permutations` shuffles of `y`:
/// (1 + shuffles that reach it) / (1 + shuffles), as R `chisq.test(simulate.p.value = TRUE)` in distribution.
/// Equal seeds give equal p.
pub fn chi_squared_permutation_p(
    x: &[usize],
    y: &[usize],
    permutations: usize,
    seed: u64,
) -> Result<f64, TestError> {
    if x.len() != y.len() {
        return Err(TestError::LengthMismatch {
            first: x.len(),
            second: y.len(),
        });
    }
    let statistic = |y: &[usize]| chi_squared(&cross_table(x, y)).map(|t| t.chi_squared);
    // Shuffles of an equally likely table differ in the last digits only.
    let observed = statistic(y)? * (1.0 - 1e-12);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut shuffled = y.to_vec();
    let mut reached = 0_usize;
    for _ in 0..permutations {
        shuffled.shuffle(&mut rng);
        reached += usize::from(statistic(&shuffled)? >= observed);
    }
    Ok((1 + reached) as f64 / (1 + permutations) as f64)
}

fn cross_table(x: &[usize], y: &[usize]) -> Vec<Vec<u64>> {
    let size = |v: &[usize]| v.iter().max().map_or(0, |m| m + 1);
    let mut table = vec![vec![0; size(y)]; size(x)];
    for (&i, &j) in x.iter().zip(y) {
        table[i][j] += 1;
    }
    table
}
