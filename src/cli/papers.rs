//! Papers looked up by a run, on the command line: in which store, whether Europe PMC is asked, what was found.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use proteus_literature::{Library, Sources, Store, reading};
use proteus_llm::Backend;

use super::encoder::{self, Encoder};
use super::failure::Failure;
use super::literature::today;
use crate::agent::Session;
use crate::config::{Config, Literature};
use crate::discovery::{PaperOrder, Papers};
use crate::report::text::{self, SENTENCE, count, tidy};
use crate::run::{LITERATURE, PAPERS};

/// Where papers are looked up, beside the configuration file.
#[derive(Debug, Args)]
#[command(next_help_heading = "Papers")]
pub(super) struct PaperArgs {
    /// Look up what papers say of the best hypotheses in this store, as `proteus literature add` fills it [default: none]
    #[arg(long, value_name = "STORE")]
    literature: Option<PathBuf>,
    /// Ask Europe PMC too, which then knows names of proteins and words of the study
    #[cfg(feature = "remote")]
    #[arg(long, conflicts_with = "offline")]
    literature_online: bool,
    /// A word for what was studied, such as kidney: papers that name none of them decide nothing; may be repeated [default:
    /// organs and tissues in the study's title]
    #[arg(long, value_name = "WORD")]
    literature_about: Vec<String>,
    /// Put the papers that are found in order with this sentence encoder, a folder of safetensors; it decides nothing else
    /// [default: none]
    #[arg(long, value_name = "FOLDER")]
    literature_embedder: Option<PathBuf>,
}

impl PaperArgs {
    /// The papers of a run: what the configuration file says, with these flags before it.
    ///
    /// # Errors
    /// A word or an encoder was given and nobody to ask.
    pub(super) fn apply(
        &self,
        configured: Option<Literature>,
        offline: bool,
    ) -> Result<Option<Literature>, Failure> {
        #[cfg(feature = "remote")]
        let online = self.literature_online;
        #[cfg(not(feature = "remote"))]
        let online = false;
        let flags = [
            ("--literature-about", !self.literature_about.is_empty()),
            ("--literature-embedder", self.literature_embedder.is_some()),
        ];
        let nobody = self.literature.is_none() && !online && configured.is_none();
        if let Some((flag, _)) = flags.iter().find(|(_, given)| nobody && *given) {
            return Err(Failure::bad_input(
                format!("`{flag}` is given and nobody to ask"),
                "say where papers are looked up: `--literature STORE`, `--literature-online`",
            ));
        }
        let named = self.literature.is_some() || online;
        let mut literature = match configured {
            Some(configured) => configured,
            None if named => Literature::default(),
            None => return Ok(None),
        };
        if let Some(store) = &self.literature {
            literature.store = Some(store.clone());
        }
        literature.online = (literature.online || online) && !offline;
        if !self.literature_about.is_empty() {
            literature.about.clone_from(&self.literature_about);
        }
        if let Some(folder) = &self.literature_embedder {
            literature.embedder = Some(folder.clone());
        }
        // `--offline` goes before a configuration that asks the service and nobody else.
        Ok((literature.store.is_some() || literature.online || !offline).then_some(literature))
    }
}

/// Refuses what cannot work before anything is computed: a store that is none, a service that cannot be asked, an encoder that
/// is none, a blind run.
///
/// # Errors
/// What is wrong, and what to do.
pub(super) fn check(config: &Config) -> Result<(), Failure> {
    let Some(literature) = &config.literature else {
        return Ok(());
    };
    if let Err(fault) = literature.check() {
        let (message, hint) = fault.split_once("\nhint: ").unwrap_or((&fault, ""));
        return Err(Failure::bad_input(message, hint));
    }
    if config.blind {
        return Err(Failure::bad_input(
            "papers cannot be looked up for a blind run: a question says the names that its codes stand for",
            "leave out `--blind`, or `--literature` and its like (`literature:` in a configuration file)",
        ));
    }
    if let Some(word) = literature.about.iter().find(|w| !reading::is_telling(w)) {
        return Err(Failure::bad_input(
            format!("`{}` does not say what was studied", tidy(word, text::NAME)),
            "name an organ, a tissue or a disease, such as kidney; words for the groups compared, such as tumor, are known already",
        ));
    }
    encoder(literature)?;
    sources(literature).map(|_| ())
}

