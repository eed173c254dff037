//! The words of a question: where it is cut, what is compared of a word, and which words say the same.

use std::collections::BTreeSet;
use std::ops::Range;

/// Words that carry no question.
const FILLERS: &str = "\
    exist exists form forms found happen happens important interesting look looks main major move moves \
    occur occurs react reacts respond responds shift shifts strong strongest top \
    about across after all also among an and any anything are as associate associated \
    association at be because before behave being between both bind binds bring brings by \
    can change changed changes changing compare compared comparing comparison contrast \
    correlate correlated correlates correlation could data dataset depend depends did differ \
    difference differences different differential differentially differs do does during each \
    effect else everything express expressed expression find follow followed following \
    follows for from give go goes going group groups had has have how if in into is it its \
    know level levels like make matter matters may me measured most my of on one or other \
    our out over patient patients please pull pulled relate related relation sample samples \
    see show shows significant significantly some study such tell than that the their them \
    there these they thing this those to under v vary varies versus vs was we were what when \
    where whether which while who whose why with within would you abundance abundant affect \
    affected affects alter altered influence influenced only";
/// Words that ask for one direction; both are tested all the same.
const DIRECTIONS: &str = "\
    more less higher lower high low up down increase increased increases decrease decreased \
    decreases rise rises rising fall falls falling elevated reduced upregulated \
    downregulated enriched depleted lost gained induced repressed";
/// Words that exclude something, which rules cannot follow.
const NEGATIONS: &str = "\
    not no without except excluding unless neither nor never cannot isn aren don doesn didn";
/// Words that name the same kind of variable, as stems.
const VARIABLE_WORDS: &[&[&str]] = &[
    &["sex", "gender"],
    &["treat", "treatment", "drug", "therapy", "trt"],
    &["mutation", "mut", "mutat", "mutant"],
    &["histology", "histologic", "histologically"],
    &["diagnosis", "diagnos"],
    &["response", "respons", "respond", "responder"],
    &["smok", "smoker", "tobacco"],
    &["tumor", "tumour"],
    &["stage", "stag"],
    &["subtype", "subtyp"],
];
/// Words that name the same group of samples, as stems.
const LEVEL_WORDS: &[&[&str]] = &[
    &["male", "men", "man", "m"],
    &["female", "women", "woman", "f"],
    &["tumor", "tumour", "cancer", "carcinoma", "malignant"],
    &["normal", "healthy"],
    &["control", "ctrl", "ctl"],
    &["treat", "treated", "treatment"],
    &["wildtype", "wt"],
    &["knockout", "ko"],
    &["mutant", "mutat", "mut"],
];
/// Words of a variable's name that say little of it.
const GENERIC: &str = "\
    status type class proteomics genomics sample samples group name value score number num \
    specify level category reg";

/// A question cut into words: at everything that is no letter or digit.
#[derive(Debug, Clone)]
pub(super) struct Words {
    text: String,
    places: Vec<Range<usize>>,
}

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let mut places: Vec<Range<usize>> = Vec::new();
        let mut start = None;
        for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
            match (c.is_alphanumeric(), start) {
                (true, None) => start = Some(at),
                (false, Some(from)) => {
                    places.push(from..at);
                    start = None;
                }
                _ => {}
            }
        }
        Self {
            text: text.to_owned(),
            places,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The words from `from` to before `to`, as written, with what stands between them.
    pub(super) fn raw(&self, from: usize, to: usize) -> &str {
        match (self.places.get(from), self.places.get(to.wrapping_sub(1))) {
            (Some(first), Some(last)) if first.start <= last.end => {
                &self.text[first.start..last.end]
            }
            _ => "",
        }
    }

    pub(super) fn word(&self, place: usize) -> &str {
        self.raw(place, place + 1)
    }

    /// Stretches of up to `longest` words, long ones first, as (from, to).
    pub(super) fn stretches(&self, longest: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        (1..=longest).rev().flat_map(move |length| {
            let last = (self.len() + 1).saturating_sub(length);
            (0..last).map(move |from| (from, from + length))
        })
    }

    /// The question with some words replaced, each given with its place.
    pub(super) fn with(&self, replace: impl Fn(usize, &str) -> Option<String>) -> String {
        let mut out = String::new();
        let mut at = 0;
        for (place, range) in self.places.iter().enumerate() {
            out.push_str(&self.text[at..range.start]);
            let word = &self.text[range.clone()];
            out.push_str(&replace(place, word).unwrap_or_else(|| word.to_owned()));
            at = range.end;
        }
        out.push_str(&self.text[at..]);
        out
    }
}

/// Letters and digits only, in small letters.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A word without its ending: plural and past are the same word.
pub(super) fn stem(word: &str) -> String {
    let mut stem = word.to_lowercase();
    for ending in ["ies", "ing", "ed", "es", "s"] {
        let long = stem.chars().count() > ending.len() + 3;
        if long && stem.ends_with(ending) && !stem.ends_with("ss") && !stem.ends_with("sis") {
            stem.truncate(stem.len() - ending.len());
            if ending == "ies" {
                stem.push('y');
            }
            break;
        }
    }
    stem
}

