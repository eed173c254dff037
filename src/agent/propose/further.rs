//! The questions of the main assay asked of the further assays of the same samples: modified sites, transcripts, markers.

use crate::dataset::{Assay, Contrast, Dataset, Molecule, Role};
use crate::discovery::{EntityKind, Objective, Question, Relation, Target};

use super::restriction::samples_within;
use super::weighing::learnable;
use super::{Asked, by_priority};

/// What a contrast is worth when asked of the difference of two assays, beside the contrast itself.
const BEYOND: f64 = 0.8;
/// The same, asked of activities judged by footprints.
const FOOTPRINTS: f64 = 0.55;
/// The bundled pack of footprints.
const FOOTPRINT_PACK: &str = "progeny";
/// Genes an assay must hold for footprints of a hundred to be seen beside a background.
const GENES_FOR_FOOTPRINTS: usize = 3_000;
/// What genotypes set against proteins, and against RNA, are worth before it is known in how many samples.
const OWN_GENE: f64 = 0.95;
const OWN_GENE_OF_RNA: f64 = 0.5;

/// The questions in `main` as far as further assays can be asked them, best first. A question is worth less there than of
/// the main assay, which is what the study is about.
pub(super) fn questions(dataset: &Dataset, main: &[Objective]) -> Vec<Objective> {
    let mut all = Vec::new();
    for assay in dataset.further_assays() {
        let molecule = assay.molecule();
        let Some(weight) = weight(molecule) else {
            continue;
        };
        let samples = dataset.samples.subset(&assay.measured_samples());
        let asked = Asked {
            assay,
            measure: assay.measure(),
            samples: &samples,
            design: &dataset.design,
        };
        // Why a question cannot be asked was said of the main assay.
        let found = super::questions(&asked, &mut Vec::new());
        all.extend(
            found
                .into_iter()
                .filter(|o| o.priority > 0.0 && main.iter().any(|m| m.id == o.id))
                .filter(|o| molecule.is_abundance() || matches!(o.target, Target::Contrast { .. }))
                .map(|o| Objective {
                    priority: o.priority * weight,
                    questions: asked_of(molecule, &o.questions),
                    ..o.in_assay(&assay.name)
                }),
        );
    }
    by_priority(&mut all);
    all
}

/// What can be asked of the molecules: of mutations which genes have more of them, of copy numbers only which genes differ, since neighbours on a chromosome move together.
fn asked_of(molecule: Molecule, questions: &[Question]) -> Vec<Question> {
    if molecule == Molecule::Mutation {
        return vec![Question {
            subject: EntityKind::Mutation,
            relation: Relation::DiffersBetween,
            object: EntityKind::SampleGroup,
        }];
    }
    questions
        .iter()
        .copied()
        .filter(|q| {
            molecule.is_abundance()
                || (q.subject == EntityKind::Protein && q.relation == Relation::DiffersBetween)
        })
        .collect()
}

/// Only those whose question is asked of the main assay as well: the further assays add to what is pursued there.
pub(super) fn of_those_asked(further: Vec<Objective>, main: &[Objective]) -> Vec<Objective> {
    further
        .into_iter()
        .filter(|o| {
            matches!(o.target, Target::Partner { .. })
                || main.iter().any(|m| m.question_id() == o.question_id())
        })
        .collect()
}

/// Samples in two assays from which a question about both is worth asking.
const SAMPLES_IN_BOTH: usize = 12;

/// Questions about two assays of the same genes: what sites do beyond their proteins and proteins beyond their RNA, for the
/// contrasts in `main`, and what mutations and copy number do to the product of their own gene. Best first.
pub(super) fn between_assays(dataset: &Dataset, main: &[Objective]) -> Vec<Objective> {
    let asked = dataset.assay();
    let mut all = Vec::new();
    if asked.molecule() != Molecule::Protein {
        return all;
    }
    for other in dataset.further_assays() {
        let molecule = other.molecule();
        match molecule {
            m if m.is_site() => all.extend(
                main.iter()
                    .filter_map(|objective| discordant(objective, dataset, other, asked)),
            ),
            Molecule::Transcript => {
                all.extend(
                    main.iter()
                        .filter_map(|objective| discordant(objective, dataset, asked, other)),
                );
            }
            Molecule::Mutation | Molecule::CopyNumber => {
                all.extend(own_gene(dataset, asked, other));
                let rna = dataset
                    .further_assays()
                    .filter(|a| a.molecule() == Molecule::Transcript);
                all.extend(rna.filter_map(|rna| own_gene(dataset, rna, other)));
            }
            _ => {}
        }
    }
    by_priority(&mut all);
    all
}

