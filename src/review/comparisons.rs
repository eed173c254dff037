//! Which of two hypotheses a reviewer scored higher.

use super::record::{Axis, Review};

/// By how much the first review scores higher than the second: the mean difference over the axes scored in both; none where
/// they share no axis.
pub(super) fn margin(first: &Review, second: &Review) -> Option<f64> {
    let differences: Vec<f64> = Axis::ALL
        .iter()
        .filter_map(|axis| {
            let (a, b) = (first.score(*axis)?, second.score(*axis)?);
            Some(f64::from(a) - f64::from(b))
        })
        .collect();
    (!differences.is_empty()).then(|| differences.iter().sum::<f64>() / differences.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::AxisReview;

    fn review(scores: &[(Axis, u8)]) -> Review {
        let mut review = Review::default();
        for (axis, score) in scores {
            let given = AxisReview {
                score: Some(*score),
                rationale: String::new(),
            };
            review.axes.insert(*axis, given);
        }
        review
    }

    #[test]
    fn only_axes_scored_in_both_count() {
        let first = review(&[
            (Axis::Reliability, 5),
            (Axis::Novelty, 2),
            (Axis::Coherence, 1),
        ]);
        let second = review(&[(Axis::Reliability, 2), (Axis::Novelty, 3)]);
        assert_eq!(margin(&first, &second), Some(1.0));
        assert_eq!(margin(&second, &first), Some(-1.0));
        assert_eq!(margin(&first, &Review::default()), None);
    }
}
