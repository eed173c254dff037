//! DATA: the numbers of every event.

use std::io::{Read, Seek, SeekFrom};

use super::super::super::cells::{MOST_NUMBERS, finite, too_many};
use super::super::super::container::packed::unreadable;
use super::super::super::{DatasetError, Problem, Severity};
use super::malformed;
use super::text::{Keywords, Parameter, Segment};

/// Bytes read at once, about.
const CHUNK: usize = 1 << 20;

/// Events × channels with amplification and gain taken out, and what is doubtful.
pub(super) fn read(
    reader: &mut (impl Read + Seek),
    length: u64,
    keywords: &Keywords,
    parameters: &[Parameter],
    file: &str,
) -> Result<(Vec<f32>, Vec<Problem>), DatasetError> {
    let mode = keywords.get("$MODE").unwrap_or("L");
    if !mode.eq_ignore_ascii_case("L") {
        return Err(malformed(
            file,
            format!("`$MODE` is `{mode}`: histograms hold no single cells"),
        ));
    }
    let kind = keywords.needed("$DATATYPE", file)?.to_uppercase();
    let claimed =
        match keywords.get("$TOT") {
            Some(text) => Some(text.parse::<u64>().map_err(|_| {
                malformed(file, format!("`$TOT` is `{text}`, not a number of events"))
            })?),
            None => None,
        };
    if claimed == Some(0) {
        return Ok((Vec::new(), Vec::new()));
    }
    if kind == "A" {
        let (begin, end) = segment(keywords, None, length, file)?;
        let values = ascii(
            &part(reader, begin, end.min(length - 1), file)?,
            parameters,
            claimed,
            file,
        )?;
        return Ok((values, Vec::new()));
    }
    let order = Order::of(keywords.needed("$BYTEORD", file)?, file)?;
    let cells = parameters
        .iter()
        .map(|p| Cell::of(p, &kind, &order, file))
        .collect::<Result<Vec<Cell>, _>>()?;
    let event: u64 = cells.iter().map(|c| c.bytes as u64).sum();
    let (begin, end) = segment(
        keywords,
        claimed.and_then(|n| n.checked_mul(event)),
        length,
        file,
    )?;
    let available = (end.min(length.saturating_sub(1)) + 1).saturating_sub(begin) / event;
    let events = match claimed {
        Some(n) if n > available => {
            return Err(DatasetError::Truncated {
                file: file.to_string(),
                detail: format!(
                    "`$TOT` says {n} events of {event} bytes, and from byte {begin} on there are {available}"
                ),
            });
        }
        Some(n) => n,
        None => available,
    };
    if events.saturating_mul(parameters.len() as u64) > MOST_NUMBERS as u64 {
        return Err(too_many(file));
    }
    let mut problems = Vec::new();
    if available > events {
        problems.push(
            Problem::new(
                Severity::Note,
                "events_beyond_tot",
                format!("`$TOT` says {events} events, and DATA has room for {available}; the first {events} are read"),
                "nothing to do if `$TOT` is right",
            )
            .in_file(file),
        );
    }
    let values = numbers(reader, begin, events, event as usize, &cells, file)?;
    Ok((values, problems))
}

/// Where DATA lies: by the HEADER, or by TEXT where the HEADER has no room for the offsets or names another size than the
/// events take.
fn segment(
    keywords: &Keywords,
    wanted: Option<u64>,
    length: u64,
    file: &str,
) -> Result<Segment, DatasetError> {
    // Some writers give the byte behind the last one.
    let fits = |(begin, end): Segment| {
        let size = end - begin + 1;
        end <= length && wanted.is_some_and(|w| size == w || size == w + 1)
    };
    let chosen = match (keywords.data_by_header, keywords.data_by_text) {
        (Some(header), Some(text)) if !fits(header) && fits(text) => text,
        (Some(header), _) => header,
        (None, Some(text)) => text,
        (None, None) => {
            return Err(malformed(
                file,
                "neither its header nor `$BEGINDATA` says where DATA lies",
            ));
        }
    };
    if chosen.0 >= length {
        return Err(DatasetError::Truncated {
            file: file.to_string(),
            detail: format!("DATA begins at byte {} of {length}", chosen.0),
        });
    }
    Ok(chosen)
}

/// The order of bytes: for each byte of a stored number, how many bytes are less significant.
struct Order(Vec<usize>);

