//! What can be wrong with a plan file: every fault with its line, its rule and what to write instead.

use std::fmt;

/// One fault of a plan file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFault {
    /// Line of the file, from 1, where it is known.
    pub line: Option<usize>,
    /// The objective and the step, in words; empty where it is about the whole file.
    pub place: String,
    /// What is wrong.
    pub rule: String,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for PlanFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        // One line each: texts of other layers may bring a hint on a line of its own.
        let one_line = |text: &str| text.replace("\nhint: ", "; ").replace('\n', " ");
        write!(f, "{}", one_line(&self.rule))?;
        if !self.fix.is_empty() {
            write!(f, "; {}", one_line(&self.fix))?;
        }
        Ok(())
    }
}

/// A plan file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// Not readable.
    #[error("cannot read the plan `{file}`: {reason}\nhint: `proteus plan PATH --edit` writes one")]
    Unreadable {
        /// The file.
        file: String,
        /// What the operating system said.
        reason: String,
    },
    /// Made for other data.
    #[error(
        "the plan `{file}` was made for other data, `{made_for}`: {}\nhint: make it again for these data with `proteus plan PATH --edit`, read in the same way (`--samples`, `--role`, …)",
        reasons.join("; ")
    )]
    OtherData {
        /// The file.
        file: String,
        /// The data it names.
        made_for: String,
        /// How they differ.
        reasons: Vec<String>,
    },
    /// Wrong in itself.
    #[error(
        "the plan `{file}` cannot be used{}\nhint: mend it and try again; nothing was computed and the file stays as it is",
        listed(faults)
    )]
    Faults {
        /// The file.
        file: String,
        /// Every fault found.
        faults: Vec<PlanFault>,
    },
}

fn listed(faults: &[PlanFault]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}
