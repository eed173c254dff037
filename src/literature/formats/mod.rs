//! Files of abstracts: as PubMed (text or XML) and Europe PMC give them out, or as a table or JSON lines of one's own; gzip or
//! not.
//!
//! The form goes by the content. A record that breaks a rule is named with its file, line and what to do, and then nothing of
//! the file is taken; what is no abstract of a paper (a paper that simply has none, a chapter of a book, a record that PubMed
//! deleted) is left out and counted. A paper whose record says that it was retracted says so in its title.

mod delimited;
mod europe_pmc;
mod fields;
mod json_lines;
mod medline;
mod pubmed_xml;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

pub use europe_pmc::{Page, page};

use crate::error::{BadRecord, LiteratureError};
use crate::paper::Abstract;

/// The longest file read, bytes after decompression.
const LONGEST: u64 = 2 << 30;
/// The columns or keys of one's own tables and JSON lines, for messages.
const OWN: &str =
    "one of pmid, pmcid, doi or id, and abstract; title, year and journal may be there";

/// The abstracts of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileOfAbstracts {
    /// In the order of the file, each identifier once.
    pub abstracts: Vec<Abstract>,
    /// What was left out.
    pub left_out: LeftOut,
}

/// Records that are no abstracts of papers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Papers with no abstract.
    pub without_text: usize,
    /// Chapters of books.
    pub books: usize,
    /// Records that PubMed says are deleted.
    pub deleted: usize,
}

impl std::ops::AddAssign for LeftOut {
    fn add_assign(&mut self, other: Self) {
        self.without_text += other.without_text;
        self.books += other.books;
        self.deleted += other.deleted;
    }
}

/// What the records of a file come to, as its reader goes along.
struct Collected<'a> {
    path: &'a Path,
    source: String,
    abstracts: Vec<Abstract>,
    lines: BTreeMap<String, usize>,
    left_out: LeftOut,
    bad: Vec<BadRecord>,
}

/// Reads a file of any known form.
///
/// # Errors
/// [`LiteratureError::Unreadable`] for a file that cannot be read or is of no known form, [`LiteratureError::BadRecords`] for
/// records that break a rule.
pub fn read(path: &Path) -> Result<FileOfAbstracts, LiteratureError> {
    let text = text_of(path)?;
    parse(path, &text)
}

/// Reads the text of a file of any known form; `path` is for messages and the name of the source.
///
/// # Errors
/// As for [`read`].
pub fn parse(path: &Path, text: &str) -> Result<FileOfAbstracts, LiteratureError> {
    let unknown = |reason: &str, hint: &str| LiteratureError::Unreadable {
        path: path.to_owned(),
        reason: reason.to_owned(),
        hint: hint.to_owned(),
    };
    let text = text.trim_start_matches('\u{FEFF}');
    let start = text.trim_start();
    let mut collected = Collected::new(path);
    if start.is_empty() {
        return Err(unknown(
            "it is empty",
            "save it again from PubMed (format PubMed) or Europe PMC",
        ));
    }
    if start.starts_with("PMID-") || start.starts_with("PMID -") {
        medline::read(text, &mut collected);
    } else if start.starts_with('{') {
        if europe_pmc::is_one(start) {
            europe_pmc::read(start, &mut collected).map_err(|reason| {
                unknown(
                    &reason,
                    "ask Europe PMC for `format=json&resultType=core` and save the answer whole",
                )
            })?;
        } else {
            json_lines::read(text, &mut collected);
        }
    } else if start.starts_with('<') {
        pubmed_xml::read(text, &mut collected)
            .map_err(|fault| unknown(&fault.reason, fault.hint))?;
    } else {
        delimited::read(text, &mut collected).map_err(|reason| {
            unknown(
                &reason,
                &format!("a table needs a header with the columns {OWN}; PubMed's own file begins with `PMID-`"),
            )
        })?;
    }
    collected.whole()
}

/// The text of a file, unpacked where it is gzip.
fn text_of(path: &Path) -> Result<String, LiteratureError> {
    let failed = |reason: String, hint: &str| LiteratureError::Unreadable {
        path: path.to_owned(),
        reason,
        hint: hint.to_owned(),
    };
    let spelling = "check the spelling and that the file may be read";
    let io = |error: std::io::Error| failed(error.to_string(), spelling);
    if path.is_dir() {
        return Err(failed("it is a folder".to_owned(), "name the files in it"));
    }
    let mut reader = BufReader::new(File::open(path).map_err(io)?);
    let packed = std::io::BufRead::fill_buf(&mut reader)
        .map_err(io)?
        .starts_with(&[0x1F, 0x8B]);
    let mut bytes = Vec::new();
    let taken = if packed {
        MultiGzDecoder::new(reader)
            .take(LONGEST + 1)
            .read_to_end(&mut bytes)
    } else {
        reader.take(LONGEST + 1).read_to_end(&mut bytes)
    };
    taken.map_err(|error| {
        if packed {
            failed(
                format!("it is not whole gzip: {error}"),
                "copy the file again",
            )
        } else {
            io(error)
        }
    })?;
    if bytes.len() as u64 > LONGEST {
        return Err(failed(
            format!("it has more than {LONGEST} bytes"),
            "split it",
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        failed(
            format!("byte {} is not UTF-8", error.utf8_error().valid_up_to()),
            "save it as UTF-8",
        )
    })
}

impl<'a> Collected<'a> {
    fn new(path: &'a Path) -> Self {
        Self {
            path,
            source: path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            abstracts: Vec::new(),
            lines: BTreeMap::new(),
            left_out: LeftOut::default(),
            bad: Vec::new(),
        }
    }

    fn refuse(&mut self, line: usize, rule: impl Into<String>) {
        self.bad.push(BadRecord {
            path: self.path.to_owned(),
            line,
            rule: rule.into(),
        });
    }

    /// Takes a record; a second one of the same paper must say the same.
    fn take(&mut self, line: usize, record: Result<Option<Abstract>, String>) {
        let one = match record {
            Ok(Some(one)) => one,
            Ok(None) => {
                self.left_out.without_text += 1;
                return;
            }
            Err(rule) => return self.refuse(line, rule),
        };
        if let Some(first) = self.lines.get(one.id.as_str()) {
            let first = *first;
            let same = self
                .abstracts
                .iter()
                .any(|a| a.id == one.id && a.blake3() == one.blake3());
            if !same {
                self.refuse(
                    line,
                    format!(
                        "{} stands on line {first} with another text; keep one of the two",
                        one.id
                    ),
                );
            }
            return;
        }
        self.lines.insert(one.id.to_string(), line);
        self.abstracts.push(one);
    }

    fn whole(self) -> Result<FileOfAbstracts, LiteratureError> {
        if !self.bad.is_empty() {
            return Err(LiteratureError::BadRecords(self.bad));
        }
        Ok(FileOfAbstracts {
            abstracts: self.abstracts,
            left_out: self.left_out,
        })
    }
}

#[cfg(test)]
mod tests;
