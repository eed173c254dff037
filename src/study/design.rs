//! The design of a simulated experiment: two arms.

use std::fmt;
use std::str::FromStr;

use super::StudyError;

/// Samples of each arm a simulation may have at most.
const MOST: usize = 500;

/// Samples per arm, as in `6v18`: controls first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TwoArms {
    /// Samples of the reference arm.
    pub control: usize,
    /// Samples of the target arm.
    pub treated: usize,
}

impl TwoArms {
    /// All samples.
    pub fn samples(self) -> usize {
        self.control + self.treated
    }
}

impl fmt::Display for TwoArms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}v{}", self.control, self.treated)
    }
}

impl FromStr for TwoArms {
    type Err = StudyError;

    fn from_str(text: &str) -> Result<Self, StudyError> {
        let wrong = |reason: &str| StudyError::Design {
            text: text.to_owned(),
            reason: reason.to_owned(),
        };
        let (control, treated) = text
            .trim()
            .split_once(['v', 'V'])
            .ok_or_else(|| wrong("there is no `v` between two numbers"))?;
        let arm = |part: &str| -> Result<usize, StudyError> {
            let n: usize = part
                .trim()
                .parse()
                .map_err(|_| wrong(&format!("`{}` is not a whole number", part.trim())))?;
            if (2..=MOST).contains(&n) {
                Ok(n)
            } else {
                Err(wrong(&format!("an arm has from 2 to {MOST} samples")))
            }
        };
        Ok(Self {
            control: arm(control)?,
            treated: arm(treated)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn designs_are_read_and_told() {
        let design: TwoArms = "6v18".parse().unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((design.control, design.treated), (6, 18));
        assert_eq!(design.to_string(), "6v18");
        for bad in ["6", "6v", "1v6", "6v501", "av6", ""] {
            assert!(bad.parse::<TwoArms>().is_err(), "{bad}");
        }
    }
}
