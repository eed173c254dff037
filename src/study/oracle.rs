//! What an oracle could have found: for each plant the power of the right test, who knows the menu and the true variances,
//! at a false discovery rate of 5 % on that menu. A procedure is only blamed for missing what an oracle would have seen.

use std::collections::BTreeMap;

use proteus_stats::power::{benjamini_hochberg_threshold, fisher_power, t_test_power};
use proteus_stats::random_draws::RandomDraws;

use super::StudyError;
use super::key::{Association, Measured, OraclePower, PlantedStructure};
use super::plant::PlantKind;
use super::simulate::{ARMS, CONDITION, Simulated, Simulation};
use crate::dataset::Role;
use crate::discovery::Direction;
use crate::knowledge::Packs;

/// False discovery rate of the oracle.
const LEVEL: f64 = 0.05;
/// Draws for the power to see a subtype's variable.
const DRAWS: usize = 400;
/// Sets of these sizes are on the menu of the tools over sets.
const SET_SIZES: (usize, usize) = (8, 200);

/// Residual degrees of freedom below which the tools over sets use genes without missing values only.
const FEW_DF: usize = 20;
/// Share of a set's genes that must be measured for it to be on the menu.
const COVERAGE: f64 = 0.25;

/// Degrees of freedom of a set's noise over those of the residuals: as many again from other sets.
const MODERATED: f64 = 2.0;

/// Name of the archetype of plants that no tool answers.
const NONE: &str = "none";

/// Power of every plant.
pub(super) fn powers(
    made: &Simulated,
    spec: &Simulation<'_>,
    packs: &Packs,
) -> Result<Vec<OraclePower>, StudyError> {
    let mut all = proteins(made, spec);
    all.extend(sets(made, spec, packs)?);
    all.extend(
        made.key
            .structure
            .iter()
            .map(|s| structure(made, s, spec.seed)),
    );
    // Kinds that no tool answers have no power to compare with.
    all.extend(made.key.other.iter().map(|o| OraclePower {
        plant: o.plant,
        archetype: NONE.to_owned(),
        entity: o.subject.clone(),
        variable: o.object.clone(),
        direction: o.direction,
        power: 0.0,
    }));
    Ok(all)
}

/// Whether single proteins are what a plant of this kind is to be told by. Members of sets and of subtypes change too, but
/// they are told as a whole, and more of them change than are ever listed; under wrong labels their power is another.
fn told_by_proteins(kind: PlantKind) -> bool {
    !matches!(
        kind,
        PlantKind::Pathway
            | PlantKind::Complex
            | PlantKind::Subtype
            | PlantKind::Mislabelled
            | PlantKind::Swapped
    )
}

/// One test of a protein: noncentrality and degrees of freedom.
#[derive(Clone, Copy)]
struct Tested {
    ncp: f64,
    df: f64,
}

fn proteins(made: &Simulated, spec: &Simulation<'_>) -> Vec<OraclePower> {
    let row: BTreeMap<&str, usize> = made
        .genes
        .iter()
        .enumerate()
        .map(|(i, g)| (g.as_str(), i))
        .collect();
    let mut by_variable: BTreeMap<&str, Vec<&Association>> = BTreeMap::new();
    for association in made
        .key
        .associations
        .iter()
        .filter(|a| a.kind == Measured::Protein)
    {
        by_variable
            .entry(&association.variable)
            .or_default()
            .push(association);
    }
    let kind_of = |a: &Association| made.key.plants[a.plant].plant.kind;
    let mut out = Vec::new();
    for (variable, associations) in by_variable {
        let survival = associations
            .iter()
            .any(|a| kind_of(a) == PlantKind::Survival);
        let (switches, shifts): (Vec<&Association>, Vec<&Association>) = associations
            .into_iter()
            .partition(|a| kind_of(a) == PlantKind::Switch);
        let tested: Vec<Tested> = shifts
            .iter()
            .map(|a| test_of(made, row.get(a.entity.as_str()).copied(), a, spec))
            .collect();
        let power_sum = |alpha: f64| tested.iter().map(|t| power(*t, alpha)).sum::<f64>();
        let alpha = benjamini_hochberg_threshold(&power_sum, tested.len(), made.genes.len(), LEVEL);
        let archetype = match (survival, made.column(variable).map(|c| c.role)) {
            (true, _) => NONE,
            (false, Some(Role::Condition)) => "differential_protein",
            (false, _) if shifts.first().is_some_and(|a| a.levels.is_none()) => {
                "protein_association"
            }
            (false, _) => "differential_protein",
        };
        out.extend(
            shifts
                .iter()
                .zip(&tested)
                .filter(|(a, _)| told_by_proteins(kind_of(a)))
                .map(|(a, t)| entry(a, archetype, power(*t, alpha))),
        );
        out.extend(switched(made, &switches, spec));
    }
    out
}

