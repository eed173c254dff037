//! What can be planted into a simulated experiment: one [`PlantKind`] per archetype of hypothesis and per fault of a study.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::StudyError;

/// A kind of plant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlantKind {
    /// Single proteins change.
    Protein,
    /// A few proteins of one gene set change.
    Panel,
    /// Most members of a pathway change together.
    Pathway,
    /// All subunits of a complex change together.
    Complex,
    /// A third of the subunits of a complex is lost and the others stay.
    Stoichiometry,
    /// The targets of a regulator change, each with its own sign.
    Regulon,
    /// The substrate sites of a kinase change and their proteins do not.
    Kinase,
    /// A module follows a continuous trait.
    ModuleTrait,
    /// A module decides how soon an event comes.
    Survival,
    /// Hidden subtypes of the samples, with an outside variable that follows them.
    Subtype,
    /// Proteins are detected in one arm only.
    Switch,
    /// Sites change and their proteins do not.
    Site,
    /// Transcripts change and their proteins do not.
    Rna,
    /// A population of cells becomes more frequent.
    Cells,
    /// A batch that is the arm, with effects of its own.
    Batch,
    /// Skin keratins in the samples of one arm.
    Keratin,
    /// Red blood cells in the samples of one arm.
    Blood,
    /// Muscle in the samples of one arm.
    Muscle,
    /// One sample carries the label of the other arm.
    Mislabelled,
    /// Two samples of different arms are exchanged.
    Swapped,
    /// A second cohort in which half of the effects are gone.
    Cohort,
    /// The smaller arm varies more.
    Unequal,
    /// A clinical variable that was computed from the same proteome.
    Circular,
}

/// What is known of a kind.
struct Facts {
    kind: PlantKind,
    name: &'static str,
    strength: f64,
    range: (f64, f64),
    unit: &'static str,
    count: usize,
    title: &'static str,
}

/// Effects in standard deviations of the protein between samples.
const SD: &str = "standard deviations";

const KINDS: [Facts; 23] = [
    facts(
        PlantKind::Protein,
        "protein",
        5.0,
        (0.0, 50.0),
        SD,
        12,
        "single proteins",
    ),
    facts(
        PlantKind::Panel,
        "panel",
        4.0,
        (0.0, 50.0),
        SD,
        6,
        "panel of proteins of one set",
    ),
    facts(
        PlantKind::Pathway,
        "pathway",
        2.0,
        (0.0, 50.0),
        SD,
        1,
        "pathway shift",
    ),
    facts(
        PlantKind::Complex,
        "complex",
        2.5,
        (0.0, 50.0),
        SD,
        1,
        "complex shift",
    ),
    facts(
        PlantKind::Stoichiometry,
        "stoichiometry",
        4.0,
        (0.0, 50.0),
        SD,
        1,
        "broken stoichiometry of a complex",
    ),
    facts(
        PlantKind::Regulon,
        "regulon",
        2.0,
        (0.0, 50.0),
        SD,
        25,
        "targets of a regulator",
    ),
    facts(
        PlantKind::Kinase,
        "kinase",
        3.0,
        (0.0, 50.0),
        SD,
        20,
        "substrates of a kinase",
    ),
    facts(
        PlantKind::ModuleTrait,
        "module_trait",
        0.8,
        (0.0, 0.99),
        "correlation with the trait",
        20,
        "module and trait",
    ),
    facts(
        PlantKind::Survival,
        "survival",
        1.0,
        (0.0, 5.0),
        "log hazard ratio per standard deviation",
        12,
        "module and survival",
    ),
    facts(
        PlantKind::Subtype,
        "subtype",
        2.5,
        (0.0, 50.0),
        SD,
        300,
        "subtypes with an outside variable",
    ),
    facts(
        PlantKind::Switch,
        "switch",
        0.95,
        (0.1, 1.0),
        "chance of detection where it is on",
        10,
        "detected in one arm only",
    ),
    facts(
        PlantKind::Site,
        "site",
        4.0,
        (0.0, 50.0),
        SD,
        12,
        "sites against their proteins",
    ),
    facts(
        PlantKind::Rna,
        "rna",
        4.0,
        (0.0, 50.0),
        SD,
        12,
        "transcripts against their proteins",
    ),
    facts(
        PlantKind::Cells,
        "cells",
        2.0,
        (1.0, 4.0),
        "fold of the frequency",
        1,
        "shift of a cell population",
    ),
    facts(
        PlantKind::Batch,
        "batch",
        2.0,
        (0.0, 50.0),
        SD,
        600,
        "batch that is the arm",
    ),
    facts(
        PlantKind::Keratin,
        "keratin",
        2.5,
        (0.0, 10.0),
        "log2",
        0,
        "contamination by skin keratins",
    ),
    facts(
        PlantKind::Blood,
        "blood",
        2.5,
        (0.0, 10.0),
        "log2",
        0,
        "contamination by red blood cells",
    ),
    facts(
        PlantKind::Muscle,
        "muscle",
        2.5,
        (0.0, 10.0),
        "log2",
        0,
        "contamination by muscle",
    ),
    facts(
        PlantKind::Mislabelled,
        "mislabelled",
        4.0,
        (0.0, 50.0),
        SD,
        200,
        "mislabelled sample",
    ),
    facts(
        PlantKind::Swapped,
        "swapped",
        4.0,
        (0.0, 50.0),
        SD,
        200,
        "swapped samples",
    ),
    facts(
        PlantKind::Cohort,
        "cohort",
        5.0,
        (0.0, 50.0),
        SD,
        20,
        "effects of one cohort only",
    ),
    facts(
        PlantKind::Unequal,
        "unequal",
        2.0,
        (1.0, 10.0),
        "times the standard deviation",
        0,
        "unequal variances",
    ),
    facts(
        PlantKind::Circular,
        "circular",
        0.98,
        (0.1, 1.0),
        "correlation with the mean of the proteins",
        30,
        "variable computed from the proteome",
    ),
];

