//! Sentences: hypothesis statements, nulls and refuting outcomes, rendered from typed claims. No number appears here
//! that is not in a finding.

use crate::dataset::{Measure, Molecule};
use crate::discovery::{Archetype, Direction, Entity, EntityKind, Relation};

/// Longest name shown in a sentence.
const NAME_LENGTH: usize = 70;
/// Subjects named in a sentence before "and N more".
const NAMED: usize = 6;

/// What an objective compares, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// Target arm against reference arm of a variable.
    Arms {
        /// The variable.
        variable: String,
        /// Label of the target arm.
        target: String,
        /// Label of the reference arm.
        reference: String,
    },
    /// Levels of a variable.
    Levels {
        /// The variable.
        variable: String,
    },
    /// A continuous variable.
    Slope {
        /// The variable.
        variable: String,
    },
    /// A series of times.
    Time {
        /// The variable.
        variable: String,
    },
    /// A series of doses.
    Dose {
        /// The variable.
        variable: String,
    },
    /// Rows of another assay, gene by gene.
    Partner {
        /// The assay.
        assay: String,
    },
    /// Structure of the samples against the sheet.
    Structure,
}

impl Comparison {
    /// The arm a change points to and the other, by name.
    fn sides(&self, up: bool) -> (String, String) {
        match self {
            Self::Arms {
                variable,
                target,
                reference,
            } => {
                let (target, reference) = (side(variable, target), side(variable, reference));
                if up {
                    (target, reference)
                } else {
                    (reference, target)
                }
            }
            Self::Partner { .. } => (
                "samples with the genotype".to_owned(),
                "those without".to_owned(),
            ),
            Self::Levels { variable }
            | Self::Slope { variable }
            | Self::Time { variable }
            | Self::Dose { variable } => {
                let arm = format!("one part of the range of {}", name(variable));
                (arm, "the rest".to_owned())
            }
            Self::Structure => ("one group".to_owned(), "the others".to_owned()),
        }
    }

    /// "in Ubi4 than in Ctrl", "with Age", "across Genomics_subtype".
    fn tail(&self) -> String {
        match self {
            Self::Arms {
                variable,
                target,
                reference,
            } => {
                format!(
                    "in {} than in {}",
                    side(variable, target),
                    side(variable, reference)
                )
            }
            Self::Levels { variable } => format!("across the levels of {}", name(variable)),
            Self::Slope { variable } => format!("with {}", name(variable)),
            Self::Time { variable } => format!("over time ({})", name(variable)),
            Self::Dose { variable } => format!("with the dose ({})", name(variable)),
            Self::Partner { assay } => format!("with its own gene in {}", name(assay)),
            Self::Structure => "between groups of samples found in the data".to_owned(),
        }
    }
}

/// A label that says little by itself (`1`, `yes`) is told with its variable; the pooled rest is "the others".
fn side(variable: &str, label: &str) -> String {
    if label == "other" {
        return format!("the others ({})", name(variable));
    }
    let bare = label.chars().count() <= 2
        || [
            "yes",
            "no",
            "true",
            "false",
            "positive",
            "negative",
            "none",
            "wild-type",
            "mutated",
            "mutant",
        ]
        .contains(&label.to_lowercase().as_str());
    if bare {
        format!("{} = {}", name(variable), name(label))
    } else {
        name(label)
    }
}

/// A name for a sentence: shortened visibly, control characters dropped.
pub fn name(text: &str) -> String {
    let clean: String = text
        .chars()
        .filter(|c| !c.is_control() && !is_direction_mark(*c))
        .collect();
    if clean.chars().count() <= NAME_LENGTH {
        return clean;
    }
    let kept: String = clean.chars().take(NAME_LENGTH - 1).collect();
    format!("{kept}…")
}

/// Invisible characters that reorder the text around them.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// "A", "A and B", "A, B and 3 more".
pub fn list(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|n| name(n)).collect();
    let more = names.len().saturating_sub(NAMED);
    match (shown.as_slice(), more) {
        ([], _) => String::new(),
        ([only], 0) => only.clone(),
        ([first @ .., last], 0) => format!("{} and {last}", first.join(", ")),
        (all, more) => format!("{} and {more} more", all.join(", ")),
    }
}

/// A signed number with two decimals and a true minus sign.
pub fn signed(value: f64) -> String {
    if value < 0.0 {
        format!("−{:.2}", -value)
    } else {
        format!("+{value:.2}")
    }
}

/// The content of a statement.
pub struct Told<'a> {
    /// Its shape.
    pub archetype: Archetype,
    /// What was measured of the subjects.
    pub molecule: Molecule,
    /// Subjects, leading one first.
    pub subjects: Vec<String>,
    /// What a panel's members share.
    pub panel: Option<&'a str>,
    /// Effects in the order of the subjects.
    pub effects: Vec<f64>,
    /// What is compared.
    pub comparison: &'a Comparison,
    /// What the numbers compared are called.
    pub measure: Measure,
    /// Leading members of a set.
    pub leading: Vec<String>,
    /// Other arms of the same variable that show the same.
    pub also: Vec<String>,
    /// Further facts of the leading row: highest and lowest level, detected counts, object.
    pub detail: Option<String>,
}

