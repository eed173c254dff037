//! The session: one run of the loop over one dataset, from opening it to a whole run folder.

mod deciding;
mod expecting;
mod ledger;
mod looking_up;
mod opening;
mod planned;
mod preparing;
mod spawning;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use proteus_literature::Library;
use proteus_llm::{Backend, Role};
use proteus_stats::error_rate::SUPPORTED_LEVEL;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::dataset::{self, Dataset, DatasetProfile, DatasetRecord, Declared, ReadOptions};
use crate::discovery::{Asked, AuditReport, Hypothesis, Objective, Papers, Readings};
use crate::knowledge::Packs;
use crate::run::{Event, Key, NewRun, READINGS, RunKind, RunStore, RunView, tables};
use crate::tool::{Catalog, FrameError};
use crate::workflow::{Executor, Progress, Templates};

use super::answers;
use super::chains;
use super::decoys::{self, Counter};
use super::error::AgentError;
use super::menu;
use super::menu_making::{self, Prepared};
use super::observer::{Observer, Stage, number_of};
use super::propose::{Focus, NotAsked, Proposals};
use super::pursuit::Pursuit;
use super::reasoning::{self, Reasoner};
use super::steering::{Approved, Approver, FollowUp, PlanFile, Unattended};
use super::verdicts::{self, StratumVerdict};
use super::writing::{self, Results, Written};
use opening::Opened;
use spawning::Pursued;

pub use expecting::expected;
pub use planned::{PlansForReview, plans_for_review};

/// What a run was asked to do; stored with it, so that it can be resumed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The table, folder, or folder with `dataset.yaml`.
    pub path: PathBuf,
    /// A sample sheet that replaces those found.
    pub samples: Option<PathBuf>,
    /// Roles of columns, and what is done with controls, technical replicates and references of plexes.
    #[serde(default, skip_serializing_if = "Declared::is_empty")]
    pub declared: Declared,
    /// Every setting.
    pub config: Config,
    /// What a person decides before anything label-dependent is computed.
    #[serde(default, skip_serializing_if = "Steering::is_none")]
    pub steering: Steering,
}

/// What a person decides of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steering {
    /// Plans in place of the rules' own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanFile>,
    /// Whether every objective is shown and approved once it is planned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approve: bool,
    /// The run whose results led to the question of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow_up: Option<FollowUp>,
}

/// What every run of one program shares.
#[derive(Clone)]
pub struct Resources {
    /// The workflow templates.
    pub templates: Arc<Templates>,
    /// The tools.
    pub catalog: Arc<Catalog>,
    /// The knowledge packs.
    pub packs: Arc<Packs>,
}

/// A run in the making.
pub struct Session {
    store: Arc<RunStore>,
    dataset: Arc<Dataset>,
    request: Request,
    resources: Resources,
    proposals: Proposals,
    wider: Vec<Objective>,
    asked: Option<Asked>,
    focus: Focus,
    key: Option<Key>,
    approved: Option<Approved>,
    approver: Arc<dyn Approver>,
    reasoner: Arc<Reasoner>,
    library: Option<Arc<Library>>,
    encoder: Option<Arc<dyn Backend>>,
    observer: Arc<dyn Observer>,
    progress: Arc<dyn Progress>,
}

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The run folder.
    pub folder: PathBuf,
    /// Hypotheses in rank order.
    pub hypotheses: Vec<Hypothesis>,
    /// Checks of data and results.
    pub audit: AuditReport,
    /// What models added; none in a run without.
    pub readings: Option<Readings>,
    /// What papers say; none in a run that looks none up.
    pub papers: Option<Papers>,
}

/// What stands before anything is written.
struct Concluded {
    audit: AuditReport,
    verdicts: Vec<StratumVerdict>,
    written: Written,
    /// What papers say; none where nobody is asked.
    papers: Option<Papers>,
}

impl Steering {
    /// Whether nobody decides anything.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Request {
    /// The request for a run over the data at `path`, read as they are, with nobody steering it.
    pub fn new(path: PathBuf, config: Config) -> Self {
        Self {
            path,
            samples: None,
            declared: Declared::default(),
            config,
            steering: Steering::default(),
        }
    }

