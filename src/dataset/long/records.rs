//! Cuts a stream of delimited text into records without copying a cell: the same records as the `csv` crate gives, with
//! the line each begins in, in memory of the longest record.

use std::io::Read;

use memchr::{memchr, memchr_iter, memchr3};

/// What is read at once.
const BLOCK: usize = 1 << 20;
/// A longer record is none: a quotation mark without its partner, or no table at all.
const LONGEST: usize = 256 << 20;

/// Why there is no next record.
#[derive(Debug)]
pub(super) enum Fault {
    /// The stream cannot be read on.
    Io(std::io::Error),
    /// A record does not end.
    Endless {
        /// The line it begins in.
        line: usize,
    },
}

/// The records of a stream; the one read last is in the buffer.
pub(super) struct Records<R> {
    reader: R,
    delimiter: u8,
    quoting: bool,
    buffer: Vec<u8>,
    filled: usize,
    ended: bool,
    /// Where the record begins and where the next one does.
    start: usize,
    next: usize,
    /// Bounds of the cells, counted from `start`.
    cells: Vec<(usize, usize)>,
    /// Line ends before the record, and in it.
    lines_before: usize,
    lines_within: usize,
    bytes_before: u64,
    last: Option<u8>,
    longest: usize,
}

impl<R: Read> Records<R> {
    /// The records of a text from where the reader stands.
    pub fn new(reader: R, delimiter: u8, quoting: bool) -> Self {
        Self {
            reader,
            delimiter,
            quoting,
            buffer: vec![0; BLOCK],
            filled: 0,
            ended: false,
            start: 0,
            next: 0,
            cells: Vec::new(),
            lines_before: 0,
            lines_within: 0,
            bytes_before: 0,
            last: None,
            longest: LONGEST,
        }
    }

    /// Goes to the next record, passing over empty lines; false at the end of the text.
    pub fn advance(&mut self) -> Result<bool, Fault> {
        self.start = self.next;
        self.lines_before += std::mem::take(&mut self.lines_within);
        self.cells.clear();
        loop {
            match self.byte(0)? {
                None => return Ok(false),
                Some(b'\n') => self.lines_before += 1,
                Some(b'\r') => {}
                Some(_) => break,
            }
            self.start += 1;
            self.next = self.start;
        }
        let mut at = 0;
        loop {
            let (from, to);
            (from, to, at) = match self.byte(at)? {
                Some(b'"') if self.quoting => self.quoted(at + 1)?,
                _ => {
                    let end = self.unquoted(at)?;
                    (at, end, end)
                }
            };
            self.cells.push((from, to));
            match self.byte(at)? {
                Some(b) if b == self.delimiter => at += 1,
                end => {
                    self.lines_within += usize::from(end == Some(b'\n'));
                    self.next = self.start + at + usize::from(end.is_some());
                    return Ok(true);
                }
            }
        }
    }

    /// The bounds of the cells in [`Self::bytes`].
    pub fn cells(&self) -> &[(usize, usize)] {
        &self.cells
    }

    /// The record, with the delimiters and quotation marks between its cells.
    pub fn bytes(&self) -> &[u8] {
        let end = self.cells.last().map_or(0, |c| c.1);
        &self.buffer[self.start..self.start + end]
    }

    /// A cell; empty beyond the end of the record.
    pub fn cell(&self, column: usize) -> &[u8] {
        let (from, to) = self.cells.get(column).copied().unwrap_or_default();
        &self.buffer[self.start + from..self.start + to]
    }

    /// Cells up to the last that is not blank.
    pub fn used_width(&self) -> usize {
        (0..self.cells.len())
            .rev()
            .find(|&j| !is_blank(self.cell(j)))
            .map_or(0, |j| j + 1)
    }

    /// 1-based line, below where the reader stood at first, in which the record begins.
    pub fn line(&self) -> usize {
        self.lines_before + 1
    }

    /// Bytes of the text read so far.
    pub fn position(&self) -> u64 {
        self.bytes_before + self.filled as u64
    }

    /// The last byte of the text read so far.
    pub fn last_byte(&self) -> Option<u8> {
        self.last
    }

    /// The end of a cell that is not quoted, or of what follows the quotation mark of one that is.
    fn unquoted(&mut self, from: usize) -> Result<usize, Fault> {
        let mut at = from;
        loop {
            let unread = &self.buffer[self.start + at..self.filled];
            if let Some(found) = memchr3(self.delimiter, b'\n', b'\r', unread) {
                return Ok(at + found);
            }
            at = self.filled - self.start;
            if !self.fill()? {
                return Ok(at);
            }
        }
    }

