//! What can go wrong while opening a knowledge pack.

use crate::content::ContentError;

/// An error of a knowledge pack or of a user's gene sets.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    /// A file could not be found or read.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// A user's file could not be read.
    #[error("cannot read gene sets from `{path}`: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// The reason given by the operating system.
        source: std::io::Error,
    },
    /// A compressed file ends early or is damaged.
    #[error(
        "cannot decompress `{file}`: {problem}\nhint: copy the file again, or store it uncompressed"
    )]
    Compression {
        /// The file.
        file: String,
        /// The reason given by the decompressor.
        problem: String,
    },
    /// A file is not text.
    #[error("`{file}`, line {line}: not UTF-8 text\nhint: save the file as UTF-8")]
    NotText {
        /// The file.
        file: String,
        /// The line that holds the first bad byte, from 1.
        line: usize,
    },
    /// `pack.yaml` is not what it should be.
    #[error(
        "`{file}`: {problem}\nhint: compare it with the `pack.yaml` of a bundled pack (`proteus knowledge list`)"
    )]
    Manifest {
        /// The manifest.
        file: String,
        /// What is wrong, with the line where the parser gives one.
        problem: String,
    },
    /// A line of a pack's file breaks the rules of its kind.
    #[error("`{file}`, line {line}: {problem}\nhint: {hint}")]
    Malformed {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What was looked for and what was found.
        problem: String,
        /// How to repair it.
        hint: String,
    },
    /// No pack of the kind is there.
    #[error(
        "no knowledge pack of kind `{kind}`: the packs are {found}\nhint: a folder given with `--content` adds packs, it cannot remove one"
    )]
    NoSuchKind {
        /// The kind asked for.
        kind: &'static str,
        /// The packs that are there.
        found: String,
    },
    /// Two packs claim a role that only one can play.
    #[error(
        "the packs `{first}` and `{second}` are both of kind `{kind}`\nhint: to replace `{first}`, give the other pack the same folder name"
    )]
    TwoOfKind {
        /// The kind asked for.
        kind: &'static str,
        /// The first pack by name.
        first: String,
        /// The second pack by name.
        second: String,
    },
    /// No collection of gene sets has this name.
    #[error(
        "no gene-set collection `{name}`: the collections are {found}\nhint: a GMT file of your own can be given by its path"
    )]
    NoSuchCollection {
        /// The name asked for.
        name: String,
        /// The collections that are there.
        found: String,
    },
    /// The run reads no packs.
    #[error("no knowledge pack is read in this run")]
    NoPacks,
    /// What a pack says cannot be had without the names that a blind run hides.
    #[error("a blind run hides the names that `{what}` speaks of")]
    Hidden {
        /// The kind of pack.
        what: &'static str,
    },
    /// A pack that is there cannot be used.
    #[error("the knowledge pack `{pack}` cannot be used: {reason}\nhint: {hint}")]
    Unusable {
        /// The pack.
        pack: String,
        /// What is wrong, with file and line.
        reason: String,
        /// How to repair it, and what can be done without it.
        hint: String,
    },
}

impl KnowledgeError {
    /// The same error, with the pack it is about and the way to do without packs.
    pub(super) fn of_pack(self, pack: &str) -> Self {
        if matches!(self, Self::Unusable { .. }) {
            return self;
        }
        let text = self.to_string();
        let (reason, repair) = text
            .split_once("\nhint: ")
            .unwrap_or((&text, "restore its files"));
        Self::Unusable {
            pack: pack.to_owned(),
            reason: reason.to_owned(),
            hint: format!(
                "{repair}; `proteus run --no-packs` (or `packs: false`) does without knowledge packs"
            ),
        }
    }
}
