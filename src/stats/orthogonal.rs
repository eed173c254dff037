//! Householder QR of a tall design with columns that depend on earlier ones set aside, as in LINPACK and R `lm`.

/// A column is aliased when what earlier columns leave of it is shorter than this share of its length (R's tolerance).
const ALIASED_BELOW: f64 = 1e-7;

/// X P = Q R, with `rank` independent columns first. Columns keep their order except that aliased ones go last.
#[derive(Debug, Clone)]
pub(crate) struct PivotedQr {
    rows: usize,
    /// Column-major: R above the diagonal, Householder vectors on and below it.
    factors: Vec<f64>,
    /// Diagonal of R for the independent columns.
    diagonal: Vec<f64>,
    /// Original column at each position.
    pivot: Vec<usize>,
    rank: usize,
}

impl PivotedQr {
    /// Factorises a column-major matrix with `rows` rows.
    pub(crate) fn of_columns(mut factors: Vec<f64>, rows: usize, columns: usize) -> Self {
        let mut pivot: Vec<usize> = (0..columns).collect();
        let norm = |column: &[f64]| column.iter().map(|v| v * v).sum::<f64>().sqrt();
        let mut lengths: Vec<f64> = (0..columns)
            .map(|j| norm(&factors[j * rows..(j + 1) * rows]))
            .collect();
        let mut diagonal = Vec::with_capacity(columns);
        let mut remaining = columns;
        let mut k = 0;
        while k < remaining && k < rows {
            let left = norm(&factors[k * rows + k..(k + 1) * rows]);
            if left <= ALIASED_BELOW * lengths[k] {
                factors[k * rows..remaining * rows].rotate_left(rows);
                pivot[k..remaining].rotate_left(1);
                lengths[k..remaining].rotate_left(1);
                remaining -= 1;
                continue;
            }
            let (head, later) = factors.split_at_mut((k + 1) * rows);
            let vector = &mut head[k * rows + k..];
            let sign = if vector[0] < 0.0 { -1.0 } else { 1.0 };
            diagonal.push(-sign * left);
            // Scaled so that v v' / v₀ is the reflection.
            vector.iter_mut().for_each(|v| *v /= sign * left);
            vector[0] += 1.0;
            for column in later.chunks_exact_mut(rows) {
                reflect(vector, &mut column[k..]);
            }
            k += 1;
        }
        Self {
            rows,
            factors,
            diagonal,
            pivot,
            rank: k,
        }
    }

    /// Factorises the given rows of a row-major matrix.
    pub(crate) fn of_matrix(matrix: &crate::Matrix) -> Self {
        let (rows, columns) = (matrix.rows(), matrix.cols());
        let factors = matrix.transposed().values().to_vec();
        Self::of_columns(factors, rows, columns)
    }

    /// Number of independent columns.
    pub(crate) fn rank(&self) -> usize {
        self.rank
    }

    /// The independent original columns, in order.
    pub(crate) fn independent(&self) -> &[usize] {
        &self.pivot[..self.rank]
    }

    /// The original columns that are linear combinations of the others.
    pub(crate) fn aliased(&self) -> &[usize] {
        &self.pivot[self.rank..]
    }

    fn reflector(&self, k: usize) -> &[f64] {
        &self.factors[k * self.rows + k..(k + 1) * self.rows]
    }

    /// Replaces y by Qᵀy: the first `rank` are effects of the columns, the rest residual effects.
    pub(crate) fn apply_q_transposed(&self, y: &mut [f64]) {
        for k in 0..self.rank {
            reflect(self.reflector(k), &mut y[k..]);
        }
    }

    /// Replaces effects by Q effects.
    pub(crate) fn apply_q(&self, effects: &mut [f64]) {
        for k in (0..self.rank).rev() {
            reflect(self.reflector(k), &mut effects[k..]);
        }
    }

    fn r(&self, i: usize, j: usize) -> f64 {
        if i == j {
            self.diagonal[i]
        } else {
            self.factors[j * self.rows + i]
        }
    }

    /// Solves R b = effects for the independent columns, in their order.
    pub(crate) fn solve(&self, effects: &[f64]) -> Vec<f64> {
        let mut b = effects[..self.rank].to_vec();
        for i in (0..self.rank).rev() {
            let tail: f64 = (i + 1..self.rank).map(|j| self.r(i, j) * b[j]).sum();
            b[i] = (b[i] - tail) / self.diagonal[i];
        }
        b
    }

    /// R⁻¹ of the independent columns, row-major `rank` × `rank`, upper triangular.
    pub(crate) fn inverse_r(&self) -> Vec<f64> {
        let p = self.rank;
        let mut inverse = vec![0.0; p * p];
        for j in 0..p {
            inverse[j * p + j] = 1.0 / self.diagonal[j];
            for i in (0..j).rev() {
                let tail: f64 = (i + 1..=j).map(|k| self.r(i, k) * inverse[k * p + j]).sum();
                inverse[i * p + j] = -tail / self.diagonal[i];
            }
        }
        inverse
    }

    /// Column `k` of the full orthogonal factor Q; k below the number of rows.
    pub(crate) fn q_column(&self, k: usize) -> Vec<f64> {
        let mut unit = vec![0.0; self.rows];
        unit[k] = 1.0;
        self.apply_q(&mut unit);
        unit
    }
}

fn reflect(vector: &[f64], target: &mut [f64]) {
    let projection: f64 = vector.iter().zip(&*target).map(|(v, t)| v * t).sum();
    let scale = -projection / vector[0];
    for (t, v) in target.iter_mut().zip(vector) {
        *t += scale * v;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_aside_dependent_columns_and_solves_the_rest() {
        let x: [[f64; 3]; 4] = [
            [1.0, 2.0, 1.0],
            [1.0, 2.0, 3.0],
            [1.0, 2.0, 5.0],
            [1.0, 2.0, 8.0],
        ];
        let columns: Vec<f64> = (0..3).flat_map(|j| x.map(|row| row[j])).collect();
        let qr = PivotedQr::of_columns(columns, 4, 3);
        assert_eq!(qr.independent(), [0, 2]);
        assert_eq!(qr.aliased(), [1]);
        let mut y = x.map(|row| 4.0 - 0.5 * row[2]);
        qr.apply_q_transposed(&mut y);
        let b = qr.solve(&y);
        assert!((b[0] - 4.0).abs() < 1e-14 && (b[1] + 0.5).abs() < 1e-14);
        assert!(y[2..].iter().all(|e| e.abs() < 1e-14));
        let q: Vec<Vec<f64>> = (0..4).map(|k| qr.q_column(k)).collect();
        for i in 0..4 {
            for j in 0..4 {
                let product: f64 = q[i].iter().zip(&q[j]).map(|(a, b)| a * b).sum();
                assert!((product - f64::from(i == j)).abs() < 1e-14);
            }
        }
    }
}
