//! Opening a dataset for a run: its names brought up to date, the question understood, objectives proposed, and in a blind
//! run every name replaced by a code. All of it before anything is computed, and the same whenever a run is resumed.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Request, Resources};
use crate::agent::AgentError;
use crate::agent::propose::{Focus, Proposals, Question, Scope, propose_within};
use crate::agent::steering::{Approved, approve};
use crate::dataset::{Dataset, SourceFile};
use crate::discovery::{Asked, Objective};
use crate::knowledge::set_names::readable;
use crate::knowledge::{Codebook, Name, NameKind, Packs};
use crate::run::Key;
use crate::tool::Catalog;

/// A proposer chooses among this many times as many objectives as are pursued.
const WIDER: usize = 2;

/// A dataset ready for a run.
pub(super) struct Opened {
    pub dataset: Dataset,
    /// What the dataset and its files are called, codes or not: for `run.yaml`, which says where a run comes from.
    pub name: String,
    pub files: Vec<SourceFile>,
    /// Tools and packs as this run may use them.
    pub resources: Resources,
    pub proposals: Proposals,
    /// What a person planned, in place of the rules' plans.
    pub approved: Option<Approved>,
    /// What the rules would propose with more room, for a proposer to choose from; empty where there is none.
    pub wider: Vec<Objective>,
    /// The question in words, as understood.
    pub asked: Option<Asked>,
    /// What the question limits the tests to.
    pub focus: Focus,
    /// The key of a blind run.
    pub key: Option<Key>,
}

impl Opened {
    /// Opens the dataset of a request.
    ///
    /// # Errors
    /// The dataset or a pack cannot be read, or the question cannot be asked of it.
    pub fn new(request: &Request, mut resources: Resources) -> Result<Self, AgentError> {
        let config = &request.config;
        if !config.packs {
            resources.packs = Arc::new(Packs::none());
        }
        if resources.packs.is_empty() {
            resources.catalog = Arc::new(Catalog::clone(&resources.catalog).without_packs());
        }
        resources.packs.read_all()?;
        let mut dataset = request.open(&resources.packs)?;
        let mut question = config
            .question
            .as_deref()
            .map(|text| Question::understand(text, &dataset, &resources.packs))
            .transpose()?;
        let scope = Scope {
            question: question.as_mut(),
            packs: !resources.packs.is_empty(),
            blind: config.blind,
            fixed: !config.contrasts.is_empty(),
        };
        let proposals = propose_within(&mut dataset, config.max_objectives, scope)?;
        let approved = match &request.steering.plan {
            Some(file) => Some(approve(file, &dataset, &proposals.objectives, &resources)?),
            None => None,
        };
        // A question in words narrows already; what it leaves is all there is to choose from.
        let chosen_by_model =
            config.question.is_none() && config.has_proposer() && approved.is_none();
        let wider = if chosen_by_model {
            let scope = Scope {
                question: None,
                packs: !resources.packs.is_empty(),
                blind: config.blind,
                fixed: !config.contrasts.is_empty(),
            };
            let room = config.max_objectives.saturating_mul(WIDER);
            propose_within(&mut dataset, room, scope)?.objectives
        } else {
            Vec::new()
        };
        let codes = config
            .blind
            .then(|| codes(&dataset, &resources.packs, config.seed))
            .transpose()?;
        let mut focus = question.as_ref().map(Question::focus).unwrap_or_default();
        let left_out = proposals.left_out_by_question;
        let asked = question.map(|q| q.asked(left_out, codes.as_ref()));
        let (name, files) = (dataset.name.clone(), dataset.source.files.clone());
        let mut key = None;
        if let Some(codes) = codes {
            dataset.hide(&codes);
            focus = focus.under(&codes);
            key = Some(Key::new(codes.names().clone()));
            resources.packs = Arc::new(Packs::under_codes(resources.packs, Arc::new(codes)));
        }
        Ok(Self {
            dataset,
            name,
            files,
            resources,
            proposals,
            approved,
            wider,
            asked,
            focus,
            key,
        })
    }
}

/// Codes for everything the dataset names, and for the sets that hold a gene of it.
fn codes(dataset: &Dataset, packs: &Packs, seed: u64) -> Result<Codebook, AgentError> {
    let mut names = dataset.names();
    if !packs.is_empty() {
        let labels: Vec<String> = dataset
            .assays
            .values()
            .flat_map(|a| &a.features)
            .map(|f| f.label().into_owned())
            .collect();
        let current = packs.current_symbols(&labels)?;
        names.extend(current.into_iter().map(|s| Name::new(NameKind::Gene, s)));
        names.extend(sets(packs, &names)?);
    }
    Ok(Codebook::new(names, dataset.texts_kept(), seed))
}

fn sets(packs: &Packs, names: &[Name]) -> Result<Vec<Name>, AgentError> {
    let genes: HashSet<String> = names
        .iter()
        .filter(|n| n.kind == NameKind::Gene)
        .map(|n| n.id.to_uppercase())
        .collect();
    let mut found = Vec::new();
    for collection in packs.collections() {
        let sets = packs.gene_sets(collection)?.sets().iter();
        let measured = sets.filter(|s| s.members.iter().any(|m| genes.contains(&m.to_uppercase())));
        found.extend(measured.map(|set| Name {
            kind: NameKind::Set,
            id: set.id.clone(),
            shown: readable(&set.name),
        }));
    }
    Ok(found)
}
