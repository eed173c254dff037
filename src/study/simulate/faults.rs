//! Plants that are faults of a study: what a careful reader should be warned of, and what must not be published.

use super::super::StudyError;
use super::super::background::PANELS;
use super::super::key::{Association, Fault};
use super::super::plant::{Plant, PlantKind};
use super::growing::{Growing, no_room};
use super::{ARMS, CONDITION, Column};
use crate::dataset::Role;
use crate::discovery::Direction;

/// Chance that a sample of the treated arm is contaminated.
const CONTAMINATED: f64 = 0.85;

fn note(
    growing: &mut Growing<'_>,
    kind: PlantKind,
    variable: Option<&str>,
    samples: Vec<usize>,
    proteins: Vec<String>,
) {
    let ids = super::growing::sample_ids(growing.samples());
    growing.faults.push(Fault {
        plant: growing.plant,
        kind,
        variable: variable.map(str::to_owned),
        samples: samples.into_iter().map(|j| ids[j].clone()).collect(),
        proteins,
    });
}

/// A column `batch` that is the arm: what differs is the batch's doing, and nothing on the condition is true.
pub(super) fn batch(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let count = plant.count.min(growing.background.genes.len() / 3);
    let genes = growing.free_genes(count, plant)?;
    for &gene in &genes {
        let effect = plant.strength * growing.draws.normal();
        for j in 0..growing.samples() {
            if growing.treated[j] {
                let shifted = growing.shift.get(gene, j) + effect;
                growing.shift.set(gene, j, shifted);
            }
        }
    }
    let cells = growing
        .treated
        .iter()
        .map(|&t| if t { "B2" } else { "B1" }.to_owned())
        .collect();
    growing.columns.push(Column {
        name: "batch".to_owned(),
        role: Role::Batch,
        cells,
        reference: None,
    });
    note(growing, plant.kind, Some(CONDITION), Vec::new(), Vec::new());
    Ok(format!(
        "`batch` is the arm and changes {} proteins",
        genes.len()
    ))
}

/// Contaminants in most samples of the treated arm, by accident: nothing about them is true.
pub(super) fn contamination(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let panel = PANELS
        .iter()
        .find(|(name, _)| *name == plant.kind.name())
        .map_or(&[] as &[&str], |(_, genes)| *genes);
    let genes: Vec<usize> = (0..growing.background.genes.len())
        .filter(|&i| {
            panel
                .iter()
                .any(|g| g.eq_ignore_ascii_case(growing.gene(i)))
        })
        .filter(|i| !growing.taken.contains(i))
        .collect();
    if genes.len() < 4 {
        return Err(no_room(
            plant,
            format!(
                "{} of the proteins {} are there",
                genes.len(),
                panel.join(", ")
            ),
            "use the default background, or one of tissue",
        ));
    }
    growing.taken.extend(&genes);
    let mut samples = Vec::new();
    for j in 0..growing.samples() {
        if growing.treated[j] && growing.draws.chance(CONTAMINATED) {
            samples.push(j);
            let much = plant.strength * (0.8 + 0.4 * growing.draws.uniform());
            for &gene in &genes {
                let shifted = growing.shift.get(gene, j) + much / growing.sd[gene];
                growing.shift.set(gene, j, shifted);
            }
        }
    }
    let proteins: Vec<String> = genes.iter().map(|&i| growing.gene(i).to_owned()).collect();
    let what = format!(
        "{} proteins of the panel rise by about {} log2 in {} of the treated samples",
        genes.len(),
        plant.strength,
        samples.len()
    );
    note(growing, plant.kind, Some(CONDITION), samples, proteins);
    Ok(what)
}

/// Strong effects, and one control sample with the label of the treated.
pub(super) fn mislabelled(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    strong_effects(growing, plant)?;
    let controls: Vec<usize> = (0..growing.samples())
        .filter(|&j| !growing.treated[j])
        .collect();
    let wrong = growing.draws.choose(&controls, 1);
    for &j in &wrong {
        growing.labelled[j] = !growing.labelled[j];
    }
    note(growing, plant.kind, None, wrong, Vec::new());
    Ok("one control sample is labelled as treated".to_owned())
}

