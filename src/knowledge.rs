//! Gene sets, interactions and identifiers from the knowledge packs. (Replaced by the `knowledge/` folder when it lands: delete this file then.)

use crate::content::Content;

/// All knowledge packs.
#[derive(Debug)]
pub struct Packs {
    content: Content,
}

impl Packs {
    /// Opens the packs of `content`; each is parsed on first use.
    pub fn open(content: Content) -> Self {
        Self { content }
    }

    /// Where the packs come from.
    pub fn content(&self) -> &Content {
        &self.content
    }
}
