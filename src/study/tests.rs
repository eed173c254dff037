//! Plants hold what their key says: a planted effect is there on average, and what is not planted is null.

#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proteus_stats::correlation::pearson;
use proteus_stats::descriptive::{mean, variance};
use proteus_stats::hypothesis_tests::welch_t;
use proteus_stats::multiplicity::benjamini_hochberg;

use super::simulate::{ARMS, CONDITION, Simulated, Simulation, simulate, write};
use super::*;
use crate::content::Content;
use crate::dataset::{self, ReadOptions, Role};
use crate::discovery::{Archetype, Direction, EntityKind};
use crate::knowledge::Packs;

static PACKS: LazyLock<Packs> = LazyLock::new(|| Packs::open(&Content::embedded()).unwrap());
static BACKGROUND: LazyLock<Background> = LazyLock::new(|| Background::usual(&PACKS, 900).unwrap());

fn made(design: &str, plants: &str, seed: u64) -> Simulated {
    let spec = Simulation {
        design: design.parse().unwrap(),
        plants: Plant::parse_list(plants).unwrap(),
        seed,
        background: &BACKGROUND,
    };
    simulate(&spec, &PACKS).unwrap()
}

fn row(made: &Simulated, gene: &str) -> usize {
    made.genes.iter().position(|g| g == gene).unwrap()
}

/// Observed values of a gene in the samples whose cell in `column` is `level`.
fn of_level(made: &Simulated, gene: usize, column: &str, level: &str) -> Vec<f64> {
    let cells = &made.column(column).unwrap().cells;
    (0..made.samples.len())
        .filter(|&j| cells[j] == level)
        .map(|j| made.values.get(gene, j))
        .filter(|v| !v.is_nan())
        .collect()
}

/// Difference of the levels of an association in standard deviations, signed as planted; NaN where too little was seen.
fn seen(made: &Simulated, a: &Association) -> f64 {
    let gene = row(made, &a.entity);
    let [high, low] = a.levels.as_ref().unwrap();
    let (x, y) = (
        of_level(made, gene, &a.variable, high),
        of_level(made, gene, &a.variable, low),
    );
    if x.len() < 3 || y.len() < 3 {
        return f64::NAN;
    }
    (mean(&x) - mean(&y)) / made.sd[gene] / a.effect
}

/// Mean of what was seen of each planted effect, as a share of it, over seeds.
fn recovered(design: &str, plants: &str) -> f64 {
    let shares: Vec<f64> = (1..=6)
        .flat_map(|seed| {
            let made = made(design, plants, seed);
            let over: Vec<f64> = made
                .key
                .associations
                .iter()
                .filter(|a| a.kind == Measured::Protein)
                .map(|a| seen(&made, a))
                .collect();
            over
        })
        .filter(|s| !s.is_nan())
        .collect();
    assert!(
        shares.len() >= 6,
        "{plants}: {} effects were seen",
        shares.len()
    );
    mean(&shares)
}

#[test]
fn shifts_of_proteins_are_there_in_the_planted_size() {
    for plants in [
        "protein:3",
        "panel:3",
        "pathway:2",
        "complex:2",
        "stoichiometry:3",
        "regulon:2",
    ] {
        let share = recovered("12v12", plants);
        // What is less abundant is missing more often, which takes a little off.
        assert!((0.8..1.15).contains(&share), "{plants}: {share}");
    }
}

#[test]
fn what_is_not_planted_is_null() {
    let mut p = Vec::new();
    for seed in 1..=4 {
        let made = made("8v8", "protein:4", seed);
        let planted: BTreeSet<&str> = made
            .key
            .associations
            .iter()
            .map(|a| a.entity.as_str())
            .collect();
        for (i, gene) in made
            .genes
            .iter()
            .enumerate()
            .filter(|(_, g)| !planted.contains(g.as_str()))
        {
            let (x, y) = (
                of_level(&made, i, CONDITION, ARMS[0]),
                of_level(&made, i, CONDITION, ARMS[1]),
            );
            if x.len() > 3 && y.len() > 3 {
                assert!(!gene.is_empty());
                p.push(welch_t(&x, &y).unwrap().p);
            }
        }
    }
    let share = p.iter().filter(|p| **p < 0.05).count() as f64 / p.len() as f64;
    // The factors that proteins share make the share vary from seed to seed.
    assert!(
        (0.02..0.09).contains(&share),
        "{share} of {} null proteins",
        p.len()
    );
}

