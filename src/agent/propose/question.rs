//! A question in words, understood by rules: its words are matched to the variables, levels, proteins, sets and kinds of
//! claim of a dataset, and the objectives narrowed to what it is about. What was understood is told, and a question that
//! matches nothing is refused with what can be asked.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::dataset::{Arm, Contrast, Dataset, Role, Variable};
use crate::discovery::{EntityKind, Objective, Relation, Target};
use crate::knowledge::Packs;
use crate::knowledge::set_names::readable;

use super::wording::about_contrast;

/// What a question was understood to ask.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// As asked.
    pub text: String,
    /// Variables it names.
    pub variables: Vec<String>,
    /// Levels it names, as (variable, level), in the order they are named.
    pub levels: Vec<(String, String)>,
    /// Proteins it names, by label.
    pub proteins: Vec<String>,
    /// Sets it names, as (id, name).
    pub sets: Vec<(String, String)>,
    /// Kinds of subject it asks for.
    pub kinds: Vec<EntityKind>,
    /// Whether it asks what is detected or missing.
    pub detection: bool,
    /// Words that mean nothing here.
    pub not_understood: Vec<String>,
}

/// A question that names nothing of the dataset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` names nothing that can be asked of this dataset\nhint: {known}")]
pub struct NothingUnderstood {
    /// As asked.
    pub text: String,
    /// What can be asked.
    pub known: String,
}

/// Words that carry no question.
const FILLERS: &[&str] = &[
    "a", "about", "after", "all", "an", "and", "any", "are", "as", "at", "be", "between", "by",
    "can", "change", "changed", "changes", "compared", "comparison", "data", "difference",
    "different", "differ", "differs", "do", "does", "down", "during", "effect", "for", "from",
    "go", "goes", "had", "has", "have", "high", "higher", "how", "i", "in", "increase", "increased",
    "is", "it", "its", "less", "level", "levels", "low", "lower", "me", "more", "most", "of", "on",
    "or", "over", "patients", "samples", "should", "than", "that", "the", "their", "them", "there",
    "to", "up", "v", "versus", "vs", "what", "when", "which", "with",
];
/// Words that say the same, as stems.
const ALIASES: &[&[&str]] = &[
    &["sex", "gender", "male", "female", "men", "women"],
    &["tumor", "tumour", "cancer", "carcinoma", "malignant"],
    &["normal", "healthy", "nat"],
    &["control", "ctrl"],
    &["treat", "treatment", "drug", "therapy", "trt"],
    &["wildtype", "wt"],
    &["knockout", "ko"],
    &["mutation", "mut", "mutat", "mutant"],
    &["histology", "histologic"],
    &["diagnosis", "disease", "diagnos"],
    &["respons", "respond", "responder"],
    &["smok", "smoker", "tobacco"],
];
/// Words of a variable's name that say little of it.
const GENERIC: &[&str] = &[
    "status", "type", "class", "proteomics", "genomics", "sample", "group", "id", "name", "value",
    "score", "number",
];
/// Words of a set's name that say little of it.
const GENERIC_SET: &[&str] = &[
    "complex", "pathway", "process", "proces", "of", "the", "and", "in", "by", "to", "regulation",
    "activity", "signaling", "signalling", "protein", "subunit", "particle", "response",
];
/// Sets followed at most.
const SETS: usize = 40;
/// Things named in a refusal.
const NAMED: usize = 12;

/// A word as it is compared.
fn stem(word: &str) -> String {
    let mut stem = word.to_lowercase();
    for ending in ["ies", "ing", "ed", "es", "s"] {
        if stem.len() > ending.len() + 3 && stem.ends_with(ending) && !stem.ends_with("ss") {
            stem.truncate(stem.len() - ending.len());
            if ending == "ies" {
                stem.push('y');
            }
            break;
        }
    }
    stem
}