/// The best contrasts in `main` asked of the activities of signalling pathways, judged by their footprints: two in RNA where it was
/// measured, else one in proteins, where footprints show less. The footprints are of genes of man and taken for those of other mammals.
pub(super) fn by_footprints(dataset: &Dataset, main: &[Objective]) -> Vec<Objective> {
    let rna = dataset
        .further_assays()
        .find(|a| a.molecule() == Molecule::Transcript);
    let assay = rna.unwrap_or(dataset.assay());
    let enough = assay.n_features() >= GENES_FOR_FOOTPRINTS;
    if !enough || !matches!(assay.molecule(), Molecule::Protein | Molecule::Transcript) {
        return Vec::new();
    }
    main.iter()
        .filter_map(|objective| {
            let Target::Contrast { contrast } = &objective.target else {
                return None;
            };
            let asked = Objective {
                text: format!(
                    "Which signalling pathways differ in activity in {contrast}, judged by the genes they move?"
                ),
                why: format!("`{}` measures enough genes", assay.name),
                questions: vec![Question {
                    subject: EntityKind::Regulator,
                    relation: Relation::DiffersBetween,
                    object: EntityKind::SampleGroup,
                }],
                priority: objective.priority * FOOTPRINTS,
                ..objective.clone()
            };
            let asked = match rna {
                Some(rna) => asked.in_assay(&rna.name),
                None => asked,
            };
            Some(asked.by_footprints(FOOTPRINT_PACK))
        })
        .take(if rna.is_some() { 2 } else { 1 })
        .collect()
}

/// The contrast asked of what `assay` shows beyond `beyond`; none where it is no contrast, or one arm is in neither.
fn discordant(
    objective: &Objective,
    dataset: &Dataset,
    assay: &Assay,
    beyond: &Assay,
) -> Option<Objective> {
    let Target::Contrast { contrast } = &objective.target else {
        return None;
    };
    let parsed = match dataset.design.find(contrast) {
        Some(known) => known.clone(),
        None => Contrast::parse(contrast, &dataset.samples).ok()?,
    };
    let both = in_both(assay, beyond);
    let within = samples_within(&dataset.samples, &objective.within);
    let (reference, target) = parsed.sample_indices(&dataset.samples);
    let count = |arm: &[usize]| {
        let inside = |i: &&usize| both.contains(i) && within.contains(i);
        arm.iter().filter(inside).count()
    };
    let smaller = count(&reference).min(count(&target));
    if smaller < 2 {
        return None;
    }
    let (rows, counterparts, subject) = match assay.molecule() {
        m if m.is_site() => (m.plural(), "proteins", EntityKind::Site),
        _ => ("proteins", "RNA", EntityKind::Protein),
    };
    let asked = Objective {
        text: format!(
            "Which {rows} change between {} and {} ({}) beyond what their {counterparts} do?",
            parsed.target.label, parsed.reference.label, parsed.variable
        ),
        why: format!(
            "`{}` and `{}` were measured in the same samples",
            assay.name, beyond.name
        ),
        questions: vec![Question {
            subject,
            relation: Relation::DiffersBeyond,
            object: EntityKind::SampleGroup,
        }],
        priority: objective.priority * BEYOND,
        ..objective.clone()
    };
    let asked = if assay.name == dataset.assay().name {
        asked
    } else {
        asked.in_assay(&assay.name)
    };
    Some(asked.beyond(&beyond.name))
}

