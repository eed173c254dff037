//! What the rows of a plain table are, by the form of their ids.

use std::collections::HashSet;

use super::super::super::antibody::{self, is_of_a_modified_residue};
use super::super::super::grid::Grid;
use super::super::super::label::{canonical, words};
use super::super::super::number::is_missing;
use super::super::super::{FeatureLevel, ModifiedSite, Peptidoform};
use super::super::accession::{is_uniprot, split_ids};
use super::super::peptides::amino_acids;
use super::looks_like_symbol;

/// The level by the ids in a column: sites and peptides by their form or by the name of the column, groups of proteins by
/// accessions, genes by the name of the column or by symbols.
pub(super) fn level_of(grid: &Grid, id: usize) -> FeatureLevel {
    let cells: Vec<&str> = grid
        .column(id)
        .filter(|c| !c.is_empty())
        .take(500)
        .collect();
    let share =
        |of: &dyn Fn(&str) -> bool| cells.iter().filter(|c| of(c)).count() * 2 > cells.len();
    let of_antibodies = cells.iter().filter(|c| is_of_a_modified_residue(c)).count();
    if 20 * of_antibodies > cells.len() && 2 * of_antibodies < cells.len() {
        return FeatureLevel::Marker;
    }
    let name = canonical(&grid.header[id]);
    let named = words(&grid.header[id]);
    let called_site = name.contains("phosphosite")
        || named
            .iter()
            .any(|w| matches!(w.as_str(), "site" | "sites" | "psite"));
    if share(&|c| residue(c).is_some()) || called_site {
        return FeatureLevel::Site;
    }
    if are_peptides(cells.iter().copied()) {
        return FeatureLevel::Peptide;
    }
    if share(&|c| {
        split_ids(c)
            .first()
            .is_some_and(|a| is_uniprot(a.trim_end_matches("ups")))
    }) {
        return FeatureLevel::ProteinGroup;
    }
    let gene_named = name.contains("gene") || name.contains("symbol") || name == "hgnc";
    if gene_named || (!name.contains("protein") && share(&looks_like_symbol)) {
        FeatureLevel::Gene
    } else {
        FeatureLevel::ProteinGroup
    }
}

/// Whether nearly all ids are, or end in, peptide sequences. Symbols hardly ever are: they are shorter and hold digits.
pub(super) fn are_peptides<'a>(ids: impl Iterator<Item = &'a str>) -> bool {
    let (mut n, mut peptides, mut length) = (0usize, 0usize, 0usize);
    for id in ids {
        n += 1;
        if let Some(sequence) = peptide(id) {
            peptides += 1;
            length += sequence.len();
        }
    }
    n > 0 && 10 * peptides >= 9 * n && length >= 8 * peptides
}

/// The amino acids of an id that is or ends in a peptide, modifications in brackets allowed.
pub(super) fn peptide(id: &str) -> Option<String> {
    let mut depth = 0usize;
    let bare: String = id
        .chars()
        .filter(|c| {
            depth += usize::from(matches!(c, '(' | '['));
            let inside = depth > 0;
            depth -= usize::from(matches!(c, ')' | ']') && inside);
            !inside
        })
        .collect();
    // A charge may stand at the end.
    let sequence = bare
        .trim_end_matches(|c: char| c.is_ascii_digit() || "/._ ".contains(c))
        .rsplit(['-', '|', '_', ';', ' ', ':', '.'])
        .find(|p| !p.is_empty())?;
    let spelt = sequence
        .chars()
        .all(|c| c.is_ascii_uppercase() && !"BJOUXZ".contains(c));
    (sequence.len() >= 6 && spelt).then(|| sequence.to_string())
}

/// The proteins that ids such as `A.t1|X--PEPTIDEK` name before the peptide, per id: where nearly all do and most name one
/// that another id names too, for else they are numbers of rows.
pub(super) fn owners<'a>(ids: impl Iterator<Item = &'a str>) -> Option<Vec<Vec<String>>> {
    let owners: Vec<Vec<String>> = ids.map(|id| owner(id).unwrap_or_default()).collect();
    let named = owners.iter().filter(|o| !o.is_empty()).count();
    let distinct = owners.iter().collect::<HashSet<_>>().len();
    let (n, enough) = (owners.len(), 10 * named >= 9 * owners.len());
    (enough && 10 * distinct <= 9 * n).then_some(owners)
}

/// The accessions before the peptide in an id.
fn owner(id: &str) -> Option<Vec<String>> {
    let sequence = peptide(id)?;
    let separators = ['-', '|', '_', ';', ' ', ':', '.'];
    let at = id
        .char_indices()
        .filter(|(_, c)| separators.contains(c))
        .map(|(at, _)| at)
        .find(|&at| amino_acids(&id[at + 1..]) == sequence)?;
    let before = id[..at].trim_matches(separators);
    let accessions: Vec<String> = split_ids(before)
        .iter()
        .filter_map(|a| a.split('|').next())
        .map(str::to_string)
        .collect();
    (!accessions.is_empty()).then_some(accessions)
}