/// A stem, or the first of those that say the same.
fn sense(word: &str) -> String {
    let stem = stem(word);
    ALIASES
        .iter()
        .find(|group| group.contains(&stem.as_str()))
        .map_or(stem, |group| group[0].to_owned())
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The words of a name: cut at what is no letter or digit and where a small letter meets a capital.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let cut = !c.is_alphanumeric() || (before.is_lowercase() && c.is_uppercase());
        if cut && words.last().is_some_and(|w| !w.is_empty()) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(last) = words.last_mut()
        {
            last.push(c);
        }
        before = c;
    }
    words.retain(|w| !w.is_empty());
    words
}

/// The question's words as written.
fn tokens(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '?' | '!' | '(' | ')' | '"'))
        .map(|w| w.trim_matches(|c: char| !c.is_alphanumeric() && c != '+'))
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Runs of up to four words, without separators, with the places of their words.
fn runs(tokens: &[String]) -> Vec<(String, Vec<usize>)> {
    let mut runs = Vec::new();
    for length in (1..=4).rev() {
        for start in 0..(tokens.len() + 1).saturating_sub(length) {
            let places: Vec<usize> = (start..start + length).collect();
            let joined = places.iter().map(|&i| plain(&tokens[i])).collect();
            runs.push((joined, places));
        }
    }
    runs
}

/// Understands a question about a dataset.
///
/// # Errors
/// It names nothing of the dataset.
pub fn understand(
    text: &str,
    dataset: &Dataset,
    packs: &Packs,
) -> Result<Question, NothingUnderstood> {
    let tokens = tokens(text);
    let runs = runs(&tokens);
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let mut question = Question {
        text: text.to_owned(),
        ..Question::default()
    };
    proteins(&mut question, &tokens, dataset, &mut used);
    levels(&mut question, &runs, dataset, &mut used);
    variables(&mut question, &tokens, &runs, dataset, &mut used);
    kinds(&mut question, &tokens, &mut used);
    sets(&mut question, &tokens, &used.clone(), packs, &mut used);
    question.not_understood = tokens
        .iter()
        .enumerate()
        .filter(|(i, w)| !used.contains(i) && !FILLERS.contains(&w.to_lowercase().as_str()))
        .map(|(_, w)| w.clone())
        .collect();
    let nothing = question.variables.is_empty()
        && question.levels.is_empty()
        && question.proteins.is_empty()
        && question.sets.is_empty()
        && question.kinds.is_empty()
        && !question.detection;
    if nothing {
        return Err(NothingUnderstood {
            text: text.to_owned(),
            known: can_be_asked(dataset),
        });
    }
    Ok(question)
}

fn proteins(
    question: &mut Question,
    tokens: &[String],
    dataset: &Dataset,
    used: &mut BTreeSet<usize>,
) {
    let mut labels: BTreeMap<String, String> = BTreeMap::new();
    for feature in dataset.assays.values().flat_map(|a| &a.features) {
        let label = feature.label().into_owned();
        for name in feature.accessions.iter().chain(&feature.symbols) {
            labels.entry(name.clone()).or_insert_with(|| label.clone());
        }
        labels.entry(feature.id.clone()).or_insert_with(|| label.clone());
        labels.entry(label.clone()).or_insert(label);
    }
    for (i, word) in tokens.iter().enumerate() {
        // `set`, `rest` and `met` are words; `SET`, `REST` and `Met1` may be genes.
        let like_a_name = word.chars().any(|c| c.is_ascii_digit());
        let found = labels.get(word).or_else(|| {
            (like_a_name && word.len() >= 4)
                .then(|| labels.get(&word.to_uppercase()))
                .flatten()
        });
        let is_level = dataset.samples.variables.values().any(|v| {
            v.is_categorical() && v.levels().iter().any(|l| plain(l) == plain(word))
        });
        if let Some(label) = found.filter(|_| word.len() >= 2 && !is_level) {
            if !question.proteins.contains(label) {
                question.proteins.push(label.clone());
            }
            used.insert(i);
        }
    }
}

