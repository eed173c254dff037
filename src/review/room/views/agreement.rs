//! The page that says how far reviewers agree.

use serde_json::{Value, json};

use super::{At, lines};
use crate::report::text::{NAME, SENTENCE, count, tidy};
use crate::review::ReviewError;
use crate::review::agreement::{Measure, agreement as compare};

/// Rows of each list.
const MOST_ROWS: usize = 50;

/// The page.
pub(in crate::review::room) fn agreement(at: &At) -> Result<Value, ReviewError> {
    let found = compare(&at.open.run)?;
    let place_of = |id: &str| {
        at.open
            .run
            .place(id)
            .map_or_else(|_| String::new(), |p| at.href_of(p))
    };
    let axes: Vec<Value> = found
        .axes
        .iter()
        .map(|axis| {
            let measures = [
                ("kappa, mean over pairs", &axis.mean_kappa),
                ("alpha, ordinal", &axis.alpha_ordinal),
                ("alpha, interval", &axis.alpha_interval),
                ("ICC(2,1), one reviewer", &axis.icc_single),
                ("ICC(2,k), their mean", &axis.icc_average),
                ("rank correlation with the program", &axis.engine),
            ];
            let cells: Vec<Value> = measures.iter().map(|(name, m)| cell(name, m)).collect();
            let pairs: Vec<Value> = axis
                .kappa
                .iter()
                .map(|p| json!({"first": p.first, "second": p.second, "kappa": cell("kappa", &p.kappa)}))
                .collect();
            json!({"name": axis.axis, "scores": axis.scores, "cells": cells, "pairs": pairs})
        })
        .collect();
    let ranking: Vec<Value> = found
        .ranking
        .iter()
        .take(MOST_ROWS)
        .enumerate()
        .map(|(k, r)| {
            json!({
                "place": k + 1,
                "rank": r.rank,
                "href": place_of(&r.hypothesis),
                "strength": number(r.strength),
                "mean": number(r.mean_score),
                "statement": tidy(&r.statement, SENTENCE),
            })
        })
        .collect();
    let gaps: Vec<Value> = found
        .gaps
        .iter()
        .take(MOST_ROWS)
        .map(|g| {
            json!({
                "href": place_of(&g.hypothesis),
                "rank": g.rank,
                "id": tidy(&g.hypothesis, NAME),
                "axis": g.axis,
                "lowest": g.lowest.0,
                "low": g.lowest.1,
                "highest": g.highest.0,
                "high": g.highest.1,
            })
        })
        .collect();
    let mut crumbs = at.crumbs();
    crumbs.push(super::crumb(&at.href(&[]), "Hypotheses"));
    Ok(json!({
        "title": format!("Agreement on {}", tidy(&found.run, NAME)),
        "crumbs": crumbs,
        "people": found.reviewers,
        "hypotheses": count(found.hypotheses, "hypothesis", "hypotheses"),
        "axes": axes,
        "overall": cell("overall", &found.engine_overall),
        "ranking": ranking,
        "ranking_undefined": lines(&found.ranking_undefined.unwrap_or_default()),
        "gaps": gaps,
        "more_gaps": found.gaps.len().saturating_sub(MOST_ROWS),
        "more_ranked": found.ranking.len().saturating_sub(MOST_ROWS),
    }))
}

fn cell(name: &str, measure: &Measure) -> Value {
    json!({
        "name": name,
        "value": measure.value.map_or_else(String::new, number),
        "interval": measure.interval.map_or_else(String::new, |[low, high]| format!("{} to {}", number(low), number(high))),
        "hypotheses": measure.hypotheses,
        "undefined": measure.undefined.clone().unwrap_or_default(),
    })
}

/// Two decimals with a true minus sign.
fn number(value: f64) -> String {
    let text = format!("{:.2}", value.abs());
    if value < 0.0 && text != "0.00" {
        format!("−{text}")
    } else {
        text
    }
}
