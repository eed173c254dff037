//! Whether a critic says something, or the claim again in other words.
//!
//! The check of sentences lets through nothing but what the evidence says; read the other way round it tells what adds to the
//! evidence: words that it does not know. A part of a rival explanation that names what the claim is about, tells a direction and
//! brings hardly a word of that kind is the claim again, and what is left beside such parts must bring one. So must the
//! experiment proposed, beyond words for measuring.

use std::collections::BTreeSet;

use super::check::{is_of_the_evidence, tells_direction};
use super::facts::HypothesisFacts;
use super::ground::{Ground, Named};
use super::lexer::Token;

/// Words from which on a part that tells a direction is more than the claim again.
const ENOUGH: usize = 2;
/// Words shorter than this tell nothing.
const SHORTEST: usize = 4;

/// Words that begin a part of their own: what follows may be the reason.
const REASONS: [&str; 20] = [
    "because",
    "since",
    "due",
    "owing",
    "caused",
    "driven",
    "resulting",
    "results",
    "reflect",
    "reflects",
    "reflecting",
    "reflected",
    "from",
    "by",
    "via",
    "through",
    "while",
    "whereas",
    "rather",
    "if",
];

/// What stands for the subject of a claim without naming it.
const STANDS_FOR_SUBJECT: [&str; 9] = [
    "it",
    "its",
    "protein",
    "proteins",
    "abundance",
    "level",
    "levels",
    "expression",
    "intensity",
];

/// Words that affirm a claim, or connect, and give no reason for it.
const HOLLOW: [&str; 36] = [
    "true",
    "truly",
    "real",
    "really",
    "genuine",
    "genuinely",
    "actual",
    "actually",
    "biological",
    "biologically",
    "response",
    "responds",
    "responding",
    "expression",
    "expressed",
    "specific",
    "specifically",
    "significant",
    "significantly",
    "experimental",
    "important",
    "involved",
    "role",
    "function",
    "itself",
    "upon",
    "under",
    "after",
    "following",
    "during",
    "simply",
    "merely",
    "rather",
    "explanation",
    "alternative",
    "reason",
];

/// Beginnings of words for measuring, and for doing so again.
const MEASURING: [&str; 18] = [
    "again",
    "repeat",
    "perform",
    "conduct",
    "carr",
    "experiment",
    "quantif",
    "determin",
    "verif",
    "validat",
    "replicat",
    "assess",
    "evaluat",
    "examin",
    "investigat",
    "using",
    "whether",
    "same",
];

/// Whether a rival explanation and its test say something that the claim and the experiment planned do not.
pub(super) fn says_something(
    alternative: &str,
    test: &str,
    facts: &HypothesisFacts,
    ground: &Ground,
) -> bool {
    let beside = beside_the_claim(&ground.tokens(alternative), ground);
    let known = [&facts.statement, &facts.next];
    let measures_only = |word: &str| MEASURING.iter().any(|m| word.starts_with(m));
    let of_test = new_words(&ground.tokens(test), ground);
    known
        .iter()
        .all(|text| adds_to(alternative, text) && adds_to(test, text))
        && !beside.is_empty()
        && of_test.iter().any(|word| !measures_only(word))
}

/// The words of a rival explanation that are new, without those of parts that only say the claim again.
fn beside_the_claim(tokens: &[Token], ground: &Ground) -> BTreeSet<String> {
    let mut beside = BTreeSet::new();
    for part in parts(tokens) {
        let new = new_words(part, ground);
        if new.len() >= ENOUGH || !tells_the_claim(part, ground) {
            beside.extend(new);
        }
    }
    beside
}

/// Parts of a sentence, each with the word that leads to it.
fn parts(tokens: &[Token]) -> Vec<&[Token]> {
    let begins = |token: &Token| match token {
        Token::Word(word) => REASONS.contains(&word.to_lowercase().as_str()),
        Token::Stop | Token::Mark(',' | ':' | '(' | '–' | '—') => true,
        Token::Name(_) | Token::Number(_) | Token::Mark(_) => false,
    };
    let mut parts = Vec::new();
    let mut from = 0;
    for at in 1..tokens.len() {
        if begins(&tokens[at]) {
            parts.push(&tokens[from..at]);
            from = at;
        }
    }
    parts.push(&tokens[from..]);
    parts
}

/// Whether a part names what the claim is about, or what stands for it, and tells a direction or a difference.
fn tells_the_claim(part: &[Token], ground: &Ground) -> bool {
    let subject = part.iter().any(|token| match token {
        Token::Name(place) => matches!(ground.meaning(*place), Named::Subject(_)),
        Token::Word(word) => STANDS_FOR_SUBJECT.contains(&word.to_lowercase().as_str()),
        Token::Number(_) | Token::Stop | Token::Mark(_) => false,
    });
    let direction = part.iter().any(|token| match token {
        Token::Word(word) => tells_direction(&word.to_lowercase()),
        _ => false,
    });
    subject && direction
}

