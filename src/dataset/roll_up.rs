//! Proteins from peptides, where a dataset holds no table of proteins.

use std::collections::{BTreeMap, HashSet};

use proteus_stats::matrix::Matrix;
use proteus_stats::roll_up::{RollUp, roll_up};

use super::formats::peptides::amino_acids;
use super::protein_groups::{Grouping, ProteinGroup, group};
use super::{
    Assay, Feature, FeatureLevel, Inference, Quantity, Removed, Role, RollUpMethod, RolledUp,
    SampleMetadata,
};

/// From so many samples on the pairs of samples that MaxLFQ compares are too many.
const MANY_SAMPLES: usize = 400;

/// Whether proteins can be made of an assay.
pub(crate) fn is_of_peptides(assay: &Assay) -> bool {
    matches!(assay.level, FeatureLevel::Peptide | FeatureLevel::Precursor)
        && assay.quantity.is_abundance()
}

/// The method that suits what was measured, with the reason.
fn suited(assay: &Assay) -> (RollUpMethod, String) {
    match assay.quantity {
        Quantity::ReporterIntensity | Quantity::Ratio => (
            RollUpMethod::MedianPolish,
            "channels of one plex share their peptides".to_string(),
        ),
        Quantity::Counts => (RollUpMethod::Sum, "counts add up".to_string()),
        _ if assay.n_samples() > MANY_SAMPLES => (
            RollUpMethod::MedianPolish,
            format!("MaxLFQ compares all pairs of more than {MANY_SAMPLES} samples"),
        ),
        _ => (
            RollUpMethod::MaxLfq,
            "label-free intensities are compared peptide by peptide".to_string(),
        ),
    }
}

/// The proteins of an assay of peptides, by the declared method or the one that suits; none where no peptide names one.
/// The assay holds the samples of the design only, and no contaminants or decoys any more.
pub(crate) fn proteins(
    peptides: &Assay,
    samples: &SampleMetadata,
    declared: Option<RollUpMethod>,
) -> Option<(Assay, Inference)> {
    let grouping = group(&peptides.features);
    if grouping.groups.is_empty() {
        return None;
    }
    let (suited, reason) = suited(peptides);
    let method = declared.unwrap_or(suited);
    let members: Vec<Vec<usize>> = grouping.groups.iter().map(|g| g.members.clone()).collect();
    let parts = match peptides.quantity {
        Quantity::ReporterIntensity if method == RollUpMethod::MedianPolish => plexes(samples),
        _ => Vec::new(),
    };
    let values = match parts.as_slice() {
        [] | [_] => roll_up(&peptides.values, &members, statistic(method)),
        several => by_plex(&peptides.values, &members, method, several),
    };
    let features = describe(&grouping.groups, peptides, grouping.by_gene);
    let said = Inference::new(
        format!("proteins from `{}`", peptides.file.display()),
        in_words(&grouping, peptides, &features, method, parts.len()),
        match declared {
            Some(_) => "`roll_up:` of the table in `dataset.yaml`".to_string(),
            None => format!("there is no table of proteins; {reason}"),
        },
        "declare `roll_up: max_lfq`, `median_polish`, `sum`, `top3` or `none` of the table in `dataset.yaml`",
    );
    let level = if grouping.by_gene {
        FeatureLevel::Gene
    } else {
        FeatureLevel::ProteinGroup
    };
    let assay = Assay {
        name: level.plural().to_string(),
        format: peptides.format.clone(),
        level,
        quantity: peptides.quantity,
        source_scale: peptides.source_scale,
        features,
        values,
        columns: peptides.columns.clone(),
        file: peptides.file.clone(),
        removed: Removed::default(),
        organism: peptides.organism.clone(),
        rolled_up: Some(RolledUp {
            from: peptides.name.clone(),
            method,
        }),
    };
    Some((assay, said))
}

fn statistic(method: RollUpMethod) -> RollUp {
    match method {
        RollUpMethod::MaxLfq => RollUp::MaxLfq,
        RollUpMethod::MedianPolish => RollUp::MedianPolish,
        RollUpMethod::Sum => RollUp::Sum,
        RollUpMethod::Top3 => RollUp::Top(3),
    }
}

/// The samples of each plex; samples of no known plex are one more.
fn plexes(samples: &SampleMetadata) -> Vec<Vec<usize>> {
    let Some(plex) = samples.with_role(Role::Plex).next() else {
        return Vec::new();
    };
    let mut parts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for j in 0..samples.len() {
        parts
            .entry(plex.group_of(j).unwrap_or_default())
            .or_default()
            .push(j);
    }
    parts.into_values().collect()
}

