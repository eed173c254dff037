//! The review room: the runs of a folder, served to browsers on this machine.
//!
//! Every page works without script; the script adds what plain forms cannot do: drafts kept while typing, and a text that
//! stays in place when it could not be saved. Who reviews stands in the address, so that two people can use one browser; the
//! secret in the address that is printed once lets a browser in ([`guard`]).

mod form;
mod guard;
mod pages;
mod reply;
mod routes;
mod views;

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;

use self::guard::Gate;
use self::pages::Pages;
use super::{ReviewError, ReviewedRun};
use crate::content::Content;
use crate::report::ReportModel;
use crate::report::text::{NAME, tidy};
use crate::run::{RunKind, RunStatus, RunView, list_runs};

/// Runs kept in memory.
const MOST_OPEN: usize = 4;

/// What a room is made with.
#[derive(Debug, Clone)]
pub struct RoomSettings {
    /// The folder that holds the runs.
    pub runs: PathBuf,
    /// The run that is pointed out, by the name of its folder.
    pub chosen: String,
    /// Whether grades and scores are hidden from everybody until they have submitted their own.
    pub blinded: bool,
    /// Where to listen.
    pub address: IpAddr,
    /// The port; 0 for a free one.
    pub port: u16,
}

/// A run in memory.
struct OpenRun {
    run: ReviewedRun,
    model: ReportModel,
    /// Length of the journal when it was read: a run that went on is read again.
    journal: u64,
}

/// Everything the pages are made from.
struct Room {
    settings: RoomSettings,
    pages: Pages,
    gate: Gate,
    open: Mutex<BTreeMap<String, Arc<OpenRun>>>,
}

/// A room whose port is taken; [`Opened::serve`] lets people in.
pub struct Opened {
    room: Arc<Room>,
    listener: TcpListener,
    address: SocketAddr,
}

impl Opened {
    /// Takes the port and makes the secret.
    ///
    /// # Errors
    /// The port is taken, a page is broken, or there are no random numbers.
    pub async fn new(settings: RoomSettings, content: &Content) -> Result<Self, ReviewError> {
        let wanted = SocketAddr::new(settings.address, settings.port);
        let listen = |source| ReviewError::Listen {
            address: wanted,
            source,
        };
        let listener = TcpListener::bind(wanted).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let room = Room {
            pages: Pages::load(content)?,
            gate: Gate::new(address)?,
            settings,
            open: Mutex::default(),
        };
        Ok(Self {
            room: Arc::new(room),
            listener,
            address,
        })
    }

    /// The address to open, secret included.
    pub fn address(&self) -> String {
        self.room.gate.entrance(self.address)
    }

    /// Serves until `stop` is done.
    ///
    /// # Errors
    /// The listener fails.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send) -> Result<(), ReviewError> {
        let listen = |source| ReviewError::Listen {
            address: self.address,
            source,
        };
        // Whatever was acknowledged is on disk, so that open connections need not be waited for.
        tokio::select! {
            served = axum::serve(self.listener, routes::router(self.room)) => served.map_err(listen),
            () = stop => Ok(()),
        }
    }
}

/// A line of the list of runs.
struct Listed {
    folder: String,
    view: RunView,
    /// Why it cannot be reviewed; none where it can.
    closed: Option<String>,
    hypotheses: usize,
}

impl Room {
    /// Every run of the folder, the newest first.
    fn runs(&self) -> Result<Vec<Listed>, ReviewError> {
        let mut listed = Vec::new();
        for view in list_runs(&self.settings.runs)?.into_iter().rev() {
            let folder = folder_name(view.root());
            let (closed, hypotheses) = match (view.record().kind, view.status()) {
                (RunKind::Replication, _) => (Some("replication".to_owned()), 0),
                (_, Ok(RunStatus::Unfinished { .. })) => (Some("not finished".to_owned()), 0),
                (_, Err(_)) => (Some("damaged".to_owned()), 0),
                (_, Ok(RunStatus::Finished { hypotheses })) => (None, hypotheses),
                (_, Ok(RunStatus::Stopped { .. })) => {
                    (None, view.hypotheses().map_or(0, |h| h.len()))
                }
            };
            listed.push(Listed {
                folder,
                view,
                closed,
                hypotheses,
            });
        }
        Ok(listed)
    }

    /// The run in the folder of this name.
    fn run(&self, folder: &str) -> Result<Arc<OpenRun>, ReviewError> {
        let unknown = || ReviewError::UnknownRun {
            wanted: tidy(folder, NAME),
        };
        // A name is one part of a path that leads into the folder, not out of it.
        let mut parts = Path::new(folder).components();
        let is_name = matches!(parts.next(), Some(std::path::Component::Normal(part)) if part == folder)
            && parts.next().is_none();
        let root = self.settings.runs.join(folder);
        if !is_name || !root.join("run.yaml").is_file() {
            return Err(unknown());
        }
        let journal = fs::metadata(root.join("journal.jsonl")).map_or(0, |m| m.len());
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = open.get(folder).filter(|known| known.journal == journal) {
            return Ok(Arc::clone(known));
        }
        let found = Arc::new(OpenRun {
            run: ReviewedRun::open(&root)?,
            model: ReportModel::load(&root)?,
            journal,
        });
        if open.len() >= MOST_OPEN {
            open.clear();
        }
        open.insert(folder.to_owned(), Arc::clone(&found));
        Ok(found)
    }
}

/// The last part of a path.
fn folder_name(root: &Path) -> String {
    root.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
