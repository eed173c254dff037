//! A sentence as words and marks.

use std::ops::Range;

/// A word or a mark of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Its bytes.
    pub span: Range<usize>,
    /// In lower case, with the spelling and the plural that lists use.
    pub stem: String,
    /// Whether it looks like a symbol: capitals beyond the first letter, or a digit beside letters.
    pub symbol: bool,
    /// Whether it is a number, a fold or a percentage.
    pub number: bool,
    /// Whether it is a mark.
    pub mark: bool,
}

/// The words and marks of a sentence. A hyphen, slash or apostrophe between letters belongs to the word.
pub(super) fn tokens(sentence: &str) -> Vec<Token> {
    let places: Vec<(usize, char)> = sentence.char_indices().collect();
    let mut out = Vec::new();
    let mut k = 0;
    while let Some(&(start, c)) = places.get(k) {
        if c.is_whitespace() {
            k += 1;
            continue;
        }
        let first = k;
        k += 1;
        if c.is_alphanumeric() {
            while let Some(&(_, next)) = places.get(k) {
                let joined = matches!(next, '-' | '‐' | '‑' | '–' | '/' | '\'' | '’' | '.' | ',')
                    && places
                        .get(k + 1)
                        .is_some_and(|(_, after)| after.is_alphanumeric())
                    && (!matches!(next, '.' | ',')
                        || (places[k - 1].1.is_ascii_digit() && places[k + 1].1.is_ascii_digit()));
                if !next.is_alphanumeric() && !joined {
                    break;
                }
                k += 1;
            }
        }
        let end = places.get(k).map_or(sentence.len(), |(at, _)| *at);
        let raw = &sentence[start..end];
        out.push(Token {
            span: start..end,
            stem: stem(raw),
            symbol: is_symbol(raw),
            number: c.is_ascii_digit(),
            mark: k - first == 1 && !c.is_alphanumeric(),
        });
    }
    out
}

/// Lower case, American spelling, singular, plain hyphens.
pub(super) fn stem(word: &str) -> String {
    let lower = word
        .to_lowercase()
        .replace(['‐', '‑', '–'], "-")
        .replace("tumour", "tumor")
        .replace("leukaemia", "leukemia")
        .replace("oesophag", "esophag")
        .replace("diabetics", "diabetic");
    if lower == "whereas" {
        return lower;
    }
    match lower.strip_suffix('s') {
        Some(single) if single.len() > 3 && !single.ends_with(['s', 'i', 'u']) => single.to_owned(),
        _ => lower,
    }
}

fn is_symbol(raw: &str) -> bool {
    let capitals = raw.chars().filter(|c| c.is_uppercase()).count();
    let digits = raw.chars().any(|c| c.is_ascii_digit());
    let letters = raw.chars().any(char::is_alphabetic);
    letters && (capitals > 1 || digits && capitals > 0)
}
