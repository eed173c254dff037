//! Single samples, left out of a report that is handed on: their names, and the places that hold values of theirs.

use std::borrow::Cow;
use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use serde_json::Value;

use super::ReportError;
use super::text::{NAME, tidy};
use crate::dataset::{DatasetRecord, Role, Variable};

/// What stands in place of a name.
const NOT_NAMED: &str = "[not named]";
/// What stands in place of a sentence about single samples that may tell numbers of theirs.
pub(super) const ABOUT_SAMPLES: &str = "speaks of single samples: left out of this report";
/// Shortest label of digits alone that is taken for a name wherever it stands; a shorter one may be any number.
const DIGITS: usize = 4;

/// Fields of a page that hold what other parts of it are found by.
const REFERENCES: [&str; 8] = [
    "anchor",
    "figure",
    "figures",
    "grade",
    "href",
    "links",
    "radar",
    "specification",
];

/// Finds the names of samples, and of the people or animals they come from, in texts.
#[derive(Debug)]
pub(super) struct SampleNames {
    finder: AhoCorasick,
    ids: BTreeSet<String>,
}

impl SampleNames {
    /// The names that a dataset gives its samples: ids, headers of their columns, labels of identifiers and subjects.
    ///
    /// # Errors
    /// There are more names than can be looked for.
    pub(super) fn of(dataset: &DatasetRecord) -> Result<Self, ReportError> {
        let samples = &dataset.samples;
        let names = (samples.ids.iter())
            .chain(samples.excluded.iter().map(|sample| &sample.id))
            .chain(dataset.assays.iter().flat_map(|assay| &assay.columns))
            .chain(
                samples
                    .variables
                    .values()
                    .filter(|v| singles_out(v))
                    .flat_map(|v| v.levels()),
            );
        let shared = shared_words(dataset);
        let mut forms = BTreeSet::new();
        for name in names.filter(|name| tells_apart(name) && !shared.contains(name.as_str())) {
            // As the tables have it, as a page cuts it, and as a drawing escapes it.
            let cut: String = name.chars().take(NAME).collect();
            let shown = tidy(&cut, NAME);
            forms.extend([escaped(&shown), shown, cut, name.clone()]);
        }
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(forms)
            .map_err(|error| ReportError::SampleNames {
                reason: error.to_string(),
            })?;
        Ok(Self {
            finder,
            ids: samples.ids.iter().cloned().collect(),
        })
    }

    /// Whether a table with these columns has rows or columns that are samples.
    pub(super) fn are_in(&self, columns: &[String]) -> bool {
        let of_samples = |column: &String| column == "sample" || self.ids.contains(column);
        columns.iter().any(of_samples)
    }

    /// Whether the text names a sample.
    pub(super) fn named_in(&self, text: &str) -> bool {
        self.next(text, 0).is_some()
    }

