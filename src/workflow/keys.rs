//! Content addresses of step outputs: a step's key changes with everything its outputs depend on, and with nothing else.

use indexmap::IndexMap;
use serde_json::Value;

use super::{Plan, Source};
use crate::dataset::Dataset;
use crate::run::hash::{Hasher, canonical, of_json};

/// What every step of a run depends on besides its own tool, parameters and inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// BLAKE3 over the dataset's assays as they are in memory.
    pub matrices: String,
    /// BLAKE3 over the sample sheet as it is in memory. Part of every key, not only of tools that read labels: a
    /// label-blind tool may still choose samples by other variables.
    pub samples: String,
    /// Versions of the knowledge packs, as text.
    pub knowledge: String,
    /// Seed of everything random.
    pub seed: u64,
}

impl Identity {
    /// The identity of a dataset with these knowledge packs and this seed.
    pub fn of(dataset: &Dataset, knowledge: impl Into<String>, seed: u64) -> Self {
        let mut matrices = Hasher::new();
        for (name, assay) in &dataset.assays {
            let bytes: Vec<u8> = assay
                .values
                .values()
                .iter()
                .flat_map(|v| v.to_bits().to_le_bytes())
                .collect();
            matrices
                .part("assay", name.as_bytes())
                .part("columns", &(assay.n_samples() as u64).to_le_bytes())
                .part("values", &bytes)
                .part("features", &json_bytes(&assay.features))
                .part("kind", &json_bytes(&(assay.level, assay.quantity)));
        }
        Self {
            matrices: matrices.finish(),
            samples: Hasher::new()
                .part("samples", &json_bytes(&dataset.samples))
                .finish(),
            knowledge: knowledge.into(),
            seed,
        }
    }
}

fn json_bytes(value: &impl serde::Serialize) -> Vec<u8> {
    // These are plain types of our own, which always serialise.
    serde_json::to_vec(value).unwrap_or_default()
}

/// The key of every step, by step, in the order of the plan.
pub fn step_keys(plan: &Plan, identity: &Identity) -> IndexMap<String, String> {
    let mut keys: IndexMap<String, String> = IndexMap::with_capacity(plan.steps.len());
    for step in &plan.steps {
        let mut hasher = Hasher::new();
        hasher
            .part("proteus", env!("CARGO_PKG_VERSION").as_bytes())
            .part("tool", step.tool.as_bytes())
            .part("version", &step.version.to_le_bytes())
            .part(
                "params",
                canonical(&Value::Object(step.params.clone())).as_bytes(),
            )
            .part("samples", identity.samples.as_bytes())
            .part("knowledge", identity.knowledge.as_bytes())
            .part("seed", &identity.seed.to_le_bytes());
        let mut inputs: Vec<(&String, &Source)> = step.inputs.iter().collect();
        inputs.sort();
        for (port, source) in inputs {
            hasher
                .part("port", port.as_bytes())
                .part("from", source_key(source, &keys, identity).as_bytes());
        }
        keys.insert(step.id.clone(), hasher.finish());
    }
    keys
}

/// The content address of what a source gives.
pub(super) fn source_key(
    source: &Source,
    keys: &IndexMap<String, String>,
    identity: &Identity,
) -> String {
    match source {
        Source::Dataset { assay } => {
            format!(
                "{}.{}",
                identity.matrices,
                assay.as_deref().unwrap_or_default()
            )
        }
        Source::Step { step, port } => {
            format!(
                "{}.{port}",
                keys.get(step).map(String::as_str).unwrap_or_default()
            )
        }
    }
}

/// The seed a tool is given: its own stream of the run's seed, the same wherever the tool stands in a plan.
pub fn tool_seed(seed: u64, tool: &str) -> u64 {
    let digest = of_json(&serde_json::json!([seed, tool]));
    u64::from_str_radix(&digest[..16], 16).unwrap_or(seed)
}
