//! What an objective of the first study compares, found again in the second: by name, by the labels of its groups, or as
//! the user says. What could mean two things is never guessed.

use super::ReplicateError;
use super::first::First;
use crate::dataset::{Arm, Contrast, Dataset, Role, SampleMetadata, Variable};
use crate::discovery::{Objective, Target};

/// `first=second`: what a comparison of the first study is called in the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapRule {
    /// A contrast or variable of the first study.
    pub first: String,
    /// The contrast or variable of the second.
    pub second: String,
}

/// Groups of labels that say the same, in letters and digits.
const SYNONYMS: [&[&str]; 6] = [
    &["t", "tumor", "tumour", "cancer", "carcinoma"],
    &["n", "normal", "nat", "healthy"],
    &["ctrl", "control", "controls", "cntrl", "ctl"],
    &["wt", "wildtype"],
    &["ko", "knockout"],
    &["treated", "treatment", "trt"],
];

/// Candidates named in an error.
const NAMED: usize = 8;

/// An objective as the second study can ask it.
pub(super) struct Matched {
    /// The objective over the second study's variables.
    pub objective: Objective,
    /// How it was matched.
    pub how: String,
    /// What of the first analysis could not be kept.
    pub changes: Vec<String>,
}

impl MapRule {
    /// Reads `first=second`; `first` must be something `objectives` compare.
    pub(super) fn read(text: &str, objectives: &[&Objective]) -> Result<Self, ReplicateError> {
        let known: Vec<String> = objectives.iter().filter_map(|o| compared(o)).collect();
        let named = |first: &str| known.iter().any(|k| k == first.trim());
        let cuts = text
            .match_indices('=')
            .map(|(at, _)| (&text[..at], &text[at + 1..]));
        let found = cuts
            .clone()
            .find(|(first, second)| named(first) && !second.trim().is_empty());
        match found {
            Some((first, second)) => Ok(Self {
                first: first.trim().to_owned(),
                second: second.trim().to_owned(),
            }),
            None => Err(ReplicateError::Mapping {
                text: text.to_owned(),
                reason: match cuts.clone().next() {
                    None => "it has no `=`".to_owned(),
                    Some((first, _)) => {
                        format!("the run compares no `{}`", first.trim())
                    }
                },
                known: list(&known),
            }),
        }
    }
}

/// What an objective compares: contrast id or variable; none for the structure of the samples.
pub(super) fn compared(objective: &Objective) -> Option<String> {
    match &objective.target {
        Target::Contrast { contrast } => Some(contrast.clone()),
        Target::Levels { variable }
        | Target::Continuous { variable }
        | Target::Course { variable }
        | Target::Trend { variable } => Some(variable.clone()),
        Target::Partner { .. } | Target::Structure => None,
    }
}

/// The objective over the second study, or the reason why it cannot be asked there.
///
/// # Errors
/// It could mean several things there, or a mapping names what is not there.
pub(super) fn find(
    objective: &Objective,
    first: &First,
    cohort: &Dataset,
    rules: &[MapRule],
) -> Result<Result<Matched, String>, ReplicateError> {
    let rule = compared(objective)
        .and_then(|name| rules.iter().find(|r| r.first == name))
        .map(|r| r.second.as_str());
    let (target, how, blocking) = match &objective.target {
        Target::Structure => {
            return Ok(Err(
                "groups found in the samples themselves are not carried over to other samples"
                    .to_owned(),
            ));
        }
        Target::Course { .. } | Target::Trend { .. } | Target::Partner { .. } => {
            return Ok(Err(
                "courses, trends and effects of a gene's own genotype are not replicated yet"
                    .to_owned(),
            ));
        }
        Target::Contrast { contrast } => {
            match contrast_of(contrast, &first.dataset.samples, cohort, rule)? {
                Err(reason) => return Ok(Err(reason)),
                Ok((found, how)) => {
                    let declared = found.blocking.first().cloned();
                    let target = Target::Contrast { contrast: found.id };
                    (target, how, declared)
                }
            }
        }
        Target::Levels { variable } => {
            match variable_of(variable, &first.dataset.samples, cohort, rule, true)? {
                Err(reason) => return Ok(Err(reason)),
                Ok((variable, how)) => (Target::Levels { variable }, how, None),
            }
        }
        Target::Continuous { variable } => {
            match variable_of(variable, &first.dataset.samples, cohort, rule, false)? {
                Err(reason) => return Ok(Err(reason)),
                Ok((variable, how)) => (Target::Continuous { variable }, how, None),
            }
        }
    };
    Ok(Ok(carried_over(objective, target, how, blocking, cohort)))
}

