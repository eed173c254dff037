//! Reading a cell as a number: missing-value codes, decimal commas, thousands separators.

/// How the numbers of a file are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Notation {
    /// `1234.5`
    #[default]
    Point,
    /// `1234,5`
    Comma,
    /// `1,234.5`
    Thousands,
    /// `1.234,5`
    PointThousands,
}

/// A cell of a column of measurements.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell {
    /// Nothing was measured.
    Missing,
    /// A finite number.
    Number(f64),
    /// Something else.
    Text,
}

/// What producers and spreadsheets, English and German ones, write where nothing was measured (compared in lower case).
const MISSING: [&str; 38] = [
    "",
    "na",
    "n/a",
    "nan",
    "null",
    "none",
    "-",
    "--",
    ".",
    "?",
    "#n/a",
    "#num!",
    "#div/0!",
    "#value!",
    "#ref!",
    "#name?",
    "#nv",
    "#wert!",
    "#zahl!",
    "#bezug!",
    "filtered",
    "inf",
    "-inf",
    "n.d.",
    "nd",
    "n.a.",
    "n. def.",
    "n.def.",
    "n. d.",
    "n. a.",
    "missing",
    "not detected",
    "not found",
    "lod",
    "<lod",
    "blq",
    "1.#qnan",
    "-1.#ind",
];

/// Whether a cell of a column of measurements says that nothing was measured.
pub(crate) fn is_missing(cell: &str) -> bool {
    cell.len() <= 12 && MISSING.iter().any(|m| cell.eq_ignore_ascii_case(m))
}

/// The cell as a number.
pub(crate) fn parse(cell: &str, notation: Notation) -> Cell {
    let cell = cell.trim();
    let closed_up = without_gaps(cell);
    let cell = closed_up.as_deref().unwrap_or(cell);
    let number = match notation {
        Notation::Point => cell.parse::<f64>(),
        Notation::Comma => cell.replace(',', ".").parse::<f64>(),
        Notation::Thousands => cell.replace(',', "").parse::<f64>(),
        Notation::PointThousands => cell.replace('.', "").replace(',', ".").parse::<f64>(),
    };
    match number {
        Ok(x) if x.is_finite() => Cell::Number(x),
        _ if is_missing(cell) => Cell::Missing,
        Ok(_) => Cell::Missing,
        Err(_) if cell.contains('\u{b7}') => cell
            .replace('\u{b7}', ".")
            .parse::<f64>()
            .map_or(Cell::Text, Cell::Number),
        Err(_) => Cell::Text,
    }
}

/// A number without the spaces or apostrophes between groups of three digits, as in `1 234 567` and `1'234'567`; none
/// where there are none.
fn without_gaps(cell: &str) -> Option<String> {
    let gap = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’');
    if !cell.starts_with(|c: char| c.is_ascii_digit() || c == '-') || !cell.contains(gap) {
        return None;
    }
    let mut parts = cell.trim_start_matches('-').split(gap);
    let first = parts.next()?;
    let mut rest: Vec<&str> = parts.collect();
    let last = rest.pop()?;
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let ending = last.split(['.', ',']).next()?;
    let grouped = digits(first)
        && first.len() <= 3
        && rest
            .iter()
            .chain([&ending])
            .all(|g| g.len() == 3 && digits(g));
    grouped.then(|| cell.chars().filter(|c| !gap(*c)).collect())
}

/// The notation that fits cells holding a comma; `None` when no cell does or none fits.
pub(crate) fn notation_of<'a>(cells: impl Iterator<Item = &'a str>) -> Option<Notation> {
    let (mut comma, mut thousands, mut seen) = (true, true, false);
    let (mut points, mut pointed) = (true, false);
    let mut several = false;
    for cell in cells {
        let cell = cell.trim();
        if !cell.contains(',')
            || !cell.starts_with(|c: char| c.is_ascii_digit() || "+-,".contains(c))
        {
            continue;
        }
        let as_comma =
            cell.matches(',').count() == 1 && cell.replace(',', ".").parse::<f64>().is_ok();
        let as_thousands = grouped_by_three(cell);
        let as_points = cell.split_once(',').is_some_and(|(whole, rest)| {
            grouped_by_three(&whole.replace('.', ",")) && rest.bytes().all(|b| b.is_ascii_digit())
        });
        if !as_comma && !as_thousands && !as_points {
            continue;
        }
        seen = true;
        points &= as_comma || as_points;
        pointed |= as_points && cell.contains('.');
        comma &= as_comma;
        thousands &= as_thousands;
        several |= as_thousands && (cell.matches(',').count() > 1 || cell.contains('.'));
    }
    match (seen, comma, thousands) {
        (false, ..) => None,
        _ if points && pointed => Some(Notation::PointThousands),
        (_, true, true) if several => Some(Notation::Thousands),
        (_, true, _) => Some(Notation::Comma),
        (_, false, true) => Some(Notation::Thousands),
        _ => None,
    }
}

fn grouped_by_three(cell: &str) -> bool {
    let whole = cell
        .trim_start_matches(['+', '-'])
        .split('.')
        .next()
        .unwrap_or_default();
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    (1..=3).contains(&first.len())
        && first != "0"
        && first.bytes().all(|b| b.is_ascii_digit())
        && groups.all(|g| g.len() == 3 && g.bytes().all(|b| b.is_ascii_digit()))
        && cell.replace(',', "").parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_every_kind() {
        assert_eq!(parse("1.5e3", Notation::Point), Cell::Number(1500.0));
        assert_eq!(parse(" 12,5 ", Notation::Comma), Cell::Number(12.5));
        assert_eq!(
            parse("1,234,567.5", Notation::Thousands),
            Cell::Number(1_234_567.5)
        );
        assert_eq!(parse("22\u{b7}64", Notation::Point), Cell::Number(22.64));
        assert_eq!(parse("#N/A", Notation::Point), Cell::Missing);
        assert_eq!(parse("-Inf", Notation::Point), Cell::Missing);
        assert_eq!(parse("12O", Notation::Point), Cell::Text);
    }

    #[test]
    fn notation_needs_evidence() {
        assert_eq!(notation_of(["1.5", "2"].into_iter()), None);
        assert_eq!(
            notation_of(["1,5", "22,25"].into_iter()),
            Some(Notation::Comma)
        );
        assert_eq!(
            notation_of(["1,234", "1,234,567"].into_iter()),
            Some(Notation::Thousands)
        );
        assert_eq!(notation_of(["P1, P2", "3.4, 5.6"].into_iter()), None);
        assert_eq!(
            notation_of(["1.234.567,89", "12,5", "4.000,1"].into_iter()),
            Some(Notation::PointThousands)
        );
    }

    #[test]
    fn thousands_are_set_apart_in_many_ways() {
        let spaced = [
            "1 234 567",
            "1\u{a0}234\u{a0}567",
            "1\u{202f}234\u{202f}567",
            "1'234'567",
        ];
        for cell in spaced {
            assert_eq!(
                parse(cell, Notation::Point),
                Cell::Number(1_234_567.0),
                "{cell}"
            );
        }
        assert_eq!(
            parse("1.234.567,5", Notation::PointThousands),
            Cell::Number(1_234_567.5)
        );
        assert_eq!(parse("12 5", Notation::Point), Cell::Text);
        assert_eq!(parse("#NV", Notation::Point), Cell::Missing);
        assert_eq!(parse("n. def.", Notation::Point), Cell::Missing);
    }
}