/// The first modified residue in an id, as in `Q6AYR1;TFG;S198`.
pub(super) fn residue(id: &str) -> Option<&str> {
    id.split([';', '_', '|', '-', ':']).skip(1).find(|part| {
        part.strip_prefix('p')
            .unwrap_or(part)
            .strip_prefix(['S', 'T', 'Y', 'K'])
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// Accessions and symbol that the id of a site names before its residue, as in `Q6AYR1;TFG;S198` or `LARP7;256`.
pub(super) fn owner_of_site(id: &str) -> (Vec<String>, Option<String>) {
    let several = [';', '|', ':', '_'];
    let parts: Vec<&str> = match id.rsplit_once('-') {
        Some((before, _)) if !id.contains(several) => vec![before],
        _ => id.split(several).collect(),
    };
    let numbered = |p: &&&str| {
        let digits = p.strip_prefix(['S', 'T', 'Y', 'K']).unwrap_or(p);
        digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit())
    };
    let before: Vec<&str> = parts.iter().take_while(numbered).copied().collect();
    let accession = |p: &&str| is_uniprot(p);
    let accessions: Vec<String> = before
        .iter()
        .copied()
        .filter(accession)
        .map(str::to_string)
        .collect();
    let symbol = before
        .iter()
        .find(|p| looks_like_symbol(p) && !is_uniprot(p) && !is_missing(p));
    (accessions, symbol.map(|s| (*s).to_string()))
}

/// The site or peptide an id names.
pub(super) fn parts(id: &str, level: FeatureLevel) -> (Option<ModifiedSite>, Option<Peptidoform>) {
    let position = || {
        let last = id.rsplit([';', '_', '|', '-', ':']).next()?;
        last.bytes().all(|b| b.is_ascii_digit()).then_some(last)
    };
    match level {
        FeatureLevel::Site => {
            let residue = residue(id).or_else(position).unwrap_or_default();
            let site = ModifiedSite {
                residue: residue.to_string(),
                ..ModifiedSite::default()
            };
            (Some(site), None)
        }
        FeatureLevel::Marker => (antibody::site(id), None),
        FeatureLevel::Peptide => {
            let form = peptide(id).map(|sequence| Peptidoform {
                sequence,
                ..Peptidoform::default()
            });
            (None, form)
        }
        _ => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protein_stands_before_the_peptide() {
        let of = |id: &str| owner(id).unwrap_or_default().join(";");
        assert_eq!(of("Q06830ups|PRDX1_HUMAN_UPS--QITVNDLPVGR"), "Q06830ups");
        assert_eq!(of("A.t1|PACid:3|--TIAQDYGVLK"), "A.t1");
        assert_eq!(of("sp|P04637|P53_HUMAN_SSPQPK"), "P04637");
        assert_eq!(of("P1;P2_AAC(UniMod:4)DEFGHK"), "P1;P2");
        assert_eq!(of("SSPQPK"), "");
        let numbered = ["1_SSPQPK", "2_AAAAAAK", "3_CCCCCCK"];
        assert!(owners(numbered.into_iter()).is_none());
        let named = ["A_SSPQPK", "A_AAAAAAK", "B_CCCCCCK"];
        assert_eq!(owners(named.into_iter()).map_or(0, |o| o.len()), 3);
    }

    #[test]
    fn sites_keep_their_protein() {
        let of = |id: &str| {
            let (accessions, symbol) = owner_of_site(id);
            (accessions.join(";"), symbol.unwrap_or_default())
        };
        let both = |a: &str, s: &str| (a.to_string(), s.to_string());
        assert_eq!(of("Q6AYR1;TFG;S198;MSAFGLTDDQ"), both("Q6AYR1", "TFG"));
        assert_eq!(of("LARP7;256"), both("", "LARP7"));
        assert_eq!(of("P04637_S15"), both("P04637", ""));
        assert_eq!(of("HLA-A-S352"), both("", "HLA-A"));
        assert_eq!(of("NA;527"), both("", ""));
    }

    #[test]
    fn peptides_are_told_from_symbols() {
        assert!(are_peptides(
            [
                "Q06830ups|PRDX1_HUMAN_UPS--QITVNDLPVGR",
                "A.t1|X--TIAQDYGVLKADEGISFR"
            ]
            .into_iter()
        ));
        assert!(are_peptides(
            ["NTVISVFGASGDLAK", "AAC(UniMod:4)DEFGHK2"].into_iter()
        ));
        assert!(!are_peptides(
            ["CALCRL", "ELAVL", "PTPRC", "SYNGAP"].into_iter()
        ));
        assert!(!are_peptides(
            ["P04637", "sp|P55072|TERA_HUMAN"].into_iter()
        ));
        assert!(!are_peptides(["TP53", "VCP", "CCNL2"].into_iter()));
    }
}