/// Variables whose samples can be compared.
fn askable(variable: &Variable) -> bool {
    matches!(
        variable.role,
        Role::Condition | Role::Clinical | Role::Batch | Role::Plex | Role::Covariate
    )
}

fn levels(
    question: &mut Question,
    runs: &[(String, Vec<usize>)],
    dataset: &Dataset,
    used: &mut BTreeSet<usize>,
) {
    let mut found: Vec<(usize, String, String)> = Vec::new();
    for variable in dataset.samples.variables.values() {
        if !askable(variable) || !variable.is_categorical() {
            continue;
        }
        for level in variable.levels() {
            let key = plain(level);
            let bare = key.len() < 2
                || key.chars().all(|c| c.is_ascii_digit())
                || ["yes", "no", "true", "false", "other", "unknown", "in", "all"]
                    .contains(&key.as_str());
            if bare {
                continue;
            }
            let hit = runs.iter().find(|(run, places)| {
                let same = *run == key || (places.len() == 1 && sense(run) == sense(&key));
                same && places.iter().all(|i| !used.contains(i) || places.len() == 1)
            });
            if let Some((_, places)) = hit {
                found.push((places[0], variable.name.clone(), level.clone()));
                used.extend(places);
            }
        }
    }
    found.sort_by_key(|(place, _, _)| *place);
    question.levels = found.into_iter().map(|(_, v, l)| (v, l)).collect();
}

fn variables(
    question: &mut Question,
    tokens: &[String],
    runs: &[(String, Vec<usize>)],
    dataset: &Dataset,
    used: &mut BTreeSet<usize>,
) {
    let senses: Vec<String> = tokens.iter().map(|t| sense(t)).collect();
    // Per variable: share of the telling words of its name that the question has, and their places.
    let mut candidates: Vec<(f64, &Variable, BTreeSet<usize>)> = Vec::new();
    for variable in dataset.samples.variables.values().filter(|v| askable(v)) {
        let whole = runs.iter().find(|(run, _)| *run == plain(&variable.name));
        if let Some((_, places)) = whole {
            candidates.push((2.0, variable, places.iter().copied().collect()));
            continue;
        }
        let words = words_of(&variable.name);
        let telling: Vec<&String> = words
            .iter()
            .filter(|w| w.len() >= 3 && !GENERIC.contains(&w.to_lowercase().as_str()))
            .collect();
        let places: BTreeSet<usize> = telling
            .iter()
            .filter_map(|w| {
                let own = sense(w);
                senses.iter().position(|s| {
                    *s == own || (s.len() >= 5 && own.len() >= 5 && own.starts_with(s.as_str()))
                })
            })
            .collect();
        if !places.is_empty() {
            let share = places.len() as f64 / telling.len() as f64;
            candidates.push((share, variable, places));
        }
    }
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
    // A word that names a variable in full does not name others in part.
    let mut spoken_for: BTreeMap<usize, f64> = BTreeMap::new();
    for (share, variable, places) in candidates {
        let free = places
            .iter()
            .any(|i| spoken_for.get(i).is_none_or(|taken| share >= *taken));
        if !free {
            continue;
        }
        for i in places {
            spoken_for.entry(i).or_insert(share);
            used.insert(i);
        }
        question.variables.push(variable.name.clone());
    }
}

fn kinds(question: &mut Question, tokens: &[String], used: &mut BTreeSet<usize>) {
    for (i, word) in tokens.iter().enumerate() {
        let kind = match stem(word).as_str() {
            "pathway" | "process" | "program" => Some(EntityKind::Pathway),
            "complex" | "machine" => Some(EntityKind::Complex),
            "protein" | "gene" => Some(EntityKind::Protein),
            "subtype" | "cluster" => Some(EntityKind::Subtype),
            "component" => Some(EntityKind::Component),
            "detect" | "miss" | "absent" | "present" => {
                question.detection = true;
                used.insert(i);
                None
            }
            _ => None,
        };
        if let Some(kind) = kind {
            // A variable may be called `subtype`: then the variable is meant.
            if used.contains(&i) {
                continue;
            }
            if !question.kinds.contains(&kind) {
                question.kinds.push(kind);
            }
            used.insert(i);
        }
    }
}

