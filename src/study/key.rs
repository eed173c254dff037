//! The answer key of a simulated experiment: what is truly not null, in terms of each archetype's own null, so that code
//! can say of every hypothesis whether it is true.

use serde::{Deserialize, Serialize};

use super::plant::{Plant, PlantKind};
use crate::discovery::Direction;

/// Version of the layout.
pub const FORMAT: u32 = 1;

/// `answer_key.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerKey {
    /// Version of the layout.
    pub format: u32,
    /// Seed of the simulation.
    pub seed: u64,
    /// Samples per arm.
    pub design: String,
    /// What the noise was made like.
    pub background: String,
    /// How a claim of each kind is judged.
    pub judged_by: Vec<String>,
    /// The plants, in order; other parts name them by place, from 0.
    pub plants: Vec<PlantRecord>,
    /// Everything that truly differs or follows a variable. What is not listed is null.
    pub associations: Vec<Association>,
    /// Sets that were shifted as a whole.
    pub sets: Vec<PlantedSet>,
    /// Variables that truly follow a subtype of the samples.
    pub structure: Vec<PlantedStructure>,
    /// Truths of kinds that no list above holds.
    pub other: Vec<OtherTruth>,
    /// Faults of the study: what should be flagged.
    pub faults: Vec<Fault>,
    /// What an oracle could have found.
    pub oracle: Vec<OraclePower>,
}

/// A plant as it was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlantRecord {
    /// What, how strong and how many.
    #[serde(flatten)]
    pub plant: Plant,
    /// Unit of the strength.
    pub unit: String,
    /// What was done, in words.
    pub what: String,
}

/// What an entity truly does over a variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Association {
    /// The plant it comes from.
    pub plant: usize,
    /// `protein`, `site` or `transcript`.
    pub kind: Measured,
    /// Gene symbol, site or transcript.
    pub entity: String,
    /// The variable.
    pub variable: String,
    /// The two levels compared, target first; none for a number.
    pub levels: Option<[String; 2]>,
    /// Higher: up in the target level, or rising with the number.
    pub direction: Direction,
    /// Difference in standard deviations within a level, or correlation with a number; signed.
    pub effect: f64,
}

/// What an association is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// A protein of the main table.
    Protein,
    /// A modified site.
    Site,
    /// A transcript.
    Transcript,
}

/// A gene set that was shifted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlantedSet {
    /// The plant it comes from.
    pub plant: usize,
    /// Collection of the knowledge packs.
    pub collection: String,
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// Which way in the target arm.
    pub direction: Direction,
    /// Members that were shifted.
    pub shifted: Vec<String>,
    /// Measured members.
    pub measured: usize,
}

/// A variable that follows a hidden subtype.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlantedStructure {
    /// The plant it comes from.
    pub plant: usize,
    /// The variable.
    pub variable: String,
    /// Chance of the target level in the two subtypes.
    pub chances: [f64; 2],
}

/// A truth told in words of its own archetype.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OtherTruth {
    /// The plant it comes from.
    pub plant: usize,
    /// The archetype that would tell it.
    pub archetype: String,
    /// What it is about.
    pub subject: String,
    /// What the subject is related to.
    pub object: String,
    /// Which way.
    pub direction: Direction,
    /// More about it.
    pub detail: String,
}

/// A fault of the study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// The plant it comes from.
    pub plant: usize,
    /// Which fault.
    pub kind: PlantKind,
    /// The variable on which claims are wrong because of it.
    pub variable: Option<String>,
    /// The samples concerned, where it is single samples.
    pub samples: Vec<String>,
    /// The proteins concerned.
    pub proteins: Vec<String>,
}

/// How likely the right test, at a false discovery rate of 5 % on the true menu, finds a plant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OraclePower {
    /// The plant.
    pub plant: usize,
    /// The archetype that tells it, as in the hypotheses; `none` where the engine has no tool.
    pub archetype: String,
    /// Protein, set or variable.
    pub entity: String,
    /// The variable it is about.
    pub variable: String,
    /// Which way.
    pub direction: Direction,
    /// Power, 0 to 1.
    pub power: f64,
}

impl AnswerKey {
    /// Associations of proteins with this variable.
    pub fn proteins_over<'a>(&'a self, variable: &'a str) -> impl Iterator<Item = &'a Association> {
        self.associations
            .iter()
            .filter(move |a| a.kind == Measured::Protein && a.variable == variable)
    }
}

/// How claims are judged, for people who read a key.
pub(super) fn judged_by() -> Vec<String> {
    [
        "protein: true if it is listed under associations for that variable, with that direction; an undirected claim needs no direction",
        "detection: as for a protein, since what is less abundant is truly detected less often",
        "pathway, complex: competitive null; true if the members' listed effects, as a mean, are at least as far in the claimed direction as those of 99 % of random draws of as many measured proteins",
        "subtype: true if the variable is listed under structure, or if any protein is truly associated with it: groups found in the proteome then follow it",
        "principal component: true if any protein is truly associated with the variable",
        "claims of several edges (panels): true only if every edge is",
        "claims on a variable or about proteins listed under faults are false unless listed under associations",
    ]
    .map(str::to_owned)
    .to_vec()
}