const fn facts(
    kind: PlantKind,
    name: &'static str,
    strength: f64,
    range: (f64, f64),
    unit: &'static str,
    count: usize,
    title: &'static str,
) -> Facts {
    Facts {
        kind,
        name,
        strength,
        range,
        unit,
        count,
        title,
    }
}

impl PlantKind {
    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|f| f.kind)
    }

    fn facts(self) -> &'static Facts {
        KINDS.iter().find(|f| f.kind == self).unwrap_or(&KINDS[0])
    }

    /// The word on the command line.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// What it is, for tables.
    pub fn title(self) -> &'static str {
        self.facts().title
    }

    /// What its strength is measured in.
    pub fn unit(self) -> &'static str {
        self.facts().unit
    }
}

/// One plant: what, how strong, and how many proteins, sites or sets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Plant {
    /// What is planted.
    pub kind: PlantKind,
    /// How strong, in [`PlantKind::unit`].
    pub strength: f64,
    /// How many proteins (sites, transcripts, members); the number of sets for whole sets.
    pub count: usize,
}

impl Plant {
    /// A plant of the usual strength and size.
    pub fn usual(kind: PlantKind) -> Self {
        let facts = kind.facts();
        Self {
            kind,
            strength: facts.strength,
            count: facts.count,
        }
    }

    /// The same with another strength.
    pub fn strength(self, strength: f64) -> Self {
        Self { strength, ..self }
    }

    /// Reads a list such as `pathway:2,protein:5*12`.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, StudyError> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect()
    }
}

impl fmt::Display for Plant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.strength)?;
        if self.count != self.kind.facts().count {
            write!(f, "*{}", self.count)?;
        }
        Ok(())
    }
}

impl FromStr for Plant {
    type Err = StudyError;

    fn from_str(text: &str) -> Result<Self, StudyError> {
        let wrong = |reason: String| StudyError::Plant {
            text: text.to_owned(),
            reason,
            kinds: KINDS.map(|f| f.name).join(", "),
        };
        let (name, rest) = match text.split_once(':') {
            Some((name, rest)) => (name, Some(rest)),
            None => (text, None),
        };
        let facts = KINDS
            .iter()
            .find(|f| f.name == name.trim())
            .ok_or_else(|| wrong(format!("no kind is called `{}`", name.trim())))?;
        let mut plant = Self::usual(facts.kind);
        let Some(rest) = rest else {
            return Ok(plant);
        };
        let (strength, count) = match rest.split_once('*') {
            Some((strength, count)) => (strength, Some(count)),
            None => (rest, None),
        };
        plant.strength = strength.trim().parse().map_err(|_| {
            wrong(format!(
                "the strength `{}` is not a number",
                strength.trim()
            ))
        })?;
        let (low, high) = facts.range;
        if !(low..=high).contains(&plant.strength) {
            return Err(wrong(format!(
                "the strength of {} is from {low} to {high} ({})",
                facts.name, facts.unit
            )));
        }
        if let Some(count) = count {
            plant.count = count
                .trim()
                .parse()
                .ok()
                .filter(|n| (1..=5000).contains(n))
                .ok_or_else(|| {
                    wrong(format!(
                        "the count `{}` is not a whole number from 1 to 5000",
                        count.trim()
                    ))
                })?;
        }
        Ok(plant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plants_are_read_with_strength_and_count() {
        let list = Plant::parse_list("pathway, protein:6*4,unequal:2").unwrap_or_default();
        assert_eq!(list.len(), 3);
        assert_eq!(list[0], Plant::usual(PlantKind::Pathway));
        assert_eq!((list[1].strength, list[1].count), (6.0, 4));
        assert_eq!(list[1].to_string(), "protein:6*4");
        for bad in [
            "gene",
            "protein:x",
            "protein:99",
            "protein:2*0",
            "module_trait:1.2",
        ] {
            let error = bad.parse::<Plant>().err().map(|e| e.to_string());
            assert!(
                error.is_some_and(|e| e.contains("the kinds are protein")),
                "{bad}"
            );
        }
    }

    #[test]
    fn every_kind_is_listed_once_under_its_name() {
        for facts in &KINDS {
            assert_eq!(facts.kind.name(), facts.name);
            assert!(KINDS.iter().filter(|f| f.kind == facts.kind).count() == 1);
            let read: Plant = facts.name.parse().unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(read, Plant::usual(facts.kind));
        }
    }
}