fn sets(
    question: &mut Question,
    tokens: &[String],
    taken: &BTreeSet<usize>,
    packs: &Packs,
    used: &mut BTreeSet<usize>,
) {
    let free: BTreeMap<String, usize> = tokens
        .iter()
        .enumerate()
        .filter(|(i, w)| !taken.contains(i) && !FILLERS.contains(&w.to_lowercase().as_str()))
        .map(|(i, w)| (stem(w), i))
        .collect();
    if free.is_empty() {
        return;
    }
    for collection in packs.collections() {
        let Ok(sets) = packs.gene_sets(collection) else {
            continue;
        };
        for set in sets.sets() {
            let name = readable(&set.name);
            let telling: Vec<String> = words_of(&name)
                .iter()
                .map(|w| stem(w))
                .filter(|w| !GENERIC_SET.contains(&w.as_str()))
                .collect();
            if telling.is_empty() || !telling.iter().all(|w| free.contains_key(w)) {
                continue;
            }
            used.extend(telling.iter().filter_map(|w| free.get(w)));
            if question.sets.len() < SETS {
                question.sets.push((set.id.clone(), name));
            }
        }
    }
}

fn can_be_asked(dataset: &Dataset) -> String {
    let variables: Vec<String> = dataset
        .samples
        .variables
        .values()
        .filter(|v| askable(v))
        .take(NAMED)
        .map(|v| {
            let levels = v.levels();
            if v.is_categorical() && levels.len() <= 6 {
                format!("`{}` ({})", v.name, levels.join(", "))
            } else {
                format!("`{}`", v.name)
            }
        })
        .collect();
    format!(
        "name a variable or one of its groups: {}; or a measured protein, a pathway or complex",
        if variables.is_empty() {
            "the samples have none".to_owned()
        } else {
            variables.join(", ")
        }
    )
}

impl Question {
    /// Whether it names single proteins or sets, so that only these are tested.
    pub fn names_subjects(&self) -> bool {
        !self.proteins.is_empty() || !self.sets.is_empty()
    }

    /// Whether a subject of a test is one it names.
    pub fn names(&self, id: &str, label: &str) -> bool {
        self.proteins.iter().any(|p| p == label) || self.sets.iter().any(|(set, _)| set == id)
    }

