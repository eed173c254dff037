//! PubMed's own text form (MEDLINE, `.nbib`): a tag of up to four letters, `- `, and lines that go on after six spaces.
//!
//! <https://www.nlm.nih.gov/bsd/mms/medlineelements.html>

use super::Collected;
use crate::id::AbstractId;
use crate::paper::{Abstract, Note};

/// Fields of a record that are read.
#[derive(Default)]
struct Record {
    line: usize,
    pmid: Option<String>,
    title: String,
    text: String,
    date: Option<String>,
    journal: Option<String>,
    note: Option<Note>,
    fault: Option<(usize, String)>,
}

pub(super) fn read(text: &str, collected: &mut Collected<'_>) {
    let mut record: Option<Record> = None;
    let mut tag = String::new();
    for (place, line) in text.lines().enumerate() {
        let number = place + 1;
        if line.trim().is_empty() {
            tag.clear();
            continue;
        }
        if let Some(more) = line.strip_prefix("      ") {
            if let Some(open) = &mut record {
                open.goes_on(&tag, more);
            }
            continue;
        }
        let parted = line.split_once('-').filter(|(tag, _)| {
            tag.len() <= 5
                && !tag.trim().is_empty()
                && tag
                    .trim()
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        });
        let Some((name, value)) = parted else {
            if let Some(open) = &mut record {
                open.fault.get_or_insert((
                    number,
                    "no tag such as `AB  - ` and no continuation of six spaces; save the file again from PubMed, \
                     Format: PubMed"
                        .to_owned(),
                ));
            }
            continue;
        };
        name.trim().clone_into(&mut tag);
        let value = value.strip_prefix(' ').unwrap_or(value);
        if tag == "PMID" {
            if let Some(done) = record.take() {
                done.end(collected);
            }
            record = Some(Record {
                line: number,
                pmid: Some(value.trim().to_owned()),
                ..Record::default()
            });
        } else if let Some(open) = &mut record {
            open.begins(&tag, value);
        }
    }
    if let Some(done) = record {
        done.end(collected);
    }
}

impl Record {
    fn begins(&mut self, tag: &str, value: &str) {
        match tag {
            "TI" => value.clone_into(&mut self.title),
            "AB" => value.clone_into(&mut self.text),
            "DP" => self.date = Some(value.to_owned()),
            "JT" => self.journal = Some(value.to_owned()),
            "PT" => self.note = self.note.or_else(|| Note::of_kind(value)),
            "TA" => self.journal = self.journal.take().or_else(|| Some(value.to_owned())),
            _ => {}
        }
    }

    fn goes_on(&mut self, tag: &str, more: &str) {
        let place = match tag {
            "TI" => &mut self.title,
            "AB" => &mut self.text,
            _ => return,
        };
        place.push(' ');
        place.push_str(more);
    }

    fn end(self, collected: &mut Collected<'_>) {
        if let Some((line, rule)) = self.fault {
            return collected.refuse(line, rule);
        }
        let number = self.pmid.unwrap_or_default();
        let Some(id) = AbstractId::pmid(&number) else {
            let shown: String = number.chars().take(40).collect();
            return collected.refuse(
                self.line,
                format!("PMID `{shown}` is no number of PubMed; write `PMID- 12345678`"),
            );
        };
        let record = if self.text.trim().is_empty() {
            Ok(None)
        } else {
            Abstract::new(id, &self.title, &self.text, &collected.source).map(|paper| {
                let paper = paper.published(self.date.as_deref(), self.journal.as_deref());
                Some(match self.note {
                    Some(note) => paper.noted(note),
                    None => paper,
                })
            })
        };
        collected.take(self.line, record);
    }
}
