//! HEADER and TEXT: where the segments lie, and the keywords.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

use encoding_rs::WINDOWS_1252;

use super::super::super::DatasetError;
use super::super::super::container::packed::unreadable;
use super::malformed;

/// Bytes of the HEADER.
const HEADER: usize = 58;
/// Longest TEXT: keywords of the largest panels take a few hundred kilobytes.
const LONGEST_TEXT: u64 = 64 << 20;
/// Parameters at most.
const MOST_PARAMETERS: usize = 10_000;

/// First and last byte of a segment.
pub(super) type Segment = (u64, u64);

/// The keywords of a file, without distinction of case.
#[derive(Debug)]
pub(super) struct Keywords {
    /// `FCS2.0`, `FCS3.0`, `FCS3.1`.
    pub version: String,
    /// DATA by the HEADER; none where it says nothing.
    pub data_by_header: Option<Segment>,
    /// DATA by TEXT; none where it says nothing.
    pub data_by_text: Option<Segment>,
    values: BTreeMap<String, String>,
}

/// How the values of one channel are stored.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameter {
    /// `$PnN`.
    pub name: String,
    /// `$PnS`.
    pub label: Option<String>,
    /// `$PnB`: bits, or characters of ASCII; none for characters up to the next space.
    pub width: Option<u32>,
    /// `$PnR`: one more than the largest value.
    pub range: f64,
    /// `$PnE`: decades of a logarithmic amplifier and the signal at zero; none for a linear one.
    pub log: Option<(f64, f64)>,
    /// `$PnG`: what a linear amplifier multiplied by.
    pub gain: f64,
}

impl Keywords {
    /// Reads HEADER and TEXT of a file of `length` bytes.
    pub fn read(
        reader: &mut (impl Read + Seek),
        length: u64,
        file: &str,
    ) -> Result<Self, DatasetError> {
        if length < HEADER as u64 {
            return Err(DatasetError::Truncated {
                file: file.to_string(),
                detail: format!("{length} bytes are less than the {HEADER} of a header"),
            });
        }
        let header = bytes(reader, (0, HEADER as u64 - 1), length, file)?;
        let version = String::from_utf8_lossy(&header[..6]).to_string();
        if !matches!(version.as_str(), "FCS2.0" | "FCS3.0" | "FCS3.1") {
            return Err(malformed(
                file,
                format!("its version is `{version}`, not 2.0, 3.0 or 3.1"),
            ));
        }
        let offset = |at: usize| number(&header[at..at + 8]);
        let segment = |at: usize| -> Option<Segment> {
            match (offset(at)?, offset(at + 8)?) {
                (begin, end) if begin > 0 && end >= begin => Some((begin, end)),
                _ => None,
            }
        };
        let Some(text) = segment(10) else {
            return Err(malformed(
                file,
                format!(
                    "its header places TEXT at `{}` to `{}`",
                    String::from_utf8_lossy(&header[10..18]).trim(),
                    String::from_utf8_lossy(&header[18..26]).trim()
                ),
            ));
        };
        let mut values = pairs(&bytes(reader, text, length, file)?, file)?;
        let named =
            |values: &BTreeMap<String, String>, begin: &str, end: &str| -> Option<Segment> {
                let of = |key: &str| values.get(key)?.trim().parse::<u64>().ok();
                match (of(begin)?, of(end)?) {
                    (begin, end) if begin > 0 && end >= begin => Some((begin, end)),
                    _ => None,
                }
            };
        let supplement = named(&values, "$BEGINSTEXT", "$ENDSTEXT").filter(|s| *s != text);
        // A supplement that cannot be read holds nothing that is needed.
        if let Some(more) = supplement
            && let Ok(more) = bytes(reader, more, length, file).and_then(|b| pairs(&b, file))
        {
            for (key, value) in more {
                values.entry(key).or_insert(value);
            }
        }
        Ok(Self {
            version,
            data_by_header: segment(26),
            data_by_text: named(&values, "$BEGINDATA", "$ENDDATA"),
            values,
        })
    }

