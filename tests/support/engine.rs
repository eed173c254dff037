//! What tests that run the engine share: its resources, and normal noise.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;

use proteus::agent::Resources;
use proteus::content::Content;
use proteus::knowledge::Packs;
use proteus::tool::Catalog;
use proteus::tools::CATALOG;
use proteus::workflow::Templates;
use rand::Rng;

/// Everything that is embedded in the program.
pub fn resources() -> Resources {
    let content = Content::embedded();
    Resources {
        templates: Arc::new(Templates::load(&content).unwrap()),
        catalog: Arc::new(Catalog::new(CATALOG).unwrap()),
        packs: Arc::new(Packs::open(&content).unwrap()),
    }
}

/// A standard normal number (Box and Muller).
pub fn normal(rng: &mut impl Rng) -> f64 {
    let (u, v): (f64, f64) = (rng.random_range(f64::EPSILON..1.0), rng.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}