    /// How it was understood, in one line.
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        if !self.variables.is_empty() {
            parts.push(format!("variables {}", self.variables.join(", ")));
        }
        if !self.levels.is_empty() {
            let levels: Vec<String> = self
                .levels
                .iter()
                .map(|(variable, level)| format!("{variable} = {level}"))
                .collect();
            parts.push(format!("groups {}", levels.join(", ")));
        }
        if !self.proteins.is_empty() {
            parts.push(format!("proteins {}", self.proteins.join(", ")));
        }
        if !self.sets.is_empty() {
            let mut names: Vec<&str> = self.sets.iter().map(|(_, n)| n.as_str()).collect();
            let more = names.len().saturating_sub(4);
            names.truncate(4);
            parts.push(format!(
                "sets {}{}",
                names.join(", "),
                if more > 0 {
                    format!(" and {more} more")
                } else {
                    String::new()
                }
            ));
        }
        if !self.kinds.is_empty() {
            let nouns: Vec<&str> = self.kinds.iter().map(|k| k.noun()).collect();
            parts.push(format!("claims about a {}", nouns.join(" or ")));
        }
        if self.detection {
            parts.push("what is detected in one group only".to_owned());
        }
        let mut words = format!("understood as {}", parts.join("; "));
        if !self.not_understood.is_empty() {
            words.push_str(&format!("; not understood: {}", self.not_understood.join(", ")));
        }
        words
    }

    /// The objectives it is about: of its variables and groups, with the questions of its kinds. A comparison of two groups
    /// that nobody proposed is added.
    pub(super) fn narrow(&self, all: Vec<Objective>, dataset: &Dataset) -> Vec<Objective> {
        let mut kept: Vec<Objective> = all.into_iter().filter(|o| self.is_about(o, dataset)).collect();
        kept.extend(self.named_contrast(&kept, dataset));
        for objective in &mut kept {
            let before = objective.questions.clone();
            objective.questions.retain(|q| self.asks_for(q.subject, q.relation));
            if objective.questions.is_empty() && !self.names_subjects() && self.kinds.is_empty() {
                objective.questions = before;
            }
        }
        kept.retain(|o| !o.questions.is_empty());
        kept
    }

    fn is_about(&self, objective: &Objective, dataset: &Dataset) -> bool {
        let structure = [EntityKind::Subtype, EntityKind::Component];
        let asks_structure = self.kinds.iter().any(|k| structure.contains(k));
        if self.variables.is_empty() && self.levels.is_empty() {
            return match objective.target {
                Target::Structure => asks_structure || self.kinds.is_empty() && !self.names_subjects(),
                _ => !asks_structure || self.kinds.len() > 1,
            };
        }
        let named = |variable: &str| {
            self.variables.iter().any(|v| v == variable)
                || self.levels.iter().any(|(v, _)| v == variable)
        };
        match &objective.target {
            Target::Structure => asks_structure,
            Target::Continuous { variable } => named(variable),
            Target::Levels { variable } => {
                named(variable) && !self.levels.iter().any(|(v, _)| v == variable)
            }
            Target::Contrast { contrast } => {
                let Ok(contrast) = Contrast::parse(contrast, &dataset.samples) else {
                    return false;
                };
                let of_variable: Vec<&String> = self
                    .levels
                    .iter()
                    .filter(|(v, _)| *v == contrast.variable)
                    .map(|(_, level)| level)
                    .collect();
                let has = |level: &&String| {
                    contrast.target.levels.contains(level)
                        || contrast.reference.levels.len() == 1
                            && contrast.reference.levels.contains(level)
                };
                match of_variable.as_slice() {
                    [] => named(&contrast.variable),
                    [one] => has(one),
                    several => several.iter().filter(|l| has(l)).count() >= 2,
                }
            }
        }
    }

    /// The comparison of two named groups of one variable, where no kept objective makes it.
    fn named_contrast(&self, kept: &[Objective], dataset: &Dataset) -> Option<Objective> {
        let (variable, first) = self.levels.first()?;
        let second = self
            .levels
            .iter()
            .skip(1)
            .find(|(v, l)| v == variable && l != first)
            .map(|(_, l)| l)?;
        let compared = kept
            .iter()
            .any(|o| matches!(&o.target, Target::Contrast { .. }));
        if compared {
            return None;
        }
        let of_sheet = dataset.samples.variables.get(variable)?;
        let (target, reference) = if of_sheet.reference_level.as_ref() == Some(first) {
            (second, first)
        } else {
            (first, second)
        };
        let contrast = Contrast::new(variable, Arm::one(target), Arm::one(reference));
        Some(about_contrast(&dataset.samples, &contrast, Vec::new(), true))
    }

    fn asks_for(&self, subject: EntityKind, relation: Relation) -> bool {
        let about_detection = relation == Relation::DetectionDiffersBetween;
        let mut kinds = self.kinds.clone();
        if !self.proteins.is_empty() {
            kinds.push(EntityKind::Protein);
        }
        if !self.sets.is_empty() {
            kinds.extend([EntityKind::Pathway, EntityKind::Complex]);
        }
        if self.detection {
            return about_detection || (!kinds.is_empty() && kinds.contains(&subject));
        }
        kinds.is_empty() || kinds.contains(&subject)
    }
}
