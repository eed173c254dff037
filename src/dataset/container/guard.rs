//! Decoders of other crates may panic on bytes that nobody foresaw. Here that becomes an answer about the file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

static AT_WORK: AtomicUsize = AtomicUsize::new(0);

/// Whether a decoder of another crate is at work, whose panic is caught and becomes a [`super::super::DatasetError`]: a
/// panic hook has nothing to say of it.
pub fn decoding() -> bool {
    AT_WORK.load(Ordering::SeqCst) > 0
}

/// Runs a decoder; what it said where it panicked.
pub(crate) fn guarded<T>(decode: impl FnOnce() -> T) -> Result<T, String> {
    AT_WORK.fetch_add(1, Ordering::SeqCst);
    let answer = catch_unwind(AssertUnwindSafe(decode));
    AT_WORK.fetch_sub(1, Ordering::SeqCst);
    answer.map_err(|said| {
        let text = said
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| said.downcast_ref::<&str>().copied());
        text.unwrap_or("no reason given")
            .chars()
            .take(120)
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_answer() {
        assert_eq!(guarded(|| 7), Ok(7));
        let said = guarded(|| -> u8 { panic!("a byte") });
        assert_eq!(said, Err("a byte".to_string()));
    }
}
