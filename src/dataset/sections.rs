//! Files that hold more than one table: GCT (facts about the samples above the values), mzTab (metadata, proteins,
//! peptides, spectra) and ADAT. Of the first two all but one table is blanked out, so that what is left is rectangular and
//! keeps its line numbers; ADAT is turned.

use super::formats::{Adat, turn};
use super::label::canonical;

/// What stood in a file beside its table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Preamble {
    /// Nothing, or comments.
    #[default]
    None,
    /// GCT 1.2 or 1.3.
    Gct {
        /// Columns between the ids and the samples.
        described: usize,
        /// Rows of values the file declares.
        rows: usize,
        /// Samples the file declares.
        samples: usize,
        /// Facts about the samples: name, then one cell per sample.
        facts: Vec<(String, Vec<String>)>,
    },
    /// SomaScan ADAT.
    Adat(Adat),
    /// mzTab 1.0.
    MzTab {
        /// Whether the rows are peptides and not proteins.
        peptides: bool,
        /// Names and values of the metadata section.
        metadata: Vec<(String, String)>,
    },
}

/// The table of a GCT, mzTab or ADAT file with what stood beside it; none for any other text.
pub(crate) fn split(text: &str) -> Option<(String, Preamble)> {
    gct(text)
        .or_else(|| mztab(text))
        .or_else(|| turn(text).map(|(body, adat)| (body, Preamble::Adat(adat))))
}

fn gct(text: &str) -> Option<(String, Preamble)> {
    let mut lines = text.lines();
    let version = lines.next()?.trim();
    let wide = match version {
        "#1.2" => false,
        "#1.3" => true,
        _ => return None,
    };
    let sizes: Vec<usize> = lines
        .next()?
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    let (&rows, &samples) = (sizes.first()?, sizes.get(1)?);
    let described = if wide { *sizes.get(2)? } else { 1 };
    let n_facts = if wide { *sizes.get(3)? } else { 0 };
    let mut body = String::with_capacity(text.len());
    let mut facts = Vec::with_capacity(n_facts.min(1_000));
    for (at, line) in text.lines().enumerate() {
        if (3..3 + n_facts).contains(&at) {
            let mut cells = line.split('\t').map(|c| c.trim().trim_matches('"'));
            let name = cells.next().unwrap_or_default().to_string();
            facts.push((name, cells.skip(described).map(str::to_string).collect()));
        } else if at >= 2 {
            body.push_str(line);
        }
        body.push('\n');
    }
    let preamble = Preamble::Gct {
        described,
        rows,
        samples,
        facts,
    };
    Some((body, preamble))
}

/// The section of proteins where it has abundances, else that of peptides.
fn mztab(text: &str) -> Option<(String, Preamble)> {
    let first = text.lines().find(|l| !l.trim().is_empty())?;
    if !(first.starts_with("MTD\t") || first.starts_with("COM\t"))
        || !text.contains("\nMTD\t") && !first.starts_with("MTD\t")
    {
        return None;
    }
    let quantified = |head: &str| {
        text.lines()
            .any(|l| l.starts_with(head) && canonical(l).contains("abundance"))
    };
    let (peptides, head, row) = if quantified("PRH\t") || !quantified("PEH\t") {
        (false, "PRH\t", "PRT\t")
    } else {
        (true, "PEH\t", "PEP\t")
    };
    let mut body = String::with_capacity(text.len());
    let mut metadata = Vec::new();
    for line in text.lines() {
        if let Some(cells) = line.strip_prefix(head).or_else(|| line.strip_prefix(row)) {
            body.push_str(cells);
        } else if let Some((key, value)) =
            line.strip_prefix("MTD\t").and_then(|l| l.split_once('\t'))
        {
            metadata.push((key.trim().to_string(), value.trim().to_string()));
        }
        body.push('\n');
    }
    Some((body, Preamble::MzTab { peptides, metadata }))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn gct_keeps_line_numbers_and_facts() {
        let text = "#1.3\n1\t2\t1\t1\nid\tgene\ts1\ts2\ngroup\tna\ta\tb\nx\tTP53\t1.5\t2.5\n";
        let (body, preamble) = split(text).unwrap();
        assert_eq!(body, "\n\nid\tgene\ts1\ts2\n\nx\tTP53\t1.5\t2.5\n");
        let Preamble::Gct {
            facts, described, ..
        } = preamble
        else {
            panic!("no GCT")
        };
        assert_eq!(described, 1);
        assert_eq!(
            facts,
            [("group".to_string(), vec!["a".to_string(), "b".to_string()])]
        );
    }

    #[test]
    fn mztab_takes_the_section_with_abundances() {
        let text = "MTD\tmzTab-version\t1.0.0\n\nPRH\taccession\nPRT\tP1\nPEH\tsequence\tpeptide_abundance_assay[1]\nPEP\tAAK\t7\n";
        let (body, preamble) = split(text).unwrap();
        assert_eq!(
            body,
            "\n\n\n\nsequence\tpeptide_abundance_assay[1]\nAAK\t7\n"
        );
        assert!(matches!(preamble, Preamble::MzTab { peptides: true, .. }));
        assert!(split("id\ta\tb\nx\t1\t2\n").is_none());
    }
}
