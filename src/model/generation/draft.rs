//! Drafts from the text itself: what followed the last tokens when they stood there before (A. Saxena 2023, "Prompt lookup
//! decoding"; verified as in Y. Leviathan et al. 2022, arXiv:2211.17192).

/// Longest run of last tokens that is looked up, then the next shorter.
const LONGEST: usize = 4;
/// Shortest run; shorter ones match by chance.
const SHORTEST: usize = 2;

/// Proposes tokens and learns whether that pays.
pub(crate) struct Lookup {
    most: usize,
    proposed: usize,
    accepted: usize,
}

impl Lookup {
    /// Drafts of at most `most` tokens; 0 for none.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            proposed: 0,
            accepted: 0,
        }
    }

    /// What followed the last tokens of `tokens` when they stood there last.
    pub(crate) fn propose<'a>(&self, tokens: &'a [u32]) -> &'a [u32] {
        // Where most drafts were wrong, reading them costs more than it saves.
        if self.most == 0 || (self.proposed >= 32 && 3 * self.accepted < self.proposed) {
            return &[];
        }
        for length in (SHORTEST..=LONGEST).rev() {
            if tokens.len() <= length {
                continue;
            }
            let end = &tokens[tokens.len() - length..];
            let earlier = &tokens[..tokens.len() - 1];
            if let Some(at) = earlier.windows(length).rposition(|window| window == end) {
                let from = at + length;
                return &tokens[from..tokens.len().min(from + self.most)];
            }
        }
        &[]
    }

    /// Counts a draft of `proposed` tokens, of which the first `accepted` were right.
    pub(crate) fn learn(&mut self, proposed: usize, accepted: usize) {
        self.proposed += proposed;
        self.accepted += accepted;
    }
}

#[cfg(test)]
mod tests {
    use super::Lookup;

    #[test]
    fn proposes_what_followed_last_and_gives_up_where_it_is_wrong() {
        let mut lookup = Lookup::new(3);
        assert_eq!(lookup.propose(&[1, 2, 3, 4, 9, 1, 2]), [3, 4, 9]);
        assert_eq!(lookup.propose(&[1, 2, 3, 9, 1, 2, 7, 1, 2]), [7, 1, 2]);
        assert!(lookup.propose(&[1, 2, 3, 4]).is_empty());
        lookup.learn(32, 10);
        assert!(lookup.propose(&[1, 2, 3, 4, 9, 1, 2]).is_empty());
    }
}
