//! The strata of the menu as a script reads them: how many tests reach each score, in the data and on decoys.

use serde::Serialize;

use crate::report::ReportModel;
use crate::report::page::{stratum_anchor, stratum_heading};
use crate::report::text::{NAME, tidy};

/// One stratum.
#[derive(Debug, Serialize)]
pub(super) struct StratumView {
    /// The id of its figure.
    anchor: String,
    heading: String,
    bin_width: f64,
    /// Tests per bin in the data.
    target: Vec<u64>,
    /// Tests per bin over all decoys.
    decoy: Vec<u64>,
    n_decoys: usize,
    /// Score that one more test would have needed to be supported.
    cut_off: Option<f64>,
}

/// Describes the strata.
pub(super) fn strata(model: &ReportModel) -> Vec<StratumView> {
    let strata = model.calibration.iter().flat_map(|c| &c.strata);
    strata
        .map(|s| StratumView {
            anchor: stratum_anchor(model, &s.id)
                .trim_start_matches('#')
                .to_owned(),
            heading: tidy(
                &model.shown(&stratum_heading(model, s), str::to_owned),
                3 * NAME,
            ),
            bin_width: s.histogram.bin_width,
            target: s.histogram.target.clone(),
            decoy: s.histogram.decoy.clone(),
            n_decoys: s.n_decoys,
            cut_off: s.cut_off(),
        })
        .collect()
}
