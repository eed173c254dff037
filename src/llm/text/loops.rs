//! Replies that go round in circles.

use std::collections::HashMap;

/// Words that make a passage long enough for its return to mean something.
const WORDS: usize = 12;
/// Times that a passage may come.
const TIMES: usize = 6;
/// Bytes of one word without an end, for texts without blanks.
const LONGEST_WORD: usize = 4000;

/// Watches a text as it comes and tells when it repeats itself: the same twelve words for the sixth time, or a word of
/// thousands of letters.
#[derive(Debug, Default)]
pub struct LoopBreaker {
    word: String,
    window: Vec<u64>,
    seen: HashMap<u64, usize>,
    caught: bool,
}

impl LoopBreaker {
    /// Takes the next piece of the text; true once it goes round in circles.
    pub fn takes(&mut self, piece: &str) -> bool {
        for character in piece.chars() {
            if !character.is_whitespace() {
                self.word.push(character);
                self.caught |= self.word.len() > LONGEST_WORD;
            } else if !self.word.is_empty() {
                self.end_word();
            }
        }
        self.caught
    }

    fn end_word(&mut self) {
        let hash = fingerprint(self.word.as_bytes());
        self.word.clear();
        self.window.push(hash);
        if self.window.len() > WORDS {
            self.window.remove(0);
        }
        if self.window.len() == WORDS {
            let bytes: Vec<u8> = self
                .window
                .iter()
                .flat_map(|hash| hash.to_le_bytes())
                .collect();
            let times = self.seen.entry(fingerprint(&bytes)).or_default();
            *times += 1;
            self.caught |= *times >= TIMES;
        }
    }
}

fn fingerprint(bytes: &[u8]) -> u64 {
    let hash = blake3::hash(bytes);
    hash.as_bytes()[..8]
        .iter()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::LoopBreaker;

    #[test]
    fn circles_are_caught_and_tables_are_not() {
        let mut breaker = LoopBreaker::default();
        assert!((0..100).any(|_| breaker.takes("the evidence suggests that it plays a role in ")));
        let mut breaker = LoopBreaker::default();
        assert!(!(0..500).any(|row| breaker.takes(&format!(
            "protein {row} is increased {row} fold with q 0.0{row}\n"
        ))));
        let mut breaker = LoopBreaker::default();
        assert!((0..100).any(|_| breaker.takes(&"ACDE".repeat(20))));
        let mut breaker = LoopBreaker::default();
        assert!(!breaker.takes(&"yes no ".repeat(6)));
    }
}