/// What is measured of named subjects: "PSMD4", "phosphorylation of AKT1 S473", "RNA of TP53".
pub fn measured(molecule: Molecule, subjects: &[String]) -> String {
    match molecule.of() {
        Some(what) => format!("{what} of {}", list(subjects)),
        None => list(subjects),
    }
}

/// With a capital letter.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first.is_ascii_lowercase() => first.to_uppercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

/// Several subjects named themselves take a plural verb, what is measured of them does not.
fn is_plural(told: &Told<'_>) -> bool {
    told.subjects.len() > 1 && told.molecule.of().is_none()
}

/// The sentence.
pub fn statement(told: &Told<'_>) -> String {
    let up = told.effects.first().copied().unwrap_or(0.0) > 0.0;
    let measure = told.measure;
    let more = if up { measure.more } else { measure.less };
    // Names keep their own case at the head of a sentence; what is measured of them gets a capital.
    let who = match told.molecule.of() {
        Some(_) => capital(&measured(told.molecule, &told.subjects)),
        None => list(&told.subjects),
    };
    let are = if is_plural(told) { "are" } else { "is" };
    let tail = told.comparison.tail();
    let sentence = match told.archetype {
        Archetype::DifferentialProtein if told.panel.is_some() => format!(
            "{who}, which share “{}”, {are} {more} {tail} ({} {} to {})",
            name(told.panel.unwrap_or_default()),
            measure.difference,
            signed(extreme(&told.effects, f64::min)),
            signed(extreme(&told.effects, f64::max)),
        ),
        Archetype::DifferentialProtein | Archetype::Chain => {
            format!(
                "{who} is {more} {tail} ({} {})",
                measure.difference,
                signed(told.effects[0])
            )
        }
        Archetype::ProteinAssociation => {
            let verb = match (is_plural(told), up) {
                (false, true) => "rises",
                (false, false) => "falls",
                (true, true) => "rise",
                (true, false) => "fall",
            };
            let shared = told
                .panel
                .map(|p| format!(", which share “{}”,", name(p)))
                .unwrap_or_default();
            format!(
                "{who}{shared} {verb} {tail} ({} {} per standard deviation)",
                signed(told.effects[0]),
                measure.scale
            )
        }
        Archetype::ProteinAcrossGroups => format!("{who} differs {tail}"),
        Archetype::PathwayShift | Archetype::ComplexShift => {
            let kind = if told.archetype == Archetype::ComplexShift {
                "complex"
            } else {
                "pathway"
            };
            let rna = if told.molecule == Molecule::Transcript {
                "RNA of the "
            } else {
                ""
            };
            format!(
                "The {rna}{kind} “{}” is {more} as a group {tail}, beyond the shift of all {} ({} {})",
                list(&told.subjects),
                told.molecule.plural(),
                signed(told.effects[0]),
                measure.scale
            )
        }
        Archetype::DetectionSwitch => {
            let (more_often, _) = (if up { "more often" } else { "less often" }, ());
            format!("{who} is detected {more_often} {tail}")
        }
        Archetype::TimeCourse | Archetype::DoseTrend => {
            let plural = is_plural(told);
            let verb = match (told.archetype, up, plural) {
                (Archetype::TimeCourse, _, false) => "changes",
                (Archetype::TimeCourse, _, true) => "change",
                (_, true, false) => "rises",
                (_, true, true) => "rise",
                (_, false, false) => "falls",
                (_, false, true) => "fall",
            };
            let shared = told
                .panel
                .map(|p| format!(", which share “{}”,", name(p)))
                .unwrap_or_default();
            let size = if told.archetype == Archetype::DoseTrend {
                format!(
                    " ({} {} per doubling)",
                    signed(told.effects[0]),
                    measure.scale
                )
            } else {
                String::new()
            };
            format!("{who}{shared} {verb} {tail}{size}")
        }
        Archetype::SiteBeyondProtein | Archetype::ProteinBeyondRna => format!(
            "{who} {} {tail}, beyond what its {} does (difference of log2 fold changes {})",
            match (told.archetype, up) {
                (Archetype::SiteBeyondProtein, true) => "is higher",
                (Archetype::SiteBeyondProtein, false) => "is lower",
                (_, true) => "is more abundant",
                (_, false) => "is less abundant",
            },
            if told.archetype == Archetype::SiteBeyondProtein {
                "protein"
            } else {
                "RNA"
            },
            signed(told.effects[0])
        ),
        Archetype::RegulatorActivity => format!(
            "The activity of “{}”, judged by its footprint, is {} {tail} ({} standard deviations)",
            list(&told.subjects),
            if up { "higher" } else { "lower" },
            signed(told.effects[0])
        ),
        Archetype::MutationDifference => format!(
            "{} is mutated {} {tail} (difference in share {})",
            list(&told.subjects),
            if up { "more often" } else { "less often" },
            signed(told.effects[0])
        ),
        Archetype::MutationEffect => format!(
            "{who} is {more} where the gene is mutated than where it is not (log2 difference {})",
            signed(told.effects[0])
        ),
        Archetype::CopyNumberEffect => format!(
            "{who} {} copy number of its gene ({} log2 per log2 copy)",
            if up {
                "rises with the"
            } else {
                "falls with the"
            },
            signed(told.effects[0])
        ),
        Archetype::DetectionPanel => {
            let (found, missing) = told.comparison.sides(up);
            format!(
                "{} are detected in {found} and hardly or not at all in {missing}",
                list(&told.subjects)
            )
        }
        Archetype::SubtypeAssociation => "Groups of samples found in the data differ".to_owned(),
        Archetype::ComponentAssociation => format!(
            "{}, a main axis of variation between samples, is related",
            list(&told.subjects)
        ),
        Archetype::OverRepresentation => {
            format!("“{}” is over-represented {tail}", list(&told.subjects))
        }
    };
    let mut sentence = sentence;
    if let Some(detail) = &told.detail {
        sentence.push_str(detail);
    }
    if !told.leading.is_empty() {
        sentence.push_str(&format!(", led by {}", list(&told.leading)));
    }
    if !told.also.is_empty() {
        sentence.push_str(&format!("; also {}", list(&told.also)));
    }
    sentence.push('.');
    sentence
}

