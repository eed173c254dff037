//! Which gene sets of a collection say something a biologist can use, and what to call them.

use std::collections::{BTreeMap, BTreeSet};

use super::{GeneSet, KnowledgeError, Packs};

/// Kinds of complexes from which a term is a heading (`catalytic complex`) rather than a complex.
const KINDS_UNDER_A_HEADING: usize = 24;

/// Processes of whole organisms: multicellular organismal process, developmental process, reproductive process,
/// behaviour, interaction between species.
const OF_WHOLE_ORGANISMS: [&str; 5] = [
    "GO:0032501",
    "GO:0032502",
    "GO:0022414",
    "GO:0007610",
    "GO:0044419",
];

/// Beginnings of the names of terms for the regulation of another process.
const REGULATION: [&str; 3] = [
    "regulation of ",
    "positive regulation of ",
    "negative regulation of ",
];

/// Words in the names of pathways that restate a normal pathway for a disease, a pathogen or a drug.
const CONTEXT: [&str; 62] = [
    "alzheimer",
    "anemia",
    "dystrophy",
    "escherichia",
    "imperfecta",
    "legionella",
    "leprosy",
    "listeria",
    "malaria",
    "myopathy",
    "salmonella",
    "toxoplasm",
    "trypanosom",
    "amyotrophic",
    "aberrant",
    "bacteri",
    "cancer",
    "carcinoma",
    "chemotherap",
    "constitutive",
    "covid",
    "defective",
    "deficiency",
    "diabetes",
    "disease",
    "disorder",
    "drug",
    "fluoropyrimidine",
    "glioblastoma",
    "glioma",
    "hcmv",
    "hepatitis",
    "hiv",
    "host",
    "huntington",
    "infection",
    "infectious",
    "influenza",
    "inhibitor",
    "leishmania",
    "leukemia",
    "loss of function",
    "lymphoma",
    "melanoma",
    "mutant",
    "mutation",
    "neuroblastoma",
    "obesity",
    "parkinson",
    "pathogen",
    "resistance",
    "sars",
    "sarcoma",
    "syndrome",
    "therapy",
    "toxicity",
    "tuberculosis",
    "tumor",
    "viral",
    "virus",
    "vpr",
    "vpu",
];

/// Identifiers of the sets of a collection that are better left out: pathways named after a disease, pathogen or drug or
/// mostly one complex, processes of whole organisms and terms for regulation, complexes that are headings. A collection
/// without such rules has none.
pub fn unsuitable_sets<'k>(
    knowledge: &'k Packs,
    collection: &str,
) -> Result<BTreeSet<&'k str>, KnowledgeError> {
    let sets = knowledge.gene_sets(collection)?.sets();
    if let Some((named, codes)) = knowledge.named() {
        let unsuitable = unsuitable_sets(named, collection)?;
        let ids = sets.iter().map(|set| set.id.as_str());
        return Ok(ids
            .filter(|code| codes.id(code).is_some_and(|id| unsuitable.contains(id)))
            .collect());
    }
    let ids = |unsuitable: &dyn Fn(&str, &str) -> bool| -> BTreeSet<&str> {
        let pairs = sets.iter().map(|set| (set.id.as_str(), set.name.as_str()));
        pairs
            .filter(|(id, name)| unsuitable(id, name))
            .map(|(id, _)| id)
            .collect()
    };
    Ok(match collection {
        "reactome" | "wikipathways" => {
            let mut unsuitable = complexes_in_disguise(knowledge, sets)?;
            unsuitable.extend(ids(&|_, name| named_after_context(name)));
            unsuitable
        }
        "go-bp" => {
            let graph = knowledge.go()?.graph();
            ids(&|id, name| {
                REGULATION.iter().any(|start| name.starts_with(start))
                    || graph
                        .ancestors(id)
                        .any(|above| OF_WHOLE_ORGANISMS.contains(&above.id.as_str()))
            })
        }
        "go-complexes" => {
            let graph = knowledge.go()?.graph();
            let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
            for set in sets {
                for above in graph.ancestors(&set.id) {
                    *kinds.entry(above.id.as_str()).or_default() += 1;
                }
            }
            ids(&|id, _| {
                kinds
                    .get(id)
                    .is_some_and(|count| *count > KINDS_UNDER_A_HEADING)
            })
        }
        _ => BTreeSet::new(),
    })
}

