//! What every command needs: content, catalogue, packs and the global flags.

use std::sync::Arc;

use tokio::runtime::Runtime;

use super::failure::{Exit, Failure};
use crate::agent::Resources;
use crate::content::Content;
use crate::knowledge::Packs;
use crate::tool::Catalog;
use crate::tools::CATALOG;
use crate::workflow::Templates;

/// The global flags, resolved.
#[derive(Clone)]
pub(super) struct Settings {
    /// Embedded content under the folder given with `--content`.
    pub content: Content,
    /// Only results: no progress, no notes.
    pub quiet: bool,
    /// Progress in full: every step, and what came from the cache.
    pub verbose: bool,
    /// Steps run side by side; none = as many as there are cores.
    pub threads: Option<std::num::NonZeroUsize>,
}

impl Settings {
    /// Opens the content and sets the number of threads for the whole process.
    pub(super) fn resolve(global: &super::args::Global) -> Result<Self, Failure> {
        if let Some(threads) = global.threads {
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads.get())
                .build_global()
                .map_err(|error| Failure::from_error(Exit::Bug, &error))?;
        }
        Ok(Self {
            content: Content::open(global.content.as_deref())?,
            quiet: global.quiet,
            verbose: global.verbose,
            threads: global.threads,
        })
    }

    /// Every tool.
    pub(super) fn catalog(&self) -> Result<Catalog, Failure> {
        Ok(Catalog::new(CATALOG)?)
    }

    /// What every run shares; `packs` says whether knowledge packs are opened at all.
    pub(super) fn resources(&self, packs: bool) -> Result<Resources, Failure> {
        Ok(Resources {
            templates: Arc::new(Templates::load(&self.content)?),
            catalog: Arc::new(self.catalog()?),
            packs: Arc::new(self.packs_or_none(packs)?),
        })
    }

    /// Every knowledge pack, or none.
    pub(super) fn packs_or_none(&self, packs: bool) -> Result<Packs, Failure> {
        if packs {
            self.packs()
        } else {
            Ok(Packs::none())
        }
    }

    /// The scheduler of steps.
    pub(super) fn runtime(&self) -> Result<Runtime, Failure> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        if let Some(threads) = self.threads {
            builder.worker_threads(threads.get());
        }
        builder
            .enable_all()
            .build()
            .map_err(|error| Failure::from_error(Exit::Bug, &error))
    }

    /// Every knowledge pack.
    pub(super) fn packs(&self) -> Result<Packs, Failure> {
        Ok(Packs::open(&self.content)?)
    }
}
