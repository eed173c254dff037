//! Chains: claims about one gene that join measured edges of several strata, such as "its copy number is higher in this arm,
//! its protein follows its copy number, and its protein is higher in this arm".
//!
//! A chain holds only if all its edges do, so its p is the largest of theirs, each against its own null and counted on its own
//! decoys (intersection–union, Berger & Hsu 1996, doi:10.1214/ss/1032280304). A chain whose directions do not fit together
//! has p = 1. Chains are strata of the menu like others, frozen before any label-dependent result.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, Molecule};
use crate::discovery::Archetype;
use crate::tool::Answer;

use super::answers::{AnswerRow, Answered, PART};
use super::draft::Judged;
use super::menu::{Stratum, index};
use super::menu_making::answered_of;
use super::pursuit::Pursuit;

/// One measured edge of every chain of a stratum.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Edge {
    /// Place in the menu of the stratum that measures it.
    pub stratum: usize,
    /// Per chain: the member of that stratum.
    pub members: Vec<usize>,
}

/// The chains that strata on the menu allow: a contrast in RNA and in protein; a contrast in copy number or mutations, these on the
/// protein of the same gene, and the contrast in that protein.
pub fn strata(menu: &[Stratum], dataset: &Dataset) -> Vec<Stratum> {
    let on_menu = |g: usize, archetype: Archetype, molecule: Molecule| {
        let s = &menu[g];
        s.off_menu.is_none() && s.archetype == archetype && s.molecule == molecule
    };
    let mut chains = Vec::new();
    for end in 0..menu.len() {
        if !on_menu(end, Archetype::DifferentialProtein, Molecule::Protein) {
            continue;
        }
        let same_question = |g: &usize| menu[*g].question == menu[end].question;
        let all = 0..menu.len();
        let of = |molecule: Molecule| {
            all.clone()
                .filter(same_question)
                .find(|&g| on_menu(g, Archetype::DifferentialProtein, molecule))
        };
        if let Some(rna) = of(Molecule::Transcript) {
            chains.extend(chain(&[rna, end], menu, dataset));
        }
        let effect = |archetype: Archetype| {
            all.clone().find(|&g| {
                on_menu(g, archetype, Molecule::Protein) && menu[g].assay == menu[end].assay
            })
        };
        let mutated = all
            .clone()
            .filter(same_question)
            .find(|&g| on_menu(g, Archetype::MutationDifference, Molecule::Mutation));
        for (genotype, effect) in [
            (
                of(Molecule::CopyNumber),
                effect(Archetype::CopyNumberEffect),
            ),
            (mutated, effect(Archetype::MutationEffect)),
        ] {
            if let (Some(genotype), Some(effect)) = (genotype, effect) {
                chains.extend(chain(&[genotype, effect, end], menu, dataset));
            }
        }
    }
    chains
}

/// The stratum of the chains along `path`, whose last edge is the contrast in protein; none where no gene has all edges.
fn chain(path: &[usize], menu: &[Stratum], dataset: &Dataset) -> Option<Stratum> {
    let genes: Vec<BTreeMap<String, usize>> =
        path.iter().map(|&g| by_gene(&menu[g], dataset)).collect();
    let (last, before) = genes.split_last()?;
    let mut members: Vec<(usize, Vec<usize>)> = last
        .iter()
        .filter_map(|(gene, &end)| {
            let mut places: Vec<usize> = before
                .iter()
                .map(|edge| edge.get(gene).copied())
                .collect::<Option<_>>()?;
            places.push(end);
            Some((end, places))
        })
        .collect();
    members.sort();
    if members.is_empty() {
        return None;
    }
    let end = &menu[*path.last()?];
    let names: Vec<String> = path
        .iter()
        .map(|&g| match menu[g].archetype {
            Archetype::CopyNumberEffect | Archetype::MutationEffect => "own gene".to_owned(),
            _ => menu[g].assay.clone(),
        })
        .collect();
    Some(Stratum {
        share: None,
        id: format!("{} / chain / {}", end.question, names.join(" → ")),
        archetype: Archetype::Chain,
        members: members.iter().map(|(m, _)| end.members[*m].clone()).collect(),
        edges: path
            .iter()
            .enumerate()
            .map(|(k, &stratum)| Edge {
                stratum,
                members: members.iter().map(|(_, places)| places[k]).collect(),
            })
            .collect(),
        answer: Answer {
            archetype: Archetype::Chain,
            ..end.answer.clone()
        },
        decoys: format!(
            "none of its own: p is the largest of those of its {} edges, each counted on its own decoys",
            path.len()
        ),
        null: "at least one of the edges of {subject} is null, each given its own covariates and strata".to_owned(),
        relabellings: None,
        rests_on_normality: path.iter().any(|&g| menu[g].rests_on_normality),
        residual_df: path.iter().filter_map(|&g| menu[g].residual_df).min(),
        ..end.clone()
    })
}