    /// Opens the dataset as asked, gene symbols and organism filled in from `packs` where there are any.
    pub fn open(&self, packs: &Packs) -> Result<Dataset, AgentError> {
        let options = ReadOptions {
            samples: self.samples.clone(),
            contrasts: self.config.contrasts.clone(),
            declared: self.declared.clone(),
            ..ReadOptions::default()
        };
        let mut dataset = dataset::open(&self.path, &options)?;
        if !packs.is_empty() {
            dataset.annotate(packs.identifiers()?);
        }
        Ok(dataset)
    }
}

impl Session {
    /// Opens the dataset and makes a run folder under `parent`.
    pub fn start(
        request: Request,
        resources: Resources,
        parent: &Path,
    ) -> Result<Self, AgentError> {
        let opened = Opened::new(&request, resources)?;
        if let Some(follow_up) = &request.steering.follow_up
            && follow_up.content_hash != opened.dataset.content_hash
        {
            return Err(AgentError::Changed {
                what: format!("`{}`", request.path.display()),
            });
        }
        let run = NewRun {
            kind: RunKind::Discovery,
            dataset: opened.name.clone(),
            content_hash: opened.dataset.content_hash.clone(),
            inputs: opened.files.clone(),
            config: serde_json::to_value(&request)?,
            seed: request.config.seed,
            versions: opened
                .resources
                .packs
                .list()
                .iter()
                .map(|p| (p.pack_version().pack, p.pack_version().version))
                .collect(),
        };
        let store = RunStore::create(parent, run)?;
        Ok(Self::over(store, opened, request))
    }

    /// Takes up the run at `root`; refused when its input is no longer the same.
    pub fn resume(root: &Path, resources: Resources) -> Result<Self, AgentError> {
        let view = RunView::open(root)?;
        let request: Request = serde_json::from_value(view.record().config.clone())?;
        let opened = Opened::new(&request, resources)?;
        if opened.dataset.content_hash != view.record().content_hash {
            return Err(AgentError::Changed {
                what: format!("`{}`", request.path.display()),
            });
        }
        let store = RunStore::resume(root)?;
        Ok(Self::over(store, opened, request))
    }

    fn over(store: RunStore, opened: Opened, request: Request) -> Self {
        Self {
            store: Arc::new(store),
            dataset: Arc::new(opened.dataset),
            request,
            resources: opened.resources,
            proposals: opened.proposals,
            wider: opened.wider,
            asked: opened.asked,
            focus: opened.focus,
            key: opened.key,
            approved: opened.approved,
            approver: Arc::new(Unattended),
            reasoner: Arc::new(Reasoner::rules()),
            library: None,
            encoder: None,
            observer: Arc::new(super::observer::Quiet),
            progress: Arc::new(crate::workflow::Silent),
        }
    }

    /// Tells these how the run comes along.
    pub fn observed(mut self, observer: Arc<dyn Observer>, progress: Arc<dyn Progress>) -> Self {
        self.observer = observer;
        self.progress = progress;
        self
    }

    /// Puts models to the roles that `reasoner` maps; without, rules decide everything.
    pub fn reasoned(mut self, reasoner: Arc<Reasoner>) -> Self {
        self.reasoner = reasoner;
        self
    }

    /// Looks papers up in this library, as the configuration says; without, none are.
    pub fn consulting(mut self, library: Arc<Library>) -> Self {
        self.library = Some(library);
        self
    }

    /// Puts the papers that are found in order by this encoder; without, they stand as they are found, or as is on record.
    pub fn ordering(mut self, encoder: Arc<dyn Backend>) -> Self {
        self.encoder = Some(encoder);
        self
    }

    /// Asks this person, where the run is to be approved; without, such a run stops before anything is computed.
    pub fn asking(mut self, approver: Arc<dyn Approver>) -> Self {
        self.approver = approver;
        self
    }

    /// What a person changed of what the rules planned; nothing where the rules' plans are carried out.
    pub fn changes(&self) -> &[String] {
        self.approved.as_ref().map_or(&[], |a| &a.changes)
    }

    /// The question in words, as it was understood.
    pub fn asked(&self) -> Option<&Asked> {
        self.asked.as_ref()
    }

    /// Every setting.
    pub fn config(&self) -> &Config {
        &self.request.config
    }

    /// The run folder.
    pub fn folder(&self) -> PathBuf {
        self.store.view().root().to_path_buf()
    }

