//! From the bytes of a file to text: gzip, zstd, byte-order marks, UTF-16, UTF-8 and Windows-1252, told by content.

use std::io::Read;
use std::path::Path;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::container::packed;
#[cfg(test)]
use super::container::packed::Packing;
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

/// Bytes looked at to tell text from other data.
const HEAD: usize = 1 << 16;
/// A longer first line is no header.
const LONGEST_HEADER: usize = 1 << 26;

impl TextFile {
    /// Reads a file; `name` is how messages call it.
    pub fn read(path: &Path, name: &str) -> Result<Self, DatasetError> {
        let (raw, source) = packed::read_whole(path, name, |start| {
            refuse_binary(start, name)?;
            refuse_endless(start, name)
        })?;
        Self::of(raw, source)
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
        let source = SourceFile {
            name: name.to_string(),
            read_as: String::new(),
            bytes: head.len() as u64,
            hash: String::new(),
        };
        Self::of(head, source)
    }

    /// The text in `bytes`.
    #[cfg(test)]
    pub fn from_bytes(bytes: &[u8], name: &str) -> Result<Self, DatasetError> {
        let source = SourceFile {
            name: name.to_string(),
            read_as: String::new(),
            bytes: bytes.len() as u64,
            hash: blake3::hash(bytes).to_hex().to_string(),
        };
        let raw = match Packing::of(bytes) {
            Packing::Plain => bytes.to_vec(),
            packing => packing.unpack_all(bytes, name)?,
        };
        Self::of(raw, source)
    }

    /// The text of unpacked bytes.
    fn of(raw: Vec<u8>, source: SourceFile) -> Result<Self, DatasetError> {
        let name = source.name.clone();
        if raw.iter().all(u8::is_ascii_whitespace) {
            return Err(DatasetError::Empty {
                file: name,
                found: format!("{} bytes without a single character", raw.len()),
            });
        }
        let recoded =
            matches!(Encoding::for_bom(&raw), Some((e, _)) if e == UTF_16LE || e == UTF_16BE);
        let (text, inferences) = decode(raw, &name)?;
        Ok(Self {
            name,
            text,
            source,
            recoded,
            inferences,
        })
    }
}

/// Refuses bytes that begin as no text does.
fn refuse_binary(raw: &[u8], name: &str) -> Result<(), DatasetError> {
    if let Some(found) = strangers::by_signature(raw) {
        return Err(binary(name, &found.looks_like, &found.hint));
    }
    let head = &raw[..raw.len().min(HEAD)];
    if Encoding::for_bom(raw).is_none() && strangers::is_utf16_without_mark(head) {
        return Err(binary(
            name,
            "text in UTF-16 without the byte-order mark that says so",
            "save the table as UTF-8",
        ));
    }
    if Encoding::for_bom(raw).is_none() && head.contains(&0) {
        return Err(binary(
            name,
            "binary data (it holds zero bytes)",
            "export the table as CSV or TSV in UTF-8",
        ));
    }
    Ok(())
}

/// Refuses text whose first line takes more than a header of a million columns does.
fn refuse_endless(raw: &[u8], name: &str) -> Result<(), DatasetError> {
    if raw.len() < LONGEST_HEADER || memchr::memchr2(b'\n', b'\r', raw).is_some() {
        return Ok(());
    }
    Err(binary(
        name,
        &format!("text whose first {} MB are one line", LONGEST_HEADER >> 20),
        "give a table with one row per line",
    ))
}

fn decode(raw: Vec<u8>, name: &str) -> Result<(String, Vec<Inference>), DatasetError> {
    refuse_binary(&raw, name)?;
    if let Some((encoding, skip)) = Encoding::for_bom(&raw) {
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
    let (raw, valid) = match String::from_utf8(raw) {
        Ok(text) => {
            // YAML may look like JSON.
            let manifest = name.ends_with(".yaml") || name.ends_with(".yml");
            return match strangers::by_text(&text).filter(|_| !manifest) {
                Some(found) => Err(binary(name, &found.looks_like, &found.hint)),
                None => Ok((text, Vec::new())),
            };
        }
        Err(e) => {
            let valid = e.utf8_error().valid_up_to();
            (e.into_bytes(), valid)
        }
    };
    let head = &raw[..raw.len().min(HEAD)];
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
    let line = 1 + raw[..valid].iter().filter(|b| **b == b'\n').count();
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(&raw);
    let because = format!("byte 0x{:02x} in line {line} is not UTF-8", raw[valid]);
    Ok((
        text.into_owned(),
        vec![encoding_note(name, "Windows-1252", &because)],
    ))
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
