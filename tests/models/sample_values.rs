//! Values of single samples: in prompts of privacy mode `full`, and of no other.

use proteus_llm::Privacy;

use super::*;

/// Runs in a privacy mode; every question, by name, with its system text, and the outcome.
fn in_mode(folder: &Path, privacy: Privacy) -> (Vec<(String, String)>, Outcome) {
    let mut models = models();
    models.privacy = privacy;
    let asked_for: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
    let seen = Arc::clone(&asked_for);
    let script = move |q: &Question| {
        let shown = format!("[system]\n{}\n[user]\n{}", q.messages[0].text, asked(q));
        let entry = (name_of(q).to_owned(), shown);
        seen.lock().unwrap().push(entry);
        assert_eq!(
            q.has_sample_values(),
            asked(q).contains("Measured in single samples"),
            "{}",
            name_of(q)
        );
        honest(q)
    };
    let outcome = with_backends(
        folder,
        privacy.name(),
        Mode::Live,
        None,
        &models,
        vec![Arc::new(Scripted::function("script", script))],
    );
    let asked_for = asked_for.lock().unwrap().clone();
    (asked_for, outcome)
}

/// Whether a text names a sample of the study, `S0` to `S23`.
fn names_a_sample(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| {
        word.strip_prefix('S')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// A prompt without its blank lines, each value of a sample as `#`.
fn without_numbers(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.is_empty());
    let lines: Vec<String> = lines
        .map(|line| match line.split_once(": ") {
            Some((who, told)) if names_a_sample(line) => {
                let samples = told.split("; ").map(|one| one.split(' ').next().unwrap());
                let samples: Vec<String> = samples.map(|sample| format!("{sample} #")).collect();
                format!("{who}: {}", samples.join("; "))
            }
            _ => line.to_owned(),
        })
        .collect();
    lines.join("\n")
}

#[test]
fn only_full_shows_samples_and_their_values() {
    let folder = TempDir::new().unwrap();
    study(folder.path());
    let (summaries, outcome) = in_mode(folder.path(), Privacy::Summaries);
    let readings = outcome.readings.as_ref().unwrap();
    assert_eq!(readings.privacy, "summaries");
    assert!(readings.decisions.iter().all(|d| !d.sample_values));

    let (full, whole) = in_mode(folder.path(), Privacy::Full);
    let readings = whole.readings.as_ref().unwrap();
    assert_eq!(readings.privacy, "full");
    let with_values: BTreeSet<&str> = readings
        .decisions
        .iter()
        .filter(|d| d.sample_values)
        .map(|d| d.purpose.as_str())
        .collect();
    assert_eq!(with_values, BTreeSet::from(["critic/rival", "judge/score"]));
    assert_eq!(
        statements(&outcome.hypotheses),
        statements(&whole.hypotheses)
    );

    // Every value that the full mode told.
    let mut values = BTreeSet::new();
    for (name, text) in &full {
        let lines = text.lines().filter(|line| names_a_sample(line));
        for line in lines {
            let (_, told) = line.split_once(": ").unwrap();
            values.extend(told.split("; ").map(str::to_owned));
            assert!(
                ["critic_rival", "judge_score"].contains(&name.as_str()),
                "{name}: {line}"
            );
        }
    }
    assert!(values.len() >= 24, "{values:?}");
    for (name, text) in &summaries {
        assert!(!names_a_sample(text), "{name}: {text}");
        for value in &values {
            let number = value.rsplit(' ').next().unwrap();
            assert!(!text.contains(number), "{name} holds {number}");
        }
    }
    // The prompts of the other modes are those of `prompt_critic_rival` and `prompt_judge_score`.
    for name in ["critic_rival", "judge_score"] {
        let (_, text) = full.iter().find(|(asked, _)| asked == name).unwrap();
        insta::assert_snapshot!(format!("full_{name}"), without_numbers(text));
    }
    let model = proteus::report::ReportModel::load(&whole.folder).unwrap();
    let page = proteus::report::markdown(&model, &Content::embedded()).unwrap();
    assert!(page.contains("held values and names of single samples."));
}
