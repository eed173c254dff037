//! What each variable is used for, told from its name and its values, with the reason.

use std::collections::BTreeMap;

use super::contrast::nearest;
use super::label::{canonical, words};
use super::manifest::Manifest;
use super::metadata::MatchedSheet;
use super::typing::Numbers;
use super::{DatasetError, Declared, Role, SampleMetadata, Variable};

/// A variable missing in more than this fraction of the samples is not used.
const HIGHEST_MISSING: f64 = 0.6;

const CONDITION: [&str; 22] = [
    "condition",
    "conditions",
    "group",
    "groups",
    "grouping",
    "treatment",
    "treatments",
    "genotype",
    "arm",
    "bait",
    "dose",
    "concentration",
    "stimulus",
    "stimulation",
    "compound",
    "drug",
    "perturbation",
    "knockdown",
    "knockout",
    "samplegroup",
    "experimentalgroup",
    "linkage",
];
/// Names of conditions in a small sheet, of clinical facts in a large one.
const WEAK_CONDITION: [&str; 17] = [
    "time",
    "timepoint",
    "tissue",
    "strain",
    "disease",
    "diagnosis",
    "phenotype",
    "class",
    "status",
    "state",
    "tumor",
    "tumour",
    "celltype",
    "cellline",
    "type",
    "fraction",
    "mixture",
];
const SUBJECT: [&str; 20] = [
    "subject",
    "patient",
    "donor",
    "individual",
    "participant",
    "case",
    "animal",
    "mouse",
    "volunteer",
    "person",
    "pair",
    "patientid",
    "subj",
    "subjid",
    "subjectid",
    "donorid",
    "participantid",
    "individualid",
    "animalid",
    "mouseid",
];
const BATCH: [&str; 14] = [
    "batch",
    "plate",
    "day",
    "date",
    "centre",
    "center",
    "site",
    "instrument",
    "lane",
    "operator",
    "prep",
    "series",
    "campaign",
    "block",
];
const REPLICATE: [&str; 8] = [
    "replicate",
    "replicates",
    "rep",
    "biorep",
    "repl",
    "bioreplicate",
    "biologicalreplicate",
    "br",
];
const IDENTIFIER: [&str; 14] = [
    "id",
    "ids",
    "uuid",
    "filename",
    "file",
    "path",
    "barcode",
    "aliquot",
    "label",
    "samplename",
    "sample",
    "run",
    "raw",
    "idx",
];
const COVARIATE: [&str; 8] = [
    "age", "sex", "gender", "purity", "rin", "ischemia", "ancestry", "race",
];
const DERIVED: [&str; 16] = [
    "cibersort",
    "epic",
    "estimate",
    "xcell",
    "ssgsea",
    "gsva",
    "mcpcounter",
    "timer",
    "quantiseq",
    "cluster",
    "nmf",
    "stemness",
    "umap",
    "pca",
    "signature",
    "pathway",
];
const ORDER: [&str; 4] = ["runorder", "injectionorder", "acquisitionorder", "order"];

