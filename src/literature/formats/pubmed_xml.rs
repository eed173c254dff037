//! PubMed's XML, a `PubmedArticleSet`: what efetch gives with `retmode=xml`, and the files that PubMed gives out every year and
//! day.
//!
//! <https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/190101/index.html>
//!
//! What is read stands in [`Place::step`]; every other element is passed over with all it holds. Nothing is fetched, and no
//! entity but XML's own five and characters by number is resolved: a file that defines others is refused.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::Collected;
use crate::id::AbstractId;
use crate::paper::{Abstract, Note};
use crate::text::clean;

/// The element that holds a file.
const ROOT: &str = "PubmedArticleSet";
/// What to do with a file that is not whole.
const AGAIN: &str = "download it again and add it whole";
/// Characters of a message of the parser that are told; it quotes what stands in the file.
const TOLD: usize = 160;

/// Why a file is not read, and what to do.
#[derive(Debug)]
pub(super) struct Fault {
    pub reason: String,
    pub hint: &'static str,
}

/// An element that is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Set,
    Record,
    Citation,
    Article,
    Journal,
    Issue,
    Date,
    Abstract,
    Kinds,
    Corrections,
    Data,
    Ids,
    Deleted,
}

/// An element whose text is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Pmid,
    Title,
    Vernacular,
    Paragraph,
    Year,
    Journal,
    Abbreviation,
    Kind,
    OtherId,
    DeletedPmid,
}

/// What is done with an element.
enum Step {
    Enter(Place),
    Take(Field),
    /// A chapter of a book, which is no paper.
    Book,
    /// A link to another paper, of whose kinds two say that this one does not stand.
    Correction,
    Pass,
}

impl Place {
    fn step(self, name: &str) -> Step {
        match (self, name) {
            (Self::Set, "PubmedArticle") => Step::Enter(Self::Record),
            (Self::Set, "PubmedBookArticle") => Step::Book,
            (Self::Set, "DeleteCitation") => Step::Enter(Self::Deleted),
            (Self::Record, "MedlineCitation") => Step::Enter(Self::Citation),
            (Self::Record, "PubmedData") => Step::Enter(Self::Data),
            (Self::Citation, "PMID") => Step::Take(Field::Pmid),
            (Self::Citation, "Article") => Step::Enter(Self::Article),
            (Self::Citation, "CommentsCorrectionsList") => Step::Enter(Self::Corrections),
            (Self::Corrections, "CommentsCorrections") => Step::Correction,
            (Self::Article, "Journal") => Step::Enter(Self::Journal),
            (Self::Article, "ArticleTitle") => Step::Take(Field::Title),
            (Self::Article, "VernacularTitle") => Step::Take(Field::Vernacular),
            (Self::Article, "Abstract") => Step::Enter(Self::Abstract),
            (Self::Article, "PublicationTypeList") => Step::Enter(Self::Kinds),
            (Self::Journal, "Title") => Step::Take(Field::Journal),
            (Self::Journal, "ISOAbbreviation") => Step::Take(Field::Abbreviation),
            (Self::Journal, "JournalIssue") => Step::Enter(Self::Issue),
            (Self::Issue, "PubDate") => Step::Enter(Self::Date),
            (Self::Date, "Year" | "MedlineDate") => Step::Take(Field::Year),
            (Self::Abstract, "AbstractText") => Step::Take(Field::Paragraph),
            (Self::Kinds, "PublicationType") => Step::Take(Field::Kind),
            (Self::Data, "ArticleIdList") => Step::Enter(Self::Ids),
            (Self::Ids, "ArticleId") => Step::Take(Field::OtherId),
            (Self::Deleted, "PMID") => Step::Take(Field::DeletedPmid),
            _ => Step::Pass,
        }
    }
}

