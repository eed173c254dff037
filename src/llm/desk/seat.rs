//! A backend at the desk.

use std::fmt;
use std::sync::Arc;

use crate::backend::{Backend, BackendInfo};
use crate::models::Price;

/// A backend as the desk knows it; in a replay there is nothing behind it.
#[derive(Clone)]
pub(super) struct Seat {
    pub(super) info: BackendInfo,
    pub(super) price: Price,
    pub(super) backend: Option<Arc<dyn Backend>>,
}

impl fmt::Debug for Seat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Seat")
            .field("info", &self.info)
            .field("price", &self.price)
            .field("open", &self.backend.is_some())
            .finish()
    }
}
