//! Plants that show in the clinical columns.

use super::super::StudyError;
use super::super::key::{Fault, Measured, OtherTruth, PlantedStructure};
use super::super::plant::Plant;
use super::Column;
use super::growing::{Growing, no_room};
use crate::dataset::Role;
use crate::discovery::Direction;

/// Chance of a response in the two subtypes.
const RESPONSE: [f64; 2] = [0.1, 0.9];
/// Correlation of the genes of a survival module with what drives the hazard.
const DRIVEN: f64 = 0.8;

/// A module of free genes, as many as asked for if there is one so large.
fn module(growing: &mut Growing<'_>, plant: Plant) -> Result<Vec<usize>, StudyError> {
    let modules = growing.background.module.iter().max().map_or(0, |m| m + 1);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); modules];
    for (gene, &module) in growing.background.module.iter().enumerate() {
        if !growing.taken.contains(&gene) {
            members[module].push(gene);
        }
    }
    let most = members.iter().map(Vec::len).max().unwrap_or(0);
    let wanted = plant.count.min(most);
    members.retain(|m| m.len() >= wanted && !m.is_empty());
    if members.is_empty() {
        return Err(no_room(
            plant,
            "no module has free genes".to_owned(),
            "plant fewer kinds at once",
        ));
    }
    let place = growing.draws.below(members.len());
    let chosen = growing.draws.choose(&members[place], plant.count);
    growing.taken.extend(&chosen);
    Ok(chosen)
}

/// Adds a factor to genes so that each correlates with it by `r`.
fn follow(growing: &mut Growing<'_>, genes: &[usize], factor: &[f64], r: f64) {
    let slope = r / (1.0 - r * r).sqrt();
    for &gene in genes {
        for (j, f) in factor.iter().enumerate() {
            let shifted = growing.shift.get(gene, j) + slope * f;
            growing.shift.set(gene, j, shifted);
        }
    }
}

fn normals(growing: &mut Growing<'_>) -> Vec<f64> {
    (0..growing.samples())
        .map(|_| growing.draws.normal())
        .collect()
}

fn names(growing: &Growing<'_>, genes: &[usize]) -> Vec<String> {
    genes.iter().map(|&i| growing.gene(i).to_owned()).collect()
}

/// A module whose genes all follow the column `trait`.
pub(super) fn module_trait(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let genes = module(growing, plant)?;
    let factor = normals(growing);
    follow(growing, &genes, &factor, plant.strength);
    let members = names(growing, &genes);
    for gene in &members {
        growing.over_number(gene, "trait", plant.strength);
    }
    growing.other.push(OtherTruth {
        plant: growing.plant,
        archetype: "module_trait".to_owned(),
        subject: members.join(";"),
        object: "trait".to_owned(),
        direction: Direction::Higher,
        detail: "every member follows the trait".to_owned(),
    });
    growing.columns.push(Column {
        name: "trait".to_owned(),
        role: Role::Clinical,
        cells: factor
            .iter()
            .map(|f| format!("{:.2}", 50.0 + 10.0 * f))
            .collect(),
        reference: None,
    });
    Ok(format!("{} genes of a module follow `trait`", genes.len()))
}

/// A module whose driver decides the hazard; columns `time` and `event`.
pub(super) fn survival(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let genes = module(growing, plant)?;
    let driver = normals(growing);
    follow(growing, &genes, &driver, DRIVEN);
    let (mut times, mut events) = (Vec::new(), Vec::new());
    for driven in &driver {
        let hazard = (plant.strength * driven).exp() / 24.0;
        let until_event = growing.draws.exponential() / hazard;
        let followed = 12.0 + 48.0 * growing.draws.uniform();
        times.push(format!("{:.2}", until_event.min(followed).max(0.01)));
        events.push(u8::from(until_event <= followed).to_string());
    }
    let members = names(growing, &genes);
    for gene in &members {
        // Proteins that raise the hazard go with short times and with seen events.
        growing.over_number(gene, "time", -DRIVEN);
        growing.over_levels(Measured::Protein, gene, "event", ["1", "0"], DRIVEN);
        growing.other.push(OtherTruth {
            plant: growing.plant,
            archetype: "protein_outcome".to_owned(),
            subject: gene.clone(),
            object: "survival (time, event)".to_owned(),
            direction: Direction::Higher,
            detail: format!(
                "log hazard ratio {} per standard deviation of the driver",
                plant.strength
            ),
        });
    }
    for (name, role, cells) in [("time", Role::Time, times), ("event", Role::Event, events)] {
        growing.columns.push(Column {
            name: name.to_owned(),
            role,
            cells,
            reference: None,
        });
    }
    Ok(format!(
        "{} genes of a module raise the hazard",
        genes.len()
    ))
}