/// What is read of one paper.
#[derive(Debug, Default)]
struct Paper {
    line: usize,
    pmid: Option<String>,
    /// Of the record, from 1; publishers that revise a paper in the open have several.
    version: u32,
    title: String,
    vernacular: String,
    paragraphs: Vec<String>,
    year: Option<String>,
    journal: Option<String>,
    abbreviation: Option<String>,
    pubmed: Option<String>,
    pmc: Option<String>,
    doi: Option<String>,
    note: Option<Note>,
}

/// Takes over the papers of a file: of a paper in several versions the last, none that the file says is deleted.
///
/// # Errors
/// Why this is no such file.
pub(super) fn read(text: &str, collected: &mut Collected<'_>) -> Result<(), Fault> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut walk = Walk {
        text,
        reader,
        places: Vec::new(),
        begun: false,
        line: 1,
        counted: 0,
        paper: None,
        papers: Vec::new(),
        deleted: BTreeSet::new(),
        books: 0,
    };
    walk.walk_on()?;
    let mut newest: BTreeMap<String, u32> = BTreeMap::new();
    for paper in &walk.papers {
        if let Some(pmid) = &paper.pmid {
            let version = newest.entry(pmid.clone()).or_default();
            *version = paper.version.max(*version);
        }
    }
    collected.left_out.books += walk.books;
    collected.left_out.deleted += walk.deleted.len();
    for paper in walk.papers {
        let pmid = paper.pmid.as_ref();
        let is_old = pmid.is_some_and(|pmid| newest.get(pmid) > Some(&paper.version));
        if is_old || pmid.is_some_and(|pmid| walk.deleted.contains(pmid)) {
            continue;
        }
        let (line, read) = (paper.line, paper.read(&collected.source));
        collected.take(line, read);
    }
    Ok(())
}

/// A walk through a file.
struct Walk<'t> {
    text: &'t str,
    reader: Reader<&'t [u8]>,
    /// The elements that are open, outermost first.
    places: Vec<Place>,
    /// Whether the element that holds all was there.
    begun: bool,
    /// The line of byte `counted`, from 1.
    line: usize,
    counted: usize,
    paper: Option<Paper>,
    papers: Vec<Paper>,
    deleted: BTreeSet<String>,
    books: usize,
}

impl<'t> Walk<'t> {
    fn walk_on(&mut self) -> Result<(), Fault> {
        loop {
            match self.event()? {
                Event::Start(start) => self.begin(&start)?,
                Event::End(_) => self.end(),
                Event::Text(text) if self.places.is_empty() && !text.trim().is_empty() => {
                    return Err(self.fault("text outside of any element", AGAIN));
                }
                Event::Eof if self.begun && self.places.is_empty() => return Ok(()),
                Event::Eof => return Err(self.fault("it ends before its last element does", AGAIN)),
                _ => {}
            }
        }
    }

    fn begin(&mut self, start: &BytesStart<'t>) -> Result<(), Fault> {
        let name = start.name();
        let Some(place) = self.places.last().copied() else {
            if name.as_ref() != ROOT {
                let shown: String = clean(name.as_ref()).chars().take(40).collect();
                let reason = format!(
                    "of XML and HTML, only PubMed's `{ROOT}` is read, and this is `{shown}`"
                );
                return Err(Fault {
                    reason,
                    hint: "in PubMed choose Save, Format: PubMed, which gives a text file, or ask efetch for `retmode=xml`",
                });
            }
            self.begun = true;
            self.places.push(Place::Set);
            return Ok(());
        };
        match place.step(name.as_ref()) {
            Step::Enter(place) => {
                if place == Place::Record {
                    self.paper = Some(Paper {
                        line: self.line_here(),
                        version: 1,
                        ..Paper::default()
                    });
                }
                self.places.push(place);
            }
            Step::Take(field) => {
                let content = self.content()?;
                self.take(field, start, content)?;
            }
            Step::Book => {
                self.books += 1;
                self.pass(start)?;
            }
            Step::Correction => {
                let kind = self.attribute(start, "RefType")?;
                if let (Some(paper), Some(kind)) = (&mut self.paper, kind) {
                    paper.note = paper.note.or_else(|| Note::of_link(&kind));
                }
                self.pass(start)?;
            }
            Step::Pass => self.pass(start)?,
        }
        Ok(())
    }

