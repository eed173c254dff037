//! Cells that no spreadsheet runs.

/// What a formula begins with, full-width forms included; the apostrophe is in it so that reading can tell ours from one
/// that was typed.
const BEGINNINGS: [char; 12] = [
    '=', '+', '-', '@', '|', '%', '\'', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{2212}',
];

fn needs_guard(text: &str) -> bool {
    let first = text.trim_start().chars().next();
    first.is_some_and(|c| BEGINNINGS.contains(&c)) || text.starts_with(['\t', '\r', '\n'])
}

/// The text with an apostrophe in front where a spreadsheet could run it.
pub(super) fn inert(text: &str) -> String {
    if needs_guard(text) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// The text that [`inert`] was given.
pub(super) fn original(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if needs_guard(rest) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_inert_and_plain_text_stays() {
        assert_eq!(inert("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(inert("  @SUM(A1)"), "'  @SUM(A1)");
        assert_eq!(inert("'quoted'"), "''quoted'");
        assert_eq!(inert("5"), "5");
        assert_eq!(original("'typed by hand"), "'typed by hand");
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "['=+\\-@ \\t\\n\\ra1|%−]{0,6}|.{0,12}") {
            let guarded = inert(&text);
            prop_assert_eq!(original(&guarded), text.as_str());
            let first = guarded.trim_start().chars().next();
            prop_assert!(!first.is_some_and(|c| "=+-@".contains(c)));
        }
    }
}
