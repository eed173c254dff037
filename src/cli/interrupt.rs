//! Ctrl-C: the run stays as it is and can be resumed.

use std::path::Path;
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::failure::{Exit, Failure};
use super::output;

/// The folder of the run that is being made.
static CURRENT: Mutex<Option<String>> = Mutex::new(None);

fn current() -> MutexGuard<'static, Option<String>> {
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the process on Ctrl-C, telling how to continue the run in `folder`. Every file of a run appears whole or not at
/// all and its journal is synced line by line, so that nothing has to be put in order first.
pub(super) fn keep_resumable(folder: &Path) -> Result<(), Failure> {
    let now = folder.display().to_string();
    let before = current().replace(now);
    if before.is_some() {
        // Runs follow one another; the first one's watcher tells of the one that is being made.
        return Ok(());
    }
    let wait = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let Ok(runtime) = runtime else { return };
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            let folder = current().clone().unwrap_or_default();
            output::note(&format!(
                "\nstopped: what was finished is kept in `{folder}`\nhint: continue with `proteus resume {folder}`"
            ));
            process::exit(i32::from(Exit::Stopped.code()));
        }
    };
    std::thread::Builder::new()
        .name("interrupt".to_owned())
        .spawn(wait)
        .map(drop)
        .map_err(|error| Failure::from_error(Exit::Bug, &error))
}