    fn end(&mut self) {
        if self.places.pop() == Some(Place::Record)
            && let Some(paper) = self.paper.take()
        {
            self.papers.push(paper);
        }
    }

    fn take(&mut self, field: Field, start: &BytesStart<'t>, content: String) -> Result<(), Fault> {
        if field == Field::DeletedPmid {
            self.deleted.insert(content);
            return Ok(());
        }
        let (label, version, kind) = match field {
            Field::Paragraph => (self.attribute(start, "Label")?, None, None),
            Field::Pmid => (None, self.attribute(start, "Version")?, None),
            Field::OtherId => (None, None, self.attribute(start, "IdType")?),
            _ => (None, None, None),
        };
        let Some(paper) = &mut self.paper else {
            return Ok(());
        };
        let filled = || Some(content.clone()).filter(|text| !text.is_empty());
        match field {
            Field::Pmid => {
                paper.version = version.and_then(|v| v.trim().parse().ok()).unwrap_or(1);
                paper.pmid = filled();
            }
            Field::Title => paper.title = content,
            Field::Vernacular => paper.vernacular = content,
            Field::Paragraph if content.is_empty() => {}
            Field::Paragraph => paper.paragraphs.push(labelled(label, content)),
            Field::Year => paper.year = paper.year.take().or_else(|| year_in(&content)),
            Field::Journal => paper.journal = filled(),
            Field::Abbreviation => paper.abbreviation = filled(),
            Field::Kind => paper.note = paper.note.or_else(|| Note::of_kind(&content)),
            Field::OtherId => match kind.as_deref() {
                Some("pubmed") => paper.pubmed = filled(),
                Some("pmc") => paper.pmc = filled(),
                Some("doi") => paper.doi = filled(),
                _ => {}
            },
            Field::DeletedPmid => {}
        }
        Ok(())
    }