/// Words that the evidence does not have and that tell more than a direction or that something is so.
fn new_words(tokens: &[Token], ground: &Ground) -> BTreeSet<String> {
    let words = tokens.iter().filter_map(|token| match token {
        Token::Word(word) => Some(word.to_lowercase()),
        _ => None,
    });
    words
        .filter(|word| word.chars().count() >= SHORTEST)
        .filter(|word| {
            !is_of_the_evidence(word, ground)
                && !tells_direction(word)
                && !HOLLOW.contains(&word.as_str())
                && !REASONS.contains(&word.as_str())
                && !ground.resembles(word)
        })
        .collect()
}

/// Whether a text says something that another does not: at least this many words, and this share of its words, are new.
fn adds_to(text: &str, known: &str) -> bool {
    const NEW_WORDS: usize = 3;
    const NEW_SHARE: f64 = 0.4;
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().count() >= SHORTEST)
            .map(str::to_lowercase)
            .collect()
    };
    let (said, known) = (words(text), words(known));
    let new = said.difference(&known).count();
    new >= NEW_WORDS && new as f64 >= NEW_SHARE * said.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::reasoning::ground::Effect;
    use crate::discovery::Direction;

    fn record() -> (HypothesisFacts, Ground) {
        let facts = HypothesisFacts {
            statement: "SEPTIN6 is more abundant in treated than in control (log2 fold change +1.62)."
                .to_owned(),
            question: "Which proteins are more or less abundant in treated than in control?"
                .to_owned(),
            target: "treated".to_owned(),
            reference: "control".to_owned(),
            facts: Vec::new(),
            more: 0,
            sets: Vec::new(),
            grade: "supported",
            q: "0.012".to_owned(),
            samples: "3 in treated, 3 in control".to_owned(),
            held: String::new(),
            cautions: Vec::new(),
            rivals: Vec::new(),
            refuted_by: "In new samples, SEPTIN6 is not higher in treated than in control."
                .to_owned(),
            next: "Measure SEPTIN6 in treated and control by targeted mass spectrometry (PRM) with heavy peptides, with 4 independent samples per arm."
                .to_owned(),
        };
        let mut ground = Ground::default();
        ground.name(
            "SEPTIN6",
            Named::Subject(Effect {
                direction: Direction::Higher,
                value: 1.62,
                interval: None,
            }),
        );
        ground.name("treated", Named::Target);
        ground.name("control", Named::Reference);
        for text in [
            &facts.statement,
            &facts.question,
            &facts.samples,
            &facts.next,
        ] {
            ground.words_of(text);
        }
        (facts, ground)
    }

    const TEST: &str = "store samples of both groups alike and freeze them at once";

    #[test]
    fn the_claim_in_other_words_says_nothing() {
        let (facts, ground) = record();
        for again in [
            "SEPTIN6 abundance is more abundant in treated than in control",
            "SEPTIN6 levels are elevated upon treatment relative to untreated conditions",
            "The observed increase in SEPTIN6 reflects higher protein abundance in the treated group",
            "A true biological upregulation of SEPTIN6 in response to treatment",
            "The expression of SEPTIN6 is significantly increased following the treatment",
            "The treatment induces the expression of the protein, which leads to higher levels",
            "SEPTIN6 is upregulated by the treatment",
            "The protein is enriched because its levels rise under treatment",
            "",
        ] {
            assert!(!says_something(again, TEST, &facts, &ground), "{again}");
        }
    }

    #[test]
    fn a_reason_of_its_own_stands() {
        let (facts, ground) = record();
        for rival in [
            "the antibody of the bait may bind septins that aggregate during lysis",
            "the groups may differ in how their samples were stored",
            "SEPTIN6 is higher in treated because these samples hold more cells of another lineage",
            "the difference could come from contamination with blood of the treated samples",
            "higher total protein loading in the treated lanes",
            "a shift of the cell cycle toward mitosis, in which septins accumulate",
            "slower degradation of SEPTIN6 rather than increased synthesis",
            "treated samples were measured on another day, on a column that was newer",
        ] {
            assert!(says_something(rival, TEST, &facts, &ground), "{rival}");
        }
    }

    #[test]
    fn measuring_the_same_again_is_no_test() {
        let (facts, ground) = record();
        let rival = "the groups may differ in how their samples were stored";
        for again in [
            "Repeat the experiment and measure SEPTIN6 abundance in treated and control samples again",
            "Perform an assay to determine whether the levels of SEPTIN6 differ between both groups",
            "",
        ] {
            assert!(!says_something(rival, again, &facts, &ground), "{again}");
        }
        assert!(says_something(rival, TEST, &facts, &ground));
    }
}