/// What the rows of `partner` do to those of `assay`, gene by gene; none where too few samples are in both. The designed
/// conditions are adjusted for where samples of several are in both.
fn own_gene(dataset: &Dataset, assay: &Assay, partner: &Assay) -> Option<Objective> {
    let both = in_both(assay, partner);
    if both.len() < SAMPLES_IN_BOTH {
        return None;
    }
    let samples = dataset.samples.subset(&both);
    let covariates = samples
        .with_role(Role::Condition)
        .filter(|v| {
            v.is_categorical() && v.level_counts().iter().filter(|(_, n)| *n > 0).count() > 1
        })
        .map(|v| v.name.clone())
        .collect();
    let (what, object) = match partner.molecule() {
        Molecule::Mutation => ("mutations", EntityKind::Mutation),
        _ => ("copy number", EntityKind::CopyNumber),
    };
    let weight = if assay.name == dataset.assay().name {
        OWN_GENE
    } else {
        OWN_GENE_OF_RNA
    };
    let asked = Objective {
        text: format!(
            "Which {} go with the {what} of their own gene ({} samples)?",
            assay.molecule().plural(),
            both.len()
        ),
        why: format!(
            "`{}` and `{}` were measured in the same samples",
            partner.name, assay.name
        ),
        covariates,
        beside: other_genotype(dataset, partner),
        priority: weight * learnable(both.len() as f64 / 2.0),
        prior: 0.8,
        ..Objective::new(
            &format!("{}:own gene", partner.name),
            Target::Partner {
                assay: partner.name.clone(),
            },
            vec![Question {
                subject: EntityKind::Protein,
                relation: Relation::AssociatedWith,
                object,
            }],
        )
    };
    Some(if assay.name == dataset.assay().name {
        asked
    } else {
        asked.in_assay(&assay.name)
    })
}

/// The assay of genotypes of the other kind than `partner`: a mutation and a lost copy of one gene come together.
fn other_genotype(dataset: &Dataset, partner: &Assay) -> Option<String> {
    let other = dataset.further_assays().find(|a| {
        !a.molecule().is_abundance()
            && a.molecule() != partner.molecule()
            && in_both(a, partner).len() >= SAMPLES_IN_BOTH
    });
    other.map(|a| a.name.clone())
}

fn in_both(a: &Assay, b: &Assay) -> Vec<usize> {
    let of_b = b.measured_samples();
    a.measured_samples()
        .into_iter()
        .filter(|j| of_b.contains(j))
        .collect()
}

/// Comparisons of one genotype assay that come with its effects on proteins.
const EDGES: usize = 2;

/// Whether an objective is an edge of chains and nothing by itself: genotypes compared between groups.
pub(super) fn is_edge(objective: &Objective, dataset: &Dataset) -> bool {
    let genotype = |name: &String| !dataset.assay_or_main(Some(name)).molecule().is_abundance();
    matches!(objective.target, Target::Contrast { .. })
        && objective.assay.as_ref().is_some_and(genotype)
}

/// The edges that chains of the objectives kept can use: of each genotype whose effect on proteins is asked, the comparisons
/// between groups that are asked of proteins as well, the best first.
pub(super) fn edges_of(edges: Vec<Objective>, kept: &[Objective]) -> Vec<Objective> {
    let mut taken: Vec<Objective> = Vec::new();
    for edge in edges {
        let asked = |o: &Objective| {
            matches!(&o.target, Target::Partner { assay } if Some(assay) == edge.assay.as_ref())
                && o.assay.is_none()
        };
        let compared = kept
            .iter()
            .any(|o| o.assay.is_none() && o.beyond.is_none() && o.id.0 == edge.question_id());
        let before = taken.iter().filter(|t| t.assay == edge.assay).count();
        if compared && before < EDGES && kept.iter().any(asked) {
            taken.push(edge);
        }
    }
    taken
}

/// What a question of these molecules is worth beside the same one of the main assay; none where it is not asked.
fn weight(molecule: Molecule) -> Option<f64> {
    match molecule {
        Molecule::Phosphosite | Molecule::Population => Some(0.85),
        Molecule::Acetylsite | Molecule::Ubiquitylsite | Molecule::Site => Some(0.75),
        Molecule::Transcript => Some(0.7),
        Molecule::Protein | Molecule::Marker | Molecule::State => Some(0.65),
        // Genotypes are asked about as edges of chains.
        Molecule::CopyNumber | Molecule::Mutation => Some(0.6),
        // Peptides stand behind the proteins.
        Molecule::Peptide => None,
    }
}
