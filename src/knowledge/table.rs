//! The text files of packs: decompressed if need be, then tab-separated lines with their numbers.

use std::collections::HashMap;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use super::{KnowledgeError, Symbol};

/// A text file of a pack.
pub(super) struct Table {
    file: String,
    text: String,
}

impl Table {
    /// The text in `bytes`, gzip'd or not; `file` is its name in messages.
    pub(super) fn from_bytes(file: &str, bytes: &[u8]) -> Result<Self, KnowledgeError> {
        let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut plain = Vec::with_capacity(bytes.len() * 5);
            MultiGzDecoder::new(bytes)
                .read_to_end(&mut plain)
                .map_err(|error| KnowledgeError::Compression {
                    file: file.to_owned(),
                    problem: error.to_string(),
                })?;
            plain
        } else {
            bytes.to_vec()
        };
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self {
                file: file.to_owned(),
                text,
            }),
            Err(error) => {
                let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
                Err(KnowledgeError::NotText {
                    file: file.to_owned(),
                    line,
                })
            }
        }
    }

    /// The lines that are not empty, with their numbers from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let text = self.text.strip_prefix('\u{feff}').unwrap_or(&self.text);
        text.lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
            .filter(|(_, line)| !line.is_empty())
    }

    /// The rows below the header, cut into exactly `N` fields; the header must name `columns`.
    pub(super) fn rows<const N: usize>(
        &self,
        columns: [&'static str; N],
    ) -> Result<impl Iterator<Item = Result<(usize, [&str; N]), KnowledgeError>>, KnowledgeError>
    {
        let mut lines = self.lines();
        let header = lines.next();
        if header.is_none_or(|(_, line)| !line.split('\t').eq(columns)) {
            let found = header.map_or("an empty file".to_owned(), |(_, line)| format!("`{line}`"));
            let problem = format!(
                "expected the header `{}`, found {found}",
                columns.join("\\t")
            );
            return Err(self.malformed(
                1,
                problem,
                "name the columns in this order, separated by tabs",
            ));
        }
        Ok(lines.map(move |(number, line)| {
            let mut fields = [""; N];
            let mut found = 0;
            for field in line.split('\t') {
                if let Some(slot) = fields.get_mut(found) {
                    *slot = field;
                }
                found += 1;
            }
            if found == N {
                Ok((number, fields))
            } else {
                let problem = format!("expected {N} fields separated by tabs, found {found}");
                Err(self.malformed(
                    number,
                    problem,
                    "every line has one field per column of the header",
                ))
            }
        }))
    }

    pub(super) fn malformed(&self, line: usize, problem: String, hint: &str) -> KnowledgeError {
        KnowledgeError::Malformed {
            file: self.file.clone(),
            line,
            problem,
            hint: hint.to_owned(),
        }
    }
}

/// Hands out one shared copy of each symbol.
#[derive(Default)]
pub(super) struct Interner<'t> {
    known: HashMap<&'t str, Symbol>,
}

impl<'t> Interner<'t> {
    pub(super) fn symbol(&mut self, text: &'t str) -> Symbol {
        self.known
            .entry(text)
            .or_insert_with(|| Symbol::from(text))
            .clone()
    }
}
