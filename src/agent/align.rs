//! What the knowledge packs already say: entries about a hypothesis's genes that share a word with the study's own
//! description. This feeds the alignment and novelty scores, never the evidence.

use std::collections::BTreeSet;

use crate::discovery::SupportReference;
use crate::knowledge::Packs;

/// Entries kept per hypothesis.
const ENTRIES: usize = 4;
/// Words shorter than this are too common to mean anything.
const WORD: usize = 5;
/// Words of study descriptions and pack entries that say nothing about the biology.
const EMPTY_WORDS: [&str; 34] = [
    "protein",
    "proteins",
    "proteome",
    "proteomes",
    "proteomic",
    "sample",
    "samples",
    "study",
    "human",
    "cells",
    "tissue",
    "tissues",
    "normal",
    "control",
    "treatment",
    "condition",
    "levels",
    "level",
    "process",
    "positive",
    "negative",
    "regulation",
    "response",
    "pathway",
    "complex",
    "binding",
    "activity",
    "signaling",
    "cellular",
    "between",
    "genomic",
    "chain",
    "length",
    "other",
];

/// Words of the study (title, contrast labels, variable names) that carry meaning, lower case.
pub fn context_words(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().flat_map(|t| words(t)).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .map(|w| stem(&w.to_lowercase()))
        .filter(|w| {
            w.chars().count() >= WORD
                && !EMPTY_WORDS.contains(&w.as_str())
                && !w.chars().all(|c| c.is_ascii_digit())
        })
        .collect()
}

/// Plural and singular are one word.
fn stem(word: &str) -> String {
    word.strip_suffix('s')
        .filter(|w| !w.ends_with('s'))
        .unwrap_or(word)
        .to_owned()
}

/// Entries of the packs about `symbols` that share a word with the study. Empty both when the packs know nothing and
/// when they know nothing to the point, and in a blind run.
pub fn support(
    symbols: &[String],
    context: &BTreeSet<String>,
    packs: &Packs,
) -> Vec<SupportReference> {
    let mut found: Vec<SupportReference> = Vec::new();
    // What a pack says of a gene would tell which it is.
    if packs.is_blind() || packs.is_empty() {
        return found;
    }
    for symbol in symbols {
        if let Ok(diseases) = packs.diseases() {
            for disease in diseases.of_gene(symbol) {
                if words(&disease.name).iter().any(|w| context.contains(w)) {
                    found.push(SupportReference {
                        pack: diseases.source().to_string(),
                        entry: disease.id.clone(),
                        text: format!("{symbol} is linked to {}", disease.name),
                        supports: true,
                    });
                }
            }
        }
        for collection in ["go-mf", "go-bp", "reactome", "hallmark"] {
            let Ok(sets) = packs.gene_sets(collection) else {
                continue;
            };
            for set in sets.containing(symbol) {
                if words(&set.name).iter().any(|w| context.contains(w)) {
                    found.push(SupportReference {
                        pack: sets.source().to_string(),
                        entry: set.id.clone(),
                        text: format!("{symbol} is annotated to “{}”", set.name),
                        supports: true,
                    });
                }
            }
        }
        if found.len() > 50 * ENTRIES {
            break;
        }
    }
    found.sort_by(|a, b| (a.text.chars().count(), &a.text).cmp(&(b.text.chars().count(), &b.text)));
    found.dedup_by(|a, b| a.text == b.text);
    found.truncate(ENTRIES);
    found
}
