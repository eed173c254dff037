//! The section as a whole.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::backend_config::BackendConfig;
use super::limits::{Budget, Privacy, Route};
use crate::error::{LlmError, RULES};
use crate::role::Role;

/// Which language models a run may ask; empty = none, rules decide everything.
///
/// ```yaml
/// models:
///   privacy: summaries
///   backends:
///     big: {kind: openai, address: "https://models.example.org/v1", model: large, key_env: MODELS_KEY}
///     small: {kind: local, file: small.gguf}
///   roles:
///     proposer: [big, small, rules]
///     planner: [small, rules]
///   route: {fast: small, slow: big, margin: 0.2}
///   budget: {calls: 200, tokens: 500000, minutes: 30}
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Models {
    /// Backends by name.
    pub backends: BTreeMap<String, BackendConfig>,
    /// Who answers for a role: names of backends, tried in order. `rules` at the end lets rules decide when none could; a
    /// chain without it is an error then.
    pub roles: BTreeMap<Role, Vec<String>>,
    /// When a decision is handed to a slower backend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// What may be spent.
    pub budget: Budget,
    /// What may leave this process.
    pub privacy: Privacy,
}

impl Models {
    /// Whether some backend, other than rules, is mapped to a role.
    pub fn answers(&self, role: Role) -> bool {
        let chain = self.roles.get(&role);
        chain.is_some_and(|chain| chain.iter().any(|name| name != RULES))
    }

    /// The backends that some role or the route uses; others are never opened.
    pub fn used(&self) -> BTreeSet<&str> {
        let routed = self
            .route
            .iter()
            .flat_map(|route| [&route.fast, &route.slow]);
        self.roles
            .values()
            .flatten()
            .chain(routed)
            .map(String::as_str)
            .filter(|name| *name != RULES)
            .collect()
    }

    /// What can be told to be wrong without opening anything.
    ///
    /// # Errors
    /// [`LlmError::Configuration`]: a name that no backend has, `rules` before the end of a chain or as a backend's name, an
    /// empty chain, a margin or a budget out of range.
    pub fn check(&self, known: &BTreeSet<&str>) -> Result<(), LlmError> {
        let wrong = |backend: &str, reason: String| {
            Err(LlmError::Configuration {
                backend: backend.to_owned(),
                reason,
            })
        };
        if self.backends.contains_key(RULES) {
            return wrong(
                RULES,
                "the name is taken: it ends a chain; name the backend otherwise".to_owned(),
            );
        }
        for (role, chain) in &self.roles {
            if chain.is_empty() {
                return wrong(
                    RULES,
                    format!(
                        "the chain of role `{}` is empty; write `[rules]`",
                        role.name()
                    ),
                );
            }
            if chain.iter().rev().skip(1).any(|name| name == RULES) {
                return wrong(
                    RULES,
                    format!(
                        "`rules` stands before the end of the chain of role `{}`; put it last",
                        role.name()
                    ),
                );
            }
        }
        for name in self.used() {
            if !known.contains(name) {
                let names: Vec<_> = known.iter().copied().collect();
                return wrong(
                    name,
                    format!(
                        "no backend has this name; `backends` has `{}`",
                        names.join("`, `")
                    ),
                );
            }
        }
        if let Some(route) = &self.route
            && (route.fast == route.slow || !(0.0..=1.0).contains(&route.margin))
        {
            return wrong(
                &route.fast,
                format!(
                    "`route` needs two backends and a margin from 0 to 1, and has `{}`, `{}` and {}",
                    route.fast, route.slow, route.margin
                ),
            );
        }
        for (what, limit) in [
            ("money", self.budget.money),
            ("minutes", self.budget.minutes),
        ] {
            if limit.is_some_and(|limit| !limit.is_finite() || limit < 0.0) {
                return wrong(
                    RULES,
                    format!("the budget of {what} must be a number of at least 0"),
                );
            }
        }
        Ok(())
    }
}