impl Order {
    fn of(text: &str, file: &str) -> Result<Self, DatasetError> {
        let wrong = || {
            malformed(
                file,
                format!("`$BYTEORD` is `{text}`, not an order of bytes"),
            )
        };
        let ranks = text
            .split(',')
            .map(|n| {
                n.trim()
                    .parse::<usize>()
                    .ok()
                    .filter(|n| *n > 0)
                    .map(|n| n - 1)
            })
            .collect::<Option<Vec<usize>>>()
            .ok_or_else(wrong)?;
        let mut sorted = ranks.clone();
        sorted.sort_unstable();
        if ranks.is_empty() || ranks.len() > 8 || sorted.iter().enumerate().any(|(k, r)| k != *r) {
            return Err(wrong());
        }
        Ok(Self(ranks))
    }

    /// The order of a number of so many bytes; none for a mixed order of another size.
    fn of_width(&self, bytes: usize) -> Option<Vec<usize>> {
        let n = self.0.len();
        if self.0.iter().enumerate().all(|(k, r)| k == *r) {
            Some((0..bytes).collect())
        } else if self.0.iter().enumerate().all(|(k, r)| n - 1 - k == *r) {
            Some((0..bytes).rev().collect())
        } else {
            (n == bytes).then(|| self.0.clone())
        }
    }
}

/// How one number of an event is read.
struct Cell {
    bytes: usize,
    /// For each byte, by how many bits it is shifted.
    shifts: Vec<u32>,
    form: Form,
    scale: Scale,
}

enum Form {
    Float,
    Double,
    /// Bits that count.
    Integer(u64),
}

/// From a stored number to a signal.
enum Scale {
    /// As it stands.
    Plain,
    /// Divided by the gain.
    Gain(f64),
    /// 10^(decades × x / range) × signal at zero.
    Log { decades: f64, zero: f64, range: f64 },
}

impl Cell {
    fn of(
        parameter: &Parameter,
        kind: &str,
        order: &Order,
        file: &str,
    ) -> Result<Self, DatasetError> {
        let bits = parameter.width.unwrap_or(0);
        let refused = |what: String| {
            Err(malformed(
                file,
                format!("channel `{}` has {bits} bits; {what}", parameter.name),
            ))
        };
        let (form, bytes) = match kind {
            "F" if bits == 32 => (Form::Float, 4),
            "D" if bits == 64 => (Form::Double, 8),
            "F" | "D" => {
                return refused(format!(
                    "`$DATATYPE` {kind} needs {}",
                    if kind == "F" { 32 } else { 64 }
                ));
            }
            "I" if !(1..=64).contains(&bits) => {
                return refused("integers have 1 to 64".to_string());
            }
            "I" => (
                Form::Integer(mask(parameter.range, bits)),
                bits.div_ceil(8) as usize,
            ),
            other => {
                return Err(malformed(
                    file,
                    format!("`$DATATYPE` is `{other}`, not I, F, D or A"),
                ));
            }
        };
        let Some(ranks) = order.of_width(bytes) else {
            return refused(format!(
                "the mixed order of {} bytes does not tell theirs",
                order.0.len()
            ));
        };
        let scale = match (parameter.log, parameter.gain) {
            (Some((decades, zero)), _) if kind == "I" && parameter.range > 0.0 => Scale::Log {
                decades,
                zero,
                range: parameter.range,
            },
            (Some(_), _) => Scale::Plain,
            (None, gain) if gain != 1.0 && !parameter.name.eq_ignore_ascii_case("time") => {
                Scale::Gain(gain)
            }
            (None, _) => Scale::Plain,
        };
        Ok(Self {
            bytes,
            shifts: ranks.into_iter().map(|r| 8 * r as u32).collect(),
            form,
            scale,
        })
    }

    fn value(&self, bytes: &[u8]) -> f32 {
        let stored = bytes
            .iter()
            .zip(&self.shifts)
            .fold(0u64, |all, (b, shift)| all | (u64::from(*b) << shift));
        let x = match self.form {
            Form::Float => f64::from(f32::from_bits(stored as u32)),
            Form::Double => f64::from_bits(stored),
            Form::Integer(mask) => (stored & mask) as f64,
        };
        let x = match self.scale {
            Scale::Plain => x,
            Scale::Gain(gain) => x / gain,
            Scale::Log {
                decades,
                zero,
                range,
            } => 10f64.powf(decades * x / range) * zero,
        };
        finite(x as f32)
    }
}

