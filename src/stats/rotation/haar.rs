//! A random rotation, uniform over all of them, and the normal draws it is made from.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Standard normal draws by the Box–Muller transform.
pub(super) struct NormalDraws {
    rng: ChaCha8Rng,
    spare: Option<f64>,
}

impl NormalDraws {
    pub(super) fn new(rng: ChaCha8Rng) -> Self {
        Self { rng, spare: None }
    }

    pub(super) fn draw(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * (1.0 - self.rng.random::<f64>()).ln()).sqrt();
        let (sine, cosine) = (std::f64::consts::TAU * self.rng.random::<f64>()).sin_cos();
        self.spare = Some(radius * sine);
        radius * cosine
    }
}

/// Replaces the first `keep` rows of a row-major matrix with Hᵀ times it, H uniform among matrices with `keep` orthonormal columns.
///
/// H is the Q of a Gaussian matrix, as a product of reflections of Gaussian vectors (Stewart 1980, doi:10.1137/0717034).
pub(super) fn haar_rotate(matrix: &mut [f64], columns: usize, keep: usize, rng: &mut ChaCha8Rng) {
    let rows = matrix.len() / columns;
    let mut normal = NormalDraws::new(rng.clone());
    let mut projection = vec![0.0; columns];
    for k in 0..keep {
        let mut vector: Vec<f64> = (k..rows).map(|_| normal.draw()).collect();
        let length = vector.iter().map(|v| v * v).sum::<f64>().sqrt();
        let sign = if vector[0] < 0.0 { -1.0 } else { 1.0 };
        if vector.len() > 1 {
            vector[0] += sign * length;
            let half_square = length * vector[0].abs();
            let below = &mut matrix[k * columns..];
            projection.fill(0.0);
            for (row, v) in below.chunks_exact(columns).zip(&vector) {
                projection
                    .iter_mut()
                    .zip(row)
                    .for_each(|(p, x)| *p += v * x);
            }
            for (row, v) in below.chunks_exact_mut(columns).zip(&vector) {
                let step = v / half_square;
                row.iter_mut()
                    .zip(&projection)
                    .for_each(|(x, p)| *x -= step * p);
            }
        }
        // The reflection sends the vector to −sign · length; Q is uniform once R has a positive diagonal.
        let flip = if vector.len() > 1 { -sign } else { sign };
        let row = &mut matrix[k * columns..(k + 1) * columns];
        row.iter_mut().for_each(|x| *x *= flip);
    }
}
