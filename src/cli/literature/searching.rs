//! `proteus literature search`: papers of the store by words, and by nearness to what the words mean where an encoder is given.

use std::path::{Path, PathBuf};

use clap::Args;
use proteus_literature::ranking::{cosine, text};
use proteus_literature::{Abstract, Store, paper};
use serde_json::json;

use super::{Place, Synonymous, papers};
use crate::cli::encoder;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::cli::settings::Settings;

/// Papers that an encoder puts in order, the best by words, where fewer are shown.
const POOL: usize = 200;

/// Arguments of `proteus literature search`.
#[derive(Debug, Args)]
pub(super) struct SearchArgs {
    /// The words
    #[arg(required = true, value_name = "WORD")]
    words: Vec<String>,
    /// Papers at most
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    synonymous: Synonymous,
    /// Put the papers that are found in order with this sentence encoder, a folder of safetensors, nearest to the words first
    #[arg(long, value_name = "FOLDER")]
    embedder: Option<PathBuf>,
    /// Print JSON, with abstracts and a hash of what was found
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// What put papers in order, and how near they are.
struct Order {
    by: String,
    cosines: Vec<f64>,
}

/// Runs the command.
pub(super) fn run(args: &SearchArgs, settings: &Settings) -> Result<(), Failure> {
    let words = args.words.join(" ");
    let store = Store::read_only(&args.place.path()?)?;
    let mut lists: Vec<Vec<String>> = words
        .split_whitespace()
        .map(|word| vec![word.to_owned()])
        .collect();
    args.synonymous.widen(&mut lists, settings)?;
    let pool = match args.embedder {
        Some(_) => args.limit.max(POOL),
        None => args.limit,
    };
    let mut found = store.with_all(&lists, pool)?;
    let order = match &args.embedder {
        Some(folder) => Some(nearest_first(folder, &words, &mut found, settings)?),
        None => None,
    };
    found.truncate(args.limit);
    if args.json {
        let mut told = json!({
            "words": words,
            "store": store.summary()?,
            "blake3": paper::blake3_of(&found),
            "abstracts": found,
        });
        if args.synonymous.synonyms {
            told["names"] = json!(lists);
        }
        if let Some(order) = &order {
            let cosines = order.cosines.iter().take(found.len());
            told["ordered"] = json!({"by": order.by, "cosines": cosines.collect::<Vec<_>>()});
        }
        return output::json(&told);
    }
    output::text(&papers(&found).render())
}

/// Puts papers in order, nearest to the words first.
fn nearest_first(
    folder: &Path,
    words: &str,
    found: &mut Vec<Abstract>,
    settings: &Settings,
) -> Result<Order, Failure> {
    let encoder = encoder::open(folder)?;
    let mut texts = vec![words.to_owned()];
    texts.extend(found.iter().map(text));
    let vectors = settings
        .runtime()?
        .block_on(encoder.backend.embed(&texts))?;
    let (question, of_papers) = vectors.split_first().map_or_else(
        || (&[][..], &[][..]),
        |(question, papers)| (question.as_slice(), papers),
    );
    let mut near: Vec<(f64, Abstract)> = Vec::with_capacity(found.len());
    for (paper, vector) in found.drain(..).zip(of_papers) {
        let cosine = cosine(question, vector).map_err(|reason| {
            Failure::bad_input(
                format!("`{}` orders nothing: it gave {reason}", folder.display()),
                "give another encoder, or search without `--embedder`",
            )
        })?;
        near.push((cosine, paper));
    }
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (cosines, papers): (Vec<f64>, Vec<Abstract>) = near.into_iter().unzip();
    *found = papers;
    Ok(Order {
        by: encoder.name,
        cosines,
    })
}