/// Covariates, blocks and restrictions, as far as the second study has them.
fn carried_over(
    objective: &Objective,
    target: Target,
    how: String,
    declared_blocks: Option<String>,
    cohort: &Dataset,
) -> Matched {
    let mut changes = Vec::new();
    let mut covariates = Vec::new();
    for name in &objective.covariates {
        match same_name(name, &cohort.samples) {
            Some(variable) => covariates.push(variable.name.clone()),
            None => changes.push(format!(
                "not adjusted for `{name}`, which the second study does not have"
            )),
        }
    }
    let blocking = match &objective.blocking {
        Some(name) => {
            let found = same_name(name, &cohort.samples)
                .map(|v| v.name.clone())
                .or(declared_blocks);
            if found.is_none() {
                changes.push(format!(
                    "not blocked by `{name}`, which the second study does not have"
                ));
            }
            found
        }
        None => {
            if let Some(block) = &declared_blocks {
                changes.push(format!(
                    "blocked by `{block}`, as the second study's own comparison is"
                ));
            }
            declared_blocks
        }
    };
    let mut within = Vec::new();
    for condition in &objective.within {
        let found = condition.split_once('=').and_then(|(name, level)| {
            let variable = same_name(name, &cohort.samples)?;
            let level = variable
                .levels()
                .iter()
                .find(|l| says_same(l, level) <= 2)?;
            Some(format!("{}={level}", variable.name))
        });
        match found {
            Some(condition) => within.push(condition),
            None => changes.push(format!(
                "not restricted to `{condition}`, which the second study does not have"
            )),
        }
    }
    Matched {
        objective: Objective {
            target,
            covariates,
            blocking,
            within,
            ..objective.clone()
        },
        how,
        changes,
    }
}

type Search<T> = Result<Result<(T, String), String>, ReplicateError>;

fn contrast_of(
    spec: &str,
    first: &SampleMetadata,
    cohort: &Dataset,
    rule: Option<&str>,
) -> Search<Contrast> {
    if let Some(named) = rule {
        let found = match cohort.design.find(named) {
            Some(known) => known.clone(),
            None => Contrast::parse_named(named, &cohort.samples)?,
        };
        return Ok(Ok((found, "as mapped".to_owned())));
    }
    let original = Contrast::parse(spec, first)?;
    let pooled = original.reference.levels.len() > 1;
    let mut best: Option<(u8, Vec<Contrast>)> = None;
    for variable in cohort.samples.variables.values() {
        if !comparable(variable) {
            continue;
        }
        let same_variable = canonical(&variable.name) == canonical(&original.variable);
        // Everybody else of another variable is another comparison.
        if pooled && !same_variable {
            continue;
        }
        for level in variable.levels() {
            let target = says_same(level, &original.target.label);
            if target > 2 {
                continue;
            }
            for (reference, distance) in references(variable, level, &original, pooled) {
                let distance = target.max(distance) + if same_variable { 0 } else { 3 };
                let contrast = Contrast::new(&variable.name, Arm::one(level.clone()), reference);
                match &mut best {
                    Some((least, found)) if *least == distance => found.push(contrast),
                    Some((least, _)) if *least < distance => {}
                    _ => best = Some((distance, vec![contrast])),
                }
            }
        }
    }
    let Some((distance, mut found)) = best else {
        return Ok(Err(format!(
            "no variable of the second study has the groups `{}` and `{}`",
            original.target.label, original.reference.label,
        )));
    };
    if found.len() > 1 {
        let ids: Vec<String> = found.iter().map(|c| c.id.clone()).collect();
        return Err(ReplicateError::Unmatched {
            target: spec.to_owned(),
            reason: format!("can be {} in the cohort", ids.join(" or ")),
            example: ids[0].clone(),
            candidates: candidates(cohort),
        });
    }
    let found = found.remove(0);
    let how = match distance {
        0 => "same variable and labels",
        1 => "same variable, labels alike but for case and separators",
        2 => "same variable, labels that say the same",
        3 => "same labels in another variable",
        4 => "labels alike but for case and separators, in another variable",
        _ => "labels that say the same, in another variable",
    };
    // A comparison the study declares brings its blocks with it.
    let declared = cohort.design.find(&found.id).cloned();
    Ok(Ok((declared.unwrap_or(found), how.to_owned())))
}

/// Reference arms of `variable` that can stand for that of the first contrast, with how far their label is from it.
fn references(
    variable: &Variable,
    target: &str,
    original: &Contrast,
    pooled: bool,
) -> Vec<(Arm, u8)> {
    let others: Vec<&String> = variable.levels().iter().filter(|l| *l != target).collect();
    if pooled {
        let levels: Vec<String> = others.into_iter().cloned().collect();
        return if levels.is_empty() {
            Vec::new()
        } else {
            vec![(Arm::pooled("other", levels), 0)]
        };
    }
    others
        .into_iter()
        .map(|l| (Arm::one(l.clone()), says_same(l, &original.reference.label)))
        .filter(|(_, distance)| *distance <= 2)
        .collect()
}