    /// The dataset.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Runs the loop to its end.
    pub async fn run(mut self) -> Result<Outcome, AgentError> {
        self.enter(Stage::Ingest)?;
        let profile = self.dataset.profile();
        self.ingest()?;
        self.leave(
            Stage::Ingest,
            number_of(self.dataset.samples.len(), "sample", "samples"),
        )?;

        self.enter(Stage::Propose)?;
        let mut proposals = std::mem::take(&mut self.proposals);
        if let Some(asked) = &self.asked {
            self.store.write_question(asked)?;
        }
        let mut readings = self.expect(&profile, &proposals).await?;
        if self.reasoner.answers(Role::Proposer) && self.approved.is_none() {
            let limit = self.request.config.max_objectives;
            readings.expectations = reasoning::propose(
                &self.reasoner,
                &self.dataset,
                &profile,
                &mut proposals,
                &self.wider,
                limit,
            )
            .await?;
        }
        self.leave(
            Stage::Propose,
            number_of(proposals.objectives.len(), "objective", "objectives"),
        )?;

        self.enter(Stage::Plan)?;
        let executor = Executor::new(
            Arc::clone(&self.resources.catalog),
            Arc::clone(&self.dataset),
            Arc::clone(&self.resources.packs),
            self.request.config.seed,
        )
        .with_store(Arc::clone(&self.store))
        .with_progress(Arc::clone(&self.progress));
        let objectives = std::mem::take(&mut proposals.objectives);
        let (prepared, mut retired) = self.prepare(objectives, &profile, &executor).await?;
        self.leave(
            Stage::Plan,
            format!(
                "{}, {} retired",
                number_of(prepared.len(), "plan", "plans"),
                number_of(retired.len(), "objective", "objectives")
            ),
        )?;
        let (prepared, not_approved) = tokio::task::block_in_place(|| self.approve(prepared))?;
        retired.extend(not_approved);
        for one in &prepared {
            self.freeze(one)?;
        }

        self.enter(Stage::Menu)?;
        let (menu, tasks) = tokio::task::block_in_place(|| {
            menu_making::make(
                &prepared,
                &self.dataset,
                &self.resources,
                &self.focus,
                self.request.config.seed,
            )
        })?;
        let charged = menu::charged(&menu, SUPPORTED_LEVEL);
        self.store.append(Event::MenuFrozen {
            strata: menu
                .iter()
                .filter(|s| s.off_menu.is_none())
                .map(menu_making::frozen)
                .collect(),
            charged,
        })?;
        let candidates = self.list_later(&prepared, &mut proposals, &menu)?;
        let members: usize = menu
            .iter()
            .filter(|s| s.off_menu.is_none())
            .map(|s| s.members.len())
            .sum();
        self.leave(
            Stage::Menu,
            format!(
                "{} charged, {}",
                number_of(charged, "stratum", "strata"),
                number_of(members, "claim", "claims")
            ),
        )?;

        self.enter(Stage::Execute)?;
        let mut pursuits = Vec::with_capacity(prepared.len());
        for prepared in prepared {
            pursuits.push(self.pursue(prepared, &executor).await?);
        }
        let (mut menu, mut tasks) = (menu, tasks);
        chains::answer(&menu, &mut pursuits);
        let first = pursuits.len();
        let run = Pursued {
            menu: &mut menu,
            tasks: &mut tasks,
            pursuits: &mut pursuits,
        };
        retired.extend(self.spawn(candidates, run, &profile, &executor).await?);
        menu_making::list_members_off_menu(&mut menu, &pursuits, &self.focus);
        let mut pursued = format!("{} pursued", number_of(first, "objective", "objectives"));
        if pursuits.len() > first {
            pursued.push_str(&format!(", {} spawned", pursuits.len() - first));
        }
        self.leave(Stage::Execute, pursued)?;

        let mut concluded = tokio::task::block_in_place(|| {
            self.conclude(&profile, &pursuits, &menu, &tasks, charged)
        })?;
        concluded.papers = self
            .look_up(&concluded.written.hypotheses, &pursuits)
            .await?;
        concluded.written.score(concluded.papers.as_ref());
        let readings = self
            .read(&concluded.written.hypotheses, &pursuits, readings)
            .await?;
        self.finish(
            concluded,
            &pursuits,
            retired,
            &proposals.not_asked,
            &menu,
            readings,
        )
    }

