//! Ctrl-C: the run stays as it is and can be resumed.

use std::path::Path;
use std::process;

use super::failure::{Exit, Failure};
use super::output;

/// Ends the process on Ctrl-C, telling how to continue the run in `folder`. Every file of a run appears whole or not at
/// all and its journal is synced line by line, so that nothing has to be put in order first.
pub(super) fn keep_resumable(folder: &Path) -> Result<(), Failure> {
    let folder = folder.display().to_string();
    let wait = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let Ok(runtime) = runtime else { return };
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
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
