//! From two short timed questions to tokens a second.

use crate::backend::Pace;

/// What is read to find out how fast a model reads.
pub(super) const PROMPT: &str = "Twelve samples of two groups were measured by mass spectrometry, and the abundance of some \
     thousand proteins was compared between the groups. Say in one sentence what a reader of such a table should ask of a \
     protein that is more abundant in one group than in the other before it is called a finding, and which further \
     measurement in the same samples would be the cheapest way to learn whether it holds.";
/// Tokens that are written to find out how fast a model writes.
pub(super) const REPLY: usize = 9;
/// Shortest time that is believed, in seconds.
const SHORTEST: f64 = 1e-6;

/// One timed question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timed {
    /// Tokens read, without those whose work was reused.
    pub read: f64,
    /// Tokens written after the first, which comes with the reading.
    pub written: f64,
    /// How long both took.
    pub seconds: f64,
}

/// How fast a model reads and writes, from questions that read and wrote differently much: the first two are solved for the
/// seconds per token of each. Where they do not tell the two apart, both are taken to be the same. Nothing where nothing was
/// read or written.
pub(super) fn pace(timed: &[Timed]) -> Option<Pace> {
    let apart = match timed {
        [first, second, ..] => {
            let determinant = first.read * second.written - second.read * first.written;
            let per_read =
                (first.seconds * second.written - second.seconds * first.written) / determinant;
            let per_written =
                (first.read * second.seconds - second.read * first.seconds) / determinant;
            let told = |seconds: f64| seconds.is_finite() && seconds > 0.0;
            (told(per_read) && told(per_written)).then_some((per_read, per_written))
        }
        _ => None,
    };
    let (per_read, per_written) = match apart {
        Some(apart) => apart,
        None => {
            let tokens: f64 = timed.iter().map(|t| t.read + t.written).sum();
            let seconds: f64 = timed.iter().map(|t| t.seconds).sum();
            if tokens <= 0.0 {
                return None;
            }
            let each = seconds.max(SHORTEST) / tokens;
            (each, each)
        }
    };
    Some(Pace {
        prompt_per_second: 1.0 / per_read,
        reply_per_second: 1.0 / per_written,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn timed(read: f64, written: f64, seconds: f64) -> Timed {
        Timed {
            read,
            written,
            seconds,
        }
    }

    #[test]
    fn reading_and_writing_are_told_apart() {
        // 100 tokens read at 50 a second and 1 written at 4 a second; then 4 read and 9 written.
        let found = pace(&[timed(100.0, 1.0, 2.25), timed(4.0, 9.0, 2.33)]).unwrap();
        assert!((found.prompt_per_second - 50.0).abs() < 1e-9, "{found:?}");
        assert!((found.reply_per_second - 4.0).abs() < 1e-9, "{found:?}");
        assert!((found.seconds(1000.0, 80.0) - 40.0).abs() < 1e-6);
    }

    #[test]
    fn where_they_cannot_be_both_are_the_same() {
        // A model that ends at once tells nothing of its writing.
        let found = pace(&[timed(100.0, 1.0, 2.0), timed(100.0, 1.0, 2.04)]).unwrap();
        assert!((found.prompt_per_second - 202.0 / 4.04).abs() < 1e-9);
        assert!((found.prompt_per_second - found.reply_per_second).abs() < 1e-12);
        // The second took less time than the first one's reading leaves over: no negative pace.
        let found = pace(&[timed(100.0, 9.0, 1.0), timed(100.0, 1.0, 2.0)]).unwrap();
        assert!(found.prompt_per_second > 0.0 && found.reply_per_second > 0.0);
        assert_eq!(pace(&[]), None);
        assert_eq!(pace(&[timed(0.0, 0.0, 1.0)]), None);
        let reader = pace(&[timed(300.0, 0.0, 3.0)]).unwrap();
        assert!((reader.prompt_per_second - 100.0).abs() < 1e-9);
    }
}
