//! The `models:` section of a configuration: which backends there are, which answers for which role, and what it may cost.

mod backend_config;
mod limits;
mod section;

pub use backend_config::{
    BackendConfig, CassetteConfig, LocalConfig, OpenaiConfig, Price, ScriptedConfig,
};
pub use limits::{Budget, Privacy, Route, ValuesPermit};
pub use section::Models;