    /// Audit, decoys and hypotheses: everything between the results of the plans and writing.
    fn conclude(
        &self,
        profile: &DatasetProfile,
        pursuits: &[Pursuit],
        menu: &[menu::Stratum],
        tasks: &[decoys::Task],
        charged: usize,
    ) -> Result<Concluded, AgentError> {
        self.enter(Stage::Audit)?;
        let audit = super::interpret::audit(&self.dataset, pursuits);
        self.store.write_audit(&audit)?;
        self.store.append(Event::AuditFinished {
            verdict: audit.verdict,
        })?;
        self.leave(
            Stage::Audit,
            format!(
                "{} did not pass",
                number_of(audit.checks.len(), "check", "checks")
            ),
        )?;

        self.enter(Stage::Decoys)?;
        let analytic: Vec<Vec<f64>> = menu
            .iter()
            .map(|s| menu_making::analytic(s, pursuits))
            .collect();
        let observer = Arc::clone(&self.observer);
        let counted = decoys::count(
            &Counter {
                dataset: &self.dataset,
                menu,
                charged,
                budget: self.request.config.decoys,
                seed: self.request.config.seed,
                analytic: &analytic,
                store: &self.store,
                progress: &move |done, planned| {
                    observer.decoys(done, planned);
                    observer.wanted()
                },
            },
            tasks,
        )?;
        let drawn: Vec<usize> = counted
            .counts
            .iter()
            .map(|c| c.as_ref().map_or(0, |c| c.replays()))
            .collect();
        self.store
            .append_ledger(&ledger::entries(menu, pursuits, &drawn))?;
        let verdicts = verdicts::judge(menu, &counted.counts, &counted.futile, &analytic, charged)?;
        let audited = verdicts::audit(
            menu,
            &counted.counts,
            charged,
            proteus_stats::error_rate::FIRST_DECOYS,
        )?;
        self.leave(
            Stage::Decoys,
            format!(
                "{} counted",
                number_of(drawn.iter().sum(), "replay", "replays")
            ),
        )?;

        self.enter(Stage::Hypotheses)?;
        let results = Results {
            dataset: &self.dataset,
            run: self.store.view(),
            profile,
            resources: &self.resources,
            config: &self.request.config,
            follow_up: self.request.steering.follow_up.as_ref(),
            pursuits,
            menu,
            verdicts: &verdicts,
            counts: &counted.counts,
            analytic: &analytic,
            audit: &audit,
            audited: &audited,
            charged,
        };
        let written = writing::hypotheses(&results)?;
        self.store
            .append_ledger(&ledger::attacks(&written.attacks, pursuits))?;
        self.leave(
            Stage::Hypotheses,
            number_of(written.hypotheses.len(), "hypothesis", "hypotheses"),
        )?;

        Ok(Concluded {
            audit,
            verdicts,
            written,
            papers: None,
        })
    }

    /// What models make of the graded hypotheses; nothing in a run without models.
    async fn read(
        &self,
        hypotheses: &[Hypothesis],
        pursuits: &[Pursuit],
        mut readings: Readings,
    ) -> Result<Option<Readings>, AgentError> {
        let reasoner = &self.reasoner;
        if !reasoner.asks() {
            return Ok(None);
        }
        self.enter(Stage::Read)?;
        if reasoner.reads() {
            let samples = &self.dataset.samples;
            reasoning::read(reasoner, hypotheses, pursuits, samples, &mut readings).await?;
        }
        readings.decisions = reasoner.decisions();
        readings.cost = reasoner.cost();
        readings.privacy = reasoner.desk().privacy().name().to_owned();
        self.leave(
            Stage::Read,
            format!(
                "{} questions to models, {} hypotheses read",
                readings.cost.calls,
                readings.hypotheses.len()
            ),
        )?;
        Ok(Some(readings))
    }

