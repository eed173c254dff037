//! Texts as they are kept: no control marks, no direction marks, single spaces.

use unicode_general_category::{GeneralCategory, get_general_category};

/// A text in the form that is kept: line breaks end paragraphs, every other white space is one space; control characters,
/// marks that change the direction of writing, and characters of no width are dropped.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = None;
    for c in text.chars() {
        if c == '\n' || c == '\u{2029}' || c == '\u{2028}' {
            gap = Some('\n');
        } else if c.is_whitespace() {
            gap = gap.or(Some(' '));
        } else if c.is_control() || is_invisible(c) {
            continue;
        } else {
            if let Some(space) = gap.take()
                && !out.is_empty()
            {
                out.push(space);
            }
            out.push(c);
        }
    }
    out
}

fn is_invisible(c: char) -> bool {
    get_general_category(c) == GeneralCategory::Format
}

/// Elements that services put into abstracts for looks alone.
const INLINE: [&str; 10] = [
    "i",
    "b",
    "u",
    "sup",
    "sub",
    "em",
    "strong",
    "span",
    "jats:italic",
    "jats:bold",
];
/// Elements that begin or end a paragraph.
const BLOCKS: [&str; 12] = [
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "br",
    "title",
    "sec",
    "div",
    "jats:p",
    "jats:title",
];

/// A text of a service with its elements of layout taken out and its character entities read once. An element that is not
/// one of layout is text and stays.
pub fn without_layout(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (taken, kept) = element(rest).or_else(|| entity(rest)).unwrap_or_else(|| {
            let first = rest.chars().next().map_or(1, char::len_utf8);
            (first, rest[..first].to_owned())
        });
        out.push_str(&kept);
        rest = &rest[taken..];
    }
    out.push_str(rest);
    out
}

/// Length of an element of layout at the start, and what stands for it.
fn element(text: &str) -> Option<(usize, String)> {
    let end = text.strip_prefix('<')?.find('>')? + 1;
    let inside = text[1..end].trim_start_matches('/').trim_end_matches('/');
    let name = inside.split_whitespace().next()?.to_ascii_lowercase();
    if INLINE.contains(&name.as_str()) {
        Some((end + 1, String::new()))
    } else if BLOCKS.contains(&name.as_str()) {
        Some((end + 1, "\n".to_owned()))
    } else {
        None
    }
}

/// Length of a character entity at the start, and its character.
fn entity(text: &str) -> Option<(usize, String)> {
    let end = text.strip_prefix('&')?.find(';').filter(|end| *end <= 8)? + 1;
    let name = &text[1..end];
    let c = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((end + 1, c.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_turn_or_hide_text_are_dropped() {
        assert_eq!(clean("  a\u{202E}b\u{0}\tc \n\n d\u{200B} "), "ab c\nd");
    }

    #[test]
    fn layout_goes_and_other_elements_stay_text() {
        assert_eq!(
            clean(&without_layout(
                "<h4>Background</h4>CA<sup>2+</sup> &lt; 5 &amp; <script>x</script> a<b"
            )),
            "Background\nCA2+ < 5 & <script>x</script> a<b"
        );
    }

    #[test]
    fn broken_entities_and_elements_are_text() {
        for text in ["&", "&;", "&#x110000;", "<", "<>", "a & b; c", "&é;"] {
            assert_eq!(without_layout(text), text);
        }
    }
}