/// The bits that hold values below `range`, rounded up to a power of two; all where the range is not given or larger than
/// the width.
fn mask(range: f64, bits: u32) -> u64 {
    let all = if bits >= 64 {
        u64::MAX
    } else {
        (1u64 << bits) - 1
    };
    if range < 2.0 || range >= all as f64 {
        return all;
    }
    // The range is below 2^64 here.
    (range.ceil() as u64)
        .checked_next_power_of_two()
        .map_or(all, |p| (p - 1) & all)
}

fn part(
    reader: &mut (impl Read + Seek),
    begin: u64,
    end: u64,
    file: &str,
) -> Result<Vec<u8>, DatasetError> {
    let mut out = Vec::new();
    reader
        .seek(SeekFrom::Start(begin))
        .map_err(|e| unreadable(file, &e))?;
    let size = (end + 1).saturating_sub(begin);
    (&mut *reader)
        .take(size)
        .read_to_end(&mut out)
        .map_err(|e| unreadable(file, &e))?;
    Ok(out)
}

fn numbers(
    reader: &mut (impl Read + Seek),
    begin: u64,
    events: u64,
    event: usize,
    cells: &[Cell],
    file: &str,
) -> Result<Vec<f32>, DatasetError> {
    reader
        .seek(SeekFrom::Start(begin))
        .map_err(|e| unreadable(file, &e))?;
    // The bytes are there, as `events` was held against the length of the file.
    let mut values = Vec::with_capacity(events as usize * cells.len());
    let at_once = (CHUNK / event).max(1);
    let mut buffer = vec![0u8; at_once.min(events as usize) * event];
    let plain_floats = cells.iter().all(|c| {
        matches!((&c.form, &c.scale), (Form::Float, Scale::Plain)) && c.shifts == [0, 8, 16, 24]
    });
    let mut left = events as usize;
    while left > 0 {
        let now = left.min(at_once);
        let chunk = &mut buffer[..now * event];
        reader.read_exact(chunk).map_err(|e| unreadable(file, &e))?;
        if plain_floats {
            let floats = chunk.as_chunks::<4>().0.iter();
            values.extend(floats.map(|b| finite(f32::from_le_bytes(*b))));
        } else {
            for one in chunk.chunks_exact(event) {
                let mut at = 0;
                for cell in cells {
                    values.push(cell.value(&one[at..at + cell.bytes]));
                    at += cell.bytes;
                }
            }
        }
        left -= now;
    }
    Ok(values)
}

/// Numbers as text: fields of fixed width, or separated by spaces, commas or line ends.
fn ascii(
    bytes: &[u8],
    parameters: &[Parameter],
    claimed: Option<u64>,
    file: &str,
) -> Result<Vec<f32>, DatasetError> {
    let wrong = |field: &[u8]| {
        let shown: String = String::from_utf8_lossy(field).chars().take(40).collect();
        malformed(file, format!("`{shown}` in DATA is not a number"))
    };
    let parse = |field: &[u8]| -> Result<f32, DatasetError> {
        let text = std::str::from_utf8(field.trim_ascii()).map_err(|_| wrong(field))?;
        text.parse::<f32>().map(finite).map_err(|_| wrong(field))
    };
    let widths: Option<Vec<usize>> = parameters
        .iter()
        .map(|p| p.width.map(|w| w as usize))
        .collect();
    let mut values = Vec::new();
    match widths {
        Some(widths) => {
            let event = widths.iter().sum::<usize>();
            for one in bytes.chunks_exact(event.max(1)) {
                let mut at = 0;
                for w in &widths {
                    values.push(parse(&one[at..at + w])?);
                    at += w;
                }
            }
        }
        None => {
            let between = |b: &u8| b.is_ascii_whitespace() || *b == b',' || *b == 0;
            for field in bytes.split(between).filter(|f| !f.is_empty()) {
                values.push(parse(field)?);
            }
        }
    }
    let whole = values.len() / parameters.len();
    let events = claimed.map_or(whole, |n| usize::try_from(n).unwrap_or(usize::MAX));
    if events > whole {
        return Err(DatasetError::Truncated {
            file: file.to_string(),
            detail: format!("`$TOT` says {events} events, and DATA holds {whole}"),
        });
    }
    values.truncate(events * parameters.len());
    Ok(values)
}
