//! How many cells the content of an ODS workbook stands for: rows and cells say how often they are repeated, and a few
//! kilobytes may claim more than fits into memory.

use memchr::{memchr, memmem};

/// Filled cells, repeated ones counted as often as they are.
pub(super) fn claimed_cells(content: &[u8]) -> u64 {
    let (mut total, mut row, mut rows) = (0u64, 0u64, 1u64);
    let mut rest = content;
    while let Some(at) = memchr(b'<', rest) {
        rest = &rest[at + 1..];
        let tag = &rest[..memchr(b'>', rest).unwrap_or(rest.len())];
        if tag.starts_with(b"table:table-row") {
            rows = times(tag, b"number-rows-repeated=");
        } else if tag.starts_with(b"/table:table-row") {
            total = total.saturating_add(row.saturating_mul(rows));
            (row, rows) = (0, 1);
        } else if tag.starts_with(b"table:table-cell")
            || tag.starts_with(b"table:covered-table-cell")
        {
            let filled = [&b"value-type="[..], b"table:formula="]
                .iter()
                .any(|mark| memmem::find(tag, mark).is_some());
            let cells = times(tag, b"number-columns-repeated=");
            row = row.saturating_add(if filled { cells } else { 0 });
        }
    }
    total.saturating_add(row)
}

/// The number behind an attribute; 1 where there is none.
fn times(tag: &[u8], attribute: &[u8]) -> u64 {
    let Some(at) = memmem::find(tag, attribute) else {
        return 1;
    };
    let digits = tag[at + attribute.len()..]
        .iter()
        .skip(1)
        .take_while(|b| b.is_ascii_digit());
    digits.fold(0, |n: u64, b| {
        n.saturating_mul(10).saturating_add(u64::from(b - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_cells_count_and_empty_ones_do_not() {
        let content = br#"<table:table><table:table-row table:number-rows-repeated="1000"><table:table-cell
            office:value-type="float" office:value="1" table:number-columns-repeated="16384"/></table:table-row>
            <table:table-row><table:table-cell table:number-columns-repeated="99"/><table:table-cell
            office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row></table:table>"#;
        assert_eq!(claimed_cells(content), 16_384_001);
        assert_eq!(times(b"a=\"99999999999999999999999\"", b"a="), u64::MAX);
    }
}
