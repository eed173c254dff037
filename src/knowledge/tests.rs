//! The bundled packs against a second reader (`reference/make_expected.py`), against facts checkable by hand, and
//! the rules that every pack and dataset keeps.

#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

mod bundle;
mod facts;
mod malformed;
mod reference;

use std::sync::LazyLock;

use super::Packs;
use crate::content::Content;

static PACKS: LazyLock<Packs> = LazyLock::new(|| Packs::open(&Content::embedded()).unwrap());
