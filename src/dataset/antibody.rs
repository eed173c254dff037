//! What the names of antibodies say: the protein they bind and the residue whose modification they recognise, as in
//! `HER2_pY1248`, `Akt (pS473)` or `p-ERK1/2 Thr202/Tyr204-R-V`.
//!
//! Which gene that protein is: by [`ESTABLISHED`], for names that antibody makers use otherwise than gene nomenclature
//! does, else by the identifier map: the name as it stands, without separators, with its Greek letter as a Latin one
//! (`PKC-delta`, `PKCD`), and as the name of a gene (`Cyclin_B1`, cyclin B1). A name that several genes bear stays
//! without a gene; an error is worse than a gap.

use std::collections::{BTreeSet, HashMap};

use crate::knowledge::{Gene, IdentifierMap};

use super::ModifiedSite;
use super::label::canonical;

/// An antibody, by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Antibody {
    /// The protein, as the name writes it.
    pub target: String,
    /// Modified residues, such as `Y1248`.
    pub residues: Vec<String>,
}

/// Names of targets in canonical form, with the genes that antibodies of that name are raised against. `PDK1` is the
/// kinase of Akt and not the one of pyruvate dehydrogenase, whose symbol that is.
const ESTABLISHED: [(&str, &[&str]); 40] = [
    ("acc", &["ACACA", "ACACB"]),
    ("acc1", &["ACACA"]),
    ("akt", &["AKT1", "AKT2", "AKT3"]),
    ("alphacatenin", &["CTNNA1"]),
    ("ampk", &["PRKAA1", "PRKAA2"]),
    ("ampkalpha", &["PRKAA1", "PRKAA2"]),
    ("annexini", &["ANXA1"]),
    ("annexinvii", &["ANXA7"]),
    ("bclxl", &["BCL2L1"]),
    ("beclin", &["BECN1"]),
    ("collagenvi", &["COL6A1"]),
    ("ecadherin", &["CDH1"]),
    ("er", &["ESR1"]),
    ("eralpha", &["ESR1"]),
    ("erk12", &["MAPK1", "MAPK3"]),
    ("gsk3", &["GSK3A", "GSK3B"]),
    ("gsk3ab", &["GSK3A", "GSK3B"]),
    ("hsp70", &["HSPA1A"]),
    ("jnk", &["MAPK8", "MAPK9", "MAPK10"]),
    ("mapk", &["MAPK1", "MAPK3"]),
    ("mek12", &["MAP2K1", "MAP2K2"]),
    ("myosiniia", &["MYH9"]),
    ("ncadherin", &["CDH2"]),
    ("nfkbp65", &["RELA"]),
    ("p16ink4a", &["CDKN2A"]),
    ("p21", &["CDKN1A"]),
    ("p27", &["CDKN1B"]),
    ("p27kip1", &["CDKN1B"]),
    ("p38", &["MAPK14"]),
    ("p38mapk", &["MAPK14"]),
    ("pcadherin", &["CDH3"]),
    ("pdk1", &["PDPK1"]),
    ("pi3kp110alpha", &["PIK3CA"]),
    ("pi3kp85", &["PIK3R1"]),
    ("pr", &["PGR"]),
    ("rb", &["RB1"]),
    ("s6", &["RPS6"]),
    ("stathmin", &["STMN1"]),
    ("transglutaminase", &["TGM2"]),
    ("tuberin", &["TSC2"]),
];

const GREEK: [(&str, char); 10] = [
    ("alpha", 'A'),
    ("beta", 'B'),
    ("gamma", 'G'),
    ("delta", 'D'),
    ("epsilon", 'E'),
    ("zeta", 'Z'),
    ("eta", 'H'),
    ("theta", 'Q'),
    ("sigma", 'S'),
    ("tau", 'T'),
];

/// The modified residue in a part of a name: `pS473`, `Ser473`, `S473` after another residue.
fn residue(part: &str, after_another: bool) -> Option<String> {
    const LONG: [(&str, char); 3] = [("ser", 'S'), ("thr", 'T'), ("tyr", 'Y')];
    let digits =
        |rest: &str| (1..=5).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit());
    let short = |text: &str| {
        let letter = text.chars().next().filter(|c| "STY".contains(*c))?;
        digits(&text[1..]).then(|| format!("{letter}{}", &text[1..]))
    };
    if let Some(found) = part.strip_prefix('p').and_then(short) {
        return Some(found);
    }
    let lower = part.to_lowercase();
    let bare = lower.strip_prefix('p').unwrap_or(&lower);
    let long = LONG.iter().find_map(|(name, letter)| {
        let rest = bare.strip_prefix(name)?;
        digits(rest).then(|| format!("{letter}{rest}"))
    });
    long.or_else(|| short(part).filter(|_| after_another))
}

/// Reads the name of an antibody.
pub(crate) fn parse(name: &str) -> Antibody {
    // Reverse-phase arrays add species and quality of the antibody: `-R-V`, `.M.C`.
    let mut name = name.trim();
    for quality in ["V", "C", "E", "NA", "QC"] {
        for species in ["R", "M", "G", "T"] {
            for gap in ["-", "."] {
                let ending = format!("{gap}{species}{gap}{quality}");
                name = name.strip_suffix(ending.as_str()).unwrap_or(name);
            }
        }
    }
    let named = name
        .strip_prefix("phospho-")
        .or_else(|| name.strip_prefix("p-"))
        .unwrap_or(name);
    let separators = ['_', ' ', '(', ')', '/', ','];
    let mut found = Antibody::default();
    let mut target: Vec<&str> = Vec::new();
    for part in named.split(separators).filter(|p| !p.is_empty()) {
        if let Some(residue) = residue(part, !found.residues.is_empty()) {
            found.residues.push(residue);
        } else if !part.to_lowercase().starts_with("cleaved") {
            target.push(part);
        }
    }
    // `AKT1-pS473` holds no other separator.
    if let (true, [only]) = (found.residues.is_empty(), &target[..])
        && let Some((before, last)) = only.rsplit_once('-')
        && last.starts_with('p')
        && let Some(residue) = residue(last, false)
    {
        found.residues.push(residue);
        target = vec![before];
    }
    found.target = target.join("_");
    found
}