#[test]
fn noise_has_variance_one_and_the_correlation_of_modules() {
    let made = made("25v25", "", 3);
    let complete: Vec<usize> = (0..made.genes.len())
        .filter(|&i| made.values.observed_in_row(i) == made.samples.len())
        .collect();
    assert!(complete.len() > 50);
    let ratios: Vec<f64> = complete
        .iter()
        .map(|&i| (variance(made.values.row(i)) - BACKGROUND.loading.powi(2)) / made.sd[i].powi(2))
        .collect();
    let median = proteus_stats::descriptive::median(&ratios);
    assert!((0.85..1.2).contains(&median), "{median}");
    // Loading is common to all, so it is taken out by comparing with pairs of other modules.
    let (mut within, mut between) = (Vec::new(), Vec::new());
    for (k, &a) in complete.iter().enumerate() {
        for &b in &complete[k + 1..] {
            let r = pearson(made.values.row(a), made.values.row(b)).unwrap().r;
            if BACKGROUND.module[a] == BACKGROUND.module[b] {
                within.push(r);
            } else if between.len() < 3000 {
                between.push(r);
            }
        }
    }
    let beyond = mean(&within) - mean(&between);
    assert!(
        (beyond - BACKGROUND.module_correlation).abs() < 0.12,
        "{beyond}"
    );
}

#[test]
fn genes_of_a_module_follow_the_trait_and_the_hazard() {
    let (mut with_trait, mut with_time) = (Vec::new(), Vec::new());
    for seed in 1..=6 {
        let made = made("15v15", "module_trait:0.8*8,survival:1.5*8", seed);
        for a in made.key.associations.iter().filter(|a| a.levels.is_none()) {
            let values: Vec<f64> = made.values.row(row(&made, &a.entity)).to_vec();
            let numbers: Vec<f64> = made
                .column(&a.variable)
                .unwrap()
                .cells
                .iter()
                .map(|c| c.parse().unwrap())
                .collect();
            if values.iter().filter(|v| !v.is_nan()).count() < 20 {
                continue;
            }
            let r = pearson(&values, &numbers).unwrap().r;
            if a.variable == "trait" {
                with_trait.push(r)
            } else {
                with_time.push(r)
            }
        }
    }
    // Loading adds noise to the values as they are written.
    assert!(
        (0.55..0.85).contains(&mean(&with_trait)),
        "{}",
        mean(&with_trait)
    );
    assert!(mean(&with_time) < -0.15, "{}", mean(&with_time));
}

#[test]
fn subtypes_show_in_the_outside_variable() {
    let share = recovered("20v20", "subtype:3*60");
    assert!((0.7..1.3).contains(&share), "{share}");
    let made = made("20v20", "subtype", 1);
    assert_eq!(made.key.structure[0].variable, "response");
    assert_eq!(made.column("response").unwrap().role, Role::Clinical);
}

#[test]
fn switches_are_seen_in_one_arm() {
    let made = made("10v10", "switch", 2);
    let counts: Vec<(usize, usize)> = made
        .key
        .associations
        .iter()
        .map(|a| {
            let gene = row(&made, &a.entity);
            let seen = |level: &str| of_level(&made, gene, CONDITION, level).len();
            if a.direction == Direction::Higher {
                (seen(ARMS[0]), seen(ARMS[1]))
            } else {
                (seen(ARMS[1]), seen(ARMS[0]))
            }
        })
        .collect();
    assert_eq!(counts.len(), 10);
    let (on, off): (usize, usize) = counts.iter().fold((0, 0), |(a, b), (x, y)| (a + x, b + y));
    assert!(on >= 88 && off <= 8, "{on} on, {off} off");
}

