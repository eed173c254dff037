//! How a desk is opened.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::asking::Desk;
use super::exchanging::Keeper;
use super::meter::{Clock, Meter, MeterReader};
use super::seat::Seat;
use crate::backend::Backend;
use crate::backends;
use crate::error::LlmError;
use crate::models::{Models, Price};
use crate::record::{Egress, Store};

/// Whether backends are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// What is not in the store is asked.
    Live,
    /// Nothing is asked and nothing is opened; what is not in the store is an error.
    Replay,
}

/// A desk before it is opened.
pub struct DeskBuilder {
    models: Models,
    clock: Clock,
    reader: Option<MeterReader>,
    backends: BTreeMap<String, Arc<dyn Backend>>,
}

impl fmt::Debug for DeskBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DeskBuilder")
            .field("models", &self.models)
            .field("backends", &self.backends.keys())
            .finish_non_exhaustive()
    }
}

impl DeskBuilder {
    pub(super) fn new(models: &Models) -> Self {
        let opened = Instant::now();
        Self {
            models: models.clone(),
            clock: Arc::new(move || opened.elapsed()),
            reader: None,
            backends: BTreeMap::new(),
        }
    }

    /// Time since the opening, for the budget of minutes; this machine's where not given.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Who is told what was spent, after every change.
    #[must_use]
    pub fn meter(mut self, reader: MeterReader) -> Self {
        self.reader = Some(reader);
        self
    }

    /// A backend that no configuration describes, under the name by which it describes itself.
    #[must_use]
    pub fn backend(mut self, backend: Arc<dyn Backend>) -> Self {
        self.backends.insert(backend.describe().name, backend);
        self
    }

    /// Opens the desk, with its exchanges in `folder`.
    ///
    /// # Errors
    /// [`LlmError::Configuration`] for a section that cannot work: see [`Models::check`]; a remote backend in privacy mode
    /// `offline`; a key that is missing or that others can read; an address that is none. [`LlmError::Storage`] where the
    /// folder cannot be written.
    pub fn open(self, folder: &Path, mode: Mode) -> Result<Desk, LlmError> {
        let Self {
            models,
            clock,
            reader,
            backends,
        } = self;
        let known: BTreeSet<&str> = models
            .backends
            .keys()
            .chain(backends.keys())
            .map(String::as_str)
            .collect();
        models.check(&known)?;
        let mut seats = BTreeMap::new();
        for name in models.used() {
            let seat = match (backends.get(name), models.backends.get(name)) {
                (Some(backend), _) => Seat {
                    info: backend.describe(),
                    price: Price::default(),
                    backend: Some(Arc::clone(backend)).filter(|_| mode == Mode::Live),
                },
                (None, Some(config)) => Seat {
                    info: backends::describe(name, config),
                    price: config.price(),
                    backend: match mode {
                        Mode::Live => Some(backends::open(name, config, models.privacy)?),
                        Mode::Replay => None,
                    },
                },
                (None, None) => continue,
            };
            seats.insert(name.to_owned(), seat);
        }
        let keeper = match mode {
            // Where nobody is asked there is nothing to keep.
            Mode::Live if !seats.is_empty() => {
                let store = Store::create(folder)?;
                let egress = Egress::open(folder)?;
                Keeper::live(store, egress, models.privacy)
            }
            _ => Keeper::replay(Store::read_only(folder)),
        };
        let meter = Meter::new(models.budget.clone(), clock, reader);
        Ok(Desk::seated(models, seats, keeper, meter))
    }
}