fn entry(a: &Association, archetype: &str, power: f64) -> OraclePower {
    OraclePower {
        plant: a.plant,
        archetype: archetype.to_owned(),
        entity: a.entity.clone(),
        variable: a.variable.clone(),
        direction: a.direction,
        power,
    }
}

fn power(test: Tested, alpha: f64) -> f64 {
    if test.df >= 1.0 {
        t_test_power(test.ncp, test.df, alpha)
    } else {
        0.0
    }
}

/// The t test on the values that were in fact observed.
fn test_of(made: &Simulated, row: Option<usize>, a: &Association, spec: &Simulation<'_>) -> Tested {
    let none = Tested { ncp: 0.0, df: 0.0 };
    let (Some(row), Some(column)) = (row, made.column(&a.variable)) else {
        return none;
    };
    let observed: Vec<usize> = (0..made.samples.len())
        .filter(|&j| !made.values.get(row, j).is_nan())
        .collect();
    let d0 = spec.background.prior_df;
    match &a.levels {
        Some([target, reference]) => {
            let count = |level: &str| {
                observed
                    .iter()
                    .filter(|&&j| column.cells[j] == level)
                    .count() as f64
            };
            let (n, m) = (count(target), count(reference));
            if n < 1.0 || m < 1.0 || n + m < 3.0 {
                return none;
            }
            let scale = |level: &str| scale_of(spec, level);
            let error = (scale(target).powi(2) / n + scale(reference).powi(2) / m).sqrt();
            Tested {
                ncp: a.effect.abs() / error,
                df: n + m - 2.0 + d0,
            }
        }
        None => {
            let n = observed.len() as f64;
            if n < 4.0 {
                return none;
            }
            let r = a.effect.abs();
            Tested {
                ncp: r * n.sqrt() / (1.0 - r * r).sqrt(),
                df: n - 2.0 + d0,
            }
        }
    }
}

/// Standard deviation of an arm relative to the usual.
fn scale_of(spec: &Simulation<'_>, level: &str) -> f64 {
    let unequal = spec.plants.iter().find(|p| p.kind == PlantKind::Unequal);
    let smaller = if spec.design.treated < spec.design.control {
        ARMS[0]
    } else {
        ARMS[1]
    };
    match unequal {
        Some(plant) if level == smaller => plant.strength,
        _ => 1.0,
    }
}

/// Fisher's exact test of detection, over the proteins that are neither always nor never seen.
fn switched(
    made: &Simulated,
    switches: &[&Association],
    spec: &Simulation<'_>,
) -> Vec<OraclePower> {
    let partly = (0..made.genes.len())
        .filter(|&i| (1..made.samples.len()).contains(&made.values.observed_in_row(i)))
        .count();
    let arms = (spec.design.control as u64, spec.design.treated as u64);
    let one = |a: &Association, alpha: f64| {
        // The chance of detection in the arm that is on stands in the plant, that in the other is 0.02.
        let on = made.key.plants[a.plant].plant.strength;
        let chances = if a.effect > 0.0 {
            (0.02, on)
        } else {
            (on, 0.02)
        };
        fisher_power(arms, chances, alpha)
    };
    let sum = |alpha: f64| switches.iter().map(|a| one(a, alpha)).sum::<f64>();
    if switches.is_empty() {
        return Vec::new();
    }
    let alpha = benjamini_hochberg_threshold(&sum, switches.len(), partly, LEVEL);
    switches
        .iter()
        .map(|a| entry(a, "detection_switch", one(a, alpha)))
        .collect()
}

