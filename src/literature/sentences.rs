//! Where sentences begin and end in an abstract.
//!
//! A full stop ends a sentence only before white space and a word that can begin one, and not after the abbreviations of
//! scientific prose. Where it is unclear, two sentences stay one: what is read of a longer sentence is more doubtful, never
//! bolder.

use std::ops::Range;

/// Words that are followed by a full stop in the middle of a sentence, lower case.
const ABBREVIATIONS: [&str; 44] = [
    "e.g", "i.e", "fig", "figs", "vs", "al", "approx", "ca", "cf", "dr", "prof", "mr", "mrs", "ms",
    "st", "spp", "sp", "subsp", "ssp", "var", "ref", "refs", "eq", "eqs", "resp", "incl", "suppl",
    "tab", "vol", "ed", "eds", "viz", "et", "inc", "ltd", "conc", "temp", "dept", "univ", "assoc",
    "n.b", "a.k.a", "sv", "str",
];
/// Abbreviations that are words of their own too: a full stop after them ends the sentence unless a number follows.
const BEFORE_NUMBERS: [&str; 5] = ["no", "nos", "p", "pp", "ser"];
/// What follows the initial of a genus in capitals: serovars.
const SEROVARS: [&str; 4] = ["Typhi", "Enteritidis", "Infantis", "Dublin"];

/// The sentences of a text by their bytes, in order, without the spaces between them; together they hold every character
/// that is no white space.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut places = text.char_indices().peekable();
    while let Some((at, c)) = places.next() {
        let end = match c {
            '\n' => at,
            '.' | '!' | '?' => {
                let mut end = at + c.len_utf8();
                while let Some(&(_, next)) = places.peek() {
                    if !matches!(next, '.' | '!' | '?' | '"' | '\'' | ')' | ']' | '”' | '’') {
                        break;
                    }
                    end += next.len_utf8();
                    places.next();
                }
                if !ends(text, at, end, c) {
                    continue;
                }
                end
            }
            _ => continue,
        };
        push(text, start..end, &mut found);
        start = end;
    }
    push(text, start..text.len(), &mut found);
    found
}

fn push(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let part = &text[range.clone()];
    let trimmed = part.trim();
    if !trimmed.is_empty() {
        let start = range.start + (part.len() - part.trim_start().len());
        found.push(start..start + trimmed.len());
    }
}

/// Whether the mark at `at`, with what closes after it up to `end`, ends a sentence.
fn ends(text: &str, at: usize, end: usize, mark: char) -> bool {
    let after = &text[end..];
    let Some(first) = after.chars().next() else {
        return true;
    };
    if !first.is_whitespace() {
        return false;
    }
    let next = after.trim_start();
    let Some(opening) = next
        .trim_start_matches(['(', '[', '"', '\'', '“', '‘'])
        .chars()
        .next()
    else {
        return true;
    };
    let can_begin = opening.is_uppercase() || opening.is_ascii_digit() || !opening.is_alphabetic();
    if mark != '.' {
        return can_begin;
    }
    let before = &text[..at];
    let word = before
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | ',' | ';'))
        .next()
        .unwrap_or_default();
    let lower = word.to_lowercase();
    if ABBREVIATIONS.contains(&lower.as_str()) {
        return false;
    }
    if BEFORE_NUMBERS.contains(&lower.as_str()) && opening.is_ascii_digit() {
        return false;
    }
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    if initial && SEROVARS.iter().any(|name| next.starts_with(name)) {
        return false;
    }
    // A gene or a species may begin a sentence in lower case, which cannot be told from an abbreviation that is not listed.
    can_begin
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text)
            .into_iter()
            .map(|range| &text[range])
            .collect()
    }

    #[test]
    fn abbreviations_numbers_and_species_do_not_end_a_sentence() {
        for whole in [
            "Markers, e.g. CA9, rose 2.5-fold (Fig. 3) in E. coli vs. S. cerevisiae.",
            "We used approx. 10 mg (cf. Ref. 3; P = 0.03).",
            "As shown by Smith et al. (2010), CA9 rose.",
            "CA9 (i.e. CA IX) was found in Salmonella, e.g. S. Typhimurium, by No. 5 of the series.",
            "The variant p.Gly12Asp at pH 7.4 (p. 35) was rare.",
        ] {
            assert_eq!(split(whole), [whole]);
        }
    }

    #[test]
    fn sentences_end_where_they_end() {
        assert_eq!(
            split(
                "CA9 rose (P < 0.05). In contrast, ALB fell! Why? \"Nobody knows.\" 12 patients died."
            ),
            [
                "CA9 rose (P < 0.05).",
                "In contrast, ALB fell!",
                "Why?",
                "\"Nobody knows.\"",
                "12 patients died."
            ]
        );
        assert_eq!(
            split("BACKGROUND\nCA9 is known\nand so"),
            ["BACKGROUND", "CA9 is known", "and so"]
        );
        assert_eq!(
            split("They took vitamin C. We did not."),
            ["They took vitamin C.", "We did not."]
        );
        assert_eq!(split("  "), Vec::<&str>::new());
    }

    proptest! {
        #[test]
        fn nothing_but_white_space_is_lost(text in "[ -~é\n.!?]{0,80}") {
            let kept: String = split(&text).concat().split_whitespace().collect();
            let all: String = text.split_whitespace().collect();
            prop_assert_eq!(kept, all);
        }
    }
}
