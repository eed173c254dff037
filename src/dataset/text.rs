//! From the bytes of a file to text: gzip, zstd, byte-order marks, UTF-16, UTF-8 and Windows-1252, told by content.

use std::io::Read;
use std::path::Path;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::container::packed::{self, Packing};
use super::container::strangers;
use super::{DatasetError, Inference, SourceFile};

/// A file as text, with what was concluded about its encoding.
#[derive(Debug, Clone)]
pub(crate) struct TextFile {
    /// Name relative to the dataset's folder.
    pub name: String,
    /// The text, without byte-order mark.
    pub text: String,
    /// Size and hash of the stored bytes.
    pub source: SourceFile,
    /// Whether the bytes were neither UTF-8 nor Windows-1252, which share their delimiters with ASCII.
    pub recoded: bool,
    /// What was concluded.
    pub inferences: Vec<Inference>,
}

impl TextFile {
    /// Reads a file; `name` is how messages call it.
    pub fn read(path: &Path, name: &str) -> Result<Self, DatasetError> {
        let bytes = std::fs::read(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => DatasetError::Missing {
                path: path.display().to_string(),
            },
            _ => DatasetError::Unreadable {
                file: name.to_string(),
                cause: e.to_string(),
            },
        })?;
        Self::from_bytes(&bytes, name)
    }

    /// Reads the first 4 MiB of text, whole lines only, to tell what a file is.
    pub fn read_head(path: &Path, name: &str) -> Result<Self, DatasetError> {
        const LIMIT: u64 = 4 << 20;
        let (file, packing) = packed::open(path, name)?;
        let mut head = Vec::new();
        packing
            .unpack(file)
            .and_then(|unpacked| unpacked.take(LIMIT).read_to_end(&mut head))
            .map_err(|e| packing.broken(name, head.len() as u64, &e))?;
        if head.len() as u64 == LIMIT {
            let end = head
                .iter()
                .rposition(|b| *b == b'\n')
                .map_or(head.len(), |at| at + 1);
            head.truncate(end);
        }
        Self::from_bytes(&head, name)
    }

    /// The text in `bytes`.
    pub fn from_bytes(bytes: &[u8], name: &str) -> Result<Self, DatasetError> {
        let source = SourceFile {
            name: name.to_string(),
            read_as: String::new(),
            bytes: bytes.len() as u64,
            hash: blake3::hash(bytes).to_hex().to_string(),
        };
        let unpacked = match Packing::of(bytes) {
            Packing::Plain => None,
            packing => Some(packing.unpack_all(bytes, name)?),
        };
        let raw = unpacked.as_deref().unwrap_or(bytes);
        if raw.iter().all(u8::is_ascii_whitespace) {
            return Err(DatasetError::Empty {
                file: name.to_string(),
                found: format!("{} bytes without a single character", raw.len()),
            });
        }
        let (text, inferences) = decode(raw, name)?;
        let recoded =
            matches!(Encoding::for_bom(raw), Some((e, _)) if e == UTF_16LE || e == UTF_16BE);
        Ok(Self {
            name: name.to_string(),
            text,
            source,
            recoded,
            inferences,
        })
    }
}

fn decode(raw: &[u8], name: &str) -> Result<(String, Vec<Inference>), DatasetError> {
    if let Some(found) = strangers::by_signature(raw) {
        return Err(binary(name, &found.looks_like, &found.hint));
    }
    if let Some((encoding, skip)) = Encoding::for_bom(raw) {
        let (text, broken) = encoding.decode_without_bom_handling(&raw[skip..]);
        if broken {
            return Err(binary(
                name,
                &format!("{} with invalid characters", encoding.name()),
                "save the table as UTF-8",
            ));
        }
        let note = (encoding == UTF_16LE || encoding == UTF_16BE)
            .then(|| encoding_note(name, encoding.name(), "the byte-order mark says so"));
        return Ok((text.into_owned(), note.into_iter().collect()));
    }
    let head = &raw[..raw.len().min(65_536)];
    if strangers::is_utf16_without_mark(head) {
        return Err(binary(
            name,
            "text in UTF-16 without the byte-order mark that says so",
            "save the table as UTF-8",
        ));
    }
    if head.contains(&0) {
        return Err(binary(
            name,
            "binary data (it holds zero bytes)",
            "export the table as CSV or TSV in UTF-8",
        ));
    }
    match std::str::from_utf8(raw) {
        Ok(text) => match strangers::by_text(text) {
            Some(found) => Err(binary(name, &found.looks_like, &found.hint)),
            None => Ok((text.to_string(), Vec::new())),
        },
        Err(e) => {
            let control = head
                .iter()
                .filter(|b| b.is_ascii_control() && !b.is_ascii_whitespace())
                .count();
            if control * 100 > head.len() {
                return Err(binary(
                    name,
                    "binary data (it holds control characters)",
                    "export the table as CSV or TSV in UTF-8",
                ));
            }
            let line = 1 + raw[..e.valid_up_to()]
                .iter()
                .filter(|b| **b == b'\n')
                .count();
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(raw);
            let because = format!(
                "byte 0x{:02x} in line {line} is not UTF-8",
                raw[e.valid_up_to()]
            );
            Ok((
                text.into_owned(),
                vec![encoding_note(name, "Windows-1252", &because)],
            ))
        }
    }
}

fn encoding_note(name: &str, encoding: &str, because: &str) -> Inference {
    Inference::new(
        format!("encoding of `{name}`"),
        encoding,
        because,
        "save the file as UTF-8",
    )
}

fn binary(name: &str, looks_like: &str, hint: &str) -> DatasetError {
    DatasetError::Binary {
        file: name.to_string(),
        looks_like: looks_like.to_string(),
        hint: hint.to_string(),
    }
}