/// The encoder that puts papers in order; none where none is given.
fn encoder(literature: &Literature) -> Result<Option<Encoder>, Failure> {
    let folder = literature.embedder.as_deref();
    folder.map(encoder::open).transpose()
}

/// Who can be asked, open.
fn sources(literature: &Literature) -> Result<Sources, Failure> {
    let mut sources = Sources::default();
    if let Some(path) = &literature.store {
        let store = Store::read_only(path)?;
        store.check()?;
        sources.store = Some(store);
    }
    if literature.online {
        #[cfg(feature = "remote")]
        {
            sources.service = Some(service(literature)?);
        }
        #[cfg(not(feature = "remote"))]
        return Err(Failure::bad_input(
            "`literature` would ask Europe PMC, and this program was built without the feature `remote`",
            "give a store alone: `store: FILE`",
        ));
    }
    Ok(sources)
}

#[cfg(feature = "remote")]
fn service(literature: &Literature) -> Result<proteus_literature::remote::EuropePmc, Failure> {
    use proteus_literature::remote::{ADDRESS, EuropePmc, Manners};

    let address = literature.address.as_deref().unwrap_or(ADDRESS);
    Ok(EuropePmc::new(Manners {
        address: address.to_owned(),
        ..Manners::default()
    })?)
}

/// Who is asked about papers, and what puts their answers in order where that is not on record.
pub(super) struct Consulted {
    library: Arc<Library>,
    encoder: Option<Arc<dyn Backend>>,
}

impl Consulted {
    /// The session that asks them.
    pub(super) fn by(self, session: Session) -> Session {
        let session = session.consulting(self.library);
        match self.encoder {
            Some(encoder) => session.ordering(encoder),
            None => session,
        }
    }
}

/// Whom a run asks: its record alone once everything was asked, the sources open before.
///
/// # Errors
/// The store, the encoder or the record cannot be read.
pub(super) fn consulted(config: &Config, folder: &Path) -> Result<Option<Consulted>, Failure> {
    let Some(literature) = &config.literature else {
        return Ok(None);
    };
    if folder.join(PAPERS).exists() {
        return recorded(config, folder);
    }
    let encoder = encoder(literature)?;
    let sources = Sources {
        embedder: encoder.as_ref().map(|encoder| encoder.name.clone()),
        ..sources(literature)?
    };
    Ok(Some(Consulted {
        library: Arc::new(Library::live(&exchanges(folder), sources, &today())?),
        encoder: encoder.map(|encoder| encoder.backend),
    }))
}

/// What a run has on record.
///
/// # Errors
/// The record cannot be read.
pub(super) fn recorded(config: &Config, folder: &Path) -> Result<Option<Consulted>, Failure> {
    if config.literature.is_none() {
        return Ok(None);
    }
    Ok(Some(Consulted {
        library: Arc::new(Library::recorded(&exchanges(folder))?),
        encoder: None,
    }))
}

/// Where a run keeps what it asked about papers.
fn exchanges(folder: &Path) -> PathBuf {
    folder.join(LITERATURE)
}

/// What was looked up, in a few lines for the end of a run.
pub(super) fn told(papers: &Papers) -> String {
    let all = papers.hypotheses.values();
    let (looked_at, supporting, contradicting) = all.fold((0, 0, 0), |(n, s, c), one| {
        (n + one.papers, s + one.supporting, c + one.contradicting)
    });
    let mut text = format!(
        "Papers: {} looked up, {} looked at; {supporting} state what is claimed, {contradicting} the opposite\n",
        count(papers.hypotheses.len(), "hypothesis", "hypotheses"),
        count(looked_at, "paper", "papers"),
    );
    for source in &papers.sources {
        if let Some(reason) = &source.ended {
            text.push_str(&format!(
                "  {} was asked no more: {}\n",
                source.title(),
                tidy(reason, SENTENCE)
            ));
        }
    }
    if let Some(PaperOrder { by, ended, .. }) = &papers.ordered {
        text.push_str(&format!("  in the order of {}\n", tidy(by, text::NAME)));
        if let Some(reason) = ended {
            text.push_str(&format!("  which gave out: {}\n", tidy(reason, SENTENCE)));
        }
    }
    text
}