    /// The value of a keyword in upper case, trimmed; none where it is absent or empty.
    pub fn get(&self, key: &str) -> Option<&str> {
        let value = self.values.get(key)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// The value of a keyword that a file must have.
    pub fn needed(&self, key: &str, file: &str) -> Result<&str, DatasetError> {
        self.get(key)
            .ok_or_else(|| malformed(file, format!("it lacks the keyword `{key}`")))
    }

    /// The channels.
    pub fn parameters(&self, file: &str) -> Result<Vec<Parameter>, DatasetError> {
        let count = self.needed("$PAR", file)?;
        let n = count
            .parse::<usize>()
            .ok()
            .filter(|n| (1..=MOST_PARAMETERS).contains(n));
        let n = n.ok_or_else(|| {
            malformed(
                file,
                format!("`$PAR` is `{count}`, not a number of channels"),
            )
        })?;
        let ascii = self.get("$DATATYPE") == Some("A");
        let mut all: Vec<Parameter> = Vec::with_capacity(n);
        for k in 1..=n {
            let key = |letter: &str| format!("$P{k}{letter}");
            let bits = self.needed(&key("B"), file)?;
            let width = match bits.parse::<u32>() {
                Ok(w) if w > 0 => Some(w),
                _ if bits == "*" && ascii => None,
                _ => {
                    return Err(malformed(
                        file,
                        format!("`{}` is `{bits}`, not a width", key("B")),
                    ));
                }
            };
            let range = self
                .get(&key("R"))
                .and_then(|r| r.parse::<f64>().ok())
                .unwrap_or(0.0);
            let name = self
                .get(&key("N"))
                .map_or_else(|| format!("P{k}"), str::to_string);
            let again = all.iter().any(|p| p.name == name);
            all.push(Parameter {
                name: if again {
                    format!("{name} (P{k})")
                } else {
                    name
                },
                label: self.get(&key("S")).map(str::to_string),
                width,
                range: if range.is_finite() {
                    range.max(0.0)
                } else {
                    0.0
                },
                log: self.get(&key("E")).and_then(amplification),
                gain: self
                    .get(&key("G"))
                    .and_then(|g| g.parse::<f64>().ok())
                    .filter(|g| g.is_finite() && *g > 0.0)
                    .unwrap_or(1.0),
            });
        }
        Ok(all)
    }
}

/// `$PnE`: decades and signal at zero of a logarithmic amplifier. A signal of zero at zero is impossible and is read as
/// one, as the standard says.
fn amplification(value: &str) -> Option<(f64, f64)> {
    let (decades, zero) = value.split_once(',')?;
    let decades = decades
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|d| d.is_finite() && *d > 0.0)?;
    let zero = zero.trim().parse::<f64>().ok().filter(|z| z.is_finite())?;
    Some((decades, if zero > 0.0 { zero } else { 1.0 }))
}

/// A number right-justified in a field; 0 for a blank field, none for anything else.
fn number(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?.trim();
    if text.is_empty() {
        return Some(0);
    }
    text.parse().ok()
}

/// The bytes of a segment, which must lie within the file.
fn bytes(
    reader: &mut (impl Read + Seek),
    (begin, end): Segment,
    length: u64,
    file: &str,
) -> Result<Vec<u8>, DatasetError> {
    if end >= length {
        return Err(DatasetError::Truncated {
            file: file.to_string(),
            detail: format!("a segment ends at byte {end} of {length}"),
        });
    }
    let size = end - begin + 1;
    if size > LONGEST_TEXT {
        return Err(malformed(
            file,
            format!("its TEXT is said to have {size} bytes"),
        ));
    }
    let mut out = vec![0; size as usize];
    reader
        .seek(SeekFrom::Start(begin))
        .and_then(|_| reader.read_exact(&mut out))
        .map_err(|e| unreadable(file, &e))?;
    Ok(out)
}

/// Keywords and values. The first byte is the delimiter; twice it stands for itself within a keyword or value. Where that
/// gives no `$PAR`, the writer has left values empty instead.
fn pairs(bytes: &[u8], file: &str) -> Result<BTreeMap<String, String>, DatasetError> {
    let Some((&delimiter, body)) = bytes.split_first() else {
        return Err(malformed(file, "its TEXT is empty"));
    };
    let escaped = paired(escaped(body, delimiter));
    if escaped.contains_key("$PAR") || escaped.contains_key("$P1N") {
        return Ok(escaped);
    }
    let plain = paired(
        body.split(|b| *b == delimiter)
            .map(<[u8]>::to_vec)
            .collect(),
    );
    Ok(if plain.contains_key("$PAR") {
        plain
    } else {
        escaped
    })
}

/// The parts between single delimiters.
fn escaped(body: &[u8], delimiter: u8) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut at = 0;
    while at < body.len() {
        if body[at] != delimiter {
            part.push(body[at]);
        } else if body.get(at + 1) == Some(&delimiter) {
            part.push(delimiter);
            at += 1;
        } else {
            parts.push(std::mem::take(&mut part));
        }
        at += 1;
    }
    parts.push(part);
    parts
}

fn paired(parts: Vec<Vec<u8>>) -> BTreeMap<String, String> {
    parts
        .chunks_exact(2)
        .map(|pair| (decoded(&pair[0]).trim().to_uppercase(), decoded(&pair[1])))
        .filter(|(key, _)| !key.is_empty())
        .collect()
}

fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_string(),
        Err(_) => WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
    }
}
