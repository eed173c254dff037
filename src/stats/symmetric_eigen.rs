//! Eigenvalues of symmetric matrices and products of a matrix with itself.
//!
//! Both run on one thread: a parallel sum could end in other last digits on a machine with other cores.

use crate::Matrix;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};

/// Eigenvalues in descending order with their eigenvectors as columns.
#[derive(Debug, Clone, PartialEq)]
pub struct SymmetricEigen {
    /// Eigenvalues, largest first.
    pub values: Vec<f64>,
    /// Column j is the unit eigenvector of value j; its sign is arbitrary.
    pub vectors: Matrix,
}

/// Decomposes the symmetric matrix `a`, of which only the lower half is read; none when it holds NaN or infinities, or in
/// the unlikely case that the iteration does not converge. R `eigen(symmetric = TRUE)` to 1e-12 of the largest value.
pub fn symmetric_eigen(a: &Matrix) -> Option<SymmetricEigen> {
    let n = a.rows();
    if a.cols() != n || a.values().iter().any(|v| !v.is_finite()) {
        return None;
    }
    let mut vectors = Mat::<f64>::zeros(n, n);
    let mut values = faer::Col::<f64>::zeros(n);
    let scratch =
        self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, Par::Seq, Default::default());
    self_adjoint_evd(
        view(a),
        values.as_diagonal_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    )
    .ok()?;
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| values[j].total_cmp(&values[i]));
    Some(SymmetricEigen {
        values: order.iter().map(|&i| values[i]).collect(),
        vectors: Matrix::from_fn(n, n, |i, j| vectors[(i, order[j])]),
    })
}

/// x·xᵀ, the inner products of the rows of `x` (which must not hold NaN).
pub fn row_products(x: &Matrix) -> Matrix {
    product(view(x), view(x).transpose())
}

/// a·b for matrices whose inner sizes agree; none otherwise.
pub fn matrix_product(a: &Matrix, b: &Matrix) -> Option<Matrix> {
    (a.cols() == b.rows()).then(|| product(view(a), view(b)))
}

fn view(x: &Matrix) -> MatRef<'_, f64> {
    MatRef::from_row_major_slice(x.values(), x.rows(), x.cols())
}

fn product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Matrix {
    let mut out = Mat::<f64>::zeros(a.nrows(), b.ncols());
    matmul(&mut out, Accum::Replace, a, b, 1.0, Par::Seq);
    Matrix::from_fn(a.nrows(), b.ncols(), |i, j| out[(i, j)])
}