#[test]
fn faults_are_made_as_the_key_says() {
    let made_batch = made("6v6", "batch", 1);
    let batch = made_batch.column("batch").unwrap();
    let arm = made_batch.column(CONDITION).unwrap();
    assert!((0..12).all(|j| (batch.cells[j] == "B2") == (arm.cells[j] == ARMS[0])));
    assert!(
        made_batch.key.associations.is_empty(),
        "what a batch does is no truth about the condition"
    );

    let keratin = made("8v8", "keratin:3", 1);
    let fault = &keratin.key.faults[0];
    assert!(fault.proteins.len() >= 4 && !fault.samples.is_empty());
    let rises: Vec<f64> = fault
        .proteins
        .iter()
        .map(|g| {
            let gene = row(&keratin, g);
            mean(&of_level(&keratin, gene, CONDITION, ARMS[0]))
                - mean(&of_level(&keratin, gene, CONDITION, ARMS[1]))
        })
        .filter(|d| !d.is_nan())
        .collect();
    assert!(mean(&rises) > 1.5, "{rises:?}");

    let labels = |made: &Simulated| {
        made.column(CONDITION)
            .unwrap()
            .cells
            .iter()
            .filter(|c| *c == ARMS[0])
            .count()
    };
    assert_eq!(labels(&made("6v6", "mislabelled", 1)), 7);
    let swapped = made("6v6", "swapped", 1);
    assert_eq!(
        (labels(&swapped), swapped.key.faults[0].samples.len()),
        (6, 2)
    );

    let circular = made("15v15", "circular", 1);
    let index: Vec<f64> = circular
        .column("activity_index")
        .unwrap()
        .cells
        .iter()
        .map(|c| c.parse().unwrap())
        .collect();
    let r: Vec<f64> = circular.key.faults[0]
        .proteins
        .iter()
        .filter_map(|g| pearson(circular.values.row(row(&circular, g)), &index).ok())
        .map(|c| c.r)
        .filter(|r| !r.is_nan())
        .collect();
    assert!(mean(&r) > 0.4, "{}", mean(&r));
    assert!(
        circular
            .key
            .proteins_over("activity_index")
            .next()
            .is_none()
    );
}

#[test]
fn the_smaller_arm_varies_more() {
    let ratios: Vec<f64> = (1..=3)
        .flat_map(|seed| {
            let made = made("6v18", "unequal:2", seed);
            (0..made.genes.len())
                .map(|i| {
                    (
                        of_level(&made, i, CONDITION, ARMS[1]),
                        of_level(&made, i, CONDITION, ARMS[0]),
                    )
                })
                .filter(|(x, y)| x.len() == 6 && y.len() == 18)
                .map(|(x, y)| variance(&x).ln() - variance(&y).ln())
                .collect::<Vec<_>>()
        })
        .collect();
    let ratio = mean(&ratios).exp();
    // Loading is the same in both arms; the mean of the logarithm of six values' variance is a little low.
    assert!((2.0..4.8).contains(&ratio), "{ratio}");
}

#[test]
fn second_assays_and_cohorts_come_with_their_tables() {
    for (plants, table, archetype) in [
        ("site", "sites", "site_protein_discordance"),
        ("kinase", "sites", "kinase_activity"),
        ("rna", "rna", "rna_protein_discordance"),
    ] {
        let made = made("10v10", plants, 1);
        let assay = made.tables.iter().find(|t| t.name == table).unwrap();
        let arm = &made.column(CONDITION).unwrap().cells;
        let shares: Vec<f64> = made
            .key
            .associations
            .iter()
            .map(|a| {
                let i = assay.ids.iter().position(|id| *id == a.entity).unwrap();
                let of = |level: &str| {
                    let cells = (0..20)
                        .filter(|&j| arm[j] == level)
                        .map(|j| assay.values.get(i, j));
                    mean(&cells.filter(|v| !v.is_nan()).collect::<Vec<_>>())
                };
                (of(ARMS[0]) - of(ARMS[1])) * a.effect.signum()
            })
            .collect();
        assert!(mean(&shares) > 0.5, "{plants}: {shares:?}");
        assert!(made.key.other.iter().any(|o| o.archetype == archetype));
        assert!(
            made.key
                .associations
                .iter()
                .all(|a| a.kind != Measured::Protein),
            "{plants}: proteins stay"
        );
    }
    let cells = made("4v4", "cells", 1);
    let (name, text) = &cells.files[0];
    assert_eq!(
        (name.as_str(), text.lines().count()),
        ("cells/cells.tsv", 1 + 8 * 300)
    );

    let cohort = made("8v8", "cohort:4", 1);
    let second = cohort.second.as_deref().unwrap();
    assert_eq!(
        (cohort.key.associations.len(), second.key.associations.len()),
        (20, 10)
    );
    let in_both = cohort
        .key
        .other
        .iter()
        .filter(|o| o.detail == "in both cohorts")
        .count();
    assert_eq!(in_both, 10);
    assert_ne!(cohort.values, second.values);
}

