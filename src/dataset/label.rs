//! Names as people and producers write them: canonical forms, run paths, common prefixes and suffixes.

/// Lower-case letters and digits only, so that `LFQ.intensity.A 1` and `LFQ intensity A_1` compare equal.
pub(crate) fn canonical(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The key under which two spellings of one sample name meet: lower case, no separators, except that two numbers stay
/// apart (`S1_1` is not `S11`) and `+` counts (`CD4+` is not `CD4-`).
pub(crate) fn match_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if !c.is_alphanumeric() && c != '+' {
            gap = true;
            continue;
        }
        let between_numbers = c.is_ascii_digit() && key.ends_with(|b: char| b.is_ascii_digit());
        if gap && between_numbers {
            key.push('.');
        }
        gap = false;
        // The micro sign and the Greek letter look the same.
        key.extend(c.to_lowercase().map(|c| if c == 'µ' { 'μ' } else { c }));
    }
    key
}

/// A name as R's `make.names` writes it: other characters become points, and an X goes before a leading digit.
pub(crate) fn r_name(text: &str) -> String {
    let body: String = text
        .chars()
        .map(|c| if is_r_character(c) { c } else { '.' })
        .collect();
    let bytes = body.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    if digit(0) || body.starts_with('_') || (body.starts_with('.') && digit(1)) {
        format!("X{body}")
    } else {
        body
    }
}

fn is_r_character(c: char) -> bool {
    c.is_alphanumeric() || c == '.' || c == '_'
}

/// The numbers and words of a name, without leading zeros and without words that announce a replicate: `Ctrl_rep03`,
/// `Ctrl_R3` and `ctrl3` all become `ctrl.3`.
pub(crate) fn numbered_key(text: &str) -> String {
    const ANNOUNCE: [&str; 9] = [
        "rep",
        "replicate",
        "r",
        "n",
        "biorep",
        "br",
        "bio",
        "repl",
        "sample",
    ];
    let mut parts: Vec<String> = Vec::new();
    for word in words(text) {
        let mut rest = word.as_str();
        while let Some(first) = rest.chars().next() {
            let digits = first.is_ascii_digit();
            let end = rest
                .find(|c: char| c.is_ascii_digit() != digits)
                .unwrap_or(rest.len());
            let (part, tail) = rest.split_at(end);
            rest = tail;
            if digits {
                if parts.len() > 1 && parts.last().is_some_and(|p| ANNOUNCE.contains(&p.as_str())) {
                    parts.pop();
                }
                let short = part.trim_start_matches('0');
                parts.push(if short.is_empty() { "0" } else { short }.to_string());
            } else {
                parts.push(part.to_string());
            }
        }
    }
    parts.join(".")
}

/// What follows `prefix` in `text`, compared by letters and digits only; none when `text` does not begin with it, goes
/// on without a break, or ends there.
pub(crate) fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let mut wanted = prefix
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .peekable();
    let mut rest = text.char_indices();
    while let Some(w) = wanted.peek().copied() {
        let (_, c) = rest.next()?;
        if !c.is_alphanumeric() {
            continue;
        }
        if !c.to_lowercase().eq(std::iter::once(w)) {
            return None;
        }
        wanted.next();
    }
    let tail = rest.as_str();
    let label = tail.trim_start_matches([' ', '.', '_', ':', '-']);
    (label.len() < tail.len() && !label.is_empty()).then_some(label.trim_end())
}

/// What precedes `suffix` in `text`, compared by letters and digits only; none when it is not there or nothing is left.
pub(crate) fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let mut wanted: Vec<char> = suffix
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let mut end = text.len();
    while let Some(&w) = wanted.last() {
        let (at, c) = text[..end].char_indices().next_back()?;
        end = at;
        if !c.is_alphanumeric() {
            continue;
        }
        if !c.to_lowercase().eq(std::iter::once(w)) {
            return None;
        }
        wanted.pop();
    }
    let head = &text[..end];
    let label = head.trim_end_matches([' ', '.', '_', ':', '-']);
    (label.len() < head.len() && !label.is_empty()).then_some(label.trim_start())
}

/// Endings of run files and archives, longest first.
const RUN_ENDINGS: [&str; 16] = [
    ".mzml.gz",
    ".mzxml.gz",
    ".mzml",
    ".mzxml",
    ".wiff2",
    ".wiff",
    ".raw",
    ".dia",
    ".htrms",
    ".d",
    ".mgf",
    ".tdf",
    ".fcs",
    ".gz",
    ".txt",
    ".tsv",
];

/// A run path without its folders (either slash) and without the ending of a run file.
pub(crate) fn run_name(path: &str) -> &str {
    let mut name = path.trim().trim_end_matches(['/', '\\']);
    // A slash between spaces divides; it leads to no folder.
    if !name.contains(" / ") {
        name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    }
    for ending in RUN_ENDINGS {
        let at = name.len().saturating_sub(ending.len());
        if at > 0 && name.is_char_boundary(at) && name[at..].eq_ignore_ascii_case(ending) {
            return &name[..at];
        }
    }
    name
}