    /// A cell from behind its opening quotation mark: its bounds once the marks are taken out, and where it ends.
    fn quoted(&mut self, from: usize) -> Result<(usize, usize, usize), Fault> {
        let (mut to, mut at) = (from, from);
        loop {
            let unread = &self.buffer[self.start + at..self.filled];
            let found = memchr(b'"', unread);
            let length = found.unwrap_or(unread.len());
            self.lines_within += memchr_iter(b'\n', &unread[..length]).count();
            self.keep(at, length, to);
            (at, to) = (at + length, to + length);
            if found.is_none() {
                if self.fill()? {
                    continue;
                }
                return Ok((from, to, at));
            }
            at += 1;
            match self.byte(at)? {
                Some(b'"') => {
                    self.keep(at, 1, to);
                    (at, to) = (at + 1, to + 1);
                }
                Some(b) if b != self.delimiter && b != b'\n' && b != b'\r' => {
                    let end = self.unquoted(at)?;
                    self.keep(at, end - at, to);
                    return Ok((from, to + end - at, end));
                }
                _ => return Ok((from, to, at)),
            }
        }
    }

    /// Moves bytes of the record to the left.
    fn keep(&mut self, at: usize, length: usize, to: usize) {
        if at != to {
            let source = self.start + at;
            self.buffer
                .copy_within(source..source + length, self.start + to);
        }
    }

    /// The byte so far behind the start of the record; none at the end of the text.
    fn byte(&mut self, at: usize) -> Result<Option<u8>, Fault> {
        while self.start + at >= self.filled {
            if !self.fill()? {
                return Ok(None);
            }
        }
        Ok(Some(self.buffer[self.start + at]))
    }

    /// Reads on; false at the end of the text.
    fn fill(&mut self) -> Result<bool, Fault> {
        if self.ended {
            return Ok(false);
        }
        if self.filled == self.buffer.len() {
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.filled, 0);
                self.bytes_before += self.start as u64;
                self.filled -= self.start;
                self.next = self.next.saturating_sub(self.start);
                self.start = 0;
            } else if self.buffer.len() >= self.longest {
                return Err(Fault::Endless { line: self.line() });
            } else {
                self.buffer.resize(2 * self.buffer.len(), 0);
            }
        }
        loop {
            match self.reader.read(&mut self.buffer[self.filled..]) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(false);
                }
                Ok(n) => {
                    self.filled += n;
                    self.last = Some(self.buffer[self.filled - 1]);
                    return Ok(true);
                }
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(Fault::Io(e)),
            }
        }
    }
}

/// Whether a cell holds no more than spaces, as in [`str::trim`].
pub(super) fn is_blank(cell: &[u8]) -> bool {
    match cell.first() {
        None => true,
        Some(b) if b.is_ascii_graphic() => false,
        _ => std::str::from_utf8(cell).is_ok_and(|text| text.trim().is_empty()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use proptest::prelude::*;

    use super::*;

    /// Gives a few bytes at a time.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let n = self.1.min(self.0.len()).min(buffer.len());
            buffer[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    type Cut = Vec<(usize, Vec<Vec<u8>>)>;

    fn ours(text: &[u8], step: usize, block: usize, quoting: bool) -> Cut {
        let mut records = Records::new(Drip(text, step), b',', quoting);
        records.buffer = vec![0; block];
        let mut out = Vec::new();
        while records.advance().unwrap() {
            let cells = (0..records.cells().len()).map(|j| records.cell(j).to_vec());
            out.push((records.line(), cells.collect()));
        }
        assert_eq!(records.last_byte(), text.last().copied());
        assert_eq!(records.position(), text.len() as u64);
        out
    }

    fn theirs(text: &[u8], quoting: bool) -> Vec<Vec<Vec<u8>>> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .quoting(quoting)
            .from_reader(text);
        let records = reader.byte_records().map(Result::unwrap);
        records
            .map(|r| r.iter().map(<[u8]>::to_vec).collect())
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn records_are_those_of_the_csv_crate(
            parts in prop::collection::vec(prop::sample::select(vec!["a", "bc", ",", "\n", "\r\n", "\r", "\"", "\"\"", " ", "é"]), 0..40),
            step in 1..9usize,
            block in 1..9usize,
            quoting: bool,
        ) {
            let text = parts.concat().into_bytes();
            let cut = ours(&text, step, block, quoting);
            let cells: Vec<Vec<Vec<u8>>> = cut.iter().map(|(_, cells)| cells.clone()).collect();
            prop_assert_eq!(cells, theirs(&text, quoting));
        }
    }

    #[test]
    fn lines_are_those_of_an_editor() {
        let text = b"\n\na,b\r\n\r\n\"x\ny\",c\nd,e\r\nf";
        let lines: Vec<usize> = ours(text, 3, 4, true).iter().map(|r| r.0).collect();
        assert_eq!(lines, [3, 5, 7, 8]);
    }

    #[test]
    fn a_quotation_mark_without_its_partner_takes_no_more_than_its_share() {
        let endless = Read::chain(&b"\"a"[..], std::io::repeat(b'\n'));
        let mut records = Records::new(endless, b',', true);
        records.longest = 4 * BLOCK;
        assert!(matches!(records.advance(), Err(Fault::Endless { line: 1 })));
    }
}