#[test]
fn equal_seeds_give_equal_bytes_and_the_folder_opens() {
    let parent = tempfile::tempdir().unwrap();
    let plants = "protein,pathway,keratin,switch,module_trait,survival,subtype,site,rna,cells,circular,cohort";
    let folder = |name: &str, seed| {
        let path = parent.path().join(name);
        write(&made("8v8", plants, seed), &path).unwrap();
        path
    };
    let (first, again, other) = (folder("first", 5), folder("again", 5), folder("other", 6));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&first).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            files.push(path.file_name().unwrap().to_owned());
        }
    }
    assert!(files.len() >= 6, "{files:?}");
    for name in files {
        let bytes = |folder: &std::path::Path| std::fs::read(folder.join(&name)).unwrap();
        assert_eq!(bytes(&first), bytes(&again), "{name:?}");
        assert_ne!(bytes(&first), bytes(&other), "{name:?}");
    }
    let dataset = dataset::open(&first, &ReadOptions::default()).unwrap();
    assert_eq!(dataset.samples.len(), 16);
    assert_eq!(dataset.assays.len(), 3);
    assert_eq!(dataset.assay().name, "proteins");
    let role = |name: &str| dataset.samples.variables[name].role;
    assert_eq!(
        (role("condition"), role("time"), role("event")),
        (Role::Condition, Role::Time, Role::Event)
    );
    let key: AnswerKey =
        serde_yaml::from_str(&std::fs::read_to_string(first.join("answer_key.yaml")).unwrap())
            .unwrap();
    assert_eq!(key.seed, 5);
    dataset::open(&first.join("cohort_b"), &ReadOptions::default()).unwrap();
}

#[test]
fn a_background_is_learned_back() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("source");
    let source = made("15v15", "", 8);
    write(&source, &path).unwrap();
    let mut read = dataset::open(&path, &ReadOptions::default()).unwrap();
    read.annotate(PACKS.identifiers().unwrap());
    let learned = Background::learned(&read, &PACKS).unwrap();
    let near = |what: &str, found: f64, expected: f64, within: f64| {
        assert!(
            (found - expected).abs() <= within,
            "{what}: {found} for {expected}"
        );
    };
    near(
        "variance",
        learned.prior_variance.ln(),
        BACKGROUND.prior_variance.ln(),
        0.35,
    );
    near(
        "degrees of freedom",
        learned.prior_df.ln(),
        BACKGROUND.prior_df.ln(),
        0.6,
    );
    near(
        "within modules",
        learned.module_correlation,
        BACKGROUND.module_correlation,
        0.12,
    );
    near(
        "midpoint",
        learned.missing.midpoint,
        BACKGROUND.missing.midpoint,
        1.0,
    );
    let share = |b: &Background| {
        mean(
            &b.abundance
                .iter()
                .map(|&a| b.missing.chance(a))
                .collect::<Vec<_>>(),
        )
    };
    near(
        "missing",
        share(&learned),
        source.values.fraction_missing(),
        0.05,
    );
}

#[test]
fn the_oracle_sees_what_its_power_says() {
    let (mut expected, mut found) = (Vec::new(), Vec::new());
    for seed in 1..=6 {
        let made = made("8v8", "protein:3*20", seed);
        let p: Vec<f64> = (0..made.genes.len())
            .map(|i| {
                let (x, y) = (
                    of_level(&made, i, CONDITION, ARMS[0]),
                    of_level(&made, i, CONDITION, ARMS[1]),
                );
                if x.is_empty() || y.is_empty() || x.len() + y.len() < 3 {
                    return f64::NAN;
                }
                // The oracle knows the variance; loading is taken off by the size of the shift being far above it.
                let error = made.sd[i] * (1.0 / x.len() as f64 + 1.0 / y.len() as f64).sqrt();
                let df = x.len() as f64 + y.len() as f64 - 2.0 + BACKGROUND.prior_df;
                proteus_stats::distributions::student_t_two_sided((mean(&x) - mean(&y)) / error, df)
            })
            .collect();
        let q = benjamini_hochberg(&p);
        for o in made
            .key
            .oracle
            .iter()
            .filter(|o| o.archetype == "differential_protein")
        {
            expected.push(o.power);
            found.push(f64::from(u8::from(q[row(&made, &o.entity)] <= 0.05)));
        }
    }
    assert!(
        (0.2..0.98).contains(&mean(&expected)),
        "{}",
        mean(&expected)
    );
    assert!(
        (mean(&expected) - mean(&found)).abs() < 0.15,
        "{} for {}",
        mean(&found),
        mean(&expected)
    );
    let strong = made("20v20", "protein:4,pathway:3,subtype,switch", 1);
    for archetype in [
        "differential_protein",
        "pathway_shift",
        "subtype_association",
        "detection_switch",
    ] {
        let of: Vec<f64> = strong
            .key
            .oracle
            .iter()
            .filter(|o| o.archetype == archetype)
            .map(|o| o.power)
            .collect();
        assert!(
            !of.is_empty() && of.iter().copied().fold(0.0, f64::max) > 0.8,
            "{archetype}: {of:?}"
        );
    }
    let weak = made("3v3", "switch", 1);
    assert!(
        weak.key.oracle.iter().all(|o| o.power < 0.01),
        "three against three cannot show detection"
    );
}