/// Length in bytes of the longest prefix all texts share, cut back to the last separator so that no word or number is
/// split; 0 for fewer than two texts.
pub(crate) fn common_prefix(texts: &[&str]) -> usize {
    let Some((first, others)) = texts.split_first().filter(|(_, o)| !o.is_empty()) else {
        return 0;
    };
    let mut length = first.len();
    for other in others {
        length = first
            .char_indices()
            .zip(other.chars())
            .find(|((_, a), b)| a != b)
            .map_or(first.len().min(other.len()), |((at, _), _)| at)
            .min(length);
    }
    first[..length].rfind(is_separator).map_or(0, |at| at + 1)
}

/// Length in bytes of the longest suffix all texts share, cut back to a separator; 0 for fewer than two texts.
pub(crate) fn common_suffix(texts: &[&str]) -> usize {
    let reversed: Vec<String> = texts.iter().map(|t| t.chars().rev().collect()).collect();
    let views: Vec<&str> = reversed.iter().map(String::as_str).collect();
    common_prefix(&views)
}

/// Whether a character separates the parts of a name.
pub(crate) fn is_separator(c: char) -> bool {
    matches!(c, '_' | '-' | '.' | ' ' | ':' | '/' | '\\' | '+')
}

/// The parts of a name between separators, in lower case, with `camelCase` cut too.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut before = ' ';
    for c in text.chars() {
        let turn = before.is_lowercase() && c.is_uppercase();
        if !c.is_alphanumeric() || turn {
            out.extend((!current.is_empty()).then(|| std::mem::take(&mut current)));
        }
        if c.is_alphanumeric() {
            current.extend(c.to_lowercase());
        }
        before = c;
    }
    out.extend((!current.is_empty()).then_some(current));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_suffixes_ignore_punctuation() {
        assert_eq!(
            strip_prefix("LFQ.intensity.Ubi4_1", "LFQ intensity"),
            Some("Ubi4_1")
        );
        assert_eq!(
            strip_prefix("LFQ intensity MIAPACA + AG205 1", "lfq intensity"),
            Some("MIAPACA + AG205 1")
        );
        assert_eq!(strip_prefix("Intensity", "Intensity"), None);
        assert_eq!(strip_prefix("IntensityX", "Intensity"), None);
        assert_eq!(
            strip_suffix("PGRMC1_1 MaxLFQ Intensity", "maxlfq intensity"),
            Some("PGRMC1_1")
        );
        assert_eq!(strip_suffix("Intensity", "Intensity"), None);
    }

    #[test]
    fn run_paths_of_both_kinds() {
        assert_eq!(run_name(r"Q:\A\B\run_01.raw"), "run_01");
        assert_eq!(run_name("/data/x/run 2.mzML"), "run 2");
        assert_eq!(run_name("plain.name"), "plain.name");
        assert_eq!(run_name("C:\\data\\run3.d\\"), "run3");
    }

    #[test]
    fn common_affixes_stop_at_separators() {
        assert_eq!(common_prefix(&["HF_M200_1", "HF_M300_1"]), 3);
        assert_eq!(common_prefix(&["S001", "S002"]), 0);
        assert_eq!(common_suffix(&["a_1_DIA", "b_2_DIA"]), 4);
        assert_eq!(common_prefix(&["only"]), 0);
    }

    #[test]
    fn keys_keep_apart_what_is_not_the_same() {
        assert_eq!(
            match_key("LFQ.intensity.A 1"),
            match_key("lfq intensity A_1")
        );
        assert_eq!(match_key("C3L-00606-N"), match_key("C3L.00606.N"));
        assert_ne!(match_key("S1_1"), match_key("S11"));
        assert_ne!(match_key("CD4+_1"), match_key("CD4-_1"));
        assert_eq!(match_key("10 µM"), match_key("10 μM"));
        assert_eq!(r_name("MIAPACA + AG205 1"), "MIAPACA...AG205.1");
        assert_eq!(r_name("1_ctrl"), "X1_ctrl");
        assert_eq!(numbered_key("Ctrl_rep03"), "ctrl.3");
        assert_eq!(numbered_key("ctrl3"), "ctrl.3");
        assert_eq!(numbered_key("R3"), "r.3");
        assert_ne!(numbered_key("Ctrl_30"), numbered_key("Ctrl_3"));
    }

    #[test]
    fn words_cut_camel_case() {
        assert_eq!(words("Proteomics_TMT_plex"), ["proteomics", "tmt", "plex"]);
        assert_eq!(words("bioRep"), ["bio", "rep"]);
        assert_eq!(words("SampleName"), ["sample", "name"]);
    }
}
