//! Channels of isobaric multiplexes: sheets name them by mass (`127N`), MaxQuant numbers them from 0 or 1.

use super::formats::SampleColumn;
use super::label::{match_key, words};
use super::sheet::Sheet;

/// Reporters of the 18-plex in order; smaller kits take the first ones.
const TMT: [&str; 18] = [
    "126", "127n", "127c", "128n", "128c", "129n", "129c", "130n", "130c", "131n", "131c", "132n",
    "132c", "133n", "133c", "134n", "134c", "135n",
];
const TMT6: [&str; 6] = ["126", "127", "128", "129", "130", "131"];
const ITRAQ4: [&str; 4] = ["114", "115", "116", "117"];
const ITRAQ8: [&str; 8] = ["113", "114", "115", "116", "117", "118", "119", "121"];

/// The mass of a channel in `TMT127N`, `tmt10plex-127_N` or `127N`, in lower case.
pub(crate) fn mass(text: &str) -> Option<String> {
    let plain = match_key(text);
    let at = (0..plain.len().saturating_sub(2)).rev().find(|&at| {
        let mass = plain
            .get(at..at + 3)
            .is_some_and(|m| m.bytes().all(|b| b.is_ascii_digit()) && ("113"..="135").contains(&m));
        mass && !plain[..at].ends_with(|c: char| c.is_ascii_digit())
    })?;
    let rest = &plain[at..];
    let known = rest.len() == 3 || (rest.len() == 4 && rest.ends_with(['n', 'c']));
    known.then(|| rest.to_string())
}

/// The place of each channel in its kit, counted from 0; none where the texts are no channels of one kit.
fn places(channels: &[&str]) -> Option<Vec<usize>> {
    // MaxQuant's own numbers of channels.
    let numbers: Option<Vec<usize>> = channels.iter().map(|c| c.trim().parse().ok()).collect();
    if let Some(numbers) = numbers.filter(|n| n.iter().all(|&n| n <= TMT.len())) {
        let first = usize::from(!numbers.contains(&0));
        return Some(numbers.iter().map(|n| n - first).collect());
    }
    let masses: Vec<String> = channels.iter().map(|c| mass(c)).collect::<Option<_>>()?;
    let place = |kit: &[&str], m: &str| kit.iter().position(|k| *k == m);
    let halves = masses.iter().any(|m| m.len() == 4);
    for kit in [&TMT[..], &TMT6, &ITRAQ4, &ITRAQ8] {
        let found: Option<Vec<usize>> = masses
            .iter()
            .map(|m| {
                place(kit, m).or_else(|| {
                    // The 10-plex calls its last channel 131.
                    (kit.len() == TMT.len() && halves && m == "131").then_some(9)
                })
            })
            .collect();
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Whether a header names the channel of a sample.
pub(crate) fn is_channel_header(header: &str) -> bool {
    words(header)
        .iter()
        .any(|w| matches!(w.as_str(), "channel" | "label" | "tag" | "reporter" | "tmt"))
}

/// Names of the rows by the number of their channel, alone or with another column, as MaxQuant heads its columns; older
/// versions count channels from 0.
pub(crate) fn names(sheet: &Sheet, columns: &[SampleColumn]) -> Vec<(Vec<usize>, Vec<String>)> {
    let mut out = Vec::new();
    let from_zero = columns
        .iter()
        .any(|c| words(&c.label).iter().any(|w| w == "0"));
    let first = usize::from(!from_zero);
    for j in (0..sheet.header.len()).filter(|&j| is_channel_header(&sheet.header[j])) {
        let Some(places) = places(&sheet.column(j)) else {
            continue;
        };
        let numbers: Vec<String> = places.iter().map(|p| (p + first).to_string()).collect();
        for other in (0..sheet.header.len()).filter(|o| *o != j) {
            let cells = sheet.column(other);
            let join = |k: usize, front: bool| match (cells[k], &numbers[k]) {
                ("", _) => String::new(),
                (cell, number) if front => format!("{number}_{cell}"),
                (cell, number) => format!("{cell}_{number}"),
            };
            for front in [true, false] {
                let names = (0..cells.len()).map(|k| join(k, front)).collect();
                out.push((vec![j, other], names));
            }
        }
        out.push((vec![j], numbers));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masses_are_read_out_of_labels() {
        assert_eq!(mass("TMT127N").as_deref(), Some("127n"));
        assert_eq!(mass("tmt10plex-127_C").as_deref(), Some("127c"));
        assert_eq!(mass("126").as_deref(), Some("126"));
        assert_eq!(mass("label free sample"), None);
        assert_eq!(mass("1264"), None);
    }

    #[test]
    fn places_follow_the_kit() {
        assert_eq!(places(&["126", "127N", "131C"]), Some(vec![0, 1, 10]));
        assert_eq!(places(&["126", "127N", "131"]), Some(vec![0, 1, 9]));
        assert_eq!(places(&["126", "127", "131"]), Some(vec![0, 1, 5]));
        assert_eq!(places(&["113", "121"]), Some(vec![0, 7]));
        assert_eq!(places(&["126", "ctrl"]), None);
        assert_eq!(places(&["1", "2", "10"]), Some(vec![0, 1, 9]));
    }
}
