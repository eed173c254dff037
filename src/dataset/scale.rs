//! Telling linear intensities from logarithms by the numbers alone.

use super::{Quantity, Scale};

/// The scale of a table's numbers with the evidence; `certain` is false when another scale is possible.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ScaleEvidence {
    /// The scale.
    pub scale: Scale,
    /// What a cell measures, where the numbers tell more than the headers did.
    pub quantity: Quantity,
    /// The evidence in words.
    pub because: String,
    /// Whether no other scale fits.
    pub certain: bool,
    /// Whether zero stands for "not measured".
    pub zero_is_missing: bool,
}

/// log2 of an intensity stays below this: 2^64 exceeds every detector count by far.
const HIGHEST_LOG2: f64 = 64.0;

/// Decides from the finite values of a table (zeros included, missing left out).
pub(crate) fn detect(values: &[f64], quantity: Quantity) -> ScaleEvidence {
    let mut sorted: Vec<f64> = values
        .iter()
        .copied()
        .filter(|v| v.is_finite() && *v != 0.0)
        .collect();
    sorted.sort_by(f64::total_cmp);
    let zeros = values.iter().filter(|v| **v == 0.0).count();
    let (Some(&low), Some(&high)) = (sorted.first(), sorted.last()) else {
        return ScaleEvidence {
            scale: Scale::Linear,
            quantity,
            because: "every value is zero".into(),
            certain: false,
            zero_is_missing: true,
        };
    };
    let median = sorted[sorted.len() / 2];
    let negative = sorted.iter().filter(|v| **v < 0.0).count();
    let range = format!(
        "values from {} to {}, median {}",
        short(low),
        short(high),
        short(median)
    );
    let of = |scale, quantity, because: String, certain, zero_is_missing| ScaleEvidence {
        scale,
        quantity,
        because,
        certain,
        zero_is_missing,
    };
    if negative > 0 && high <= HIGHEST_LOG2 {
        let centred = median.abs() < 3.0;
        let quantity = if centred && quantity == Quantity::Other {
            Quantity::Ratio
        } else {
            quantity
        };
        let kind = if centred { "log2 ratios" } else { "logarithms" };
        return of(
            Scale::Log2,
            quantity,
            format!("{range}; {negative} are negative, as only {kind} can be"),
            centred,
            false,
        );
    }
    if high > HIGHEST_LOG2 {
        let note = if zeros > 0 {
            format!("; {zeros} cells are zero, which means not measured")
        } else {
            String::new()
        };
        return of(
            Scale::Linear,
            quantity,
            format!("{range}: too large for logarithms of intensities{note}"),
            true,
            true,
        );
    }
    if quantity == Quantity::Counts {
        return of(
            Scale::Linear,
            quantity,
            format!("{range}: counts"),
            true,
            true,
        );
    }
    if matches!(quantity, Quantity::Ratio) && low > 0.0 && (0.2..5.0).contains(&median) {
        return of(
            Scale::Linear,
            quantity,
            format!("{range}: ratios around one, none negative"),
            true,
            true,
        );
    }
    if low > 0.0 && high <= 1.0 {
        return of(
            Scale::Linear,
            quantity,
            format!("{range}: fractions between zero and one"),
            false,
            true,
        );
    }
    if sorted.iter().all(|v| v.fract() == 0.0) {
        return of(
            Scale::Linear,
            if quantity == Quantity::Other {
                Quantity::Counts
            } else {
                quantity
            },
            format!("{range}: whole numbers throughout"),
            false,
            true,
        );
    }
    if low > 0.0 && (0.3..3.0).contains(&median) && skewness(&sorted) > 1.0 {
        return of(
            Scale::Linear,
            if quantity == Quantity::Other {
                Quantity::Ratio
            } else {
                quantity
            },
            format!(
                "{range}: positive, around one and skewed, as ratios are before taking logarithms"
            ),
            false,
            true,
        );
    }
    // Zeros far below all other logarithms are log2(0 + 1), written where nothing was measured.
    let padded = zeros > 0 && low > 3.0;
    let note = if padded {
        format!("; {zeros} zeros far below all other values mean not measured")
    } else {
        String::new()
    };
    let may_be_log10 = high < 13.0 && low > 2.0 && (4.0..11.0).contains(&median);
    let doubt = if may_be_log10 {
        "; log10 is possible too"
    } else {
        ""
    };
    of(
        Scale::Log2,
        quantity,
        format!("{range}: within the range of logarithms of intensities{note}{doubt}"),
        !may_be_log10,
        padded,
    )
}

fn short(x: f64) -> String {
    if x.abs() >= 1e5 {
        format!("{x:.2e}")
    } else {
        format!("{x:.2}")
    }
}

fn skewness(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let second = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    let third = values.iter().map(|v| (v - mean).powi(3)).sum::<f64>() / n;
    if second > 0.0 {
        third / second.powf(1.5)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intensities_logs_and_ratios() {
        let linear = detect(&[0.0, 3.5e7, 2.4e6, 9.9e5], Quantity::Other);
        assert_eq!(
            (linear.scale, linear.zero_is_missing),
            (Scale::Linear, true)
        );
        let log = detect(&[18.2, 25.1, 30.9, 22.22], Quantity::Other);
        assert_eq!(
            (log.scale, log.certain, log.zero_is_missing),
            (Scale::Log2, true, false)
        );
        let padded = detect(&[0.0, 0.0, 18.2, 25.1, 30.9, 22.22], Quantity::Other);
        assert!(padded.zero_is_missing);
        let ratio = detect(&[-1.2, 0.3, 0.0, 0.8], Quantity::Other);
        assert_eq!(
            (ratio.scale, ratio.quantity, ratio.zero_is_missing),
            (Scale::Log2, Quantity::Ratio, false)
        );
        let silac = detect(&[0.8, 1.1, 0.97, 4.2], Quantity::Ratio);
        assert_eq!(silac.scale, Scale::Linear);
        assert!(!detect(&[6.1, 7.25, 8.4], Quantity::Other).certain);
    }
}