/// The modified residues that an antibody recognises, where its name says so.
pub(crate) fn site(name: &str) -> Option<ModifiedSite> {
    let residues = parse(name).residues;
    (!residues.is_empty()).then(|| ModifiedSite {
        residue: residues.join("_"),
        ..ModifiedSite::default()
    })
}

/// Whether a name says that an antibody recognises a modified residue.
pub(crate) fn is_of_a_modified_residue(name: &str) -> bool {
    !parse(name).residues.is_empty()
}

/// The genes of antibodies, by their names.
pub(crate) struct Targets<'a> {
    map: &'a IdentifierMap,
    /// Genes by the words of their names, in alphabetical order.
    by_name: HashMap<Vec<String>, Vec<&'a Gene>>,
}

impl<'a> Targets<'a> {
    /// The genes of a map.
    pub fn new(map: &'a IdentifierMap) -> Self {
        let mut by_name: HashMap<Vec<String>, Vec<&Gene>> = HashMap::new();
        for gene in map.genes() {
            by_name
                .entry(sorted_words(&gene.name))
                .or_default()
                .push(gene);
        }
        Self { map, by_name }
    }

    /// Symbols of the genes whose protein an antibody of this target binds; empty where it cannot be told.
    pub fn genes(&self, target: &str) -> Vec<String> {
        let name = canonical(target);
        if let Some((_, genes)) = ESTABLISHED.iter().find(|(known, _)| *known == name) {
            return genes.iter().map(|g| (*g).to_string()).collect();
        }
        for form in [target.to_string(), target.replace('_', "-"), name] {
            if let Some(found) = self.map.map(&form) {
                return vec![found.gene.symbol.to_string()];
            }
        }
        let latin = self.with_latin_letters(target);
        if !latin.is_empty() {
            return latin;
        }
        self.named(target).into_iter().collect()
    }

    /// `PKC-delta` as `PKCD`; `GSK3-alpha-beta` as `GSK3A` and `GSK3B`, if both are known.
    fn with_latin_letters(&self, target: &str) -> Vec<String> {
        let mut stem = String::new();
        let mut letters: BTreeSet<char> = BTreeSet::new();
        for part in target.split(['-', '_', ' ']) {
            let lower = part.to_lowercase();
            match GREEK.iter().find(|(greek, _)| *greek == lower) {
                Some((_, letter)) => {
                    letters.insert(*letter);
                }
                None => stem.push_str(part),
            }
        }
        let symbols: Option<Vec<String>> = letters
            .iter()
            .map(|letter| {
                let found = self.map.map(&format!("{stem}{letter}"))?;
                Some(found.gene.symbol.to_string())
            })
            .collect();
        symbols.unwrap_or_default()
    }

    /// The one gene whose name has the words of the target, or those and a 1 where no other number is in use.
    fn named(&self, target: &str) -> Option<String> {
        let words = sorted_words(&target.replace(['-', '_'], " "));
        if let Some([only]) = self.by_name.get(&words).map(Vec::as_slice) {
            return Some(only.symbol.to_string());
        }
        let with = |number: &str| -> &[&Gene] {
            let mut longer = words.clone();
            longer.push(number.to_string());
            longer.sort();
            self.by_name.get(&longer).map_or(&[], Vec::as_slice)
        };
        match (with("1"), with("2"), with("3")) {
            ([only], [], []) => Some(only.symbol.to_string()),
            _ => None,
        }
    }
}

fn sorted_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.sort();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_a_target_and_residues() {
        let of = |name: &str| {
            let found = parse(name);
            (found.target, found.residues.join("_"))
        };
        let is = |target: &str, residues: &str| (target.to_string(), residues.to_string());
        assert_eq!(of("HER2_pY1248"), is("HER2", "Y1248"));
        assert_eq!(of("MAPK_pT202_Y204"), is("MAPK", "T202_Y204"));
        assert_eq!(of("ER-alpha"), is("ER-alpha", ""));
        assert_eq!(of("14-3-3_beta-R-V"), is("14-3-3_beta", ""));
        assert_eq!(of("Akt (pS473)"), is("Akt", "S473"));
        assert_eq!(of("phospho-Akt (Ser473)"), is("Akt", "S473"));
        assert_eq!(of("p-ERK1/2 Thr202/Tyr204"), is("ERK1_2", "T202_Y204"));
        assert_eq!(of("AKT1-pS473"), is("AKT1", "S473"));
        assert_eq!(of("Caspase-7_cleavedD198"), is("Caspase-7", ""));
        assert_eq!(of("p53"), is("p53", ""));
        assert_eq!(of("S6"), is("S6", ""));
        assert_eq!(of("PKC-alpha_pS657"), is("PKC-alpha", "S657"));
    }

    #[test]
    fn established_names_are_canonical_and_in_order() {
        for pair in ESTABLISHED.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{}", pair[1].0);
        }
        assert!(ESTABLISHED.iter().all(|(name, _)| canonical(name) == *name));
    }
}