fn sense(word: &str, groups: &[&[&str]]) -> String {
    let own = stem(word);
    let lower = word.to_lowercase();
    groups
        .iter()
        .find(|group| group.contains(&own.as_str()) || group.contains(&lower.as_str()))
        .map_or(own, |group| group[0].to_owned())
}

/// What a word names among variables.
pub(super) fn variable_sense(word: &str) -> String {
    sense(word, VARIABLE_WORDS)
}

/// What a word names among groups of samples.
pub(super) fn level_sense(word: &str) -> String {
    sense(word, LEVEL_WORDS)
}

/// The words of a name: cut at what is no letter or digit and where a small letter meets a capital.
pub(super) fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let cut = !c.is_alphanumeric() || (before.is_lowercase() && c.is_uppercase());
        if cut && words.last().is_some_and(|w| !w.is_empty()) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(last) = words.last_mut()
        {
            last.push(c);
        }
        before = c;
    }
    words.retain(|w| !w.is_empty());
    words
}

/// The words of a variable's name that tell it from others.
pub(super) fn telling(name: &str) -> Vec<String> {
    let words = words_of(name);
    let tells = |w: &&String| w.chars().count() >= 3 && !is_in(GENERIC, w);
    words.iter().filter(tells).cloned().collect()
}

fn is_in(list: &str, word: &str) -> bool {
    let word = word.to_lowercase();
    list.split_whitespace().any(|w| w == word)
}

/// Words behind a negation that it may exclude.
const NEGATED: usize = 3;

impl Words {
    /// Places of words that a negation may exclude, the negation's own among them.
    pub(super) fn negated(&self) -> BTreeSet<usize> {
        let negations = (0..self.len()).filter(|&p| is_negation(self.word(p)));
        let behind = negations.flat_map(|p| p..=p + NEGATED);
        behind.filter(|&p| p < self.len()).collect()
    }
}

/// Whether two stems are forms of one word: `ribosome`, `ribosomal`.
pub(super) fn alike(a: &str, b: &str) -> bool {
    const SHORTEST: usize = 6;
    const LONGER: usize = 3;
    let root = |word: &str| word.strip_suffix('e').unwrap_or(word).to_owned();
    let (a, b) = (root(a), root(b));
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short == long
        || (short.chars().count() >= SHORTEST
            && long.starts_with(&short)
            && long.chars().count() <= short.chars().count() + LONGER)
}

/// Whether a word asks for a kind of claim and names nothing by itself.
pub(super) fn asks_for_a_kind(word: &str) -> bool {
    matches!(
        stem(word).as_str(),
        "pathway"
            | "process"
            | "proces"
            | "complex"
            | "complexe"
            | "subtype"
            | "subtyp"
            | "cluster"
    )
}

/// Whether a word only says that rows of the table are asked for.
pub(super) fn asks_for_rows(word: &str) -> bool {
    matches!(stem(word).as_str(), "protein" | "gene" | "proteome")
}

pub(super) fn is_filler(word: &str) -> bool {
    word.chars().count() < 2 || is_in(FILLERS, word)
}

pub(super) fn is_direction(word: &str) -> bool {
    is_in(DIRECTIONS, word)
}

pub(super) fn is_negation(word: &str) -> bool {
    is_in(NEGATIONS, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_cut_at_everything_but_letters_and_digits() {
        let words = Words::of("Is HLA-A (in MSI-H) higher?");
        assert_eq!(words.len(), 7);
        assert_eq!(words.raw(1, 3), "HLA-A");
        assert_eq!(words.raw(4, 6), "MSI-H");
        assert_eq!(words.word(6), "higher");
        assert_eq!(words.raw(5, 5), "");
        let hidden = words.with(|place, _| (place == 1 || place == 2).then(|| "X".to_owned()));
        assert_eq!(hidden, "Is X-X (in MSI-H) higher?");
        assert_eq!(Words::of(" ?! ").len(), 0);
        let negated = Words::of("changes with age and not in normal tissue or elsewhere").negated();
        assert_eq!(negated, BTreeSet::from([4, 5, 6, 7]));
        assert_eq!(Words::of("ß→µ").len(), 2);
    }

    #[test]
    fn words_that_say_the_same_are_the_same() {
        assert_eq!(variable_sense("Gender"), variable_sense("sex"));
        assert_eq!(level_sense("tumours"), level_sense("Cancer"));
        assert_ne!(level_sense("women"), level_sense("men"));
        assert_eq!(stem("studies"), "study");
        assert_eq!(stem("diagnosis"), "diagnosis");
        assert_eq!(stem("class"), "class");
        assert_eq!(
            words_of("Proteomics_TumorNormal-x"),
            ["Proteomics", "Tumor", "Normal", "x"]
        );
        assert_eq!(telling("MSI_status"), ["MSI"]);
        assert!(alike("spliceosome", "spliceosomal") && alike("proteasome", "proteasome"));
        assert!(!alike("cell", "cellular") && !alike("transport", "transportation"));
    }
}