/// The role a name suggests.
fn named(name: &str, small_sheet: bool) -> Option<(Role, String)> {
    let words = words(name);
    let joined = canonical(name);
    let has = |list: &[&str]| -> Option<String> {
        list.iter()
            .find(|w| joined == **w || words.iter().any(|x| x == **w))
            .map(|w| (*w).to_string())
    };
    let said = |role: Role, word: String| Some((role, format!("its name says `{word}`")));
    if words.iter().any(|w| w.starts_with("exclu")) {
        let reason = "its name says which samples to leave out; list them under `exclude:` in `dataset.yaml`";
        return Some((Role::Ignored, reason.to_string()));
    }
    if let Some(w) = has(&["channel", "tag"]) {
        return Some((
            Role::Ignored,
            format!("its name says `{w}`: where in the multiplex a sample was measured"),
        ));
    }
    if let Some(w) = has(&["plex", "tmtplex", "tmtset", "multiplex", "itraq"]) {
        return said(Role::Plex, w);
    }
    if let Some(w) = has(&ORDER) {
        return said(Role::RunOrder, w);
    }
    if has(&["note", "notes", "comment", "comments", "remark", "remarks"]).is_some() {
        return Some((
            Role::Ignored,
            "its name says that it holds remarks".to_string(),
        ));
    }
    if let Some(w) = has(&[
        "techrep",
        "technicalreplicate",
        "techreplicate",
        "techrepmixture",
        "injection",
    ])
    .filter(|_| !words.iter().any(|w| w == "order"))
    {
        return said(Role::TechnicalReplicate, w);
    }
    if words.iter().any(|w| w == "technical" || w == "tech")
        && words.iter().any(|w| REPLICATE.contains(&w.as_str()))
    {
        return said(Role::TechnicalReplicate, "technical".to_string());
    }
    if let Some(w) = has(&REPLICATE) {
        return said(Role::Replicate, w);
    }
    if let Some(w) = has(&DERIVED) {
        return Some((
            Role::Derived,
            format!("its name says `{w}`: computed from an omics assay"),
        ));
    }
    if let Some(w) = has(&CONDITION) {
        return said(Role::Condition, w);
    }
    if let Some(w) = has(&SUBJECT).filter(|_| !words.iter().any(|w| w == "status")) {
        return said(Role::Subject, w);
    }
    if let Some(w) = has(&COVARIATE) {
        return said(Role::Covariate, w);
    }
    if let Some(w) = has(&BATCH).filter(|_| !words.iter().any(|w| w == "tumor" || w == "tumour")) {
        return said(Role::Batch, w);
    }
    if let Some(w) =
        has(&WEAK_CONDITION).filter(|_| small_sheet || words.iter().any(|w| w == "normal"))
    {
        return said(Role::Condition, w);
    }
    has(&IDENTIFIER).and_then(|w| said(Role::Identifier, w))
}

/// Whether a column is named like the grouping an experimenter made.
pub(crate) fn names_a_condition(name: &str) -> bool {
    matches!(named(name, false), Some((Role::Condition, _)))
}

/// How numbers in a column of this name are to be read.
pub(crate) fn numbers_in(name: &str) -> Numbers {
    match named(name, false) {
        Some((
            Role::Condition
            | Role::Batch
            | Role::Plex
            | Role::Replicate
            | Role::TechnicalReplicate
            | Role::Subject
            | Role::Ignored,
            _,
        )) => Numbers::AreLabels,
        _ if words(name).iter().any(|w| w.starts_with("time")) => Numbers::AreLabels,
        _ => Numbers::MayBeLabels,
    }
}

/// Roles that someone gave, with who did: the command line goes before `dataset.yaml`, and that before the layout of the
/// sheet.
pub(crate) fn said(
    samples: &SampleMetadata,
    sheets: &[MatchedSheet],
    manifest: &Manifest,
    declared: &Declared,
) -> Result<BTreeMap<String, (Role, String)>, DatasetError> {
    let mut said: BTreeMap<String, (Role, String)> = BTreeMap::new();
    for sheet in sheets.iter().rev() {
        said.extend(sheet.roles.clone());
    }
    for (name, role) in &manifest.roles {
        said.insert(
            name.clone(),
            (*role, "declared in `dataset.yaml`".to_string()),
        );
    }
    let known = || samples.variables.keys().map(String::as_str);
    for (name, role) in &declared.roles {
        let wanted = canonical(name);
        let column = known()
            .find(|k| k == name)
            .or_else(|| known().find(|k| canonical(k) == wanted))
            .ok_or_else(|| unknown_column(name, &known().collect::<Vec<_>>()))?;
        said.insert(
            column.to_string(),
            (*role, "said on the command line".to_string()),
        );
    }
    Ok(said)
}

