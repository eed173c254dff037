//! An order from paired comparisons: the model of Bradley and Terry.

use super::Undefined;
use crate::Matrix;

/// Steps after which the iteration is given up.
const MOST_STEPS: usize = 10_000;
/// Mean absolute change of a parameter below which the iteration has settled.
const SETTLED: f64 = 1e-8;

/// Strengths θ of a Bradley–Terry model, P(i beats j) = exp θᵢ / (exp θᵢ + exp θⱼ), centred at 0, by iterated spectral
/// ranking (Maystre & Grossglauser 2015, arXiv:1506.06394).
///
/// `wins` is square: cell (i, j) says how often i beat j; a tie counts half on both sides. `alpha` > 0 is the rate of a
/// weak tie between every two items, which keeps items that always won or were never compared finite. Python
/// `choix.ilsr_pairwise_dense`, and `choix.ilsr_pairwise` where there are no ties, with the same `alpha`, to 1e-6.
///
/// # Errors
/// Fewer than two items, nothing compared, or an iteration that does not settle.
///
/// # Panics
/// `wins` is not square.
pub fn bradley_terry(wins: &Matrix, alpha: f64) -> Result<Vec<f64>, Undefined> {
    let n = wins.rows();
    assert_eq!(n, wins.cols(), "as many columns as rows");
    let compared = (0..n).any(|i| (0..n).any(|j| i != j && wins.get(i, j) > 0.0));
    if n < 2 || !compared {
        return Err(Undefined::NoComparison);
    }
    let mut strengths = vec![0.0; n];
    let mut weights = vec![1.0; n];
    for step in 0..MOST_STEPS {
        // The chain moves from a loser to whoever beat it.
        let mut rates = Matrix::filled(n, n, alpha);
        for loser in 0..n {
            for winner in 0..n {
                let rate = wins.get(winner, loser) / (weights[winner] + weights[loser]);
                rates.set(loser, winner, alpha + rate);
            }
        }
        let found = centred_logarithms(&stationary(rates));
        let change: f64 = found
            .iter()
            .zip(&strengths)
            .map(|(a, b)| (a - b).abs())
            .sum();
        strengths = found;
        if strengths.iter().any(|s| !s.is_finite()) {
            return Err(Undefined::NotSettled { steps: step + 1 });
        }
        // The first step has nothing to be compared with.
        if step > 0 && change <= SETTLED * n as f64 {
            return Ok(strengths);
        }
        weights = strengths.iter().map(|s| s.exp()).collect();
        let scale = n as f64 / weights.iter().sum::<f64>();
        weights.iter_mut().for_each(|w| *w *= scale);
    }
    Err(Undefined::NotSettled { steps: MOST_STEPS })
}

fn centred_logarithms(shares: &[f64]) -> Vec<f64> {
    let logs: Vec<f64> = shares.iter().map(|s| s.ln()).collect();
    let centre = logs.iter().sum::<f64>() / logs.len() as f64;
    logs.iter().map(|l| l - centre).collect()
}

/// Stationary distribution, up to a factor, of the chain with these rates off the diagonal, by elimination without
/// subtraction, so that small shares keep their digits (Grassmann, Taksar & Heyman 1985, doi:10.1287/opre.33.5.1107).
fn stationary(mut rates: Matrix) -> Vec<f64> {
    let n = rates.rows();
    for k in (1..n).rev() {
        let leaving: f64 = rates.row(k)[..k].iter().sum();
        let out: Vec<f64> = rates.row(k)[..k].to_vec();
        for i in 0..k {
            let into = rates.get(i, k) / leaving;
            rates.set(i, k, into);
            for (rate, out) in rates.row_mut(i)[..k].iter_mut().zip(&out) {
                *rate += into * out;
            }
        }
    }
    let mut shares = vec![1.0; n];
    for k in 1..n {
        shares[k] = (0..k).map(|i| shares[i] * rates.get(i, k)).sum();
    }
    shares
}
