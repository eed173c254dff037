//! `proteus literature`: a store of abstracts, filled from files or from Europe PMC, searched by words, and read for or
//! against a claim.

mod reading;
mod searching;

use std::env;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use proteus_literature::formats::{self, LeftOut};
use proteus_literature::reading::is_distinct;
use proteus_literature::store::Added;
use proteus_literature::{Abstract, AbstractId, LiteratureError, Store};
use serde_json::json;

use super::failure::{Exit, Failure};
use super::output;
use super::settings::Settings;
use super::text_table::TextTable;
use crate::knowledge::Synonyms;
use crate::report::text;

/// The name of the store in the folder for data of programs.
const FILE: &str = "literature.sqlite";

/// Arguments of `proteus literature`.
#[derive(Debug, Args)]
pub(super) struct LiteratureArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add abstracts from files: PubMed's own text (.nbib, .txt) or XML, Europe PMC's JSON, JSON lines, CSV or TSV; gzip or not
    Add {
        /// The files; all are added or none
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
    /// Ask Europe PMC for papers that name one of NAMES and add their abstracts; this sends the words to the service
    #[cfg(feature = "remote")]
    Fetch {
        /// Names of one protein or gene
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
        /// A word the papers must also hold one of; may be repeated
        #[arg(long, value_name = "WORD")]
        about: Vec<String>,
        #[command(flatten)]
        synonymous: Synonymous,
        /// Papers at most, the service's best first
        #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u8).range(1..=100))]
        limit: u8,
        /// Ask this server in place of Europe PMC's
        #[arg(long, value_name = "URL", default_value = proteus_literature::remote::ADDRESS)]
        address: String,
        #[command(flatten)]
        place: Place,
    },
    /// Show the papers that hold every word, best first
    Search(searching::SearchArgs),
    /// Quote what the papers say of a claim: that a protein is higher, or lower, in one group than in another
    Read(reading::ReadArgs),
    /// Show what the store holds
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Take papers out of the store
    Remove {
        /// Their identifiers, such as PMID:12345678, PMC1234567 or DOI:10.1000/xyz
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        #[command(flatten)]
        place: Place,
    },
}

/// Whether other names of genes count.
#[derive(Debug, Args)]
struct Synonymous {
    /// Take the other names of a gene for it as well, as the knowledge packs have them: its name for people, old symbols, aliases
    /// that mean nothing else
    #[arg(long)]
    synonyms: bool,
}

impl Synonymous {
    /// Adds to every list of names the other names of the genes in it, and says which.
    fn widen(&self, lists: &mut [Vec<String>], settings: &Settings) -> Result<(), Failure> {
        if !self.synonyms {
            return Ok(());
        }
        let packs = settings.packs()?;
        let synonyms = Synonyms::of(packs.identifiers()?);
        let mut added: Vec<String> = Vec::new();
        for list in lists {
            let others: Vec<String> = list.iter().flat_map(|name| synonyms.names(name)).collect();
            for name in others {
                if is_distinct(&name) && !list.contains(&name) {
                    added.push(name.clone());
                    list.push(name);
                }
            }
        }
        if !settings.quiet {
            output::note(&match added.len() {
                0 => "no other names are known".to_owned(),
                _ => format!("also by the names {}", added.join(", ")),
            });
        }
        Ok(())
    }
}

/// Where the store is.
#[derive(Debug, Args)]
struct Place {
    /// The store [default: literature.sqlite in the folder for data of programs]
    #[arg(long, value_name = "PATH")]
    store: Option<PathBuf>,
}

impl Place {
    fn path(&self) -> Result<PathBuf, Failure> {
        self.store
            .clone()
            .or_else(|| Some(data_folder()?.join("proteus").join(FILE)))
            .ok_or_else(|| {
                Failure::bad_input(
                    "there is no folder for data of programs: `HOME` is not set",
                    "say where the store is with --store PATH",
                )
            })
    }
}

/// Where programs of this user keep their data.
fn data_folder() -> Option<PathBuf> {
    let folder = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        Some(folder("HOME")?.join("Library/Application Support"))
    } else {
        folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local/share")))
    }
}

impl From<LiteratureError> for Failure {
    fn from(error: LiteratureError) -> Self {
        let exit = match error {
            LiteratureError::Service { .. } => Exit::Unavailable,
            _ => Exit::BadInput,
        };
        Self::from_error(exit, &error)
    }
}

/// Runs the command.
pub(super) fn run(args: &LiteratureArgs, settings: &Settings) -> Result<Exit, Failure> {
    match &args.action {
        Action::Add { files, place } => add(files, place, settings)?,
        #[cfg(feature = "remote")]
        Action::Fetch {
            names,
            about,
            synonymous,
            limit,
            address,
            place,
        } => {
            let mut lists = [names.clone()];
            synonymous.widen(&mut lists, settings)?;
            let [names] = lists;
            fetch(&names, about, *limit, address, place, settings)?;
        }
        Action::Search(args) => searching::run(args, settings)?,
        Action::Read(args) => reading::run(args, settings)?,
        Action::List { json, place } => list(*json, place)?,
        Action::Remove { ids, place } => remove(ids, place, settings)?,
    }
    Ok(Exit::Done)
}