fn unknown_column(name: &str, known: &[&str]) -> DatasetError {
    let shown: Vec<String> = known.iter().take(12).map(|k| format!("`{k}`")).collect();
    DatasetError::UnknownColumn {
        column: name.to_string(),
        found: if shown.is_empty() {
            "there is no sheet".to_string()
        } else {
            format!("the columns are {}", shown.join(", "))
        },
        hint: nearest(name, known.iter().copied()).map_or_else(
            || "use a header of the sheet, as in `--role batch=covariate`".to_string(),
            |n| format!("did you mean `{n}`?"),
        ),
    }
}

/// Gives every variable its role. `said` are roles that someone gave; `ids` are columns that hold the sample names.
pub(crate) fn assign(
    samples: &mut SampleMetadata,
    said: &BTreeMap<String, (Role, String)>,
    ids: &[String],
) {
    let n = samples.len();
    let small = samples.variables.len() <= 10;
    let mut undecided: Vec<String> = Vec::new();
    for variable in samples.variables.values_mut() {
        let useless = variable.observed() == 0 || variable.levels().len() == 1;
        let (role, reason) = match said.get(&variable.name) {
            Some((
                Role::Condition | Role::Clinical | Role::Covariate | Role::Batch | Role::Plex,
                _,
            )) if useless => (Role::Ignored, "it has one value or none".to_string()),
            Some((role, reason)) => (*role, reason.clone()),
            None if ids.contains(&variable.name) => {
                (Role::Identifier, "it names the samples".to_string())
            }
            None => match decide(variable, n, small) {
                Some(decided) => decided,
                None => {
                    undecided.push(variable.name.clone());
                    (Role::Clinical, "a property of the samples".to_string())
                }
            },
        };
        variable.role = role;
        variable.reason = reason;
    }
    survival(samples, said);
    let has_condition = samples.with_role(Role::Condition).next().is_some();
    let groups: Vec<&String> = undecided
        .iter()
        .filter(|name| samples.variables[*name].is_categorical())
        .collect();
    if let ([only], false) = (&groups[..], has_condition)
        && let Some(variable) = samples.variables.get_mut(only.as_str())
    {
        variable.role = Role::Condition;
        variable.reason = "the only variable that groups the samples".to_string();
    }
}

/// A time and an event of one name (`OS_time` and `OS_event`) are survival data: neither is tested by itself.
fn survival(samples: &mut SampleMetadata, said: &BTreeMap<String, (Role, String)>) {
    const TIMES: [&str; 9] = [
        "time", "days", "months", "weeks", "years", "followup", "survival", "duration", "day",
    ];
    const EVENTS: [&str; 12] = [
        "event",
        "events",
        "status",
        "censor",
        "censored",
        "death",
        "dead",
        "deceased",
        "relapse",
        "recurrence",
        "progression",
        "vital",
    ];
    const ENDPOINTS: [&str; 8] = ["os", "pfs", "dfs", "rfs", "dss", "efs", "ttp", "survival"];
    let has = |name: &str, list: &[&str]| words(name).iter().any(|w| list.contains(&w.as_str()));
    let free = |v: &&Variable| {
        !said.contains_key(&v.name)
            && matches!(v.role, Role::Clinical | Role::Condition | Role::Ignored)
    };
    let endpoint = |name: &str| -> Vec<String> {
        let mut found = words(name);
        found.retain(|w| ENDPOINTS.contains(&w.as_str()));
        found
    };
    let mut pairs: Vec<(String, String)> = Vec::new();
    for event in samples.variables.values().filter(free) {
        if event.levels().len() != 2 || !has(&event.name, &EVENTS) {
            continue;
        }
        let time = samples.variables.values().filter(free).find(|time| {
            let named = has(&time.name, &TIMES) || !endpoint(&time.name).is_empty();
            let same = endpoint(&time.name) == endpoint(&event.name);
            let plain = has(
                &event.name,
                &[
                    "event", "censor", "censored", "vital", "death", "deceased", "dead",
                ],
            );
            !time.is_categorical() && named && same && (plain || !endpoint(&time.name).is_empty())
        });
        pairs.extend(time.map(|time| (time.name.clone(), event.name.clone())));
    }
    for (time, event) in pairs {
        for (name, other, role, what) in [
            (&time, &event, Role::Time, "the time until"),
            (&event, &time, Role::Event, "the event at the end of"),
        ] {
            if let Some(variable) = samples.variables.get_mut(name) {
                variable.role = role;
                variable.reason = format!("its name and values make it {what} `{other}`");
            }
        }
    }
}