    /// Writes everything and ends the run.
    fn finish(
        &self,
        concluded: Concluded,
        pursuits: &[Pursuit],
        retired: Vec<Objective>,
        not_asked: &Vec<NotAsked>,
        menu: &[menu::Stratum],
        readings: Option<Readings>,
    ) -> Result<Outcome, AgentError> {
        let Concluded {
            audit,
            verdicts,
            written,
            papers,
        } = concluded;
        self.enter(Stage::Write)?;
        let mut objectives: Vec<Objective> = pursuits
            .iter()
            .map(|p| {
                let mut objective = p.objective.clone();
                objective.status = writing::status(p, &written.hypotheses);
                objective
            })
            .collect();
        objectives.extend(retired);
        for objective in &objectives {
            self.store.append(Event::ObjectiveClosed {
                objective: objective.id.clone(),
                status: objective.status.clone(),
            })?;
        }
        self.store.write_objectives(&objectives)?;
        self.store.write_yaml("not_asked.yaml", not_asked)?;
        self.store.write_calibration(&written.calibration)?;
        for (p, archetype, table) in &written.power {
            let name = menu_making::archetype_word(*archetype);
            let file = format!("power/{}.{name}.parquet", pursuits[*p].plan.scope);
            let bytes = tables::parquet_bytes(table)?;
            self.store.write_bytes(&file, &bytes)?;
        }
        super::fates::write(&self.store, menu, &verdicts, pursuits, &written.drafts)?;
        self.store.write_findings(&written.findings)?;
        self.store.write_hypotheses(&written.hypotheses)?;
        if let Some(readings) = &readings {
            self.store.write_yaml(READINGS, readings)?;
        }
        self.leave(Stage::Write, "results written".to_owned())?;
        self.store.append(Event::RunFinished {
            hypotheses: written.hypotheses.len(),
        })?;
        Ok(Outcome {
            folder: self.folder(),
            hypotheses: written.hypotheses,
            audit,
            readings,
            papers,
        })
    }

    fn enter(&self, stage: Stage) -> Result<(), AgentError> {
        if !self.observer.wanted() {
            return Err(AgentError::Cancelled);
        }
        self.observer.entered(stage);
        self.store.append(Event::StageEntered {
            stage: stage.name().to_owned(),
        })?;
        Ok(())
    }

    fn leave(&self, stage: Stage, summary: String) -> Result<(), AgentError> {
        self.observer.finished(stage, &summary);
        self.store.append(Event::StageFinished {
            stage: stage.name().to_owned(),
            summary,
        })?;
        Ok(())
    }

    fn ingest(&self) -> Result<(), AgentError> {
        if let Some(key) = &self.key {
            self.store.write_key(key)?;
        }
        let record = DatasetRecord::of(&self.dataset);
        self.store.write_yaml("dataset.yaml", &record)?;
        let folder = self.store.view().path("assays");
        std::fs::create_dir_all(&folder).map_err(|e| crate::run::RunError::writing(&folder, e))?;
        for (assay, noted) in self.dataset.assays.values().zip(&record.assays) {
            let shape = |e: &dyn std::fmt::Display| FrameError::Shape(e.to_string());
            let table = assay
                .as_read(&self.dataset.samples.ids)
                .map_err(|e| shape(&e))?;
            tables::write_parquet(&self.store.view().path(&noted.table), &table)?;
            if let Some((path, members)) = noted
                .members
                .as_ref()
                .zip(assay.members().map_err(|e| shape(&e))?)
            {
                tables::write_parquet(&self.store.view().path(path), &members)?;
            }
        }
        Ok(())
    }

    async fn pursue(&self, prepared: Prepared, executor: &Executor) -> Result<Pursuit, AgentError> {
        let assay = self
            .dataset
            .assay_or_main(prepared.objective.assay.as_deref());
        let (molecule, measure) = (assay.molecule(), assay.measure());
        let execution = executor
            .execute_rest(&prepared.plan, &prepared.blind)
            .await?;
        let outputs = execution.outputs();
        let mut answered = Vec::new();
        for step in &prepared.plan.steps {
            let (Some(entry), Some(output)) = (
                self.resources.catalog.get(&step.tool),
                outputs.get(&step.id),
            ) else {
                continue;
            };
            let folder = prepared.plan.folder(&step.id);
            for answer in &entry.spec.answers {
                if output.artifacts.contains_key(&answer.table) {
                    let answer = answers::about(answer, molecule, measure);
                    answered.push(answers::read(
                        &step.id, &folder, &step.tool, &answer, output,
                    )?);
                }
            }
        }
        Ok(Pursuit {
            assay: assay.name.clone(),
            molecule,
            objective: prepared.objective,
            term: prepared.term,
            comparison: prepared.comparison,
            measure,
            plan: Arc::unwrap_or_clone(prepared.plan),
            outputs,
            matrix: prepared.tested.map(|(_, matrix)| matrix),
            frame: prepared.frame,
            answered,
        })
    }
}