/// Whole sets: the mean noncentrality of the members against that of all proteins, with the correlation that modules give, by a t
/// test on the degrees of freedom that the samples give.
fn sets(
    made: &Simulated,
    spec: &Simulation<'_>,
    packs: &Packs,
) -> Result<Vec<OraclePower>, StudyError> {
    if made.key.sets.is_empty() {
        return Ok(Vec::new());
    }
    let row: BTreeMap<&str, usize> = made
        .genes
        .iter()
        .enumerate()
        .map(|(i, g)| (g.as_str(), i))
        .collect();
    let mut ncp = vec![0.0; made.genes.len()];
    for a in made.key.proteins_over(CONDITION) {
        if let Some(&i) = row.get(a.entity.as_str()) {
            ncp[i] = test_of(made, Some(i), a, spec).ncp * a.effect.signum();
        }
    }
    let all = proteus_stats::descriptive::mean(&ncp);
    let between = proteus_stats::descriptive::variance(&ncp);
    let mut sizes: BTreeMap<bool, usize> = BTreeMap::new();
    for collection in [
        "hallmark",
        "reactome",
        "wikipathways",
        "go-bp",
        "go-complexes",
    ] {
        let measured = packs
            .gene_sets(collection)?
            .restrict(&made.genes, SET_SIZES.0, SET_SIZES.1);
        *sizes.entry(collection == "go-complexes").or_default() += measured.len();
    }
    let complete_only = made.samples.len() < FEW_DF + 2;
    let mut out = Vec::new();
    for set in &made.key.sets {
        let Some(full) = packs.gene_sets(&set.collection)?.get(&set.id) else {
            continue;
        };
        let members: Vec<usize> = full
            .members
            .iter()
            .filter_map(|g| row.get(g.as_ref()).copied())
            .filter(|&i| !complete_only || made.values.observed_in_row(i) == made.samples.len())
            .collect();
        let complex = set.collection == "go-complexes";
        let smallest = if complex { 4 } else { SET_SIZES.0 };
        let on_menu = members.len() >= smallest
            && members.len() as f64 >= COVERAGE * full.members.len() as f64;
        let m = members.len().max(1) as f64;
        let centre = members.iter().map(|&i| ncp[i]).sum::<f64>() / m;
        let pairs = members
            .iter()
            .enumerate()
            .flat_map(|(k, &a)| members[k + 1..].iter().map(move |&b| (a, b)))
            .filter(|&(a, b)| spec.background.module[a] == spec.background.module[b])
            .count() as f64;
        let correlation =
            spec.background.module_correlation * pairs / (m * (m - 1.0) / 2.0).max(1.0);
        let noise = (1.0 + (m - 1.0) * correlation) / m;
        let variance = noise + between / m;
        // The noise of the mean has to be estimated from the samples; what other sets of like size tell of it counts at most as much
        // again (Satterthwaite's rule, as the test of sets has it).
        let df = (variance / noise).powi(2) * MODERATED * (made.samples.len() as f64 - 2.0);
        let menu = sizes.get(&complex).copied().unwrap_or(1).max(1) as f64;
        out.push(OraclePower {
            plant: set.plant,
            archetype: if complex {
                "complex_shift"
            } else {
                "pathway_shift"
            }
            .to_owned(),
            entity: set.id.clone(),
            variable: CONDITION.to_owned(),
            direction: set.direction,
            power: if on_menu {
                t_test_power((centre - all).abs() / variance.sqrt(), df, LEVEL / menu)
            } else {
                0.0
            },
        });
    }
    Ok(out)
}

/// Fisher's exact test of the true subtypes against the variable, over the clinical variables.
fn structure(made: &Simulated, planted: &PlantedStructure, seed: u64) -> OraclePower {
    let clinical = made
        .columns
        .iter()
        .filter(|c| matches!(c.role, Role::Clinical | Role::Condition))
        .count();
    let alpha = LEVEL / clinical.max(1) as f64;
    let n = made.samples.len() as u64;
    let halves = [n.div_ceil(2), n / 2];
    let mut draws = RandomDraws::new(seed, "power of the subtype");
    let mut seen = 0_usize;
    for _ in 0..DRAWS {
        let counts: Vec<u64> = (0..2)
            .map(|k| {
                (0..halves[k])
                    .filter(|_| draws.chance(planted.chances[k]))
                    .count() as u64
            })
            .collect();
        let table = [
            [counts[0], halves[0] - counts[0]],
            [counts[1], halves[1] - counts[1]],
        ];
        seen += usize::from(proteus_stats::hypothesis_tests::fisher_exact(table).p <= alpha);
    }
    OraclePower {
        plant: planted.plant,
        archetype: "subtype_association".to_owned(),
        entity: "subtype".to_owned(),
        variable: planted.variable.clone(),
        direction: Direction::Undirected,
        power: seen as f64 / DRAWS as f64,
    }
}