fn decide(variable: &Variable, n: usize, small: bool) -> Option<(Role, String)> {
    let observed = variable.observed();
    if observed == 0 {
        return Some((Role::Ignored, "it has no value".to_string()));
    }
    let levels = variable.levels();
    if let [only] = levels {
        return Some((Role::Ignored, format!("it has one value, `{only}`")));
    }
    let missing = 1.0 - observed as f64 / n.max(1) as f64;
    if missing > HIGHEST_MISSING {
        return Some((
            Role::Ignored,
            format!("{:.0} % of the samples have no value", 100.0 * missing),
        ));
    }
    if levels
        .iter()
        .take(20)
        .filter(|l| is_file_or_uuid(l))
        .count()
        * 2
        > levels.len().min(20)
    {
        return Some((
            Role::Identifier,
            "its values are file names or unique identifiers".to_string(),
        ));
    }
    let named = named(&variable.name, small);
    let all_different = variable.is_categorical() && levels.len() == observed;
    match named {
        Some((Role::Condition, reason))
            if variable.is_categorical() && (small || replicated(variable)) =>
        {
            if all_different && observed > 12 {
                return Some((
                    Role::Identifier,
                    "every sample has its own value".to_string(),
                ));
            }
            return Some((Role::Condition, reason));
        }
        Some((Role::Condition, _)) => return None,
        Some((Role::Subject, _)) if all_different => {
            return Some((
                Role::Identifier,
                "every sample has its own value".to_string(),
            ));
        }
        Some((Role::Batch | Role::Plex, _)) if all_different && observed > 2 => {
            return Some((Role::Ignored, "every sample has its own value".to_string()));
        }
        // Ids that are numbers have no levels.
        Some((Role::Identifier, reason)) if variable.numbers().is_some_and(are_distinct) => {
            return Some((Role::Identifier, reason));
        }
        Some((Role::Identifier, reason)) if all_different || 2 * levels.len() > observed => {
            return Some((Role::Identifier, reason));
        }
        Some((Role::Identifier, _)) | None => {}
        Some(decided) => return Some(decided),
    }
    if all_different && observed > 2 {
        return Some((
            Role::Identifier,
            "every sample has its own value".to_string(),
        ));
    }
    if levels.len() > 12.max(observed / 4) {
        return Some((
            Role::Ignored,
            format!("{} different texts for {observed} samples", levels.len()),
        ));
    }
    None
}

/// Whether numbers are whole and differ from each other.
fn are_distinct(numbers: &[Option<f64>]) -> bool {
    let mut seen: Vec<f64> = numbers.iter().copied().flatten().collect();
    let n = seen.len();
    seen.sort_by(f64::total_cmp);
    seen.dedup();
    seen.len() == n && seen.iter().all(|x| x.fract() == 0.0)
}

/// Whether at least two levels have three samples or more.
fn replicated(variable: &Variable) -> bool {
    variable
        .level_counts()
        .iter()
        .filter(|(_, n)| *n >= 3)
        .count()
        >= 2
}

fn is_file_or_uuid(text: &str) -> bool {
    let uuid = text.len() == 36
        && text.matches('-').count() == 4
        && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let file = [
        ".bam", ".gz", ".raw", ".mzml", ".txt", ".csv", ".tsv", ".xlsx", ".d",
    ];
    uuid || file.iter().any(|e| text.to_lowercase().ends_with(e))
}

