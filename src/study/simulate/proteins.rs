//! Plants that show in the proteins of the two arms.

use super::super::StudyError;
use super::super::key::{Measured, OtherTruth, PlantedSet};
use super::super::plant::Plant;
use super::growing::{Growing, no_room};
use super::{ARMS, CONDITION};
use crate::discovery::Direction;
use crate::knowledge::GeneSet;

/// Pathways to choose from.
const PATHWAYS: [&str; 3] = ["hallmark", "reactome", "wikipathways"];
/// Measured members of a planted pathway.
const PATHWAY_SIZE: (usize, usize) = (18, 80);
/// Share of a pathway's members that change.
const CHANGING: f64 = 0.7;
/// Measured subunits of a planted complex.
const COMPLEX_SIZE: (usize, usize) = (8, 40);
/// Regulators beside the true one, with targets drawn at random.
const IDLE_REGULATORS: usize = 9;

/// Single proteins, each with its own sign.
pub(super) fn single(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    for gene in growing.free_genes(plant.count, plant)? {
        let effect = plant.strength * growing.sign();
        growing.shift_treated(gene, effect);
    }
    Ok(format!(
        "{} single proteins differ, each with its own sign",
        plant.count
    ))
}

/// Proteins of one set that change in the same direction, too few to shift the set.
pub(super) fn panel(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let sizes = (plant.count.max(4), 60.max(2 * plant.count));
    let (_, set, members) = growing.free_set(&PATHWAYS, sizes, plant)?;
    let effect = plant.strength * growing.sign();
    for gene in growing.draws.choose(&members, plant.count) {
        growing.shift_treated(gene, effect);
    }
    Ok(format!(
        "{} proteins of `{}` differ the same way",
        plant.count, set.name
    ))
}

/// Whole pathways, most members of each in one direction.
pub(super) fn pathway(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let mut names = Vec::new();
    for _ in 0..plant.count {
        let (collection, set, members) = growing.free_set(&PATHWAYS, PATHWAY_SIZE, plant)?;
        let changing = (CHANGING * members.len() as f64).ceil() as usize;
        let effect = plant.strength * growing.sign();
        let shifted = growing.draws.choose(&members, changing);
        shift_set(growing, &collection, set, &shifted, members.len(), effect);
        names.push(format!(
            "`{}` ({changing} of {} members)",
            set.name,
            members.len()
        ));
    }
    Ok(format!("pathways shifted: {}", names.join(", ")))
}

/// Whole complexes, every subunit.
pub(super) fn complex(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let mut names = Vec::new();
    for _ in 0..plant.count {
        let (collection, set, members) =
            growing.free_set(&["go-complexes"], COMPLEX_SIZE, plant)?;
        let effect = plant.strength * growing.sign();
        shift_set(growing, &collection, set, &members, members.len(), effect);
        names.push(format!("`{}`", set.name));
    }
    Ok(format!("complexes shifted: {}", names.join(", ")))
}

fn shift_set(
    growing: &mut Growing<'_>,
    collection: &str,
    set: &GeneSet,
    shifted: &[usize],
    measured: usize,
    effect: f64,
) {
    for &gene in shifted {
        growing.shift_treated(gene, effect);
    }
    let names = shifted
        .iter()
        .map(|&i| growing.gene(i).to_owned())
        .collect();
    growing.sets.push(PlantedSet {
        plant: growing.plant,
        collection: collection.to_owned(),
        id: set.id.clone(),
        name: set.name.clone(),
        direction: Direction::of(effect),
        shifted: names,
        measured,
    });
}

/// A third of the subunits of a complex is lower, the others stay.
pub(super) fn stoichiometry(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let mut names = Vec::new();
    for _ in 0..plant.count {
        let (_, set, members) = growing.free_set(&["go-complexes"], COMPLEX_SIZE, plant)?;
        let lost = growing.draws.choose(&members, members.len().div_ceil(3));
        for &gene in &lost {
            growing.shift_treated(gene, -plant.strength);
        }
        let lost: Vec<&str> = lost.iter().map(|&i| growing.gene(i)).collect();
        growing.other.push(OtherTruth {
            plant: growing.plant,
            archetype: "complex_stoichiometry".to_owned(),
            subject: set.id.clone(),
            object: format!("{CONDITION}:{}-{}", ARMS[0], ARMS[1]),
            direction: Direction::Lower,
            detail: format!(
                "{} of {} subunits are lower: {}",
                lost.len(),
                members.len(),
                lost.join(";")
            ),
        });
        names.push(format!("`{}`", set.name));
    }
    Ok(format!("subunits lost from: {}", names.join(", ")))
}

/// Targets of one regulator change with the sign of their edge; a table of regulators is written beside the dataset.
pub(super) fn regulon(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let network = growing.packs.interactions()?;
    let hubs: Vec<usize> = (0..growing.background.genes.len())
        .filter(|&i| !growing.taken.contains(&i) && network.degree(growing.gene(i)) > 0)
        .collect();
    if hubs.len() <= IDLE_REGULATORS {
        return Err(no_room(
            plant,
            format!("{} genes could be regulators", hubs.len()),
            "use a background of human gene symbols",
        ));
    }
    let regulators = growing.draws.choose(&hubs, IDLE_REGULATORS + 1);
    growing.taken.extend(&regulators);
    let activity = growing.sign();
    let mut table = String::from("regulator\ttarget\tsign\n");
    let targets = growing.free_genes(plant.count, plant)?;
    for &target in &targets {
        let edge = growing.sign();
        growing.shift_treated(target, plant.strength * activity * edge);
        table.push_str(&edge_line(growing, regulators[0], target, edge));
    }
    let others: Vec<usize> = (0..growing.background.genes.len())
        .filter(|i| !targets.contains(i))
        .collect();
    for &idle in &regulators[1..] {
        for target in growing.draws.choose(&others, plant.count) {
            let edge = growing.sign();
            table.push_str(&edge_line(growing, idle, target, edge));
        }
    }
    growing.files.push(("regulons.tsv".to_owned(), table));
    let regulator = growing.gene(regulators[0]).to_owned();
    growing.other.push(OtherTruth {
        plant: growing.plant,
        archetype: "regulator_activity".to_owned(),
        subject: regulator.clone(),
        object: format!("{CONDITION}:{}-{}", ARMS[0], ARMS[1]),
        direction: Direction::of(activity),
        detail: "targets and signs are in regulons.tsv; the regulator itself does not change"
            .to_owned(),
    });
    Ok(format!(
        "{} targets of `{regulator}` follow its activity",
        targets.len()
    ))
}

fn edge_line(growing: &Growing<'_>, regulator: usize, target: usize, sign: f64) -> String {
    format!(
        "{}\t{}\t{sign}\n",
        growing.gene(regulator),
        growing.gene(target)
    )
}

/// Proteins detected in one arm and hardly in the other.
pub(super) fn switch(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    const OFF: f64 = 0.02;
    for gene in growing.free_genes(plant.count, plant)? {
        let sign = growing.sign();
        let chances = if sign > 0.0 {
            [OFF, plant.strength]
        } else {
            [plant.strength, OFF]
        };
        growing.detection.insert(gene, chances);
        // There is no abundance to differ by: the effect is that of the chance of detection.
        let effect = sign * (plant.strength - OFF);
        growing.over_condition(Measured::Protein, growing.gene(gene), effect);
    }
    Ok(format!(
        "{} proteins are detected with chance {} in one arm and {OFF} in the other",
        plant.count, plant.strength
    ))
}
