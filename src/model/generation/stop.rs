//! Texts that end a reply.

/// Passes text on and stops at the first stop text, no part of which gets out.
pub(crate) struct StopTexts<'a> {
    stops: Vec<&'a str>,
    held: String,
}

impl<'a> StopTexts<'a> {
    pub(crate) fn new(stops: &'a [String]) -> Self {
        Self {
            stops: stops
                .iter()
                .map(String::as_str)
                .filter(|stop| !stop.is_empty())
                .collect(),
            held: String::new(),
        }
    }

    /// Takes text and gives what may go out, and whether a stop text was met.
    pub(crate) fn push(&mut self, text: &str) -> (String, bool) {
        self.held.push_str(text);
        if let Some(at) = self
            .stops
            .iter()
            .filter_map(|stop| self.held.find(stop))
            .min()
        {
            self.held.truncate(at);
            return (std::mem::take(&mut self.held), true);
        }
        // What could still become a stop text stays back.
        let starts = |from: usize| {
            self.stops
                .iter()
                .any(|stop| stop.starts_with(&self.held[from..]))
        };
        let keep = self
            .held
            .char_indices()
            .map(|(at, _)| at)
            .find(|at| starts(*at))
            .unwrap_or(self.held.len());
        let rest = self.held.split_off(keep);
        (std::mem::replace(&mut self.held, rest), false)
    }

    /// What was held back when the reply ended otherwise.
    pub(crate) fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::StopTexts;

    #[test]
    fn holds_back_beginnings_and_lets_nothing_of_a_stop_out() {
        let stops = ["\n\n".to_owned(), "END".to_owned()];
        let mut texts = StopTexts::new(&stops);
        assert_eq!(texts.push("a E"), ("a ".to_owned(), false));
        assert_eq!(texts.push("N"), (String::new(), false));
        assert_eq!(texts.push("x\n"), ("ENx".to_owned(), false));
        assert_eq!(texts.push("\nrest"), (String::new(), true));
        let mut texts = StopTexts::new(&stops);
        assert_eq!(texts.push("αE"), ("α".to_owned(), false));
        assert_eq!(texts.finish(), "E");
    }
}