    /// The text without names of samples.
    pub(super) fn left_out_of<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut out = String::new();
        let mut kept = 0;
        while let Some((from, to)) = self.next(text, kept) {
            out.push_str(&text[kept..from]);
            out.push_str(NOT_NAMED);
            kept = to;
        }
        if kept == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(&text[kept..]);
        Cow::Owned(out)
    }

    /// A drawing without names of samples in its texts.
    pub(super) fn left_out_of_drawing(&self, svg: &str) -> String {
        let mut out = String::with_capacity(svg.len());
        let mut rest = svg;
        // Texts are escaped: a sign of a tag is always one.
        while let Some(open) = rest.find('<') {
            out.push_str(&self.left_out_of(&rest[..open]));
            let close = rest[open..]
                .find('>')
                .map_or(rest.len(), |at| open + at + 1);
            out.push_str(&rest[open..close]);
            rest = &rest[close..];
        }
        out.push_str(&self.left_out_of(rest));
        out
    }

    /// Leaves names of samples out of every text of a value; what its parts refer to each other by stays.
    pub(super) fn leave_out(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(without) = self.left_out_of(text) {
                    *text = without;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.leave_out(item)),
            Value::Object(fields) => {
                for (key, field) in fields {
                    if !REFERENCES.contains(&key.as_str()) {
                        self.leave_out(field);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The next name at or behind `from` that stands by itself.
    fn next(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        let mut at = from;
        while at < text.len() {
            let found = self.finder.find(Input::new(text).span(at..text.len()))?;
            if stands_alone(text, found.start(), found.end()) {
                return Some((found.start(), found.end()));
            }
            let first = text[found.start()..].chars().next();
            at = found.start() + first.map_or(1, char::len_utf8);
        }
        None
    }
}

/// Whether the labels of a variable are names of samples or of where they come from.
fn singles_out(variable: &Variable) -> bool {
    variable.is_categorical() && matches!(variable.role, Role::Identifier | Role::Subject)
}

/// What groups, variables and assays are called: a sample that is called the same is not named by it.
fn shared_words(dataset: &DatasetRecord) -> BTreeSet<&str> {
    let variables = &dataset.samples.variables;
    let levels = (variables.values())
        .filter(|v| {
            matches!(
                v.role,
                Role::Condition | Role::Clinical | Role::Covariate | Role::Batch | Role::Time
            )
        })
        .filter(|v| v.is_categorical() && v.levels().len() < dataset.samples.len())
        .flat_map(|v| v.levels().iter().map(String::as_str));
    levels
        .chain(variables.keys().map(String::as_str))
        .chain(dataset.assays.iter().map(|assay| assay.name.as_str()))
        .collect()
}

/// Whether a label says by itself that it is one: it has a letter beside something else or is long enough.
fn tells_apart(name: &str) -> bool {
    let length = name.chars().count();
    if name.chars().any(char::is_alphabetic) {
        length >= 3 || name.chars().any(|c| c.is_ascii_digit()) && length >= 2
    } else {
        name.chars().filter(char::is_ascii_digit).count() >= DIGITS
    }
}

/// Whether no letter, digit or part of a number is next to `text[from..to]`.
fn stands_alone(text: &str, from: usize, to: usize) -> bool {
    let inside = &text[from..to];
    let number = !inside.chars().any(char::is_alphabetic);
    let mut before = text[..from].chars().rev();
    let mut after = text[to..].chars();
    let joined = |one: Option<char>, next: Option<char>| {
        let point = one.is_some_and(|c| matches!(c, '.' | ',' | '-' | '−' | ':'));
        one.is_some_and(|c| c.is_alphanumeric() || c == '_')
            || (number && point && next.is_some_and(|c| c.is_ascii_digit()))
    };
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let goes_on = joined(before.next(), before.next()) && word(inside.chars().next());
    let went_on = joined(after.next(), after.next()) && word(inside.chars().next_back());
    !goes_on && !went_on
}

/// As the texts of drawings are escaped.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]
    use super::*;

    fn names(of: &[&str]) -> SampleNames {
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(of)
            .unwrap();
        SampleNames {
            finder,
            ids: of.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn names_are_left_out_where_they_stand_by_themselves() {
        let names = names(&["t_1", "t_10", "P-1", "20231", "a b", "b c"]);
        let left = |text| names.left_out_of(text).into_owned();
        assert_eq!(
            left("without t_1, t_10."),
            "without [not named], [not named]."
        );
        assert_eq!(left("t_100 and cat_1 and P-12"), "t_100 and cat_1 and P-12");
        assert_eq!(left("`t_1`.raw, (P-1)"), "`[not named]`.raw, ([not named])");
        assert_eq!(
            left("0.20231, 20231-01, 20231."),
            "0.20231, 20231-01, [not named]."
        );
        // A name that overlaps one that does not stand by itself is still found.
        assert_eq!(left("xa b c"), "xa [not named]");
        assert_eq!(left("nothing here"), "nothing here");
        assert!(names.named_in("of t_1") && !names.named_in("of t_2"));
        assert!(names.are_in(&["gene".to_owned(), "t_10".to_owned()]));
    }

    #[test]
    fn of_a_drawing_only_its_texts_are_read() {
        let names = names(&["text", "t_1"]);
        let drawing = "<text x=\"1\">text t_1</text><circle><title>t_1: 3</title></circle>";
        assert_eq!(
            names.left_out_of_drawing(drawing),
            "<text x=\"1\">[not named] [not named]</text><circle><title>[not named]: 3</title></circle>"
        );
    }

    #[test]
    fn what_may_be_any_number_or_letter_is_no_name() {
        for (label, wanted) in [
            ("7", false),
            ("123", false),
            ("2041", true),
            ("A", false),
            ("AB", false),
            ("A1", true),
            ("Kim", true),
        ] {
            assert_eq!(tells_apart(label), wanted, "{label}");
        }
    }
}