fn extreme(values: &[f64], pick: fn(f64, f64) -> f64) -> f64 {
    values.iter().copied().reduce(pick).unwrap_or(0.0)
}

/// The null in words, from the manifest's template.
pub fn null(
    template: &str,
    subject: &str,
    object: &str,
    covariates: &[String],
    strata: &str,
) -> String {
    let given = if covariates.is_empty() {
        "no covariates".to_owned()
    } else {
        list(covariates)
    };
    template
        .replace("{subject}", &name(subject))
        .replace("{object}", &name(object))
        .replace("{covariates}", &given)
        .replace("{strata}", strata)
}

/// The observable outcome that would refute the statement.
pub fn refuter(told: &Told<'_>, direction: Direction, samples_per_arm: Option<usize>) -> String {
    let who = measured(told.molecule, &told.subjects);
    let power = samples_per_arm
        .map(|n| format!(" with {n} independent samples per arm"))
        .unwrap_or_default();
    match told.archetype {
        Archetype::SubtypeAssociation | Archetype::ComponentAssociation => format!(
            "In an independent cohort{power}, the same grouping of samples shows no association with the variable."
        ),
        Archetype::TimeCourse => format!(
            "In new samples{power} at the same points, {who} {} not change {} (F test, p > 0.05).",
            if is_plural(told) { "do" } else { "does" },
            told.comparison.tail()
        ),
        Archetype::DoseTrend => format!(
            "In new samples{power} at the same doses, {who} {} not {} {} (95 % interval of the slope includes zero or has the other sign).",
            if is_plural(told) { "do" } else { "does" },
            if direction == Direction::Lower {
                "fall"
            } else {
                "rise"
            },
            told.comparison.tail()
        ),
        Archetype::MutationEffect => format!(
            "In new samples{power}, {who} is not {} where the gene is mutated (95 % interval includes zero or has the other sign).",
            if direction == Direction::Lower {
                "lower"
            } else {
                "higher"
            }
        ),
        Archetype::CopyNumberEffect => format!(
            "In new samples{power}, {who} does not follow the copy number of its gene (95 % interval of the slope includes zero or has the other sign)."
        ),
        Archetype::SiteBeyondProtein | Archetype::ProteinBeyondRna => {
            let counterpart = if told.archetype == Archetype::SiteBeyondProtein {
                "protein"
            } else {
                "RNA"
            };
            format!(
                "In new samples{power} with both measured, {who} changes no more than its {counterpart} does {} (95 % interval of the difference includes zero or has the other sign).",
                told.comparison.tail()
            )
        }
        Archetype::DetectionPanel => {
            let (found, missing) = told.comparison.sides(direction == Direction::Higher);
            format!(
                "In new samples{power}, by a targeted assay with the same detection limit in every run, most of {who} are found in {missing} as often as in {found}."
            )
        }
        Archetype::ProteinAcrossGroups => {
            format!(
                "In new samples{power}, {who} does not differ between the levels (F test, p > 0.05)."
            )
        }
        _ => {
            let opposite = match direction {
                Direction::Higher => "not higher",
                Direction::Lower => "not lower",
                Direction::Undirected => "not different",
            };
            format!(
                "In new samples{power}, {who} {} {opposite} {} (95 % interval includes zero or has the other sign).",
                if is_plural(told) { "are" } else { "is" },
                told.comparison.tail()
            )
        }
    }
}

/// "PSMD4 is higher in Ubi4" of one claim; what is not a protein says so.
pub fn claim(subject: &Entity, relation: Relation, object: &Entity) -> String {
    let what = match subject.kind {
        EntityKind::Transcript => "RNA of ",
        EntityKind::Site => "site ",
        EntityKind::Mutation => "mutation of ",
        _ => "",
    };
    format!(
        "{what}{} {} {}",
        name(&subject.symbol),
        relation.phrase(),
        name(&object.symbol)
    )
}
