//! The forms of sentence that are read: `CA9 levels were increased in A compared with B`, `increased CA9 in A`, `A showed
//! higher CA9 levels than B`, `overexpression of CA9 in A`, and the same with the comparison in front.

use super::Direction;
use super::arms::{Arm, Arms};
use super::names::Mention;
use super::vocabulary::{
    ACTIVE, ADVERBS, AUXILIARIES, BESIDE, COMPARATIVES, DOWN, DOWN_NOUNS, HAVING, LEVELS,
    REPORTING, SEEN, UP, UP_NOUNS, is_any,
};
use super::words::Token;

/// What a clause states of the protein.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Statement {
    /// It goes this way in the target arm.
    Of {
        /// Which way.
        direction: Direction,
        /// How that was read.
        form: String,
    },
    /// Nothing that can be relied on.
    Unclear,
}

/// Prepositions of place.
const IN: [&str; 5] = ["in", "within", "from", "among", "across"];
/// What may stand in an enumeration of proteins.
const LISTED: [&str; 3] = [",", "and", "&"];

/// A word of a clause: the protein, or a token.
struct Word<'a> {
    stem: &'a str,
    token: &'a Token,
    named: bool,
}

/// Where a direction is and what it takes in.
struct Found {
    direction: Direction,
    word: String,
    /// Place of the first word of the form, and of the first after it.
    from: usize,
    to: usize,
}

/// Reads a clause about one mention.
pub(super) fn statement(clause: &[Token], mention: &Mention, arms: &Arms) -> Statement {
    let words = without_brackets(clause, mention);
    let Some(named) = words.iter().position(|word| word.named) else {
        return Statement::Unclear;
    };
    match after(&words, named).or_else(|| before(&words, named)) {
        Some(found) => compared(&words, &found, arms),
        None => Statement::Unclear,
    }
}

/// The words of a clause, the mention as one, what stands in brackets left out unless it is the mention itself.
fn without_brackets<'a>(clause: &'a [Token], mention: &Mention) -> Vec<Word<'a>> {
    let mut depth = 0_usize;
    let mut words = Vec::with_capacity(clause.len());
    for token in clause {
        match token.stem.as_str() {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            _ => {
                let inside =
                    mention.span.start < token.span.end && token.span.start < mention.span.end;
                let first = token.span.start == mention.span.start;
                // The other words of a long name stand for nothing more.
                if first || (depth == 0 && !inside) {
                    words.push(Word {
                        stem: if inside { "" } else { &token.stem },
                        token,
                        named: inside,
                    });
                }
            }
        }
    }
    words
}

fn direction(stem: &str) -> Option<Direction> {
    if UP.contains(&stem) {
        Some(Direction::Higher)
    } else if DOWN.contains(&stem) {
        Some(Direction::Lower)
    } else {
        None
    }
}

fn direction_of_noun(stem: &str) -> Option<Direction> {
    if UP_NOUNS.contains(&stem) {
        Some(Direction::Higher)
    } else if DOWN_NOUNS.contains(&stem) {
        Some(Direction::Lower)
    } else {
        None
    }
}

