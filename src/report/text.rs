//! Text that came from a file, made safe to show; numbers as people read them.

use serde_json::Value;
use unicode_general_category::{GeneralCategory, get_general_category};

/// Longest run of characters shown of a sentence.
pub const SENTENCE: usize = 600;
/// Longest run of characters shown of a name in a table or figure.
pub const NAME: usize = 80;

/// The text on one line, with control, direction-changing and unseen characters replaced by `�` and anything beyond `limit`
/// characters replaced by a note of the full length.
pub fn tidy(text: &str, limit: usize) -> String {
    let mut kept: String = text.chars().take(limit).map(visible).collect();
    let length = text.chars().count();
    if length > limit {
        kept.push_str(&format!("… [{} characters]", thousands(length)));
    }
    kept
}

fn visible(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        // Within a word it only says where a line may break.
        '\u{ad}' => c,
        c if get_general_category(c) == GeneralCategory::Format => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// Tidies every text (keys included) of a value, in place.
pub fn tidy_all(value: &mut Value, limit: usize) {
    match value {
        Value::String(text) => *text = tidy(text, limit),
        Value::Array(items) => items.iter_mut().for_each(|item| tidy_all(item, limit)),
        Value::Object(fields) => {
            for (key, mut field) in std::mem::take(fields) {
                tidy_all(&mut field, limit);
                fields.insert(tidy(&key, limit), field);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A cell of a tab-separated file: one line, and not a formula when a spreadsheet opens it. Numbers stay as they are;
/// other text that starts with a sign of a formula gets an apostrophe in front.
pub fn tsv_cell(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let first = line.trim_start().chars().next();
    let formula = first.is_some_and(|c| "=+-@|%\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".contains(c));
    if formula && line.trim().parse::<f64>().is_err() {
        format!("'{line}")
    } else {
        line
    }
}

/// A whole number with thousands separated by commas.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// An effect with its sign: two decimals, three significant digits below 0.1; a dash where there is none.
pub fn signed(number: f64) -> String {
    if !number.is_finite() {
        return "–".to_owned();
    }
    let text = decimal(number.abs());
    match number {
        n if n < 0.0 => format!("−{text}"),
        n if n > 0.0 => format!("+{text}"),
        _ => text,
    }
}

/// A plain number of any size, for people.
pub fn decimal(number: f64) -> String {
    if !number.is_finite() {
        return "–".to_owned();
    }
    let size = number.abs();
    let text = match size {
        0.0 => "0".to_owned(),
        s if !(1e-3..1e6).contains(&s) => format!("{size:.1e}"),
        s if s >= 1e3 => thousands(size.round() as usize),
        s if s >= 100.0 => format!("{size:.0}"),
        s if s >= 0.1 => format!("{size:.2}"),
        _ => format!("{size:.3}"),
    };
    if number < 0.0 {
        format!("−{text}")
    } else {
        text
    }
}

/// A probability: two significant digits; scientific below 0.001.
pub fn probability(p: f64) -> String {
    match p {
        p if p.is_nan() => "–".to_owned(),
        p if p >= 0.1 => format!("{p:.2}"),
        p if p >= 0.01 => format!("{p:.3}"),
        p if p >= 0.001 => format!("{p:.4}"),
        0.0 => "0".to_owned(),
        p => format!("{p:.1e}"),
    }
}

/// A q-value, as "< floor" where the number of decoys can show no smaller one.
pub fn q_value(q: f64, floor: f64) -> String {
    if at_floor(q, floor) {
        format!("< {}", probability(floor))
    } else {
        probability(q)
    }
}

/// Whether a q-value is as small as the number of decoys can show.
pub fn at_floor(q: f64, floor: f64) -> bool {
    floor > 0.0 && q <= floor * (1.0 + 1e-9)
}

/// The text with a full stop at its end, if it has no end of its own.
pub fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.is_empty() || text.ends_with(['.', '!', '?', ':', ';', '…', ']']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// `one thing` or `3 things`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{} {many}", thousands(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(signed(2.314), "+2.31");
        assert_eq!(signed(-0.05), "−0.050");
        assert_eq!(signed(f64::NAN), "–");
        assert_eq!(decimal(11_000.0), "11,000");
        assert_eq!(probability(0.000_012), "1.2e-5");
        assert_eq!(probability(0.0349), "0.035");
        assert_eq!(q_value(0.002, 0.002), "< 0.0020");
        assert_eq!(q_value(0.04, 0.002), "0.040");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }

    #[test]
    fn formulas_are_disarmed_and_numbers_are_not() {
        assert_eq!(tsv_cell("=1+1"), "'=1+1");
        assert_eq!(tsv_cell("  @SUM(A1)"), "'  @SUM(A1)");
        assert_eq!(tsv_cell("-1.5e-3"), "-1.5e-3");
        assert_eq!(tsv_cell("a\tb\nc"), "a b c");
    }

    #[test]
    fn long_and_hidden_text_is_shown_as_such() {
        assert_eq!(tidy(&"x".repeat(10_000), 3), "xxx… [10,000 characters]");
        let hostile = "a\u{202e}b\u{0}c\nd\u{e0041}";
        assert_eq!(tidy(hostile, 10), "a\u{fffd}b\u{fffd}c d\u{fffd}");
    }
}