/// Two hidden subtypes that shift many proteins, and a column `response` that follows them.
pub(super) fn subtype(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let n = growing.samples();
    let mut hidden: Vec<bool> = (0..n).map(|j| j % 2 == 0).collect();
    growing.draws.shuffle(&mut hidden);
    let responds: Vec<bool> = hidden
        .iter()
        .map(|&s| growing.draws.chance(RESPONSE[usize::from(s)]))
        .collect();
    // Shares of the second subtype among responders and the others, as the chances say.
    let share = RESPONSE[1] / (RESPONSE[0] + RESPONSE[1]);
    let genes = growing.free_genes(plant.count.min(growing.background.genes.len() / 4), plant)?;
    for &gene in &genes {
        let effect = plant.strength * growing.sign();
        for (j, &second) in hidden.iter().enumerate() {
            if second {
                let shifted = growing.shift.get(gene, j) + effect;
                growing.shift.set(gene, j, shifted);
            }
        }
        let seen = effect * (2.0 * share - 1.0);
        growing.over_levels(
            Measured::Protein,
            growing.gene(gene),
            "response",
            ["yes", "no"],
            seen,
        );
    }
    growing.structure.push(PlantedStructure {
        plant: growing.plant,
        variable: "response".to_owned(),
        chances: RESPONSE,
    });
    growing.columns.push(Column {
        name: "response".to_owned(),
        role: Role::Clinical,
        cells: responds
            .iter()
            .map(|&r| if r { "yes" } else { "no" }.to_owned())
            .collect(),
        reference: Some("no".to_owned()),
    });
    Ok(format!(
        "two hidden subtypes differ in {} proteins; `response` has chance {} in one and {} in the other",
        genes.len(),
        RESPONSE[0],
        RESPONSE[1]
    ))
}

/// A column `activity_index` that is the mean of proteins of this very table, which nothing in the dataset says.
pub(super) fn circular(growing: &mut Growing<'_>, plant: Plant) -> Result<String, StudyError> {
    let genes = module(growing, plant)?;
    let n = growing.samples();
    let index: Vec<f64> = (0..n)
        .map(|j| {
            genes
                .iter()
                .map(|&i| growing.standardised(i, j))
                .sum::<f64>()
                / genes.len() as f64
        })
        .collect();
    let spread = proteus_stats::descriptive::standard_deviation(&index).max(1e-9);
    let centre = proteus_stats::descriptive::mean(&index);
    let (r, own) = (
        plant.strength,
        (1.0 - plant.strength.powi(2)).max(0.0).sqrt(),
    );
    let cells = index
        .iter()
        .map(|x| {
            format!(
                "{:.3}",
                5.0 + r * (x - centre) / spread + own * growing.draws.normal()
            )
        })
        .collect();
    let proteins = names(growing, &genes);
    growing.faults.push(Fault {
        plant: growing.plant,
        kind: plant.kind,
        variable: Some("activity_index".to_owned()),
        samples: Vec::new(),
        proteins,
    });
    growing.columns.push(Column {
        name: "activity_index".to_owned(),
        role: Role::Clinical,
        cells,
        reference: None,
    });
    Ok(format!(
        "`activity_index` is the mean of {} measured proteins",
        genes.len()
    ))
}
