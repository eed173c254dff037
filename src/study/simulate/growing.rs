//! An experiment in the making: what every plant adds to.

use std::collections::{BTreeMap, BTreeSet};

use proteus_stats::matrix::Matrix;
use proteus_stats::random_draws::RandomDraws;

use super::super::StudyError;
use super::super::background::Background;
use super::super::key::{
    AnswerKey, Association, Fault, Measured, OtherTruth, PlantedSet, PlantedStructure,
};
use super::super::plant::Plant;
use super::{ARMS, CONDITION, Column, Simulated, Simulation, Table};
use crate::dataset::Role;
use crate::discovery::Direction;
use crate::knowledge::set_names::unsuitable_sets;
use crate::knowledge::{GeneSet, Packs};

/// Share of a set's genes that must be in the background: tools over sets ask for a quarter, of genes without missing values.
const COVERAGE: f64 = 0.5;

/// An experiment in the making.
pub(super) struct Growing<'a> {
    pub packs: &'a Packs,
    pub background: &'a Background,
    pub seed: u64,
    /// Whether each sample truly belongs to the target arm.
    pub treated: Vec<bool>,
    /// Labels of the arms as the sheet will have them.
    pub labelled: Vec<bool>,
    /// Standard deviation of each gene.
    pub sd: Vec<f64>,
    /// Noise, genes × samples, variance 1.
    pub latent: Matrix,
    /// Planted shifts, genes × samples, in standard deviations.
    pub shift: Matrix,
    /// Chance of detection in the control and the treated arm, for genes whose detection a plant decides.
    pub detection: BTreeMap<usize, [f64; 2]>,
    /// Scale of the noise of each sample.
    pub sample_scale: Vec<f64>,
    /// Genes that a plant has used already.
    pub taken: BTreeSet<usize>,
    /// Further columns of the sheet.
    pub columns: Vec<Column>,
    pub tables: Vec<Table>,
    pub files: Vec<(String, String)>,
    pub second: Option<Box<Simulated>>,
    pub associations: Vec<Association>,
    pub sets: Vec<PlantedSet>,
    pub structure: Vec<PlantedStructure>,
    pub other: Vec<OtherTruth>,
    pub faults: Vec<Fault>,
    /// Number of the plant at work.
    pub plant: usize,
    /// Its own stream.
    pub draws: RandomDraws,
    label: String,
}

impl<'a> Growing<'a> {
    pub(super) fn new(spec: &Simulation<'a>, packs: &'a Packs) -> Self {
        Self::of_cohort(
            spec.background,
            spec.design.control,
            spec.design.treated,
            spec.seed,
            "cohort",
            packs,
        )
    }

    /// An experiment of one cohort; `cohort` tells its noise from that of others of the same seed.
    pub(super) fn of_cohort(
        background: &'a Background,
        control: usize,
        treated: usize,
        seed: u64,
        cohort: &str,
        packs: &'a Packs,
    ) -> Self {
        let n = control + treated;
        let mut arms: Vec<bool> = (0..n).map(|j| j >= control).collect();
        RandomDraws::new(seed, &format!("{cohort} arms")).shuffle(&mut arms);
        let mut draws = RandomDraws::new(seed, "variances");
        let d0 = background.prior_df;
        let sd = background
            .genes
            .iter()
            .map(|_| (background.prior_variance * d0 / draws.chi_squared(d0)).sqrt())
            .collect();
        let genes = background.genes.len();
        Self {
            packs,
            background,
            seed,
            labelled: arms.clone(),
            treated: arms,
            sd,
            latent: noise(background, n, seed, cohort),
            shift: Matrix::filled(genes, n, 0.0),
            detection: BTreeMap::new(),
            sample_scale: vec![1.0; n],
            taken: BTreeSet::new(),
            columns: Vec::new(),
            tables: Vec::new(),
            files: Vec::new(),
            second: None,
            associations: Vec::new(),
            sets: Vec::new(),
            structure: Vec::new(),
            other: Vec::new(),
            faults: Vec::new(),
            plant: 0,
            draws: RandomDraws::new(seed, "none"),
            label: cohort.to_owned(),
        }
    }