/// Why a test over all groups of a variable is another one in the second study; none where the groups are the same.
fn other_groups(name: &str, second: &Variable, first: &SampleMetadata) -> Option<String> {
    let first = first.variables.get(name)?;
    let lacking = |own: &Variable, other: &Variable| -> Vec<String> {
        let has = |level: &String| other.levels().iter().any(|l| says_same(l, level) <= 2);
        let levels = own.levels().iter();
        levels.filter(|l| !has(l)).cloned().collect()
    };
    let (gone, new) = (lacking(first, second), lacking(second, first));
    (!gone.is_empty() || !new.is_empty()).then(|| {
        format!(
            "`{name}` has other groups in the second study: only in the first {}, only in the second {}",
            list(&gone),
            list(&new)
        )
    })
}

fn variable_of(
    name: &str,
    first: &SampleMetadata,
    cohort: &Dataset,
    rule: Option<&str>,
    categorical: bool,
) -> Search<String> {
    let wanted = rule.unwrap_or(name);
    let fits = |v: &&Variable| {
        if categorical {
            v.is_categorical()
        } else {
            v.numbers().is_some()
        }
    };
    let found = same_name(wanted, &cohort.samples);
    match (found.as_ref().filter(|v| fits(v)), rule) {
        (Some(variable), Some(_)) => Ok(Ok((variable.name.clone(), "as mapped".to_owned()))),
        // A test over all groups asks the same only of the same groups.
        (Some(variable), None) if categorical => Ok(match other_groups(name, variable, first) {
            Some(reason) => Err(reason),
            None => Ok((variable.name.clone(), "same variable and groups".to_owned())),
        }),
        (Some(variable), None) => Ok(Ok((variable.name.clone(), "same variable".to_owned()))),
        (None, Some(_)) => {
            let kind = if categorical { "groups" } else { "numbers" };
            let names: Vec<String> = cohort
                .samples
                .variables
                .values()
                .filter(fits)
                .map(|v| v.name.clone())
                .collect();
            Err(ReplicateError::Unmatched {
                target: name.to_owned(),
                reason: format!("is mapped to `{wanted}`, which is no variable of {kind} there"),
                example: names
                    .first()
                    .cloned()
                    .unwrap_or_else(|| "variable".to_owned()),
                candidates: list(&names),
            })
        }
        (None, None) => Ok(Err(format!(
            "the second study has no variable `{name}` of {}",
            if categorical { "groups" } else { "numbers" }
        ))),
    }
}

/// Whether samples can be compared by a variable.
fn comparable(variable: &Variable) -> bool {
    variable.is_categorical()
        && variable.levels().len() >= 2
        && !matches!(
            variable.role,
            Role::Identifier | Role::Ignored | Role::Replicate | Role::TechnicalReplicate
        )
}

/// The variable of this name, exactly or but for case and separators.
fn same_name<'s>(name: &str, samples: &'s SampleMetadata) -> Option<&'s Variable> {
    samples.variables.get(name).or_else(|| {
        samples
            .variables
            .values()
            .find(|v| canonical(&v.name) == canonical(name))
    })
}

/// 0 the same, 1 alike but for case and separators, 2 synonyms, more otherwise.
fn says_same(a: &str, b: &str) -> u8 {
    if a == b {
        return 0;
    }
    let (a, b) = (canonical(a), canonical(b));
    if a == b && !a.is_empty() {
        return 1;
    }
    let together = |group: &&[&str]| group.contains(&a.as_str()) && group.contains(&b.as_str());
    if SYNONYMS.iter().any(together) {
        2
    } else {
        u8::MAX
    }
}

fn canonical(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// What the second study can compare, for an error.
pub(super) fn candidates(cohort: &Dataset) -> String {
    let names: Vec<String> = cohort
        .design
        .active()
        .iter()
        .map(|c| c.id.clone())
        .collect();
    list(&names)
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let shown: Vec<String> = names.iter().take(NAMED).map(|n| format!("`{n}`")).collect();
    let more = names.len().saturating_sub(NAMED);
    if more > 0 {
        format!("{} and {more} more", shown.join(", "))
    } else {
        shown.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_say_the_same_in_three_degrees() {
        assert_eq!(says_same("Ctrl", "Ctrl"), 0);
        assert_eq!(says_same("wild-type", "Wild type"), 1);
        assert_eq!(says_same("Tumor", "T"), 2);
        assert!(says_same("T", "N") > 2);
        assert!(says_same("", "-") > 2);
    }

    #[test]
    fn a_mapping_is_cut_where_its_first_half_is_something_the_run_compares() {
        let contrast = Objective::new(
            "a=b:T-N",
            Target::Contrast {
                contrast: "a=b:T-N".to_owned(),
            },
            Vec::new(),
        );
        let rule = MapRule::read("a=b:T-N = group:x-y", &[&contrast]).map_err(|e| e.to_string());
        assert_eq!(
            rule,
            Ok(MapRule {
                first: "a=b:T-N".to_owned(),
                second: "group:x-y".to_owned(),
            })
        );
        let error = MapRule::read("T-N=x-y", &[&contrast]).map_err(|e| e.to_string());
        assert!(
            error
                .is_err_and(|e| e.contains("the run compares no `T-N`") && e.contains("`a=b:T-N`"))
        );
    }
}
