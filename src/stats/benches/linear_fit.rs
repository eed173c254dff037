//! Work rates of the linear-model part, and the CPU-seconds ratio to R limma where `Rscript` with limma is installed.
//!
//! `cargo bench -p proteus-stats --bench linear_fit`. Nothing is asserted.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]

use proteus_stats::Matrix;
use proteus_stats::block_correlation::block_correlation;
use proteus_stats::linear_model::{LinearModelError, fit};
use proteus_stats::moderated::{ModerationOptions, moderate};
use proteus_stats::rotation::{Rotation, RotationModel};
use rand::{Rng, SeedableRng};
use std::process::Command;
use std::time::Instant;

const REPEATS: usize = 20;

/// Seconds of processor time of the whole process so far; `None` where the system does not tell.
fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let after_name = stat.rsplit_once(") ")?.1;
    let ticks = |k: usize| after_name.split(' ').nth(k)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

/// Processor seconds per call where known, else elapsed ones.
fn timed<T>(mut call: impl FnMut() -> T) -> f64 {
    let (wall, processor) = (Instant::now(), processor_seconds());
    for _ in 0..REPEATS {
        std::hint::black_box(call());
    }
    let spent = match (processor, processor_seconds()) {
        (Some(before), Some(after)) => after - before,
        _ => wall.elapsed().as_secs_f64(),
    };
    spent / REPEATS as f64
}

fn simulated(features: usize, samples: usize, missing: f64) -> (Matrix, Matrix) {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let y = Matrix::from_fn(features, samples, |_, _| {
        let value = 20.0 + (0..4).map(|_| rng.random::<f64>()).sum::<f64>();
        if rng.random::<f64>() < missing {
            f64::NAN
        } else {
            value
        }
    });
    let design = Matrix::from_fn(samples, 5, |i, j| match j {
        0 => 1.0,
        1 => f64::from(i % 2 == 0),
        2 => f64::from(i % 3 == 0),
        3 => (i % 17) as f64,
        _ => rng.random::<f64>(),
    });
    (y, design)
}

/// CPU seconds of lmFit and eBayes in R on data of the same shape.
fn limma_seconds(missing: f64) -> Option<f64> {
    let script = format!(
        "suppressMessages(library(limma)); set.seed(1); y <- matrix(rnorm(2e6, 20), 10000); \
         y[runif(2e6) < {missing}] <- NA; i <- 0:199; \
         x <- cbind(1, i %% 2 == 0, i %% 3 == 0, i %% 17, runif(200)); \
         s <- system.time(eBayes(lmFit(y, x))); cat(s[[1]] + s[[2]])"
    );
    let output = Command::new("Rscript")
        .args(["-e", &script])
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn main() -> Result<(), LinearModelError> {
    for missing in [0.0, 0.2] {
        let (y, design) = simulated(10_000, 200, missing);
        let fitting = timed(|| fit(&y, &design));
        let fitted = fit(&y, &design)?;
        let moderating =
            timed(|| moderate(fitted.clone(), ModerationOptions::default()).map(|m| m.test(1)));
        println!(
            "10,000 × 200, 5 columns, {:.0} % missing: fit {:.1} ms CPU ({:.0} rows/s), moderated t {:.1} ms",
            100.0 * missing,
            1e3 * fitting,
            10_000.0 / fitting,
            1e3 * moderating
        );
        match limma_seconds(missing) {
            Some(r) => println!(
                "  R limma lmFit + eBayes: {:.0} ms CPU, {:.1} times ours",
                1e3 * r,
                r / (fitting + moderating)
            ),
            None => println!("  R limma not found: no ratio"),
        }
    }
    let (y, design) = simulated(1_000, 100, 0.2);
    let block: Vec<usize> = (0..100).map(|j| j / 2).collect();
    let correlating = timed(|| block_correlation(&y, &design, &block));
    println!(
        "1,000 × 100 in 50 blocks, 20 % missing: block correlation {:.0} ms CPU ({:.0} rows/s)",
        1e3 * correlating,
        1_000.0 / correlating
    );
    let (y, design) = simulated(11_000, 140, 0.2);
    let nuisance = design.select_columns(&[0, 2, 3, 4]);
    let tested = design.select_columns(&[1]);
    let model = RotationModel {
        nuisance: &nuisance,
        tested: &tested,
        sample_scale: None,
        blocks: None,
    };
    let posterior = vec![1.0; y.rows()];
    match Rotation::new(&y, model, &posterior, 1) {
        Ok(rotation) => {
            let preparing = timed(|| Rotation::new(&y, model, &posterior, 1));
            let mut seed = 0;
            let drawing = timed(|| {
                seed += 1;
                rotation.decoy(seed)
            });
            println!(
                "11,000 × 140, 20 % missing: rotation prepared in {:.0} ms CPU, one decoy {:.0} ms",
                1e3 * preparing,
                1e3 * drawing
            );
        }
        Err(error) => println!("no rotation: {error}"),
    }
    Ok(())
}
