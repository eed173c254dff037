//! Rows below the level of proteins: peptides, peptide ions and modified residues.

use super::super::{Feature, ModifiedSite, Peptidoform};
use super::RowFlag;
use super::accession::flag_of;

/// A site counts as localised from this probability on (class I sites; Olsen et al. 2006, doi:10.1016/j.cell.2006.09.026).
pub(super) const LOCALISED: f64 = 0.75;

/// The id of a peptide: the sequence as the producer writes it, modifications in parentheses where they stand apart from
/// it, `/` and the charge where the row is one ion.
pub(super) fn peptide_id(
    sequence: &str,
    modifications: Option<&str>,
    charge: Option<u32>,
) -> String {
    let mut id = sequence.to_string();
    if let Some(modifications) = modifications.filter(|_| !sequence.is_empty()) {
        id.push_str(&format!(" ({modifications})"));
    }
    if let Some(charge) = charge.filter(|_| !sequence.is_empty()) {
        id.push_str(&format!("/{charge}"));
    }
    id
}

/// A peptide written with its modifications inside, as in `AAC[57.0215]DK` or `_AAC(UniMod:4)DK_`.
pub(super) fn inline(written: &str, charge: Option<u32>) -> Feature {
    let sequence = amino_acids(written);
    let modified = written.trim_matches(['_', '.', ' ']);
    Feature {
        id: peptide_id(modified, None, charge),
        peptidoform: Some(Peptidoform {
            modifications: (modified != sequence).then(|| modified.to_string()),
            sequence,
            charge,
            assigned: 0,
        }),
        ..Feature::default()
    }
}

/// A peptide whose modifications stand in a column of their own.
pub(super) fn listed(
    sequence: &str,
    modifications: Option<String>,
    charge: Option<u32>,
) -> Feature {
    Feature {
        id: peptide_id(sequence, modifications.as_deref(), charge),
        peptidoform: Some(Peptidoform {
            sequence: amino_acids(sequence),
            modifications,
            charge,
            assigned: 0,
        }),
        ..Feature::default()
    }
}

/// Notes that the producer assigned a peptide to the protein or group that its first accessions name; there may be fewer.
pub(super) fn assign(feature: &mut Feature, accessions: usize) {
    let known = feature.accessions.len();
    if let Some(form) = &mut feature.peptidoform {
        form.assigned = accessions.min(known);
    }
}

/// The amino acids of a peptide, without flanking residues (`K.PEPTIDE.R`), brackets and what they hold.
pub(crate) fn amino_acids(written: &str) -> String {
    let mut out = String::with_capacity(written.len());
    let mut depth = 0usize;
    let mut chars = without_flanks(written).chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // A modified end of the chain, as in `n[42.0106]PEPTIDE`.
            'n' | 'c' if chars.peek() == Some(&'[') => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            c if depth == 0 && c.is_ascii_alphabetic() => out.push(c.to_ascii_uppercase()),
            _ => {}
        }
    }
    out
}

/// `PEPTIDE` of `K.PEPTIDE.R`, `[K].PEPTIDE.[R]` and `-.PEPTIDE.R`.
pub(super) fn without_flanks(written: &str) -> &str {
    let flank = |part: &str| {
        let part = part.trim_matches(['[', ']']);
        part.len() <= 1 || part.split(';').all(|p| p.trim().len() <= 1)
    };
    let inside = written
        .split_once('.')
        .filter(|(head, _)| flank(head))
        .and_then(|(_, rest)| rest.rsplit_once('.'))
        .filter(|(_, tail)| flank(tail));
    inside.map_or(written, |(middle, _)| middle)
}

/// Residue and position at the start of a text, as in `S15`; several may follow each other (`S15T18`).
pub(super) fn is_residue(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_uppercase())
        && chars.next().is_some_and(|c| c.is_ascii_digit())
        && chars.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// A site of a protein (or of a gene, where no accession is known).
pub(super) fn site(
    of: &str,
    residue: &str,
    modification: Option<String>,
    localisation: Option<f64>,
) -> Feature {
    Feature {
        id: if of.is_empty() || residue.is_empty() {
            String::new()
        } else {
            format!("{of}_{residue}")
        },
        site: Some(ModifiedSite {
            residue: residue.to_string(),
            modification,
            localisation,
        }),
        ..Feature::default()
    }
}

/// What a site is, by what its protein is and by how certain its residue is.
pub(super) fn site_flag(protein: RowFlag, localisation: Option<f64>) -> RowFlag {
    match protein {
        RowFlag::Keep if localisation.is_some_and(|p| p < LOCALISED) => RowFlag::Unlocalised,
        flag => flag,
    }
}

/// What a peptide is, by its proteins: a contaminant or decoy where the first is one.
pub(super) fn flag_of_proteins(proteins: &str) -> RowFlag {
    flag_of(proteins.split([';', ',']).next().unwrap_or(proteins))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_of_every_notation() {
        assert_eq!(amino_acids("_AAC(UniMod:4)DK_"), "AACDK");
        assert_eq!(amino_acids("n[42.0106]PEPT[79.9663]K"), "PEPTK");
        assert_eq!(amino_acids("[R].NMGGPYGK.[S]"), "NMGGPYGK");
        assert_eq!(amino_acids("K.MEEFC(+57.02)NK.L"), "MEEFCNK");
        assert_eq!(amino_acids("MEEFC(+57.02)NK"), "MEEFCNK");
        assert_eq!(amino_acids("[K; R].AAK.[-]"), "AAK");
    }

    #[test]
    fn residues() {
        assert!(is_residue("S15") && is_residue("S15T18") && is_residue("K7"));
        assert!(
            !is_residue("PEPTIDE") && !is_residue("15") && !is_residue("S") && !is_residue("s15")
        );
    }
}