/// `NAME (levels) (were) (significantly) DIRECTION …`
fn after(words: &[Word<'_>], named: usize) -> Option<Found> {
    if !is_subject(words, named) {
        return None;
    }
    let mut helped = false;
    for (k, word) in words.iter().enumerate().skip(named + 1) {
        let stem = word.stem;
        if let Some((direction, read)) = abundant(words, k) {
            return helped
                .then_some(Found {
                    direction,
                    word: read.0,
                    from: named,
                    to: read.1,
                })
                .filter(|found| goes_on(words, found.to));
        }
        if let Some(direction) = direction(stem) {
            let mut to = k + 1;
            while words.get(to).is_some_and(|w| {
                LEVELS.contains(&w.stem)
                    || w.stem == "fold"
                    || w.token.number
                    || w.stem == "significantly"
            }) {
                to += 1;
            }
            let alone = ACTIVE.contains(&stem)
                && words
                    .get(to)
                    .is_none_or(|w| IN.contains(&w.stem) || w.stem == "by" || w.stem == ".");
            return ((helped || alone) && goes_on(words, to)).then(|| Found {
                direction,
                word: stem.to_owned(),
                from: named,
                to,
            });
        }
        let passes = LEVELS.contains(&stem)
            || is_any(stem, ADVERBS)
            || LISTED.contains(&stem)
            || word.token.symbol
            || (word.token.number && k > named + 1);
        if is_any(stem, AUXILIARIES) {
            helped = true;
        } else if !passes {
            return None;
        }
    }
    None
}

/// `more abundant`, `less highly expressed`: the direction, how it reads, and the place after it.
fn abundant(words: &[Word<'_>], k: usize) -> Option<(Direction, (String, usize))> {
    let direction = match words[k].stem {
        "more" => Direction::Higher,
        "less" => Direction::Lower,
        _ => return None,
    };
    let mut end = k + 1;
    while words
        .get(end)
        .is_some_and(|w| matches!(w.stem, "highly" | "strongly" | "abundantly"))
    {
        end += 1;
    }
    let last = words.get(end)?.stem;
    matches!(last, "abundant" | "expressed")
        .then(|| (direction, (format!("{} {last}", words[k].stem), end + 1)))
}

/// `DIRECTION (levels of) NAME …`, `overexpression of NAME …`
fn before(words: &[Word<'_>], named: usize) -> Option<Found> {
    let mut of = false;
    for k in (0..named).rev() {
        let stem = words[k].stem;
        let noun = direction_of_noun(stem).filter(|_| of);
        if let Some(direction) = noun.or_else(|| direction(stem)) {
            // `increase` without `of` or `in` is a verb, and its subject a cause.
            if noun.is_none()
                && matches!(
                    stem,
                    "increase" | "decrease" | "decline" | "rise" | "rose" | "fell" | "declined"
                )
            {
                return None;
            }
            let mut to = named + 1;
            while words.get(to).is_some_and(|w| {
                LEVELS.contains(&w.stem)
                    || SEEN.contains(&w.stem)
                    || (LISTED.contains(&w.stem)
                        && words.get(to + 1).is_some_and(|n| n.token.symbol))
                    || (w.token.symbol && !w.named)
            }) {
                to += 1;
            }
            let doubtful = is_doubtful(words, k, noun.is_some());
            return (!doubtful && goes_on(words, to)).then(|| Found {
                direction,
                word: stem.to_owned(),
                from: k,
                to,
            });
        }
        if stem == "of" || stem == "in" {
            of = true;
        } else if !(LEVELS.contains(&stem)
            || is_any(stem, ADVERBS)
            || LISTED.contains(&stem)
            || matches!(stem, "the" | "both")
            || words[k].token.symbol)
        {
            return None;
        }
    }
    None
}

/// Whether the direction before a name may be what a subject does to it (`vitamin D increased CA9`), or marks off some of
/// the samples (`tumors with increased CA9`).
fn is_doubtful(words: &[Word<'_>], k: usize, is_noun: bool) -> bool {
    let last = words[..k]
        .iter()
        .rev()
        .map(|word| word.stem)
        .find(|stem| !is_any(stem, ADVERBS) && !matches!(*stem, "a" | "an" | "the"));
    match last {
        None => false,
        Some("with") => true,
        // `lower` is a verb too.
        Some(_) if is_noun || matches!(words[k].stem, "higher" | "greater") => false,
        Some(last) => {
            !(HAVING.contains(&last)
                || matches!(
                    last,
                    ":" | "revealed"
                        | "found"
                        | "observed"
                        | "detected"
                        | "identified"
                        | "demonstrated"
                        | "confirmed"
                ))
        }
    }
}

/// Whether the name before a verb is what the verb is said of, and not the end of `a partner of NAME`.
fn is_subject(words: &[Word<'_>], named: usize) -> bool {
    let before = words[..named]
        .iter()
        .rposition(|w| !(matches!(w.stem, "the" | "both" | "and" | ",") || w.token.symbol));
    let Some(place) = before else {
        return true;
    };
    match words[place].stem {
        "of" => place > 0 && LEVELS.contains(&words[place - 1].stem),
        "in" => words[place + 1].stem == ",",
        stem => !is_any(
            stem,
            "to for with by from on at than versus vs as like per within into onto",
        ),
    }
}

/// Whether what follows a form is something that leaves it whole.
fn goes_on(words: &[Word<'_>], to: usize) -> bool {
    let Some(next) = words.get(to) else {
        return true;
    };
    match next.stem {
        "by" => words.get(to + 1).is_some_and(|w| w.token.number),
        "compared" | "relative" | "versus" | "vs" | "than" | "as" | "." | "," => true,
        stem => IN.contains(&stem),
    }
}

/// The arms on either side of the comparison.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
struct Sides {
    target: bool,
    reference: bool,
}

impl Sides {
    fn one(self) -> Option<Arm> {
        match (self.target, self.reference) {
            (true, false) => Some(Arm::Target),
            (false, true) => Some(Arm::Reference),
            _ => None,
        }
    }
}

fn compared(words: &[Word<'_>], found: &Found, arms: &Arms) -> Statement {
    let (front, rest) = (&words[..found.from], &words[found.to..]);
    let Some((front_locus, front_base)) = parted(front) else {
        return Statement::Unclear;
    };
    let Some((rest_locus, rest_base)) = parted(rest) else {
        return Statement::Unclear;
    };
    if front_base.is_some() && rest_base.is_some() {
        return Statement::Unclear;
    }
    let base = front_base.or(rest_base);
    // What says how it is known stands before `that` or a colon, and names no arm.
    let spoken = front_locus
        .iter()
        .rposition(|w| REPORTING.contains(&w.stem))
        .map_or(0, |place| place + 1);
    let head = sides(&front_locus[..spoken], arms);
    let subject = &front_locus[spoken..];
    let (in_subject, in_rest) = (sides(subject, arms), sides(rest_locus, arms));
    let in_front = Sides {
        target: head.target || in_subject.target,
        reference: head.reference || in_subject.reference,
    };
    // Where an arm counts, every word about it is known.
    let known = |part: &[Word<'_>]| (0..part.len()).all(|k| is_plain(part, k, arms));
    if !known(rest_locus) || base.is_some_and(|base| !known(base)) {
        return Statement::Unclear;
    }
    let counted = if in_rest == Sides::default() {
        let head_alone = head != Sides::default() && in_subject == Sides::default();
        let part = if head_alone {
            &front_locus[..spoken]
        } else {
            subject
        };
        if !known(part) {
            return Statement::Unclear;
        }
        in_front
    } else {
        Sides {
            target: in_rest.target || in_front.target,
            reference: in_rest.reference || in_front.reference,
        }
    };
    let Some(locus) = counted.one() else {
        return Statement::Unclear;
    };
    match (locus, base.map(|base| sides(base, arms).one())) {
        (Arm::Target, Some(Some(Arm::Reference))) => Statement::Of {
            direction: found.direction,
            form: format!(
                "“{}” in the target, measured against the reference",
                found.word
            ),
        },
        (Arm::Reference, Some(Some(Arm::Target))) => Statement::Of {
            direction: found.direction.opposite(),
            form: format!(
                "“{}” in the reference, measured against the target",
                found.word
            ),
        },
        (Arm::Target, None)
            if !COMPARATIVES.contains(&found.word.as_str())
                && !found.word.starts_with("more")
                && !found.word.starts_with("less") =>
        {
            Statement::Of {
                direction: found.direction,
                form: format!("“{}” in the target", found.word),
            }
        }
        _ => Statement::Unclear,
    }
}

/// A part of a clause: what is compared, and what it is compared with.
type Parts<'w, 'a> = (&'w [Word<'a>], Option<&'w [Word<'a>]>);

/// A part of a clause without its comparison, and what is compared with; none where there are two comparisons.
fn parted<'w, 'a>(words: &'w [Word<'a>]) -> Option<Parts<'w, 'a>> {
    let mut marks = Vec::new();
    for (k, word) in words.iter().enumerate() {
        let next = words.get(k + 1).map_or("", |w| w.stem);
        let length = match word.stem {
            "than" | "versus" | "vs" => 1,
            "compared" | "relative" | "comparison" | "comparing"
                if matches!(next, "with" | "to") =>
            {
                2
            }
            _ => continue,
        };
        marks.push((k, k + length));
    }
    let (at, begin) = match marks.as_slice() {
        [] => return Some((words, None)),
        [one] => *one,
        _ => return None,
    };
    let before = words[..at]
        .iter()
        .rposition(|w| !matches!(w.stem, "as" | "in" | "when" | ","))
        .map_or(0, |place| place + 1);
    let base = &words[begin..];
    let end = base
        .iter()
        .position(|w| w.stem == ",")
        .unwrap_or(base.len());
    let (base, tail) = base.split_at(end);
    // A comparison in front is followed by what is compared; one at the end by nothing that matters.
    if before == 0 {
        return Some((tail, Some(base)));
    }
    tail.iter()
        .all(|w| w.token.mark)
        .then_some((&words[..before], Some(base)))
}

fn sides(words: &[Word<'_>], arms: &Arms) -> Sides {
    let mut sides = Sides::default();
    for word in words {
        match arms.arm(word.stem) {
            Some(Arm::Target) => sides.target = true,
            Some(Arm::Reference) => sides.reference = true,
            None => {}
        }
    }
    sides
}

/// Whether a word beside an arm neither limits nor changes it. A number is that of a fold or of a difference; others count
/// some of the samples.
fn is_plain(words: &[Word<'_>], k: usize, arms: &Arms) -> bool {
    let word = &words[k];
    if word.token.number {
        let next = words.get(k + 1).map_or("", |w| w.stem);
        let last = k.checked_sub(1).map_or("", |before| words[before].stem);
        return word.stem.ends_with("fold") || next == "fold" || last == "by";
    }
    arms.is_ours(word.stem)
        || is_any(word.stem, BESIDE)
        || IN.contains(&word.stem)
        || is_any(word.stem, ADVERBS)
        || HAVING.contains(&word.stem)
        || matches!(word.stem, "fold" | "by")
        || word.token.mark
}
