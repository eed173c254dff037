//! Simulated experiments with planted biology and planted faults, and their answer key.
//!
//! log2 abundance of gene i in sample j = mean + sd · (scale of the sample · noise + planted shift) + loading. The noise has
//! variance 1: a factor of all genes, a factor per module, and a part of its own, by the correlations of the background.
//! The sd is drawn from the background's prior. A value is missing by its abundance, unless a plant decides. Equal seeds
//! and plants give equal bytes; a plant draws from a stream of its own.

mod assays;
mod clinic;
mod faults;
mod growing;
mod proteins;
mod write;

use proteus_stats::matrix::Matrix;

use super::StudyError;
use super::background::Background;
use super::design::TwoArms;
use super::key::{AnswerKey, FORMAT, PlantRecord, judged_by};
use super::oracle;
use super::plant::{Plant, PlantKind};
use crate::dataset::{FeatureLevel, Role};
use crate::knowledge::Packs;
use growing::Growing;

pub use write::write;

/// Levels of the simulated condition, target first.
pub const ARMS: [&str; 2] = ["treated", "control"];
/// Name of the simulated condition.
pub const CONDITION: &str = "condition";

/// What to simulate.
#[derive(Debug, Clone)]
pub struct Simulation<'a> {
    /// Samples per arm.
    pub design: TwoArms,
    /// What is planted; nothing makes a null experiment.
    pub plants: Vec<Plant>,
    /// Seed.
    pub seed: u64,
    /// What the noise looks like.
    pub background: &'a Background,
}

/// A column of the sample sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Header.
    pub name: String,
    /// Role, as declared in `dataset.yaml`.
    pub role: Role,
    /// One cell per sample, empty where missing.
    pub cells: Vec<String>,
    /// Level that contrasts are measured against.
    pub reference: Option<String>,
}

/// A further table of measurements.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Name of the assay; its file is `<name>.tsv`.
    pub name: String,
    /// What a row is.
    pub level: FeatureLevel,
    /// Header of the column of ids.
    pub id: String,
    /// Ids.
    pub ids: Vec<String>,
    /// Ids × samples, log2, NaN where missing.
    pub values: Matrix,
}

/// A simulated experiment.
#[derive(Debug, Clone)]
pub struct Simulated {
    /// Gene symbols, the rows of the main table.
    pub genes: Vec<String>,
    /// Sample ids, the columns.
    pub samples: Vec<String>,
    /// Genes × samples, log2, NaN where missing.
    pub values: Matrix,
    /// Standard deviation of each gene within an arm, log2.
    pub sd: Vec<f64>,
    /// Sample sheet.
    pub columns: Vec<Column>,
    /// Further assays.
    pub tables: Vec<Table>,
    /// Files beside the dataset: name and text.
    pub files: Vec<(String, String)>,
    /// A second cohort, where one was planted.
    pub second: Option<Box<Simulated>>,
    /// What is true.
    pub key: AnswerKey,
    /// Scientific name of the organism.
    pub organism: String,
}

impl Simulated {
    /// The column of the sheet with this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }
}

/// Simulates one experiment.
pub fn simulate(spec: &Simulation<'_>, packs: &Packs) -> Result<Simulated, StudyError> {
    let mut growing = Growing::new(spec, packs);
    let mut records = Vec::with_capacity(spec.plants.len());
    for (number, plant) in spec.plants.iter().enumerate() {
        growing.begin(number, *plant);
        let what = match plant.kind {
            PlantKind::Protein => proteins::single(&mut growing, *plant),
            PlantKind::Panel => proteins::panel(&mut growing, *plant),
            PlantKind::Pathway => proteins::pathway(&mut growing, *plant),
            PlantKind::Complex => proteins::complex(&mut growing, *plant),
            PlantKind::Stoichiometry => proteins::stoichiometry(&mut growing, *plant),
            PlantKind::Regulon => proteins::regulon(&mut growing, *plant),
            PlantKind::Switch => proteins::switch(&mut growing, *plant),
            PlantKind::Kinase => assays::kinase(&mut growing, *plant),
            PlantKind::Site => assays::site(&mut growing, *plant),
            PlantKind::Rna => assays::rna(&mut growing, *plant),
            PlantKind::Cells => assays::cells(&mut growing, *plant),
            PlantKind::ModuleTrait => clinic::module_trait(&mut growing, *plant),
            PlantKind::Survival => clinic::survival(&mut growing, *plant),
            PlantKind::Subtype => clinic::subtype(&mut growing, *plant),
            PlantKind::Circular => clinic::circular(&mut growing, *plant),
            PlantKind::Batch => faults::batch(&mut growing, *plant),
            PlantKind::Keratin | PlantKind::Blood | PlantKind::Muscle => {
                faults::contamination(&mut growing, *plant)
            }
            PlantKind::Mislabelled => faults::mislabelled(&mut growing, *plant),
            PlantKind::Swapped => faults::swapped(&mut growing, *plant),
            PlantKind::Unequal => faults::unequal(&mut growing, *plant),
            PlantKind::Cohort => faults::cohort(&mut growing, *plant),
        }?;
        records.push(PlantRecord {
            plant: *plant,
            unit: plant.kind.unit().to_owned(),
            what,
        });
    }
    let key = AnswerKey {
        format: FORMAT,
        seed: spec.seed,
        design: spec.design.to_string(),
        background: spec.background.source.clone(),
        judged_by: judged_by(),
        plants: records,
        associations: std::mem::take(&mut growing.associations),
        sets: std::mem::take(&mut growing.sets),
        structure: std::mem::take(&mut growing.structure),
        other: std::mem::take(&mut growing.other),
        faults: std::mem::take(&mut growing.faults),
        oracle: Vec::new(),
    };
    let mut made = growing.realise(key);
    made.key.oracle = oracle::powers(&made, spec, packs)?;
    Ok(made)
}