    /// The text of the element that was just opened, whatever marks stand in it, with single spaces; closes it.
    fn content(&mut self) -> Result<String, Fault> {
        let mut content = String::new();
        let mut depth = 0_usize;
        loop {
            match self.event()? {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => break,
                Event::End(_) => depth -= 1,
                Event::Text(text) => content.push_str(&text),
                Event::CData(text) => content.push_str(&text),
                Event::GeneralRef(reference) => content.push(self.character(&reference)?),
                Event::Eof => return Err(self.fault("it ends in the middle of a text", AGAIN)),
                _ => {}
            }
        }
        Ok(content.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The character that a reference stands for.
    fn character(&mut self, reference: &BytesRef<'t>) -> Result<char, Fault> {
        let named = match &**reference {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => reference.resolve_char_ref().ok().flatten(),
        };
        named.ok_or_else(|| {
            let shown: String = clean(reference).chars().take(40).collect();
            self.fault(
                &format!("`&{shown};` stands for no character that XML knows"),
                AGAIN,
            )
        })
    }

    /// Passes over the element that was just opened.
    fn pass(&mut self, start: &BytesStart<'t>) -> Result<(), Fault> {
        let passed = self.reader.read_to_end(start.to_end().name());
        passed.map(drop).map_err(|error| self.broken(&error))
    }

    fn attribute(&mut self, start: &BytesStart<'t>, name: &str) -> Result<Option<String>, Fault> {
        let value = match start.try_get_attribute(name) {
            Ok(None) => return Ok(None),
            Ok(Some(attribute)) => attribute.normalized_value(XmlVersion::Implicit1_0),
            Err(error) => Err(error.into()),
        };
        match value {
            Ok(value) => Ok(Some(value.into_owned())),
            Err(error) => Err(self.broken(&error)),
        }
    }

    /// The next event; a file that defines entities or says that its bytes are not UTF-8 goes no further.
    fn event(&mut self) -> Result<Event<'t>, Fault> {
        let event = match self.reader.read_event() {
            Ok(event) => event,
            Err(error) => return Err(self.broken(&error)),
        };
        let refused = match &event {
            Event::DocType(kind) if kind.contains('[') => Some((
                "its DOCTYPE defines something of its own, and entities defined there could grow without end".to_owned(),
                "take the part in square brackets out; PubMed's own files have none",
            )),
            Event::Decl(declared) => {
                let encoding = declared.encoding().and_then(Result::ok);
                let encoding: String = encoding.map_or_else(String::new, |e| {
                    clean(&e).chars().take(40).collect()
                });
                (!is_utf8(&encoding) && !self.text.is_ascii()).then(|| {
                    (
                        format!("it says that it is written in `{encoding}`"),
                        "save it as UTF-8 and write that into its first line",
                    )
                })
            }
            _ => None,
        };
        match refused {
            Some((reason, hint)) => Err(self.fault(&reason, hint)),
            None => Ok(event),
        }
    }

    fn broken(&mut self, error: &quick_xml::Error) -> Fault {
        let told: String = clean(&error.to_string()).chars().take(TOLD).collect();
        self.fault(&format!("it is not whole XML: {told}"), AGAIN)
    }

    fn fault(&mut self, reason: &str, hint: &'static str) -> Fault {
        Fault {
            reason: format!("line {}: {reason}", self.line_here()),
            hint,
        }
    }

    /// The line that was read to, from 1.
    fn line_here(&mut self) -> usize {
        let here = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let here = here.min(self.text.len());
        let new = self.text.as_bytes().get(self.counted..here);
        self.line += new.map_or(0, |bytes| bytes.iter().filter(|b| **b == b'\n').count());
        self.counted = here.max(self.counted);
        self.line
    }
}

impl Paper {
    /// The abstract; none where the paper has none.
    fn read(self, source: &str) -> Result<Option<Abstract>, String> {
        let id = if let Some(number) = self.pmid.as_ref().or(self.pubmed.as_ref()) {
            AbstractId::pmid(number).ok_or_else(|| {
                let shown: String = clean(number).chars().take(40).collect();
                format!("PMID `{shown}` is no number of PubMed")
            })?
        } else if let Some(other) = self.pmc.as_ref().or(self.doi.as_ref()) {
            AbstractId::parse(other).map_err(|error| error.to_string())?
        } else {
            return Err(
                "no PMID, and no ArticleId of type pubmed, pmc or doi; remove the record"
                    .to_owned(),
            );
        };
        if self.paragraphs.is_empty() {
            return Ok(None);
        }
        let title = if self.title.is_empty() {
            &self.vernacular
        } else {
            &self.title
        };
        let journal = self.journal.or(self.abbreviation);
        Abstract::new(id, title, &self.paragraphs.join("\n"), source).map(|paper| {
            let paper = paper.published(self.year.as_deref(), journal.as_deref());
            Some(match self.note {
                Some(note) => paper.noted(note),
                None => paper,
            })
        })
    }
}

/// A part of a structured abstract with its label in front, as PubMed's text form has it.
fn labelled(label: Option<String>, text: String) -> String {
    match label.as_deref().map(str::trim) {
        None | Some("" | "UNLABELLED") => text,
        Some(label) => format!("{label}: {text}"),
    }
}

/// The first year in a date such as `1998 Dec-1999 Jan` or `Winter 2003`.
fn year_in(date: &str) -> Option<String> {
    date.split(|c: char| !c.is_ascii_digit())
        .find(|number| number.len() == 4)
        .map(str::to_owned)
}

/// Whether text of an encoding is UTF-8; what names none is.
fn is_utf8(encoding: &str) -> bool {
    ["", "utf-8", "utf8", "us-ascii", "ascii"]
        .iter()
        .any(|name| encoding.trim().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests;