/// Subunits from which a complex is large enough to fill a pathway.
const SUBUNITS: usize = 8;

/// Pathways of which more than half is one complex (`AUF1 binds and destabilizes mRNA` is a proteasome): they say nothing
/// that the complex does not, under a name that misleads.
fn complexes_in_disguise<'k>(
    knowledge: &'k Packs,
    pathways: &'k [GeneSet],
) -> Result<BTreeSet<&'k str>, KnowledgeError> {
    let headings = unsuitable_sets(knowledge, "go-complexes")?;
    let complexes = knowledge.gene_sets("go-complexes")?.sets();
    let mut of_gene: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (position, complex) in complexes.iter().enumerate() {
        if complex.members.len() >= SUBUNITS && !headings.contains(complex.id.as_str()) {
            for member in &complex.members {
                of_gene.entry(member).or_default().push(position);
            }
        }
    }
    let mostly_one = |pathway: &&GeneSet| {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for member in &pathway.members {
            for complex in of_gene.get(&**member).into_iter().flatten() {
                *shared.entry(*complex).or_default() += 1;
            }
        }
        shared
            .values()
            .any(|count| 2 * count > pathway.members.len())
    };
    Ok(pathways
        .iter()
        .filter(mostly_one)
        .map(|pathway| pathway.id.as_str())
        .collect())
}

fn named_after_context(name: &str) -> bool {
    let name = name.to_lowercase();
    let starts_word = |at: usize| !name[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
    CONTEXT
        .iter()
        .any(|word| name.match_indices(word).any(|(at, _)| starts_word(at)))
}

/// `HALLMARK_E2F_TARGETS` as `E2F targets`; other names as they are.
pub fn readable(name: &str) -> String {
    let Some(words) = name.strip_prefix("HALLMARK_") else {
        return name.to_owned();
    };
    let words: Vec<String> = words
        .split('_')
        .map(|word| match word {
            "DN" => "down".to_owned(),
            "TNFA" => "TNF-alpha".to_owned(),
            "NFKB" => "NF-kB".to_owned(),
            "MTORC1" => "mTORC1".to_owned(),
            "MTOR" => "mTOR".to_owned(),
            "P53" => "p53".to_owned(),
            _ if word.contains(|c: char| c.is_ascii_digit()) || ABBREVIATIONS.contains(&word) => {
                word.to_owned()
            }
            _ => word.to_lowercase(),
        })
        .collect();
    let mut name = words.join(" ");
    if let Some(first) = name.get(..1).map(str::to_uppercase)
        && !name.starts_with("p53")
        && !name.starts_with("mTOR")
    {
        name.replace_range(..1, &first);
    }
    name
}

/// Words of Hallmark names that stay in capitals.
const ABBREVIATIONS: [&str; 8] = ["DNA", "UV", "KRAS", "MYC", "TGF", "JAK", "AKT", "WNT"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hallmark_names_become_readable() {
        assert_eq!(readable("HALLMARK_E2F_TARGETS"), "E2F targets");
        assert_eq!(
            readable("HALLMARK_TNFA_SIGNALING_VIA_NFKB"),
            "TNF-alpha signaling via NF-kB"
        );
        assert_eq!(readable("HALLMARK_UV_RESPONSE_DN"), "UV response down");
        assert_eq!(readable("HALLMARK_P53_PATHWAY"), "p53 pathway");
        assert_eq!(readable("Mitophagy"), "Mitophagy");
    }

    #[test]
    fn pathways_named_after_a_context_are_told() {
        for name in [
            "FLT3 signaling in disease",
            "Parkinsons Disease Pathway",
            "SARS-CoV-2 activates/modulates innate and adaptive immune responses",
            "Hh mutants are degraded by ERAD",
            "Infection with Mycobacterium tuberculosis",
            "Interactions of Vpr with host cellular proteins",
        ] {
            assert!(named_after_context(name), "{name}");
        }
        for name in [
            "Interferon Signaling",
            "Antiviral mechanism by IFN-stimulated genes",
            "Citric acid cycle (TCA cycle)",
        ] {
            assert!(!named_after_context(name), "{name}");
        }
    }
}
