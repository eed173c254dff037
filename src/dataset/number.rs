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

/// What producers write where nothing was measured (compared in lower case).
const MISSING: [&str; 16] = [
    "", "na", "n/a", "nan", "null", "none", "-", "--", ".", "#n/a", "#num!", "#div/0!", "filtered",
    "inf", "-inf", "n.d.",
];

/// Whether a cell of a column of measurements says that nothing was measured.
pub(crate) fn is_missing(cell: &str) -> bool {
    cell.len() <= 8 && MISSING.iter().any(|m| cell.eq_ignore_ascii_case(m))
}

/// The cell as a number.
pub(crate) fn parse(cell: &str, notation: Notation) -> Cell {
    let cell = cell.trim();
    let number = match notation {
        Notation::Point => cell.parse::<f64>(),
        Notation::Comma => cell.replace(',', ".").parse::<f64>(),
        Notation::Thousands => cell.replace(',', "").parse::<f64>(),
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

/// The notation that fits cells holding a comma; `None` when no cell does or none fits.
pub(crate) fn notation_of<'a>(cells: impl Iterator<Item = &'a str>) -> Option<Notation> {
    let (mut comma, mut thousands, mut seen) = (true, true, false);
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
        if !as_comma && !as_thousands {
            continue;
        }
        seen = true;
        comma &= as_comma;
        thousands &= as_thousands;
        several |= as_thousands && (cell.matches(',').count() > 1 || cell.contains('.'));
    }
    match (seen, comma, thousands) {
        (false, ..) => None,
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
    }
}
