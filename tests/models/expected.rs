//! What is expected before the first question, beside what was used.

use proteus::discovery::ForecastAmount;

use super::*;

fn amount(cost: &proteus::discovery::ModelCost) -> ForecastAmount {
    ForecastAmount {
        calls: cost.calls,
        prompt_tokens: cost.prompt_tokens,
        reply_tokens: cost.reply_tokens,
        money: cost.money,
    }
}

#[test]
fn what_is_expected_is_what_is_used_within_a_factor() {
    let folder = TempDir::new().unwrap();
    study(folder.path());
    let outcome = with_script(folder.path(), "runs", Mode::Live, None, Arc::new(honest));
    let readings = outcome.readings.as_ref().unwrap();
    let forecast = readings.forecast.as_ref().unwrap();
    let (likely, most, used) = (forecast.likely(), forecast.most(), amount(&readings.cost));
    let roles: Vec<(&str, &str)> = forecast
        .parts
        .iter()
        .map(|part| (part.role.as_str(), part.purpose.as_str()))
        .collect();
    assert_eq!(
        roles,
        [
            ("proposer", "choosing questions"),
            ("planner", "choosing what fits are adjusted for"),
            ("writer", "wording hypotheses"),
            ("critic", "looking for rivals"),
            ("interpreter", "summing up questions"),
            ("judge", "testing judges on twins"),
            ("judge", "scoring hypotheses"),
        ]
    );
    assert!(
        used.calls <= most.calls
            && used.prompt_tokens <= most.prompt_tokens
            && used.reply_tokens <= most.reply_tokens,
        "{used:?} is more than {most:?}"
    );
    // This writer sends a first draft that is always sent back, which is not what is likely.
    for (what, likely, used) in [
        ("calls", likely.calls, used.calls),
        ("prompt tokens", likely.prompt_tokens, used.prompt_tokens),
        ("reply tokens", likely.reply_tokens, used.reply_tokens),
    ] {
        let ratio = likely as f64 / used as f64;
        assert!(
            (0.5..2.0).contains(&ratio),
            "{what}: {likely} likely, {used} used"
        );
    }
    assert!(forecast.cut_off.is_empty(), "no budget, no end");
    let journal = std::fs::read_to_string(outcome.folder.join("journal.jsonl")).unwrap();
    let at = |what: &str| {
        journal
            .lines()
            .position(|line| line.contains(what))
            .unwrap()
    };
    assert!(at("models_expected") < at("objective_proposed"));
    let model = proteus::report::ReportModel::load(&outcome.folder).unwrap();
    let page = proteus::report::markdown(&model, &Content::embedded()).unwrap();
    let line = format!(
        "Expected before the first of them: about {} questions",
        likely.calls
    );
    assert!(page.contains(&line), "no `{line}`");
    assert!(page.contains("Privacy mode offline: no question held a value"));
}

#[test]
fn a_budget_that_will_end_is_told_before_it_does() {
    let folder = TempDir::new().unwrap();
    study(folder.path());
    let mut limited = models();
    limited.budget.calls = Some(4);
    limited.budget.tokens = Some(10_000_000);
    let outcome = with_backends(
        folder.path(),
        "runs",
        Mode::Live,
        None,
        &limited,
        vec![Arc::new(Scripted::function("script", honest))],
    );
    let readings = outcome.readings.unwrap();
    let told = &readings.forecast.as_ref().unwrap().cut_off;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("the budget of 4 calls is likely to end while the writer"),
        "{told:?}"
    );
    assert!(readings.stopped.unwrap().contains("budget"));
}