/// Strong effects, and two samples of different arms exchanged.
pub(super) fn swapped(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    strong_effects(growing, plant)?;
    let mut wrong = Vec::new();
    for arm in [false, true] {
        let of_arm: Vec<usize> = (0..growing.samples())
            .filter(|&j| growing.treated[j] == arm)
            .collect();
        wrong.extend(growing.draws.choose(&of_arm, 1));
    }
    for &j in &wrong {
        growing.labelled[j] = !growing.labelled[j];
    }
    note(growing, plant.kind, None, wrong, Vec::new());
    Ok("one control and one treated sample are exchanged".to_owned())
}

fn strong_effects(growing: &mut Growing<'_>, plant: Plant) -> Result<(), StudyError> {
    let count = plant.count.min(growing.background.genes.len() / 4);
    for gene in growing.free_genes(count, plant)? {
        let effect = plant.strength * growing.sign();
        growing.shift_treated(gene, effect);
    }
    Ok(())
}

/// The smaller arm (the controls where both are equal) varies more.
pub(super) fn unequal(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let treated = growing.treated.iter().filter(|t| **t).count();
    let smaller_is_treated = treated < growing.samples() - treated;
    for j in 0..growing.samples() {
        if growing.treated[j] == smaller_is_treated {
            growing.sample_scale[j] = plant.strength;
        }
    }
    Ok(format!(
        "the standard deviation of `{}` is {} times that of the other arm",
        ARMS[usize::from(!smaller_is_treated)],
        plant.strength
    ))
}

/// Effects on single proteins, of which every second is gone in a second cohort of the same size.
pub(super) fn cohort(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let genes = growing.free_genes(plant.count, plant)?;
    let treated = growing.treated.iter().filter(|t| **t).count();
    let mut second = Growing::of_cohort(
        growing.background,
        growing.samples() - treated,
        treated,
        growing.seed,
        "second cohort",
        growing.packs,
    );
    second.plant = growing.plant;
    let mut shared = Vec::new();
    for (k, &gene) in genes.iter().enumerate() {
        let effect = plant.strength * growing.sign();
        growing.shift_treated(gene, effect);
        if k % 2 == 0 {
            second.shift_treated(gene, effect);
            shared.push(gene);
        }
    }
    for &gene in &genes {
        let replicates = shared.contains(&gene);
        let direction = growing
            .associations
            .iter()
            .find(|a: &&Association| a.entity == growing.gene(gene))
            .map_or(Direction::Undirected, |a| a.direction);
        growing.other.push(super::super::key::OtherTruth {
            plant: growing.plant,
            archetype: "replication".to_owned(),
            subject: growing.gene(gene).to_owned(),
            object: format!("{CONDITION}:{}-{}", ARMS[0], ARMS[1]),
            direction,
            detail: if replicates {
                "in both cohorts"
            } else {
                "in this cohort only"
            }
            .to_owned(),
        });
    }
    let mut key = super::super::key::AnswerKey {
        format: super::super::key::FORMAT,
        seed: growing.seed,
        design: format!("{}v{treated}", growing.samples() - treated),
        background: growing.background.source.clone(),
        judged_by: super::super::key::judged_by(),
        plants: vec![super::super::key::PlantRecord {
            plant,
            unit: plant.kind.unit().to_owned(),
            what: format!("{} effects that the first cohort has too", shared.len()),
        }],
        associations: std::mem::take(&mut second.associations),
        sets: Vec::new(),
        structure: Vec::new(),
        other: Vec::new(),
        faults: Vec::new(),
        oracle: Vec::new(),
    };
    for association in &mut key.associations {
        association.plant = 0;
    }
    growing.second = Some(Box::new(second.realise(key)));
    Ok(format!(
        "{} proteins differ in this cohort, {} of them in the second cohort too",
        genes.len(),
        shared.len()
    ))
}