/// Reporter intensities of different plexes stem from different fragment spectra of a peptide, so that only those of one
/// plex are polished together.
fn by_plex(
    peptides: &Matrix,
    members: &[Vec<usize>],
    method: RollUpMethod,
    plexes: &[Vec<usize>],
) -> Matrix {
    let mut values = Matrix::filled(members.len(), peptides.cols(), f64::NAN);
    for samples in plexes {
        let part = roll_up(
            &peptides.select_columns(samples),
            members,
            statistic(method),
        );
        for i in 0..members.len() {
            for (k, &j) in samples.iter().enumerate() {
                values.set(i, j, part.get(i, k));
            }
        }
    }
    values
}

/// The amino acids of a peptide.
fn sequence(feature: &Feature) -> String {
    let form = feature.peptidoform.as_ref().map(|p| p.sequence.clone());
    form.filter(|s| !s.is_empty())
        .unwrap_or_else(|| amino_acids(&feature.id))
}

fn describe(groups: &[ProteinGroup], peptides: &Assay, by_gene: bool) -> Vec<Feature> {
    let mut taken: HashSet<String> = HashSet::with_capacity(groups.len());
    groups
        .iter()
        .map(|group| {
            let rows = || group.members.iter().map(|&i| &peptides.features[i]);
            let mut id = group.names[0].clone();
            if taken.contains(&id) {
                id = group.names.join(";");
            }
            while !taken.insert(id.clone()) {
                id.push('\'');
            }
            let distinct = rows().map(sequence).collect::<HashSet<_>>().len();
            let unique = group.unique.as_ref().map(|unique| {
                rows()
                    .zip(unique)
                    .filter(|(_, unique)| **unique)
                    .map(|(f, _)| sequence(f))
                    .collect::<HashSet<_>>()
                    .len() as u32
            });
            let symbol = if by_gene {
                Some(group.names[0].clone())
            } else {
                most(rows().filter_map(|f| f.symbol.as_deref()))
            };
            let mut symbols: Vec<String> = symbol.iter().cloned().collect();
            if let Some(first) = rows().next() {
                let common = |s: &&String| rows().all(|f| f.symbols.contains(s));
                let more = first.symbols.iter().filter(common);
                symbols.extend(more.filter(|s| Some(*s) != symbol.as_ref()).cloned());
            }
            Feature {
                id,
                accessions: if by_gene {
                    Vec::new()
                } else {
                    group.names.clone()
                },
                symbol,
                symbols,
                description: most(rows().filter_map(|f| f.description.as_deref())),
                peptides: Some(distinct as u32),
                unique_peptides: unique,
                members: rows().map(|f| f.id.clone()).collect(),
                ..Feature::default()
            }
        })
        .collect()
}

/// The most frequent text, the first of equal ones.
fn most<'a>(texts: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut counts: indexmap::IndexMap<&str, usize> = indexmap::IndexMap::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    let highest = counts.values().copied().max()?;
    let first = counts.into_iter().find(|(_, n)| *n == highest)?;
    Some(first.0.to_string())
}

fn in_words(
    grouping: &Grouping,
    peptides: &Assay,
    proteins: &[Feature],
    method: RollUpMethod,
    plexes: usize,
) -> String {
    let used: usize = grouping.groups.iter().map(|g| g.members.len()).sum();
    let single = proteins.iter().filter(|f| f.peptides == Some(1)).count();
    let mut parts = vec![format!(
        "{used} {} make {} {} by {}{}",
        peptides.level.plural(),
        proteins.len(),
        if grouping.by_gene {
            "genes"
        } else {
            "proteins"
        },
        method.title(),
        if plexes > 1 {
            format!(" within each of {plexes} plexes")
        } else {
            String::new()
        }
    )];
    parts.push(format!("{single} of them with one peptide"));
    let chosen = used - grouping.assigned;
    if grouping.assigned > 0 {
        parts.push(format!("{} assigned by the producer", grouping.assigned));
    }
    if chosen > 0 && !grouping.by_gene {
        parts.push(format!(
            "{chosen} assigned to the fewest proteins that explain them, of which {} are shared and given to the protein with the most",
            grouping.shared
        ));
    }
    if grouping.unnamed > 0 {
        parts.push(format!(
            "{} left out that name no protein",
            grouping.unnamed
        ));
    }
    parts.join("; ")
}
