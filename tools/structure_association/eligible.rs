//! Which variables of the sample sheet may be related to structure found in an assay.

use super::Params;
use crate::dataset::{Role, Variable};

/// What a variable that may be tested is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A property of patient, specimen or treatment.
    Outside,
    /// How and when the sample was measured.
    Technical,
}

/// The output tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Subjects {
    Clusters,
    Components,
    Technical,
}

impl Subjects {
    /// The output port.
    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Clusters => "subtype_association",
            Self::Components => "component_association",
            Self::Technical => "technical_association",
        }
    }
}

/// The kind of a variable that may be tested, or why it may not.
pub(super) fn eligible(variable: &Variable, params: &Params) -> Result<Kind, String> {
    if !params.variables.is_empty() && !params.variables.contains(&variable.name) {
        return Err("not asked for".to_owned());
    }
    if let Some(origin) = &variable.derived_from
        && params.assay.as_ref().is_none_or(|assay| assay == origin)
    {
        return Err(format!("computed from the assay `{origin}`"));
    }
    let kind = match variable.role {
        Role::Condition | Role::Clinical | Role::Covariate => Kind::Outside,
        Role::Batch | Role::Plex | Role::RunOrder => Kind::Technical,
        Role::Derived if variable.derived_from.is_some() && params.assay.is_some() => Kind::Outside,
        Role::Derived => return Err("computed from an assay of the same samples".to_owned()),
        Role::Time | Role::Event => {
            return Err("a time or event, which count only together".to_owned());
        }
        Role::Subject | Role::Replicate | Role::TechnicalReplicate | Role::Identifier => {
            return Err("names a subject, replicate or sample".to_owned());
        }
        Role::Ignored => return Err("ignored".to_owned()),
    };
    // Plexes are many by design; a clinical variable with as many levels is a list of names.
    let levels = variable.levels().len();
    if kind == Kind::Outside && levels > params.max_levels {
        return Err(format!("{levels} levels, more than {}", params.max_levels));
    }
    Ok(kind)
}
