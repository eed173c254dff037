//! Reasoning that some models write before their answer.

/// The text without what stands in `<think>`…`</think>`; a block that is never closed is taken out to its end, and what
/// stands before a closing tag that was never opened, too (templates of some models open it in the question).
pub fn without_reasoning(text: &str) -> String {
    const OPEN: &str = "<think>";
    const CLOSE: &str = "</think>";
    let mut rest = match (text.find(OPEN), text.find(CLOSE)) {
        (open, Some(close)) if open.is_none_or(|open| close < open) => &text[close + CLOSE.len()..],
        _ => text,
    };
    let mut kept = String::new();
    while let Some(open) = rest.find(OPEN) {
        kept.push_str(&rest[..open]);
        rest = match rest[open..].find(CLOSE) {
            Some(close) => &rest[open + close + CLOSE.len()..],
            None => "",
        };
    }
    kept.push_str(rest);
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::without_reasoning;

    #[test]
    fn blocks_are_taken_out_closed_unclosed_and_unopened() {
        for (text, answer) in [
            ("<think>a</think>b", "b"),
            ("a <think>b</think> c <think>d", "a  c"),
            ("<think>never ends", ""),
            ("thoughts</think>\n\nanswer", "answer"),
            ("thoughts</think>a<think>b</think>c", "ac"),
            ("plain", "plain"),
        ] {
            assert_eq!(without_reasoning(text), answer, "{text}");
        }
    }
}
