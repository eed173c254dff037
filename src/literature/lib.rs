//! What papers say: abstracts, where they are kept and found, and which sentences speak for or against a claim.
//!
//! An [`Abstract`] comes from a file ([`formats`]) or from Europe PMC ([`remote`], where the feature `remote` is on). Files fill
//! a [`Store`], which answers a [`Query`] by rank. What any of them answered is kept as an [`Exchange`] before it is used, so
//! that the same question asked again of the same [`Exchanges`] needs neither store nor network; a run asks through a [`Library`],
//! which remembers what stood behind it and who gave out, and in which order the papers of an answer were put where its
//! owner has vectors for them ([`ranking`]). [`reading`] takes sentences
//! apart by rules: a [`Passage`] is the verbatim sentence with its place, and says `aligned` or `contradicted` only where the
//! rules know every word that could change its meaning. No number comes from here but counts.

pub mod error;
pub mod exchange;
pub mod formats;
pub mod id;
pub mod library;
pub mod paper;
pub mod passage;
pub mod query;
pub mod ranking;
pub mod reading;
#[cfg(feature = "remote")]
pub mod remote;
pub mod sentences;
pub mod store;
pub mod text;
mod whole;

pub use error::LiteratureError;
pub use exchange::{Exchange, Exchanges};
pub use id::AbstractId;
pub use library::{Answer, Library, Opening, Source, Sources};
pub use paper::Abstract;
pub use passage::Passage;
pub use query::Query;
pub use ranking::{Near, Ranked, Ranking};
pub use reading::{Claim, Direction, Stance};
pub use store::Store;
