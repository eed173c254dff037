//! `proteus literature read`: what the papers of the store say of a claim, sentence by sentence.

use clap::{ArgGroup, Args};
use proteus_literature::{
    Abstract, Claim, Direction, Passage, Query, Stance, Store, paper, reading,
};
use serde_json::{Value, json};

use super::{Place, Synonymous};
use crate::cli::failure::{Exit, Failure};
use crate::cli::output;
use crate::cli::settings::Settings;
use crate::report::text::{self, SENTENCE, tidy};

/// Arguments of `proteus literature read`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("direction").required(true).args(["higher_in", "lower_in"]))]
pub(super) struct ReadArgs {
    /// Names of one protein, letter by letter as papers write them: symbol, synonyms
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// The group in which it is claimed to be higher, such as tumor
    #[arg(long, value_name = "GROUP")]
    higher_in: Option<String>,
    /// The group in which it is claimed to be lower
    #[arg(long, value_name = "GROUP")]
    lower_in: Option<String>,
    /// The group it is compared with, such as normal
    #[arg(long, value_name = "GROUP")]
    than_in: String,
    /// A word for what was studied, such as renal: papers that name none of them decide nothing; may be repeated
    #[arg(long, value_name = "WORD", required = true)]
    about: Vec<String>,
    #[command(flatten)]
    synonymous: Synonymous,
    /// Papers read at most, the best first
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl ReadArgs {
    fn claim(&self, settings: &Settings) -> Result<Claim, Failure> {
        let mut lists = [self.names.clone()];
        self.synonymous.widen(&mut lists, settings)?;
        let [names] = lists;
        let direction = if self.higher_in.is_some() {
            Direction::Higher
        } else {
            Direction::Lower
        };
        Ok(Claim {
            names,
            direction: Some(direction),
            target: self
                .higher_in
                .iter()
                .chain(&self.lower_in)
                .cloned()
                .collect(),
            reference: vec![self.than_in.clone()],
            context: self.about.clone(),
        })
    }
}

/// Runs the command.
pub(super) fn run(args: &ReadArgs, settings: &Settings) -> Result<(), Failure> {
    if let Some(name) = args.names.iter().find(|name| !reading::is_name(name)) {
        return Err(Failure::bad_input(
            format!("`{name}` is too short to be told from other words"),
            "give names of three characters or more, one of them a letter",
        ));
    }
    let store = Store::read_only(&args.place.path()?)?;
    let claim = args.claim(settings)?;
    let query = Query {
        names: claim.names.clone(),
        context: claim.context.clone(),
        narrow: false,
        limit: args.limit,
    };
    let papers = store.find(&query)?;
    let mut passages: Vec<(&Abstract, Passage)> = Vec::new();
    for paper in &papers {
        for passage in reading::read(paper, &claim) {
            if !passage.is_verbatim(paper) {
                return Err(Failure::Told {
                    exit: Exit::Bug,
                    message: format!("a quote of {} does not stand in its text", paper.id),
                    causes: Vec::new(),
                    hint: None,
                });
            }
            passages.push((paper, passage));
        }
    }
    // Stable: within a stance the best paper stays first.
    passages.sort_by_key(|(_, passage)| passage.stance);
    let count = |stance| passages.iter().filter(|(_, p)| p.stance == stance).count();
    let counts = [Stance::Aligned, Stance::Contradicted, Stance::Mentioned].map(count);
    if args.json {
        let quotes: Vec<Value> = passages.iter().map(|(paper, p)| quote(paper, p)).collect();
        return output::json(&json!({
            "claim": claim,
            "papers": papers.len(),
            "blake3": paper::blake3_of(&papers),
            "store": store.summary()?,
            "passages": quotes,
        }));
    }
    let mut out = String::new();
    for (paper, passage) in &passages {
        out.push_str(&format!(
            "{}  {}{}\n  “{}”\n  {}; {}\n",
            word(passage.stance),
            paper.id,
            paper
                .year
                .map_or_else(String::new, |year| format!(" ({year})")),
            tidy(&passage.quote, SENTENCE),
            tidy(&passage.because, SENTENCE),
            paper.id.address(),
        ));
    }
    let [aligned, contradicted, mentioned] = counts;
    out.push_str(&format!(
        "{} of {} read: {aligned} aligned, {contradicted} contradicted, {mentioned} mentioned. What a store does not hold \
         may still be in the literature.\n",
        text::count(passages.len(), "sentence", "sentences"),
        text::count(papers.len(), "paper", "papers"),
    ));
    output::text(&out)
}

fn quote(paper: &Abstract, passage: &Passage) -> Value {
    json!({
        "stance": passage.stance,
        "id": paper.id,
        "address": paper.id.address(),
        "part": passage.part,
        "start": passage.span.start,
        "end": passage.span.end,
        "quote": passage.quote,
        "because": passage.because,
        "title": paper.title,
        "year": paper.year,
        "journal": paper.journal,
    })
}

fn word(stance: Stance) -> &'static str {
    match stance {
        Stance::Aligned => "aligned",
        Stance::Contradicted => "contradicted",
        Stance::Mentioned => "mentioned",
    }
}