/// Members of a stratum by the gene of their feature; the first of several.
fn by_gene(stratum: &Stratum, dataset: &Dataset) -> BTreeMap<String, usize> {
    let mut genes = BTreeMap::new();
    let Some(assay) = dataset.assays.get(&stratum.assay) else {
        return genes;
    };
    let position = index(&stratum.members);
    let subject = |key: &str| key.split(PART).next().unwrap_or(key).to_owned();
    let by_subject: BTreeMap<String, usize> =
        position.iter().map(|(key, &i)| (subject(key), i)).collect();
    for feature in &assay.features {
        if let (Some(&member), Some(symbol)) = (by_subject.get(&feature.id), &feature.symbol) {
            genes.entry(symbol.to_uppercase()).or_insert(member);
        }
    }
    genes
}

/// Adds to the pursuits what the data say of every chain: the row of its last edge, with the largest p of its edges.
pub fn answer(menu: &[Stratum], pursuits: &mut [Pursuit]) {
    for stratum in menu.iter().filter(|s| s.is_chain()) {
        let Some(answered) = on_data(stratum, menu, pursuits) else {
            continue;
        };
        pursuits[stratum.pursuit].answered.push(answered);
    }
}

fn on_data(stratum: &Stratum, menu: &[Stratum], pursuits: &[Pursuit]) -> Option<Answered> {
    let edges: Vec<Vec<Option<&AnswerRow>>> = stratum
        .edges
        .iter()
        .map(|edge| {
            let of = &menu[edge.stratum];
            let rows = answered_of(of, pursuits)
                .map(|a| a.rows.as_slice())
                .unwrap_or_default();
            let by_key: BTreeMap<&str, &AnswerRow> =
                rows.iter().map(|row| (row.key.as_str(), row)).collect();
            edge.members
                .iter()
                .map(|&m| by_key.get(of.members[m].as_str()).copied())
                .collect()
        })
        .collect();
    let end = answered_of(&menu[stratum.edges.last()?.stratum], pursuits)?;
    let copies = menu[stratum.edges.first()?.stratum].molecule == Molecule::CopyNumber;
    let rows = (0..stratum.members.len())
        .filter_map(|i| {
            let along: Vec<&AnswerRow> = edges.iter().map(|edge| edge[i]).collect::<Option<_>>()?;
            let last = (*along.last()?).clone();
            let effects: Vec<f64> = along.iter().map(|row| row.effect).collect();
            let worst = along
                .iter()
                .map(|row| row.p)
                .fold(0.0_f64, |a, b| if b.is_nan() { f64::NAN } else { a.max(b) });
            let p = if along.iter().any(|row| row.p.is_nan()) {
                f64::NAN
            } else if fits(&effects, copies) {
                worst
            } else {
                1.0
            };
            Some(AnswerRow { p, q: p, ..last })
        })
        .collect();
    Some(Answered {
        answer: stratum.answer.clone(),
        rows,
        ..end.clone()
    })
}

/// Whether the directions fit: with two edges they agree; with three the change of the genotype, carried on by its effect, goes the
/// way of the protein. The effect of copies is positive, that of mutations may be either.
fn fits(effects: &[f64], copies: bool) -> bool {
    match effects {
        [before, after] => before * after > 0.0,
        [genotype, effect, protein] => {
            (!copies || *effect > 0.0) && genotype * effect * protein > 0.0
        }
        _ => false,
    }
}

/// p of every chain from the p of its edges, in menu order: the largest; 1 where the data's directions do not fit or an edge was
/// not tested. `analytic` are the chain's own p on the data.
pub fn largest(stratum: &Stratum, edges: &[Vec<f64>], analytic: &[f64]) -> Vec<f64> {
    (0..stratum.members.len())
        .map(|i| {
            if analytic[i].is_nan() || analytic[i] >= 1.0 {
                return 1.0;
            }
            stratum
                .edges
                .iter()
                .map(|edge| edges[edge.stratum][edge.members[i]])
                .fold(0.0, f64::max)
        })
        .collect()
}

/// The edges of a chain with the rows that measure them, in order; empty for everything else.
pub fn along<'a>(
    chain: &Judged<'_>,
    row: &AnswerRow,
    all: &'a [Judged<'a>],
) -> Vec<(&'a Judged<'a>, &'a AnswerRow)> {
    let stratum = chain.stratum;
    let Some(place) = index(&stratum.members).get(row.key.as_str()).copied() else {
        return Vec::new();
    };
    let edges = stratum.edges.iter().filter_map(|edge| {
        let of = all.iter().find(|j| j.place == edge.stratum)?;
        let key = &of.stratum.members[edge.members[place]];
        Some((of, of.answered.rows.iter().find(|row| row.key == *key)?))
    });
    edges.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_must_fit_along_the_chain() {
        assert!(fits(&[-1.0, -0.5], false) && !fits(&[1.0, -0.5], false));
        assert!(fits(&[-1.0, 0.6, -0.5], true) && fits(&[1.0, 0.6, 0.5], true));
        assert!(!fits(&[1.0, 0.6, -0.5], true) && !fits(&[1.0, -0.6, -0.5], true));
        // A mutation that is more common and lowers its protein.
        assert!(fits(&[0.4, -0.6, -0.5], false) && !fits(&[0.4, -0.6, 0.5], false));
        assert!(!fits(&[1.0, f64::NAN], false));
    }
}