    /// Gives the next plant its number and its stream.
    pub(super) fn begin(&mut self, number: usize, plant: Plant) {
        self.plant = number;
        self.draws = RandomDraws::new(self.seed, &format!("plant {number} {}", plant.kind.name()));
    }

    pub(super) fn samples(&self) -> usize {
        self.treated.len()
    }

    pub(super) fn gene(&self, i: usize) -> &'a str {
        &self.background.genes[i]
    }

    /// Genes no plant has used, in random order, at most `count`.
    pub(super) fn free_genes(
        &mut self,
        count: usize,
        plant: Plant,
    ) -> Result<Vec<usize>, StudyError> {
        let free: Vec<usize> = (0..self.background.genes.len())
            .filter(|i| !self.taken.contains(i))
            .collect();
        if free.len() < count {
            return Err(no_room(
                plant,
                format!("{} proteins are free, {count} are needed", free.len()),
                "plant fewer, or simulate more proteins",
            ));
        }
        let chosen = self.draws.choose(&free, count);
        self.taken.extend(&chosen);
        Ok(chosen)
    }

    /// A gene set of one of the collections with a suitable number of measured and free members: the set and its measured
    /// members. Sets that tools leave out are left out here too.
    pub(super) fn free_set(
        &mut self,
        collections: &[&str],
        sizes: (usize, usize),
        plant: Plant,
    ) -> Result<(String, &'a GeneSet, Vec<usize>), StudyError> {
        let mut found: Vec<(String, &'a GeneSet, Vec<usize>)> = Vec::new();
        for &collection in collections {
            let unsuitable = unsuitable_sets(self.packs, collection)?;
            for part in
                self.packs
                    .gene_sets(collection)?
                    .restrict(&self.background.genes, sizes.0, sizes.1)
            {
                let covered = part.indices.len() as f64 >= COVERAGE * part.set.members.len() as f64;
                let used = part
                    .indices
                    .iter()
                    .filter(|i| self.taken.contains(i))
                    .count();
                if covered && used == 0 && !unsuitable.contains(part.set.id.as_str()) {
                    found.push((collection.to_owned(), part.set, part.indices));
                }
            }
        }
        if found.is_empty() {
            return Err(no_room(
                plant,
                format!(
                    "no set of {} has from {} to {} measured and free members",
                    collections.join(", "),
                    sizes.0,
                    sizes.1
                ),
                "use a background of human gene symbols, or fewer plants",
            ));
        }
        let place = self.draws.below(found.len());
        let chosen = found.swap_remove(place);
        self.taken.extend(&chosen.2);
        Ok(chosen)
    }

    pub(super) fn sign(&mut self) -> f64 {
        if self.draws.chance(0.5) { 1.0 } else { -1.0 }
    }

    /// Shifts a gene by `effect` standard deviations in the treated samples, and says so in the key.
    pub(super) fn shift_treated(&mut self, gene: usize, effect: f64) {
        for j in 0..self.samples() {
            if self.treated[j] {
                let shifted = self.shift.get(gene, j) + effect;
                self.shift.set(gene, j, shifted);
            }
        }
        self.over_condition(Measured::Protein, self.gene(gene), effect);
    }

    /// Notes that an entity truly differs between the arms.
    pub(super) fn over_condition(&mut self, kind: Measured, entity: &str, effect: f64) {
        self.over_levels(kind, entity, CONDITION, ARMS, effect);
    }

    /// Notes that an entity truly differs between two levels of a variable, target first.
    pub(super) fn over_levels(
        &mut self,
        kind: Measured,
        entity: &str,
        variable: &str,
        levels: [&str; 2],
        effect: f64,
    ) {
        self.associations.push(Association {
            plant: self.plant,
            kind,
            entity: entity.to_owned(),
            variable: variable.to_owned(),
            levels: Some(levels.map(str::to_owned)),
            direction: Direction::of(effect),
            effect,
        });
    }

    /// Notes that a protein truly follows a number.
    pub(super) fn over_number(&mut self, entity: &str, variable: &str, correlation: f64) {
        self.associations.push(Association {
            plant: self.plant,
            kind: Measured::Protein,
            entity: entity.to_owned(),
            variable: variable.to_owned(),
            levels: None,
            direction: Direction::of(correlation),
            effect: correlation,
        });
    }

    /// Noise plus shifts of a gene, in standard deviations.
    pub(super) fn standardised(&self, gene: usize, sample: usize) -> f64 {
        self.sample_scale[sample] * self.latent.get(gene, sample) + self.shift.get(gene, sample)
    }

    /// The values, the sheet and the key as an experiment.
    pub(super) fn realise(self, key: AnswerKey) -> Simulated {
        let (genes, n) = (self.background.genes.len(), self.samples());
        let mut draws = RandomDraws::new(self.seed, &format!("{} measurement", self.label));
        let loading: Vec<f64> = (0..n)
            .map(|_| self.background.loading * draws.normal())
            .collect();
        let mut values = Matrix::filled(genes, n, f64::NAN);
        for i in 0..genes {
            for j in 0..n {
                let abundance = self.background.abundance[i] + self.sd[i] * self.standardised(i, j);
                let luck = draws.uniform();
                let seen = match self.detection.get(&i) {
                    Some(chances) => luck < chances[usize::from(self.treated[j])],
                    None => luck >= self.background.missing.chance(abundance),
                };
                if seen {
                    values.set(i, j, abundance + loading[j]);
                }
            }
        }
        let arm = |treated: &bool| ARMS[usize::from(!*treated)].to_owned();
        let mut columns = vec![Column {
            name: CONDITION.to_owned(),
            role: Role::Condition,
            cells: self.labelled.iter().map(arm).collect(),
            reference: Some(ARMS[1].to_owned()),
        }];
        columns.extend(self.columns);
        Simulated {
            genes: self.background.genes.clone(),
            samples: sample_ids(n),
            values,
            sd: self.sd,
            columns,
            tables: self.tables,
            files: self.files,
            second: self.second,
            key,
            organism: self.background.organism.clone(),
        }
    }
}

