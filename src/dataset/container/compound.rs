//! The chains of sectors in an old workbook (Microsoft's compound file, MS-CFB 2.3). One that runs in a circle would be
//! followed until memory is full.

/// Numbers from here on end a chain.
const RESERVED: u32 = 0xffff_fffa;
const HEADER: usize = 512;

/// Whether a chain of sectors runs in a circle.
pub(super) fn runs_in_circles(bytes: &[u8]) -> bool {
    let Some(file) = Compound::of(bytes) else {
        return false;
    };
    let Some(table) = file.table() else {
        return true;
    };
    if has_circle(&table) {
        return true;
    }
    let start = file.number(60).unwrap_or(RESERVED);
    let small: Vec<u32> = chain(&table, start)
        .flat_map(|sector| file.sector(sector))
        .collect();
    has_circle(&small)
}

struct Compound<'a> {
    bytes: &'a [u8],
    size: usize,
}

impl<'a> Compound<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let shift = bytes.get(30..32)?;
        let size = match (shift[0], shift[1]) {
            (9, 0) => 512,
            (12, 0) => 4096,
            _ => return None,
        };
        bytes
            .starts_with(b"\xd0\xcf\x11\xe0")
            .then_some(Self { bytes, size })
    }

    fn number(&self, at: usize) -> Option<u32> {
        let four = self.bytes.get(at..at + 4)?;
        Some(u32::from_le_bytes(four.try_into().ok()?))
    }

    /// The numbers in a sector, as many as there are.
    fn sector(&self, sector: u32) -> impl Iterator<Item = u32> + use<'a> {
        let start = (sector as usize + 1).saturating_mul(self.size);
        let end = start.saturating_add(self.size).min(self.bytes.len());
        let cells = self.bytes.get(start..end).unwrap_or_default();
        cells
            .chunks_exact(4)
            .map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]))
    }

    /// The sector behind every sector; none where the list of the table's own sectors runs in a circle.
    fn table(&self) -> Option<Vec<u32>> {
        let mut parts: Vec<u32> = (76..HEADER)
            .step_by(4)
            .filter_map(|at| self.number(at))
            .collect();
        let mut next = self.number(68).unwrap_or(RESERVED);
        let most = self.bytes.len() / self.size + 1;
        for _ in 0..=most {
            if next >= RESERVED {
                let sectors = parts.into_iter().filter(|s| *s < RESERVED);
                return Some(sectors.flat_map(|s| self.sector(s)).collect());
            }
            let mut numbers: Vec<u32> = self.sector(next).collect();
            next = numbers.pop().unwrap_or(RESERVED);
            parts.extend(numbers);
        }
        None
    }
}

/// The sectors of a chain; the table is without circles.
fn chain(table: &[u32], start: u32) -> impl Iterator<Item = u32> {
    let inside = |sector: u32| ((sector as usize) < table.len()).then_some(sector);
    std::iter::successors(inside(start), move |s| inside(table[*s as usize]))
}

/// Whether following the table from any entry comes back to it.
fn has_circle(table: &[u32]) -> bool {
    // Of every entry the walk in which it was first met.
    let mut met = vec![0usize; table.len()];
    for start in 0..table.len() {
        let mut at = start;
        while at < table.len() && met[at] == 0 {
            met[at] = start + 1;
            at = table[at] as usize;
        }
        if at < table.len() && met[at] == start + 1 {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found_wherever_they_begin() {
        assert!(!has_circle(&[1, 2, RESERVED + 4, 2, 9]));
        assert!(has_circle(&[1, 2, 1]));
        assert!(has_circle(&[RESERVED, 1]));
        assert_eq!(chain(&[2, 9, 1], 0).collect::<Vec<_>>(), [0, 2, 1]);
    }

    #[test]
    fn only_old_workbooks_have_chains() {
        assert!(!runs_in_circles(b"PK\x03\x04"));
        assert!(!runs_in_circles(&[0; 600]));
    }
}
