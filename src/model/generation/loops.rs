//! Models that say the same over and over.

/// Longest phrase, in tokens, that is looked for.
const LONGEST: usize = 64;
/// Repetitions in a row that make a loop.
const REPETITIONS: usize = 4;
/// Tokens that the repetitions cover at least: `....` and rows of equal digits are no loop.
const COVERED: usize = 32;

/// Whether `tokens` end in one phrase again and again.
pub(crate) fn loops(tokens: &[u32]) -> bool {
    (1..=LONGEST).any(|period| {
        let repetitions = REPETITIONS.max(COVERED.div_ceil(period));
        let span = period * repetitions;
        tokens.len() >= span && {
            let end = &tokens[tokens.len() - span..];
            end[period..].iter().zip(end).all(|(a, b)| a == b)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::loops;

    #[test]
    fn sees_phrases_of_any_length_and_only_at_the_end() {
        let phrase =
            |length: u32, times: usize| (0..times).flat_map(|_| 0..length).collect::<Vec<_>>();
        assert!(loops(&phrase(1, 32)));
        assert!(!loops(&phrase(1, 31)));
        assert!(loops(&phrase(40, 4)));
        assert!(!loops(&phrase(40, 3)));
        let mut tokens = phrase(10, 9);
        tokens.push(77);
        assert!(!loops(&tokens));
    }
}
