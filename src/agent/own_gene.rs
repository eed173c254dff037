//! Whether a protein's own gene differs between the samples compared, by something else that was recorded or measured in
//! them: its mutation, its copy number, its transcript. A protein that changes where its gene does has a measured reason.
//! It orders claims and stands in their mechanism; it is no part of any error rate.

use std::collections::BTreeMap;

use proteus_stats::correlation::pearson;

use super::pursuit::Pursuit;
use super::score::small;
use crate::dataset::{Dataset, FeatureLevel, Role, Variable};
use crate::knowledge::Packs;

/// Surprise (−log10 p) above which a stronger association adds nothing.
pub const ENOUGH: f64 = 4.0;
/// Surprise from which it is told at all.
const TOLD: f64 = 2.0;
/// Shortest name of a variable's part that is taken for a gene symbol.
const SYMBOL: usize = 3;

/// What is known of a gene in the samples compared.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnGene {
    /// What it is known from, with the numbers.
    pub source: String,
    /// p of its correlation with the tested column; 0 where the arms are named after it.
    pub p: f64,
}

impl OwnGene {
    /// −log10 p, between 0 and [`ENOUGH`].
    pub fn surprise(&self) -> f64 {
        -self.p.max(f64::MIN_POSITIVE).log10().clamp(-ENOUGH, 0.0)
    }
}

/// Genes that go along with the tested column of an objective, by upper-case symbol or code; of several sources the surest.
pub fn own_genes(pursuit: &Pursuit, dataset: &Dataset, packs: &Packs) -> BTreeMap<String, OwnGene> {
    let mut found = BTreeMap::new();
    let (Some(frame), Some(matrix)) = (&pursuit.frame, &pursuit.matrix) else {
        return found;
    };
    if frame.tested.cols() != 1 {
        return found;
    }
    // Samples of other levels are in the model for their variance alone.
    let in_question = |k: &usize| frame.arms.is_empty() || frame.arms[*k].is_some();
    let places: Vec<(usize, usize)> = (0..frame.columns.len())
        .filter(in_question)
        .filter_map(|k| {
            let id = &matrix.samples[frame.columns[k]];
            Some((k, dataset.samples.ids.iter().position(|s| s == id)?))
        })
        .collect();
    let tested: Vec<f64> = places
        .iter()
        .map(|(k, _)| frame.tested.get(*k, 0))
        .collect();
    let mut look = |symbol: &str, source: &str, values: &[f64]| {
        let Ok(association) = pearson(&tested, values) else {
            return;
        };
        let own = OwnGene {
            source: format!(
                "{source}: r = {:.2} over {} samples, p = {}",
                association.r,
                association.n,
                small(association.p)
            ),
            p: association.p,
        };
        let better = |known: &OwnGene| own.p < known.p;
        if own.surprise() >= TOLD && found.get(&symbol.to_uppercase()).is_none_or(better) {
            found.insert(symbol.to_uppercase(), own);
        }
    };
    for variable in dataset.samples.variables.values() {
        let usable = matches!(
            variable.role,
            Role::Condition | Role::Clinical | Role::Covariate
        ) && variable.derived_from.is_none();
        if let (true, Some(symbol), Some(values)) =
            (usable, symbol_of(variable), as_numbers(variable))
        {
            let values: Vec<f64> = places.iter().map(|&(_, i)| values[i]).collect();
            look(packs.called(symbol), &variable.name, &values);
        }
    }
    for (name, assay) in &dataset.assays {
        let of_genes = matches!(assay.level, FeatureLevel::Gene | FeatureLevel::Transcript);
        if !of_genes || *name == dataset.assay().name {
            continue;
        }
        for (row, feature) in assay.features.iter().enumerate() {
            let values = assay.values.row(row);
            let values: Vec<f64> = places.iter().map(|&(_, i)| values[i]).collect();
            look(&feature.label(), name, &values);
        }
    }
    for symbol in named_in_arms(pursuit) {
        let named = OwnGene {
            source: "what was compared is named after it".to_owned(),
            p: 0.0,
        };
        found.insert(packs.called(symbol).to_uppercase(), named);
    }
    found
}

/// Symbols in the names of the arms: a bait, a gene knocked down or mutated. That it changes is the first thing to look for.
fn named_in_arms(pursuit: &Pursuit) -> Vec<&str> {
    let Some(contrast) = pursuit.contrast() else {
        return Vec::new();
    };
    let labels = [&contrast.target.label, &contrast.reference.label];
    let words = labels
        .into_iter()
        .flat_map(|l| l.split(|c: char| !c.is_alphanumeric()));
    words.filter(|word| is_like_a_symbol(word)).collect()
}

/// Whether a word is written as gene symbols are.
fn is_like_a_symbol(word: &str) -> bool {
    let letters = word.chars().filter(char::is_ascii_alphabetic).count();
    word.len() >= SYMBOL
        && letters >= 2
        && word
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// The gene a variable is about by its name: `TP53_mutation`, `ERBB2 amplification`. A name of one part is only a symbol if it
/// is written like one.
fn symbol_of(variable: &Variable) -> Option<&str> {
    let mut parts = variable.name.split(['_', ' ', '.', '-']);
    let first = parts.next()?;
    let about_a_gene = parts.any(|part| {
        let part = part.to_lowercase();
        [
            "mut", "cnv", "cna", "copy", "amp", "del", "loss", "gain", "meth", "silenc", "fusion",
            "status", "rna", "expr",
        ]
        .iter()
        .any(|word| part.starts_with(word))
    });
    (is_like_a_symbol(first) && (about_a_gene || variable.name == first)).then_some(first)
}

/// A variable of numbers, or of two levels as 0 and 1 (the second level 1).
fn as_numbers(variable: &Variable) -> Option<Vec<f64>> {
    if let Some(numbers) = variable.numbers() {
        return Some(numbers.iter().map(|v| v.unwrap_or(f64::NAN)).collect());
    }
    if variable.levels().len() != 2 {
        return None;
    }
    let codes = variable.codes()?;
    let number = |code: &Option<usize>| code.map_or(f64::NAN, |c| c as f64);
    Some(codes.iter().map(number).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Variable {
        let labels = [Some("wildtype".to_owned()), Some("mutated".to_owned())];
        Variable::categorical(name, &labels, Role::Clinical)
    }

    #[test]
    fn a_variable_names_the_gene_it_is_about() {
        assert_eq!(symbol_of(&named("TP53_mutation")), Some("TP53"));
        assert_eq!(symbol_of(&named("ERBB2 amplification")), Some("ERBB2"));
        assert_eq!(symbol_of(&named("KRAS")), Some("KRAS"));
        assert_eq!(symbol_of(&named("MSI_status")), Some("MSI"));
        assert_eq!(symbol_of(&named("Histologic_type")), None);
        assert_eq!(symbol_of(&named("BMI_class")), None);
    }

    #[test]
    fn surprise_is_bounded() {
        let own = |p| OwnGene {
            source: String::new(),
            p,
        };
        assert_eq!(own(1.0).surprise(), 0.0);
        assert!((own(1e-3).surprise() - 3.0).abs() < 1e-12);
        assert_eq!(own(0.0).surprise(), ENOUGH);
    }
}
