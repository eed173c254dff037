//! Values of single samples for prompts. They can be made only with a [`ValuesPermit`], which the privacy mode `full` alone
//! gives: in the other modes there is nothing to put into a prompt.

use proteus_llm::ValuesPermit;
use serde::Serialize;

use super::ground::{Ground, Named};
use crate::agent::pursuit::Pursuit;
use crate::dataset::{SampleMetadata, Term};
use crate::discovery::Hypothesis;
use crate::prompt::inert;
use crate::tool::Abundance;

/// Longest name of a subject or group, and of a sample, in characters.
const NAME: usize = 80;
const SAMPLE: usize = 40;
/// Subjects of a hypothesis whose values are shown, the leading ones first.
const SUBJECTS: usize = 3;
/// Samples in one line, and lines of one hypothesis at most.
const IN_A_LINE: usize = 12;
const LINES: usize = 40;

/// What was measured of the subjects of one hypothesis in each sample, by group.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleValues {
    permit: ValuesPermit,
    lines: Vec<String>,
    samples: Vec<String>,
}

/// As many of the lines as a prompt shows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ShownValues<'a> {
    lines: &'a [String],
    more: usize,
}

/// One value of one sample.
struct Measured {
    sample: String,
    value: f64,
}

impl SampleValues {
    /// The values behind a hypothesis, as its test saw them; none where its subjects are no rows of the matrix tested.
    pub fn of(
        permit: ValuesPermit,
        hypothesis: &Hypothesis,
        pursuit: &Pursuit,
        samples: &SampleMetadata,
    ) -> Option<Self> {
        let matrix = pursuit.matrix.as_deref()?;
        let groups = groups(pursuit, matrix, samples)?;
        let mut found = Self {
            permit,
            lines: Vec::new(),
            samples: Vec::new(),
        };
        for claim in hypothesis.claims.iter().take(SUBJECTS) {
            let id = &claim.subject.id;
            let Some(row) = matrix.features.iter().position(|f| f.id == *id) else {
                continue;
            };
            found.add(&inert(&claim.subject.symbol, NAME), row, matrix, &groups);
        }
        found.lines.truncate(LINES);
        (!found.lines.is_empty()).then_some(found)
    }

    /// One row, groups side by side, some samples of each at a time, so that what is cut off is cut off of all groups.
    fn add(
        &mut self,
        subject: &str,
        row: usize,
        matrix: &Abundance,
        groups: &[(String, Vec<usize>)],
    ) {
        let longest = groups.iter().map(|(_, columns)| columns.len()).max();
        for part in 0..longest.unwrap_or(0).div_ceil(IN_A_LINE) {
            for (group, columns) in groups {
                let measured: Vec<Measured> = columns
                    .iter()
                    .skip(part * IN_A_LINE)
                    .take(IN_A_LINE)
                    .map(|&column| Measured {
                        sample: inert(&matrix.samples[column], SAMPLE),
                        value: matrix.values.get(row, column),
                    })
                    .collect();
                if measured.is_empty() {
                    continue;
                }
                let told: Vec<String> = measured.iter().map(Measured::told).collect();
                self.lines
                    .push(format!("{subject} in {group}: {}", told.join("; ")));
                self.samples.extend(measured.into_iter().map(|m| m.sample));
            }
        }
    }

    /// Leave to show them.
    pub fn permit(&self) -> ValuesPermit {
        self.permit
    }

    /// How many lines there are.
    pub fn lines(&self) -> usize {
        self.lines.len()
    }

    /// The first lines.
    pub fn first(&self, lines: usize) -> ShownValues<'_> {
        let lines = lines.min(self.lines.len());
        ShownValues {
            lines: &self.lines[..lines],
            more: self.lines.len() - lines,
        }
    }

    /// Makes the samples names of what a text is held against, so that the number in `S12` is none; values stay numbers that a
    /// model may not repeat.
    pub fn name_samples(&self, ground: &mut Ground) {
        for sample in &self.samples {
            ground.name(sample, Named::Other);
        }
    }
}

impl Measured {
    fn told(&self) -> String {
        if self.value.is_nan() {
            format!("{} not measured", self.sample)
        } else {
            format!("{} {:.2}", self.sample, self.value)
        }
    }
}

/// Columns of the matrix that the test read, by group: the arms of a contrast, the levels of a variable, or all as one.
fn groups(
    pursuit: &Pursuit,
    matrix: &Abundance,
    samples: &SampleMetadata,
) -> Option<Vec<(String, Vec<usize>)>> {
    let (term, frame) = (pursuit.term.as_ref()?, pursuit.frame.as_ref()?);
    let variable = samples.variables.get(term.variable());
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    for (place, &column) in frame.columns.iter().enumerate() {
        let group = match term {
            Term::Contrast(contrast) => match frame.arms.get(place).copied().flatten() {
                Some(1) => contrast.target.label.clone(),
                Some(_) => contrast.reference.label.clone(),
                None => continue,
            },
            _ => {
                let id = &matrix.samples[column];
                let at = samples.ids.iter().position(|known| known == id);
                let label = at.and_then(|at| variable?.group_of(at));
                label.map_or_else(|| "all samples".to_owned(), str::to_owned)
            }
        };
        let group = inert(&group, NAME);
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, columns)) => columns.push(column),
            None => groups.push((group, vec![column])),
        }
    }
    (!groups.is_empty()).then_some(groups)
}
