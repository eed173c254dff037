//! A service or server that speaks the OpenAI protocol, as real ones do: each a little differently.
//!
//! `async-openai` knows the protocol and `reqwest` carries it. The types on the wire are ours, since servers leave fields
//! out, add some, and use values that the protocol does not know; what a server cannot do is learned and remembered
//! (`dialect`), what it answers is checked in every case.

mod backend;
mod choosing;
mod collecting;
mod completing;
#[cfg(test)]
mod desk_tests;
mod dialect;
mod embedding;
mod endpoint;
mod failure;
mod key;
#[cfg(test)]
mod real_tests;
mod sending;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod transport;
mod wire;

pub use backend::Openai;