fn add(files: &[PathBuf], place: &Place, settings: &Settings) -> Result<(), Failure> {
    let mut abstracts = Vec::new();
    let mut left_out = LeftOut::default();
    for file in files {
        let read = formats::read(file)?;
        abstracts.extend(read.abstracts);
        left_out += read.left_out;
    }
    let mut store = Store::open(&place.path()?)?;
    let added = store.add(&abstracts, &today())?;
    told(&store, added, left_out, settings)
}

fn told(
    store: &Store,
    added: Added,
    left_out: LeftOut,
    settings: &Settings,
) -> Result<(), Failure> {
    if settings.quiet {
        return Ok(());
    }
    let mut line = format!(
        "{}: {} new, {} changed, {} as they were",
        store.path().display(),
        added.new,
        added.changed,
        added.same
    );
    let left_out: Vec<String> = [
        (left_out.without_text, "without an abstract"),
        (left_out.books, "of books"),
        (left_out.deleted, "deleted by PubMed"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{number} {what}"))
    .collect();
    if !left_out.is_empty() {
        line.push_str(&format!("; {} left out", left_out.join(", ")));
    }
    output::line(&line)
}

/// Asks the service; its answers and the log of what was sent lie beside the store, a folder a day, so that no question is
/// sent twice on one day.
#[cfg(feature = "remote")]
fn fetch(
    names: &[String],
    about: &[String],
    limit: u8,
    address: &str,
    place: &Place,
    settings: &Settings,
) -> Result<(), Failure> {
    use proteus_literature::remote::{EuropePmc, Manners};
    use proteus_literature::{Exchanges, Query};

    let query = Query {
        names: names.to_vec(),
        context: about.to_vec(),
        narrow: true,
        limit: usize::from(limit),
    };
    if query.is_empty() {
        return Err(Failure::bad_input(
            "the names hold no letter and no digit",
            "name a protein or gene, such as CA9",
        ));
    }
    let path = place.path()?;
    let mut store = Store::open(&path)?;
    let client = EuropePmc::new(Manners {
        address: address.to_owned(),
        ..Manners::default()
    })?;
    let exchanges = Exchanges::new(&path.with_extension("exchanges").join(today()));
    let answer = settings
        .runtime()?
        .block_on(client.find(&query, &exchanges, &today()))?;
    let added = store.add(&answer.abstracts, &today())?;
    if !settings.quiet {
        output::note(&format!(
            "the service holds {} papers for this; the first {} with an abstract were taken",
            answer.hits.unwrap_or(0),
            answer.abstracts.len()
        ));
    }
    told(&store, added, LeftOut::default(), settings)
}

fn list(json: bool, place: &Place) -> Result<(), Failure> {
    let store = Store::read_only(&place.path()?)?;
    let (summary, all) = (store.summary()?, store.list(usize::MAX)?);
    if json {
        return output::json(&json!({ "store": summary, "abstracts": all }));
    }
    output::text(&papers(&all).render())?;
    output::line(&format!(
        "{} papers, the last added on {}",
        summary.abstracts,
        summary.last_added.as_deref().unwrap_or("no day")
    ))
}

fn papers(abstracts: &[Abstract]) -> TextTable {
    let mut table = TextTable::new(&[
        ("id", 40),
        ("year", 4),
        ("title", 100),
        ("journal", 30),
        ("source", 24),
    ]);
    for one in abstracts {
        table.row(vec![
            one.id.to_string(),
            one.year.map_or_else(String::new, |year| year.to_string()),
            text::tidy(&one.title, text::SENTENCE),
            text::tidy(one.journal.as_deref().unwrap_or_default(), text::NAME),
            text::tidy(&one.source, text::NAME),
        ]);
    }
    table
}

fn remove(ids: &[String], place: &Place, settings: &Settings) -> Result<(), Failure> {
    let ids: Vec<AbstractId> = ids
        .iter()
        .map(|id| AbstractId::parse(id))
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::from_error(Exit::BadInput, &error))?;
    let path = place.path()?;
    // One that is not there is not made to take something out of it.
    drop(Store::read_only(&path)?);
    let removed = Store::open(&path)?.remove(&ids)?;
    if !settings.quiet {
        output::line(&format!(
            "{removed} of {} were there and are gone",
            ids.len()
        ))?;
    }
    Ok(())
}

/// The day, in the zone of this machine.
pub(super) fn today() -> String {
    jiff::Zoned::now().date().to_string()
}
