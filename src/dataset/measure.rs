//! What the numbers of an assay and differences between them are called. Analyses work on any scale; whoever tells what came
//! of them must not call a difference of arcsinh signals a log2 fold change.

use super::{Assay, AssayProfile, Molecule, Quantity, Scale};

/// The words for the numbers of an assay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// What is asked about: "proteins", "states of cells".
    pub rows: &'static str,
    /// What is asked of two groups: "proteins, complexes and pathways are more or less abundant".
    pub question: &'static str,
    /// By what a claim about single rows is measured again.
    pub again: &'static str,
    /// What a row has more or less of: "abundance".
    pub amount: &'static str,
    /// One number, with its scale: "log2 abundance".
    pub value: &'static str,
    /// The scale alone: "log2".
    pub scale: &'static str,
    /// The difference of two arms: "log2 fold change".
    pub difference: &'static str,
    /// Of a row that has more: "more abundant".
    pub more: &'static str,
    /// Of a row that has less.
    pub less: &'static str,
}

const ABUNDANCE: Measure = Measure {
    rows: "proteins",
    question: "proteins, complexes and pathways are more or less abundant",
    again: "targeted mass spectrometry (PRM) with heavy peptides, or an immunoassay",
    amount: "abundance",
    value: "log2 abundance",
    scale: "log2",
    difference: "log2 fold change",
    more: "more abundant",
    less: "less abundant",
};

/// Molecules where the file holds arcsinh values, which stay on their scale.
const ARCSINH_ABUNDANCE: Measure = Measure {
    value: "arcsinh abundance",
    scale: "arcsinh",
    difference: "difference of arcsinh abundances",
    ..ABUNDANCE
};

/// Modified sites of proteins.
const SITE: Measure = Measure {
    again: "targeted mass spectrometry (PRM) with heavy modified peptides, the protein measured beside them",
    more: "higher",
    less: "lower",
    ..ABUNDANCE
};

/// Transcripts.
const TRANSCRIPT: Measure = Measure {
    rows: "transcripts",
    question: "transcripts and pathways are more or less abundant",
    again: "reverse-transcription PCR or RNA sequencing, the protein measured beside it",
    more: "higher",
    less: "lower",
    ..ABUNDANCE
};

/// Copies of genes.
const COPIES: Measure = Measure {
    rows: "copy numbers",
    question: "copy numbers are higher or lower",
    again: "digital PCR of the gene",
    amount: "copy number",
    value: "log2 copy number",
    difference: "difference in log2 copy number",
    more: "higher",
    less: "lower",
    ..ABUNDANCE
};

/// Mutations, present or absent.
const MUTATION: Measure = Measure {
    rows: "mutations",
    question: "mutations are more or less common",
    again: "targeted sequencing",
    amount: "presence",
    value: "presence",
    difference: "difference in share",
    more: "more common",
    less: "less common",
    ..ABUNDANCE
};

/// Median signals of markers on cells.
const SIGNAL: Measure = Measure {
    rows: "markers on cells",
    question: "markers on which cells are higher or lower",
    again: "cytometry with the same panel, gated by hand as well",
    amount: "signal",
    value: "arcsinh signal",
    scale: "arcsinh",
    difference: "difference of arcsinh signals",
    more: "higher",
    less: "lower",
};

/// The same where the file holds logarithms.
const LOG_SIGNAL: Measure = Measure {
    value: "log2 signal",
    scale: "log2",
    difference: "log2 fold change of the signal",
    ..SIGNAL
};

/// Abundances of populations of cells, relative to the other populations.
const SHARE: Measure = Measure {
    rows: "populations of cells",
    question: "populations of cells are more or less frequent",
    again: "cytometry with the same panel and counted cells, gated by hand as well",
    amount: "share",
    value: "log2 share, centred",
    scale: "log2",
    difference: "log2 fold change of the share",
    more: "more frequent",
    less: "less frequent",
};

impl Default for Measure {
    fn default() -> Self {
        ABUNDANCE
    }
}