#[test]
fn claims_are_judged_by_the_null_of_their_archetype() {
    let made = made("10v10", "pathway:2,protein:3,subtype,circular", 4);
    let judge = Judge::new(&made.key, &made.genes, &PACKS);
    let object = format!("{CONDITION}:{}-{}", ARMS[0], ARMS[1]);
    let turned = format!("{CONDITION}:{}-{}", ARMS[1], ARMS[0]);
    let protein = |gene: &str, object: &str, direction| {
        judge.holds(
            Archetype::DifferentialProtein,
            EntityKind::Protein,
            gene,
            gene,
            object,
            direction,
        )
    };
    let planted = made.key.proteins_over(CONDITION).next().unwrap();
    let opposite = match planted.direction {
        Direction::Higher => Direction::Lower,
        _ => Direction::Higher,
    };
    assert!(protein(&planted.entity, &object, planted.direction));
    assert!(!protein(&planted.entity, &object, opposite));
    assert!(protein(&planted.entity, &turned, opposite));
    assert!(protein(&planted.entity, &object, Direction::Undirected));
    assert!(!protein(
        &planted.entity,
        "response:yes-no",
        planted.direction
    ));
    let null = made
        .genes
        .iter()
        .find(|g| made.key.associations.iter().all(|a| a.entity != **g))
        .unwrap();
    assert!(
        !protein(null, &object, Direction::Higher) && !protein(null, &object, Direction::Lower)
    );
    let circular = &made.key.faults[0].proteins[0];
    assert!(
        !protein(circular, "activity_index", Direction::Higher),
        "circular claims are false"
    );

    let set = &made.key.sets[0];
    let of_set = |id: &str, direction| {
        judge.holds(
            Archetype::PathwayShift,
            EntityKind::Pathway,
            id,
            id,
            &object,
            direction,
        )
    };
    assert!(of_set(&set.id, set.direction));
    assert!(!of_set(
        &set.id,
        if set.direction == Direction::Higher {
            Direction::Lower
        } else {
            Direction::Higher
        }
    ));
    assert!(judge.tells_of(&set.id, &set.shifted));
    assert!(!of_set("no such set", Direction::Higher));
    // Sets that hold nothing planted are null, and few others are true.
    let sets = PACKS.gene_sets("reactome").unwrap();
    let mut others = (0, 0);
    for part in sets.restrict(&made.genes, 15, 80) {
        let members: BTreeSet<&str> = part
            .indices
            .iter()
            .map(|&i| made.genes[i].as_str())
            .collect();
        let shared = set
            .shifted
            .iter()
            .filter(|g| members.contains(g.as_str()))
            .count();
        if shared == 0 {
            others.1 += 1;
            let holds = |d| of_set(&part.set.id, d);
            others.0 += usize::from(holds(Direction::Higher) || holds(Direction::Lower));
        }
    }
    assert!(others.1 > 20 && others.0 * 10 <= others.1, "{others:?}");

    let structure = |variable: &str| {
        judge.holds(
            Archetype::SubtypeAssociation,
            EntityKind::Subtype,
            "clusters",
            "clusters",
            variable,
            Direction::Undirected,
        )
    };
    assert!(structure("response") && structure("condition") && !structure("activity_index"));
}

#[test]
fn a_plant_without_room_says_so() {
    let spec = |plants: &str| Simulation {
        design: "3v3".parse().unwrap(),
        plants: Plant::parse_list(plants).unwrap(),
        seed: 1,
        background: &BACKGROUND,
    };
    let error = simulate(&spec("protein:2*5000"), &PACKS)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("5000 are needed") && error.contains("hint: "),
        "{error}"
    );
}
