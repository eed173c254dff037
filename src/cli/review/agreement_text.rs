//! The agreement of reviewers as text.

use crate::cli::text_table::TextTable;
use crate::report::text::{NAME, SENTENCE, count, tidy};
use crate::review::agreement::{Agreement, Measure};

/// Rows of each list.
const SHOWN: usize = 20;

/// Everything, for people.
pub(in crate::cli) fn text(found: &Agreement) -> String {
    let mut out = format!(
        "{}: {}, {}\n",
        tidy(&found.run, NAME),
        count(found.hypotheses, "hypothesis", "hypotheses"),
        count(found.reviewers.len(), "reviewer", "reviewers"),
    );
    for rater in &found.reviewers {
        out.push_str(&format!(
            "  {}: {} reviewed, {} of them blinded\n",
            tidy(&rater.name, NAME),
            rater.reviewed,
            rater.blinded
        ));
    }
    out.push('\n');
    let mut table = TextTable::new(&[
        ("axis", 14),
        ("scores", 8),
        ("kappa", 8),
        ("alpha ord.", 10),
        ("alpha int.", 10),
        ("ICC(2,1)", 22),
        ("ICC(2,k)", 22),
        ("program", 22),
    ]);
    for axis in &found.axes {
        table.row(vec![
            axis.axis.to_owned(),
            axis.scores.to_string(),
            shown(&axis.mean_kappa),
            shown(&axis.alpha_ordinal),
            shown(&axis.alpha_interval),
            shown(&axis.icc_single),
            shown(&axis.icc_average),
            shown(&axis.engine),
        ]);
    }
    out.push_str(&table.render());
    out.push_str(&format!(
        "\nover all axes, with the program: {}\n",
        shown(&found.engine_overall)
    ));
    undefined(&mut out, found);
    if found.reviewers.len() > 2 {
        out.push_str("\nkappa of every two reviewers:\n");
        for axis in &found.axes {
            for pair in &axis.kappa {
                out.push_str(&format!(
                    "  {}: {}, {}: {}\n",
                    axis.axis,
                    tidy(&pair.first, NAME),
                    tidy(&pair.second, NAME),
                    shown(&pair.kappa)
                ));
            }
        }
    }
    if !found.gaps.is_empty() {
        out.push_str("\nwho disagrees where:\n");
        for gap in found.gaps.iter().take(SHOWN) {
            out.push_str(&format!(
                "  H{} {}: {} by {}, {} by {}\n",
                gap.rank,
                gap.axis,
                gap.lowest.1,
                tidy(&gap.lowest.0, NAME),
                gap.highest.1,
                tidy(&gap.highest.0, NAME)
            ));
        }
        more(&mut out, found.gaps.len());
    }
    match &found.ranking_undefined {
        Some(why) => out.push_str(&format!("\nno order of the reviewers: {why}\n")),
        None => {
            out.push_str("\nthe reviewers' order (Bradley–Terry):\n");
            for (place, ranked) in found.ranking.iter().take(SHOWN).enumerate() {
                out.push_str(&format!(
                    "  {}. H{} ({:+.2}, mean {:.2}): {}\n",
                    place + 1,
                    ranked.rank,
                    ranked.strength,
                    ranked.mean_score,
                    tidy(&ranked.statement, SENTENCE)
                ));
            }
            more(&mut out, found.ranking.len());
        }
    }
    out
}

fn shown(measure: &Measure) -> String {
    match (measure.value, measure.interval) {
        (None, _) => "–".to_owned(),
        (Some(value), None) => format!("{value:.2}"),
        (Some(value), Some([low, high])) => format!("{value:.2} ({low:.2} to {high:.2})"),
    }
}

/// Why there are dashes.
fn undefined(out: &mut String, found: &Agreement) {
    let mut told: Vec<String> = Vec::new();
    for axis in &found.axes {
        let measures = [
            ("kappa", &axis.mean_kappa),
            ("alpha", &axis.alpha_ordinal),
            ("ICC", &axis.icc_single),
            ("program", &axis.engine),
        ];
        for (name, measure) in measures {
            if let Some(why) = &measure.undefined {
                told.push(format!("{}, {name}: {why}", axis.axis));
            }
        }
    }
    if let Some(why) = &found.engine_overall.undefined {
        told.push(format!("over all axes: {why}"));
    }
    for line in told {
        out.push_str(&format!("– {line}\n"));
    }
}

fn more(out: &mut String, total: usize) {
    if total > SHOWN {
        out.push_str(&format!("  … and {} more\n", total - SHOWN));
    }
}
