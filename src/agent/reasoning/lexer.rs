//! A sentence taken apart into known names, numbers and words.

/// One piece of a sentence.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A known name, by its place in the list of names.
    Name(usize),
    /// A number as written.
    Number(Written),
    /// Anything else that begins with a letter.
    Word(String),
    /// Where a sentence or an independent clause ends.
    Stop,
    /// Any other mark.
    Mark(char),
}

/// A number as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Written {
    /// Its value; percentages are divided by 100.
    pub value: f64,
    /// Half of the last digit written.
    pub tolerance: f64,
    /// Whether a sign was written before it.
    pub signed: bool,
}

impl Written {
    /// Whether `exact` rounds to what is written. An unsigned number also stands for its negative.
    pub fn is(&self, exact: f64) -> bool {
        let slack = self.tolerance * (1.0 + 1e-9);
        let near = |x: f64| (self.value - x).abs() <= slack;
        near(exact) || (!self.signed && near(exact.abs()))
    }
}

/// Takes `text` apart. Names are found first, the longest ones before shorter ones, and only where they stand by themselves.
pub fn tokens(text: &str, names: &[String]) -> Vec<Token> {
    let mut by_length: Vec<usize> = (0..names.len()).filter(|&i| !names[i].is_empty()).collect();
    by_length.sort_by_key(|&i| std::cmp::Reverse(names[i].len()));
    let mut out = Vec::new();
    let mut rest = text;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let taken = if before.is_alphanumeric() {
            None
        } else {
            by_length
                .iter()
                .find(|&&i| stands_alone(rest, &names[i]))
                .map(|&i| (Token::Name(i), names[i].len()))
                .or_else(|| number(rest, before).map(|(n, length)| (Token::Number(n), length)))
        };
        let (token, length) = match taken {
            Some((token, length)) => (Some(token), length),
            None if c.is_alphabetic() => {
                let length = word_length(rest);
                (Some(Token::Word(rest[..length].to_owned())), length)
            }
            None if c.is_whitespace() => (None, c.len_utf8()),
            None if matches!(c, '.' | ';' | '!' | '?') => (Some(Token::Stop), c.len_utf8()),
            None => (Some(Token::Mark(c)), c.len_utf8()),
        };
        out.extend(token);
        before = rest[..length].chars().next_back().unwrap_or(' ');
        rest = &rest[length..];
    }
    out
}

/// Whether `text` begins with `name`, not followed by more of a word.
fn stands_alone(text: &str, name: &str) -> bool {
    text.strip_prefix(name).is_some_and(|rest| {
        let last_is_word = name.chars().next_back().is_some_and(char::is_alphanumeric);
        !last_is_word || !rest.starts_with(char::is_alphanumeric)
    })
}

fn word_length(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let inner = matches!(c, '-' | '\'' | '’' | '/' | '_')
            && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        if !c.is_alphanumeric() && !inner {
            break;
        }
        end = i + c.len_utf8();
    }
    end
}

/// A number at the beginning of `text` and how many bytes it takes: `3`, `+1.08`, `−0.5`, `2.5e-5`, `2.5 × 10^-5`, `40 %`.
fn number(text: &str, before: char) -> Option<(Written, usize)> {
    let mut at = 0;
    let mut negative = false;
    let mut signed = false;
    if let Some(c) = text.chars().next()
        && matches!(c, '+' | '-' | '−')
        && !before.is_alphanumeric()
    {
        signed = true;
        negative = c != '+';
        at = c.len_utf8();
    }
    let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(&text[at..]);
    if whole == 0 {
        return None;
    }
    let mut written = text[at..at + whole].to_owned();
    at += whole;
    // Thousands may be set apart by commas.
    while text[at..].starts_with(',')
        && digits(&text[at + 1..]) == 3
        && written.len() <= 12
        && !written.contains('.')
    {
        written.push_str(&text[at + 1..at + 4]);
        at += 4;
    }
    let mut decimals = 0_i32;
    if text[at..].starts_with('.') {
        let n = digits(&text[at + 1..]);
        if n > 0 {
            written.push_str(&text[at..=at + n]);
            decimals = i32::try_from(n).ok()?;
            at += n + 1;
        }
    }
    let mut power = 0_i32;
    if let Some((exponent, length)) = exponent(&text[at..]) {
        power = exponent;
        at += length;
    }
    let mut value: f64 = written.parse().ok()?;
    value *= 10_f64.powi(power);
    let mut tolerance = 0.5 * 10_f64.powi(power - decimals);
    let after = text[at..].trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    if after.starts_with('%') {
        value /= 100.0;
        tolerance /= 100.0;
        at = text.len() - after.len() + 1;
    }
    let value = if negative { -value } else { value };
    Some((
        Written {
            value,
            tolerance,
            signed,
        },
        at,
    ))
}

/// `e-5`, `E+3`, `×10^-5`, ` x 10-5`, and how many bytes they take.
fn exponent(text: &str) -> Option<(i32, usize)> {
    let mut rest = text;
    if let Some(after) = rest.strip_prefix(['e', 'E']) {
        rest = after;
    } else {
        rest = rest.trim_start_matches(' ');
        rest = rest.strip_prefix(['×', 'x', '*'])?.trim_start_matches(' ');
        rest = rest.strip_prefix("10")?;
        rest = rest.strip_prefix('^').unwrap_or(rest);
    }
    let negative = rest.starts_with(['-', '−']);
    rest = rest.strip_prefix(['-', '−', '+']).unwrap_or(rest);
    let n = rest.bytes().take_while(u8::is_ascii_digit).count();
    if n == 0 || n > 3 {
        return None;
    }
    let power: i32 = rest[..n].parse().ok()?;
    let length = text.len() - rest.len() + n;
    Some((if negative { -power } else { power }, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Token> {
        let names = ["HLA-A", "HLA-A:1", "Ubi4", "Proteasome 20S"].map(str::to_owned);
        tokens(text, &names)
    }

    #[test]
    fn names_are_found_whole_and_longest_first() {
        assert_eq!(of("HLA-A:1"), vec![Token::Name(1)]);
        assert_eq!(of("Ubi42"), vec![Token::Word("Ubi42".to_owned())]);
        assert_eq!(
            of("the Proteasome 20S, Ubi4."),
            vec![
                Token::Word("the".to_owned()),
                Token::Name(3),
                Token::Mark(','),
                Token::Name(2),
                Token::Stop
            ]
        );
    }

    #[test]
    fn numbers_keep_their_precision() {
        let only = |text: &str| match of(text).as_slice() {
            [Token::Number(n)] => *n,
            other => panic!("{text}: {other:?}"),
        };
        assert!(only("6.84").is(6.8396));
        assert!(!only("6.85").is(6.8396));
        assert!(only("1.2").is(-1.21) && !only("+1.2").is(-1.21) && only("−1.2").is(-1.21));
        assert!(only("2.5e-5").is(2.46e-5) && !only("2.5e-5").is(2.46e-4));
        assert!(only("2.5 × 10^-5").is(2.46e-5));
        assert!(only("40 %").is(0.4) && only("1,978").is(1978.0));
        assert_eq!(of("3-fold").len(), 3, "a number, a mark and a word");
    }
}
