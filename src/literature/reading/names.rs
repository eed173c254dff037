//! Where a sentence names the protein.

use std::ops::Range;

/// Symbols shorter than this mean too many other things.
const SHORTEST: usize = 3;

/// A place where the protein is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Its bytes.
    pub span: Range<usize>,
    /// Whether it stands alone, and not as part of a compound such as `CA9-positive` or `anti-CA9`.
    pub alone: bool,
}

/// Whether a name can be looked for at all: three characters or more, one of them a letter.
pub fn is_name(name: &str) -> bool {
    name.chars().count() >= SHORTEST && name.chars().any(char::is_alphabetic)
}

/// Whether the case of a name is of no matter: it holds a word of ordinary prose.
fn is_prose(name: &str) -> bool {
    name.split(|c: char| !c.is_alphabetic())
        .any(|word| word.chars().count() >= 5 && word.chars().skip(1).all(char::is_lowercase))
}

/// The places where one of the names stands as whole words; of two that overlap, the longer.
pub fn mentions(sentence: &str, names: &[String]) -> Vec<Mention> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let lower = sentence.to_lowercase();
    for name in names.iter().filter(|name| is_name(name)) {
        // A sentence whose lower case has other places is searched as it stands.
        if is_prose(name) && lower.len() == sentence.len() {
            places(&lower, &name.to_lowercase(), &mut found);
        } else {
            places(sentence, name, &mut found);
        }
    }
    found.retain(|span| {
        sentence.is_char_boundary(span.start) && sentence.is_char_boundary(span.end)
    });
    found.sort_by_key(|span| (span.start, usize::MAX - span.end));
    let mut mentions: Vec<Mention> = Vec::new();
    for span in found {
        if mentions
            .last()
            .is_some_and(|last| span.start < last.span.end)
        {
            continue;
        }
        let joins =
            |c: char| matches!(c, '-' | '‐' | '‑' | '–' | '−' | '/' | '+' | '*' | '_' | '′');
        let before = sentence[..span.start].chars().next_back();
        let after = sentence[span.end..].chars().next();
        let alone = !before.is_some_and(joins) && !after.is_some_and(joins);
        mentions.push(Mention { span, alone });
    }
    mentions
}

fn places(text: &str, name: &str, found: &mut Vec<Range<usize>>) {
    for (start, matched) in text.match_indices(name) {
        let end = start + matched.len();
        let within = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if !within(text[..start].chars().next_back()) && !within(text[end..].chars().next()) {
            found.push(start..end);
        }
    }
}
