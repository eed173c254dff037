//! A table with a header: comma, tab or semicolon.

use super::fields::Fields;
use super::{Collected, OWN};

/// Reads a table.
///
/// # Errors
/// What the header lacks.
pub(super) fn read(text: &str, collected: &mut Collected<'_>) -> Result<(), String> {
    let header = text.trim_start().lines().next().unwrap_or_default();
    let count = |mark: char| header.matches(mark).count();
    let delimiter = [b'\t', b',', b';']
        .into_iter()
        .max_by_key(|mark| (count(char::from(*mark)), *mark == b'\t'))
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .from_reader(text.trim_start().as_bytes());
    let names = match reader.headers() {
        Ok(names) => names.clone(),
        Err(error) => return Err(format!("its header cannot be read: {error}")),
    };
    let mut known = Fields::default();
    for name in &names {
        if let Some(place) = known.place(name) {
            if place.is_some() {
                return Err(format!("two columns of its header say `{}`", name.trim()));
            }
            *place = Some(String::new());
        }
    }
    if !known.suffices() {
        let shown: String = header.chars().take(80).collect();
        return Err(format!("its first line `{shown}` is no header with {OWN}"));
    }
    // Lines before the header shift the count.
    let blank = text.len() - text.trim_start().len();
    let skipped = text[..blank].matches('\n').count();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, |p| p.line() as usize) + skipped;
                let mut fields = Fields::default();
                for (name, value) in names.iter().zip(&record) {
                    if let Some(place) = fields.place(name) {
                        *place = Some(value.to_owned());
                    }
                }
                let read = fields.read(&collected.source);
                collected.take(line, read);
            }
            Err(error) => {
                let line = error.position().map_or(0, |p| p.line() as usize) + skipped;
                let rule = match error.kind() {
                    csv::ErrorKind::UnequalLengths {
                        expected_len, len, ..
                    } => format!(
                        "{len} fields, the header has {expected_len}; put texts with commas or tabs in double quotes"
                    ),
                    _ => error.to_string(),
                };
                collected.refuse(line, rule);
            }
        }
    }
    Ok(())
}
