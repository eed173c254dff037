//! A gene that the labels say was targeted (knocked down, knocked out, mutated, used as bait) should be in the table.

use std::collections::BTreeMap;

use super::{Groups, pass, warn};
use crate::dataset::Role;
use crate::tool::{Abundance, Check, ToolInput};

/// What is written in front of a targeted gene.
const PREFIXES: [&str; 8] = ["sh", "si", "sg", "cr", "anti", "Δ", "delta", "oe"];
/// Words beside a gene that say it was targeted.
const MARKERS: [&str; 20] = [
    "ko",
    "kd",
    "oe",
    "mut",
    "mutant",
    "mutated",
    "knockout",
    "knockdown",
    "null",
    "del",
    "deletion",
    "crispr",
    "crispri",
    "crispra",
    "rnai",
    "sirna",
    "shrna",
    "sgrna",
    "bait",
    "ip",
];
/// Targets that are controls, and words that merely look like symbols.
const NOT_TARGETS: [&str; 34] = [
    "CTRL",
    "CTL",
    "CON",
    "CONTROL",
    "NT",
    "NTC",
    "NC",
    "SCR",
    "SCRAMBLE",
    "SCRAMBLED",
    "MOCK",
    "WT",
    "EV",
    "GFP",
    "EGFP",
    "LUC",
    "LACZ",
    "IGG",
    "BEADS",
    "DMSO",
    "PBS",
    "VEHICLE",
    "NORMAL",
    "TUMOR",
    "TUMOUR",
    "YES",
    "NO",
    "NA",
    "POS",
    "NEG",
    "HIGH",
    "LOW",
    "MSI",
    "CASE",
];

pub(super) fn checks(input: &ToolInput<'_>, matrix: &Abundance, groups: &Groups) -> Vec<Check> {
    let mut targets: BTreeMap<String, String> = BTreeMap::new();
    for variable in input.samples.variables.values() {
        let tested = Some(&variable.name) == groups.variable.as_ref();
        if !(tested || variable.role == Role::Condition) {
            continue;
        }
        for level in variable.levels() {
            for gene in named_targets(level, input) {
                targets.entry(gene).or_insert_with(|| level.clone());
            }
        }
        if tested && is_state(variable.levels()) {
            for gene in named_targets(&variable.name, input) {
                targets.entry(gene).or_insert_with(|| variable.name.clone());
            }
        }
    }
    targets
        .into_iter()
        .map(|(gene, label)| {
            let called = input.knowledge.called(&gene);
            let present = matrix.features.iter().any(|feature| {
                feature
                    .symbols
                    .iter()
                    .chain(&feature.symbol)
                    .any(|s| s.eq_ignore_ascii_case(called))
            });
            if present {
                pass(
                    "perturbed_gene",
                    format!("`{gene}`, named in the label `{label}`, was measured"),
                    groups.concerns.clone(),
                )
            } else {
                warn(
                    "perturbed_gene",
                    format!("`{gene}`, named in the label `{label}`, is not among the {} features", matrix.features.len()),
                    "that the perturbation worked cannot be seen in these data: confirm it by other means",
                    groups.concerns.clone(),
                )
            }
        })
        .collect()
}

/// Whether the levels only say that something is there or not, so that the variable's name says what.
fn is_state(levels: &[String]) -> bool {
    const STATES: [&str; 12] = [
        "0", "1", "yes", "no", "wt", "mut", "mutated", "mutant", "true", "false", "wildtype", "ko",
    ];
    levels.len() == 2
        && levels
            .iter()
            .all(|l| STATES.contains(&l.to_lowercase().as_str()))
}

/// Genes that a label names as targeted: `shVCP`, `VCP_KO`, `si-TP53`, or a bare symbol that the identifier map knows.
fn named_targets(label: &str, input: &ToolInput<'_>) -> Vec<String> {
    let words: Vec<&str> = label
        .split(|c: char| c.is_whitespace() || "_-./+()[]:;,=".contains(c))
        .filter(|w| !w.is_empty())
        .collect();
    let marked = words
        .iter()
        .any(|w| MARKERS.contains(&w.to_lowercase().as_str()));
    words
        .iter()
        .filter_map(|word| {
            let prefixed = PREFIXES
                .iter()
                .find_map(|prefix| word.strip_prefix(prefix))
                .filter(|rest| looks_like_symbol(rest));
            if let Some(gene) = prefixed {
                return Some(gene.to_owned());
            }
            let known = || {
                input
                    .knowledge
                    .identifiers()
                    .is_ok_and(|map| map.map(word).is_some_and(|m| &*m.gene.symbol == *word))
            };
            (looks_like_symbol(word) && (marked || known())).then(|| (*word).to_owned())
        })
        .collect()
}

/// Capitals and digits, starting with a letter, at least three characters, and not a word for a control.
fn looks_like_symbol(word: &str) -> bool {
    word.len() >= 3
        && word.len() <= 12
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        && !NOT_TARGETS.contains(&word)
}