impl Measure {
    /// The words for an assay of this quantity of these molecules, read on this scale.
    pub fn of(quantity: Quantity, molecule: Molecule, scale: Scale) -> Self {
        let on_log2 = match (quantity, molecule) {
            (Quantity::CellShare, _) => return SHARE,
            (Quantity::MarkerSignal, _) if scale == Scale::Log2 => return LOG_SIGNAL,
            (Quantity::MarkerSignal, _) => return SIGNAL,
            (_, Molecule::Mutation) => return MUTATION,
            (_, Molecule::CopyNumber) => return COPIES,
            (_, Molecule::Protein) => ABUNDANCE,
            (_, Molecule::Transcript) => TRANSCRIPT,
            (_, other) => Measure {
                rows: other.plural(),
                question: other.question(),
                ..if other.is_site() { SITE } else { ABUNDANCE }
            },
        };
        match scale {
            Scale::Asinh { .. } => Measure {
                value: ARCSINH_ABUNDANCE.value,
                scale: ARCSINH_ABUNDANCE.scale,
                difference: ARCSINH_ABUNDANCE.difference,
                ..on_log2
            },
            _ => on_log2,
        }
    }

    /// Whether rows are molecules, which gene sets and other knowledge are about, and no cells.
    pub fn is_of_molecules(self) -> bool {
        self.amount != SIGNAL.amount && self.amount != SHARE.amount
    }

    /// A unit, a null or a heading, which speak of log2 abundances, in the words of this assay.
    pub fn told(self, text: &str) -> String {
        if self == ABUNDANCE {
            return text.to_owned();
        }
        text.replace(ABUNDANCE.difference, self.difference)
            .replace(ABUNDANCE.value, self.value)
            .replace(ABUNDANCE.amount, self.amount)
            .replace(ABUNDANCE.scale, self.scale)
    }
}

impl Assay {
    /// The words for its numbers.
    pub fn measure(&self) -> Measure {
        Measure::of(self.quantity, self.molecule(), self.source_scale)
    }
}

impl AssayProfile {
    /// The words for its numbers.
    pub fn measure(&self) -> Measure {
        Measure::of(self.quantity, self.molecule, self.scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arcsinh_is_not_called_log2() {
        let signal = Measure::of(
            Quantity::MarkerSignal,
            Molecule::State,
            Scale::Asinh { cofactor: 5.0 },
        );
        for unit in [
            "log2 fold change",
            "log2 difference between the highest and the lowest level",
            "log2 abundance per standard deviation of the variable",
        ] {
            assert!(!signal.told(unit).contains("log2"), "{unit}");
            let protein = Measure::of(Quantity::Other, Molecule::Protein, Scale::Ln);
            assert_eq!(protein.told(unit), unit);
        }
        let null = signal.told("the abundance of {subject} is unrelated to {object}");
        assert_eq!(null, "the signal of {subject} is unrelated to {object}");
        let share = Measure::of(Quantity::CellShare, Molecule::Population, Scale::Log2);
        assert!(
            share
                .told("log2 fold change")
                .starts_with("log2 fold change")
        );
    }

    #[test]
    fn every_assay_is_told_in_its_own_words() {
        let of = |molecule, scale| Measure::of(Quantity::Ratio, molecule, scale);
        assert_eq!(of(Molecule::Phosphosite, Scale::Log2).more, "higher");
        let site = of(Molecule::Phosphosite, Scale::Asinh { cofactor: 5.0 });
        assert_eq!((site.rows, site.scale), ("phosphorylated sites", "arcsinh"));
        assert!(site.again.contains("modified peptides") && site.is_of_molecules());
        let rna = of(Molecule::Transcript, Scale::Log2);
        assert_eq!(rna.difference, "log2 fold change");
        assert!(rna.again.contains("RNA sequencing"));
        assert_eq!(of(Molecule::Mutation, Scale::Indicator).less, "less common");
    }
}
