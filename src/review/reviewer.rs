//! Names of reviewers, and the files their reviews stand in.

use std::fmt;

use crate::run::hash;

use super::ReviewError;

/// Characters a name may have.
const MOST_CHARACTERS: usize = 80;
/// Digits of the hash that tells apart names whose plain form is the same.
const DIGITS: usize = 8;
/// Names that are devices on some systems, whatever their ending; the last two with a digit behind.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// The name of a person: one line that can be read, at most 80 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewerName(String);

impl ReviewerName {
    /// The name, with runs of white space as one space.
    ///
    /// # Errors
    /// It is empty, too long, or holds characters that cannot be seen or that turn the direction of writing.
    pub fn new(text: &str) -> Result<Self, ReviewError> {
        let refuse = |rule: String| ReviewError::Name {
            name: crate::report::text::tidy(text, MOST_CHARACTERS),
            rule,
        };
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let length = name.chars().count();
        if name.is_empty() {
            return Err(refuse("it is empty".to_owned()));
        }
        if length > MOST_CHARACTERS {
            return Err(refuse(format!(
                "it has {length} characters, at most {MOST_CHARACTERS} are allowed"
            )));
        }
        if crate::report::text::tidy(&name, MOST_CHARACTERS) != name {
            return Err(refuse(
                "it holds characters that cannot be seen or that turn the direction of writing"
                    .to_owned(),
            ));
        }
        Ok(Self(name))
    }

    /// The name as it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReviewerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The file, without ending, that holds the reviews of `name`: the name itself where it is plain, else a plain form of it
/// with a hash behind, so that no two names share a file on any system.
pub fn file_name(name: &ReviewerName) -> String {
    let plain = crate::run::slug(name.as_str());
    let stem = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    if plain == name.as_str() && !DEVICES.contains(&stem) {
        return plain;
    }
    let digits: String = hash::of_bytes(name.as_str().as_bytes())
        .chars()
        .take(DIGITS)
        .collect();
    format!("{plain}-{digits}")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]
    use super::*;
    use proptest::prelude::*;

    fn file(name: &str) -> String {
        file_name(&ReviewerName::new(name).unwrap())
    }

    #[test]
    fn plain_names_are_their_files_and_others_never_meet() {
        assert_eq!(file("anna"), "anna");
        assert!(file("Anna").starts_with("anna-"));
        assert_ne!(file("Änna"), file("Önna"));
        assert_ne!(file("con"), "con");
        assert_eq!(file(" Ada  Lovelace "), file("Ada Lovelace"));
        assert!(file("<script>alert(1)</script>").starts_with("script-alert-1"));
    }

    #[test]
    fn names_that_cannot_be_read_are_refused_with_the_reason() {
        for (name, wanted) in [
            ("  ", "empty"),
            ("a\u{202e}b", "direction"),
            ("a\u{0}b", "cannot be seen"),
            (&"x".repeat(10_000), "10000 characters"),
        ] {
            let error = ReviewerName::new(name).unwrap_err().to_string();
            assert!(error.contains(wanted) && error.contains("hint:"), "{error}");
        }
        assert!(
            ReviewerName::new("מרים").is_ok(),
            "right-to-left letters are letters"
        );
    }

    proptest! {
        #[test]
        fn a_file_name_never_leaves_its_folder(name in ".{1,90}") {
            if let Ok(name) = ReviewerName::new(&name) {
                prop_assert!(crate::run::name::check_name("reviewer", &file_name(&name)).is_ok());
            }
        }
    }
}