/// Words that mark the level others are compared with, the strongest first; equal ranks share a row.
const REFERENCES: [&[&str]; 7] = [
    &[
        "ctrl",
        "control",
        "controls",
        "ctl",
        "ctr",
        "vehicle",
        "veh",
        "dmso",
        "mock",
        "untreated",
        "placebo",
        "scramble",
        "scrambled",
        "sham",
        "scr",
    ],
    &[
        "wt",
        "wildtype",
        "unstimulated",
        "unstim",
        "reference",
        "ref",
        "nontreated",
        "ut",
        "ev",
        "parental",
        "igg",
        "sictrl",
        "shctrl",
        "sicontrol",
        "gfp",
        "con",
    ],
    &[
        "healthy",
        "normal",
        "nat",
        "baseline",
        "blank",
        "unaffected",
        "pre",
        "naive",
    ],
    &[
        "no", "none", "absent", "negative", "neg", "false", "mss", "wild",
    ],
    &["0", "0h", "t0", "d0", "0min", "day0"],
    &["n"],
    &["low", "early"],
];

/// The level contrasts are measured against, recognised by name; none when no or more than one level qualifies.
pub(crate) fn reference_by_name(levels: &[String]) -> Option<(String, String)> {
    for list in REFERENCES {
        let hits: Vec<(&String, String)> = levels
            .iter()
            .filter_map(|l| {
                let words = words(l);
                let joined = words.concat();
                // Joined words find `wild type`; short ones would find `NA_T` as `nat`.
                list.iter()
                    .find(|r| words.iter().any(|w| w == **r) || (r.len() > 4 && joined == **r))
                    .map(|r| (l, (*r).to_string()))
            })
            .collect();
        match &hits[..] {
            [] => {}
            [(level, word)] => return Some(((*level).clone(), format!("its name says `{word}`"))),
            several => {
                // `ctrl` beside `ctrl_drug`: the one that is the word itself is the reference.
                let bare: Vec<_> = several.iter().filter(|(l, w)| canonical(l) == *w).collect();
                return match bare[..] {
                    [(level, word)] => Some(((*level).clone(), format!("its name is `{word}`"))),
                    _ => None,
                };
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_suggest_roles() {
        let role = |name: &str| named(name, true).map(|r| r.0);
        assert_eq!(role("condition"), Some(Role::Condition));
        assert_eq!(role("Proteomics_TMT_plex"), Some(Role::Plex));
        assert_eq!(role("bioRep"), None.or(role("biorep")));
        assert_eq!(role("Patient ID"), Some(Role::Subject));
        assert_eq!(role("Age"), Some(Role::Covariate));
        assert_eq!(role("Case_excluded"), Some(Role::Ignored));
        assert_eq!(named("CNV_class", false), None);
    }

    #[test]
    fn references_are_recognised_by_name() {
        let of = |levels: &[&str]| {
            let levels: Vec<String> = levels.iter().map(|l| (*l).to_string()).collect();
            reference_by_name(&levels).map(|r| r.0)
        };
        assert_eq!(of(&["Ubi4", "Ctrl", "Ubi6"]).as_deref(), Some("Ctrl"));
        assert_eq!(
            of(&["NASH", "control", "Cirrhosis"]).as_deref(),
            Some("control")
        );
        assert_eq!(
            of(&["AZD_resistant", "Parental_SKBR3"]).as_deref(),
            Some("Parental_SKBR3")
        );
        assert_eq!(of(&["Tumor", "Adjacent_normal", "Enriched_normal"]), None);
        assert_eq!(of(&["ctrl", "ctrl_drug"]).as_deref(), Some("ctrl"));
        assert_eq!(of(&["A", "B"]), None);
    }
}
