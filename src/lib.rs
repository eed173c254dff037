//! Proteus.