/// The ids of `n` samples.
pub(super) fn sample_ids(n: usize) -> Vec<String> {
    (1..=n).map(|j| format!("S{j:03}")).collect()
}

/// That a plant finds no place.
pub(super) fn no_room(plant: Plant, reason: String, hint: &str) -> StudyError {
    StudyError::NoRoom {
        plant: plant.to_string(),
        reason,
        hint: hint.to_owned(),
    }
}

/// Noise of variance 1 with a global factor, module factors and an own part.
fn noise(background: &Background, n: usize, seed: u64, cohort: &str) -> Matrix {
    let mut draws = RandomDraws::new(seed, &format!("{cohort} noise"));
    let global: Vec<f64> = (0..n).map(|_| draws.normal()).collect();
    let modules = background.module.iter().max().map_or(0, |m| m + 1);
    let of_module: Vec<f64> = (0..modules * n).map(|_| draws.normal()).collect();
    let (g, m) = (background.global_correlation, background.module_correlation);
    let (all, shared, own) = (g.sqrt(), m.sqrt(), (1.0 - g - m).max(0.0).sqrt());
    let mut latent = Matrix::filled(background.genes.len(), n, 0.0);
    for i in 0..background.genes.len() {
        let module = background.module[i];
        for j in 0..n {
            let value = all * global[j] + shared * of_module[module * n + j] + own * draws.normal();
            latent.set(i, j, value);
        }
    }
    latent
}
