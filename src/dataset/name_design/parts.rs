//! What one part of a sample name can be: a replicate number, a well, a person, a date, a time.

use super::is_separator;

/// The digits of `3`, `R3`, `rep3`, `Rep03`, `n3`.
pub(super) fn replicate_number(part: &str) -> Option<&str> {
    let digits = part.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let head = part[..part.len() - digits.len()].to_lowercase();
    let plain = matches!(
        head.as_str(),
        "" | "r"
            | "rep"
            | "replicate"
            | "biorep"
            | "bio"
            | "biol"
            | "br"
            | "tr"
            | "n"
            | "b"
            | "i"
            | "inj"
            | "techrep"
    );
    (plain && (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()))
        .then_some(digits)
}

/// `R3`, `rep3`, `br3`: a replicate of what stands before it, and no repeated measurement (`TR3`, `inj3`) of one sample.
pub(super) fn is_replicate(part: &str) -> bool {
    let lower = part.to_lowercase();
    let measured_again = ["tr", "techrep", "i", "inj"];
    replicate_number(part).is_some_and(|number| {
        let head = &lower[..lower.len() - number.len()];
        !measured_again.contains(&head)
    })
}

/// `A1` to `P24`: a well of a plate.
pub(super) fn is_well(part: &str) -> bool {
    let mut chars = part.chars();
    let row = chars.next().is_some_and(|c| ('A'..='P').contains(&c));
    let column = chars.as_str();
    row && column.bytes().all(|b| b.is_ascii_digit())
        && column.parse().is_ok_and(|n: u8| (1..=24).contains(&n))
}

/// `P3`, `donor2`, `mouse07`: a person or an animal.
pub(super) fn is_subject(part: &str) -> bool {
    let digits = part.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let head = part[..part.len() - digits.len()].to_lowercase();
    let named = matches!(
        head.as_str(),
        "p" | "pt"
            | "pat"
            | "patient"
            | "donor"
            | "d"
            | "subj"
            | "subject"
            | "mouse"
            | "animal"
            | "case"
    );
    named && (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

/// A name as group and replicate number: `Ubi4_1`, `control1`, `125amol_R2`.
pub(super) fn cut_replicate(name: &str) -> Option<(&str, &str)> {
    if let Some((head, number)) = name.strip_suffix(')').and_then(|n| n.rsplit_once('(')) {
        let head = head.trim_end_matches(is_separator);
        return replicate_number(number)
            .filter(|_| !head.is_empty())
            .map(|number| (head, number));
    }
    if let Some(at) = name.rfind(is_separator) {
        let width = name[at..].chars().next().map_or(1, char::len_utf8);
        if let Some(number) = replicate_number(&name[at + width..]) {
            let head = name[..at].trim_end_matches(is_separator);
            return (!head.is_empty()).then_some((head, number));
        }
    }
    let head = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &name[head.len()..];
    let letter_before = head.chars().next_back().is_some_and(char::is_alphabetic);
    (letter_before && (1..=2).contains(&number.len())).then_some((head, number))
}

/// `20210517`, `22052023`, `19AUG24`, `2021`-style months are not dates here.
pub(super) fn is_date(part: &str) -> bool {
    let digits = part.len() == 8 && part.bytes().all(|b| b.is_ascii_digit());
    let number = |at: usize| part.get(at..at + 2).and_then(|n| n.parse::<u8>().ok());
    let within = |at: usize, last: u8| number(at).is_some_and(|n| (1..=last).contains(&n));
    let year = |at: usize| matches!(number(at), Some(19 | 20));
    let year_first = year(0) && within(4, 12) && within(6, 31);
    let year_last =
        year(4) && within(0, 31) && within(2, 12) || year(4) && within(0, 12) && within(2, 31);
    let eight = digits && (year_first || year_last);
    let named = part.len() == 7 && {
        const MONTHS: [&str; 12] = [
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ];
        part.get(2..5)
            .is_some_and(|m| MONTHS.contains(&m.to_lowercase().as_str()))
    };
    eight || named
}

/// `0h`, `24hr`, `d7`, `day14`, `T30min`, `2wk`: a number with a unit of time on one side of it.
pub(super) fn is_time(part: &str) -> bool {
    const UNITS: [&str; 17] = [
        "s", "sec", "m", "min", "mins", "h", "hr", "hrs", "hour", "hours", "d", "day", "days", "w",
        "wk", "week", "weeks",
    ];
    let lower = part.to_lowercase();
    let head = lower.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let before = &lower[..lower.len() - head.len()];
    let after = head.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = &head[..head.len() - after.len()];
    let unit = |word: &str| UNITS.contains(&word);
    (1..=4).contains(&number.len())
        && ((unit(before) && after.is_empty()) || (unit(after) && matches!(before, "" | "t")))
}

/// `ctrl1` as `ctrl` and `1`: a name of one of several alike.
pub(super) fn numbered(part: &str) -> Option<(&str, &str)> {
    let head = part.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &part[head.len()..];
    (!head.is_empty() && (1..=3).contains(&number.len())).then_some((head, number))
}

/// `12C` as `12` and `C`: a numbered group and the letter of a replicate.
pub(super) fn lettered(name: &str) -> Option<(&str, &str)> {
    let (head, letter) = name.split_at_checked(name.len().checked_sub(1)?)?;
    let letters = letter.bytes().all(|b| b.is_ascii_alphabetic());
    (letters && head.ends_with(|c: char| c.is_ascii_digit())).then_some((head, letter))
}
