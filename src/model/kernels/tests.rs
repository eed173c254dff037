//! Kernels against candle's own dequantisation, against plain loops, and against each other.

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::elementwise::{exp, rms_norm};
use super::half_float::{from_bf16, from_f16};
use super::lanes::Portable;
use super::matrix::Input;
use super::{Format, Matrix, Threads};

fn random(seed: u64, count: usize) -> Vec<f32> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..count)
        .map(|_| random.random_range(-1.0f32..1.0))
        .collect()
}

/// A random matrix in `format`, and the numbers it stands for by candle's reckoning.
fn quantised(format: Format, rows: usize, columns: usize) -> (Matrix, Vec<f32>) {
    let kind = match format {
        Format::Q8_0 => GgmlDType::Q8_0,
        Format::Q4_0 => GgmlDType::Q4_0,
        Format::Q4_1 => GgmlDType::Q4_1,
        Format::Q4K => GgmlDType::Q4K,
        _ => GgmlDType::Q6K,
    };
    let tensor =
        Tensor::from_vec(random(7, rows * columns), (rows, columns), &Device::Cpu).unwrap();
    let blocks = QTensor::quantize(&tensor, kind).unwrap();
    let matrix = Matrix::from_blocks(&blocks.data().unwrap(), format, rows, columns).unwrap();
    (
        matrix,
        blocks
            .dequantize(&Device::Cpu)
            .unwrap()
            .flatten_all()
            .unwrap()
            .to_vec1()
            .unwrap(),
    )
}

const TILED: [Format; 5] = [
    Format::Q8_0,
    Format::Q4_0,
    Format::Q4_1,
    Format::Q4K,
    Format::Q6K,
];

#[test]
fn rows_are_what_candle_dequantises() {
    for format in TILED {
        let (matrix, expected) = quantised(format, 21, 512);
        let mut row = vec![0f32; 512];
        for (r, expected) in expected.chunks_exact(512).enumerate() {
            matrix.row(r, &mut row);
            for (a, b) in row.iter().zip(expected) {
                // Q4_0 has its offset multiplied out here, which may round once more.
                assert!((a - b).abs() <= 1e-6, "{format}, row {r}: {a} for {b}");
            }
        }
    }
}

#[test]
fn products_are_those_of_the_dequantised_weights_to_within_eight_bit_activations() {
    for format in TILED {
        for count in [1, 3, 16, 37] {
            let (rows, columns) = (21, 768);
            let (matrix, weights) = quantised(format, rows, columns);
            let x = random(11, count * columns);
            let mut out = vec![0f32; count * rows];
            matrix.product(
                &Threads::new(1).unwrap(),
                &Input::new(&x, columns),
                &mut out,
            );
            for (m, out) in out.chunks_exact(rows).enumerate() {
                for (r, out) in out.iter().enumerate() {
                    let pairs = weights[r * columns..]
                        .iter()
                        .zip(&x[m * columns..(m + 1) * columns]);
                    let exact: f64 = pairs.map(|(w, x)| f64::from(*w) * f64::from(*x)).sum();
                    // 768 products of numbers up to 1, each activation off by at most 1/254: the sum by about 0.04.
                    assert!(
                        (f64::from(*out) - exact).abs() < 0.15,
                        "{format} [{m}, {r}]: {out} for {exact}"
                    );
                }
            }
        }
    }
}

#[test]
fn rows_of_a_batch_are_bit_for_bit_those_of_single_products_on_any_number_of_threads() {
    let float = Matrix::from_f32(random(3, 21 * 512), 21, 512).unwrap();
    let matrices = TILED
        .map(|format| quantised(format, 21, 512).0)
        .into_iter()
        .chain([float]);
    for matrix in matrices {
        let x = random(5, 40 * 512);
        let mut batch = vec![0f32; 40 * 21];
        matrix.product(&Threads::new(1).unwrap(), &Input::new(&x, 512), &mut batch);
        let mut threaded = vec![0f32; 40 * 21];
        matrix.product(
            &Threads::new(3).unwrap(),
            &Input::new(&x, 512),
            &mut threaded,
        );
        assert_eq!(batch, threaded);
        for (x, batch) in x.chunks_exact(512).zip(batch.chunks_exact(21)) {
            let mut single = vec![0f32; 21];
            matrix.product(&Threads::new(1).unwrap(), &Input::new(x, 512), &mut single);
            assert_eq!(single, batch, "{}", matrix.format());
        }
    }
}

#[test]
fn portable_kernels_agree_with_those_picked_at_run_time() {
    for format in TILED {
        let (matrix, _) = quantised(format, 16, 512);
        let x = random(13, 5 * 512);
        let threads = Threads::new(1).unwrap();
        let mut picked = vec![0f32; 5 * 16];
        matrix.product(&threads, &Input::new(&x, 512), &mut picked);
        let mut portable = vec![0f32; 5 * 16];
        matrix.product_with(Portable, &threads, &Input::new(&x, 512), &mut portable);
        for (a, b) in picked.iter().zip(&portable) {
            assert!(
                (a - b).abs() <= 1e-4 * a.abs().max(1.0),
                "{format}: {a} and {b}"
            );
        }
    }
}

#[test]
fn matrices_refuse_what_does_not_fit() {
    assert!(Matrix::from_f32(vec![0.0; 7], 2, 4).is_err());
    assert!(Matrix::from_half(vec![0; 8], Format::F32, 2, 4).is_err());
    assert!(Matrix::from_blocks(&[0; 34], Format::Q8_0, 1, 33).is_err());
    assert!(Matrix::from_blocks(&[0; 143], Format::Q4K, 1, 256).is_err());
    assert!(Matrix::from_blocks(&[0; 128], Format::F32, 1, 32).is_err());
}

#[test]
fn sixteen_bits_widen_exactly() {
    for bits in 0..=u16::MAX {
        let expected = half::f16::from_bits(bits);
        if expected.is_finite() {
            assert_eq!(
                from_f16(bits).to_bits(),
                expected.to_f32().to_bits(),
                "{bits:#x}"
            );
        }
        let expected = half::bf16::from_bits(bits);
        if !expected.is_nan() {
            assert_eq!(from_bf16(bits).to_bits(), expected.to_f32().to_bits());
        }
    }
}

#[test]
fn exp_is_exact_to_single_precision() {
    let mut worst = 0f64;
    for i in -86_000..88_000 {
        let x = i as f32 / 1000.0;
        let exact = f64::from(x).exp();
        worst = worst.max((f64::from(exp(x)) - exact).abs() / exact);
    }
    assert!(worst < 2e-7, "relative error {worst}");
    assert!(exp(f32::NEG_INFINITY) < 1e-37);
    assert_eq!(exp(0.0), 1.0);
}

#[test]
fn norms_have_unit_root_mean_square() {
    let x = random(17, 3 * 100);
    let mut out = vec![0f32; 300];
    rms_norm(&x, &[1.0; 100], 0.0, &mut out);
    for row in out.chunks_exact(100) {
        let mean: f32 = row.iter().map(|v| v * v).sum::<f32>() / 100.0;
        assert!((mean - 1.0).abs() < 1e-5);
    }
}
