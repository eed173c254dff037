//! What a channel is: a marker with its metal or fluorochrome, or something that is measured beside the markers.

use super::super::label::canonical;

/// A column of a cell table or a parameter of a cytometry file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Channel {
    /// The header, or `$PnN`.
    pub header: String,
    /// What is written beside it, `$PnS`.
    pub label: Option<String>,
}

/// A channel, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// What the marker is called: the antigen, or the header where none is named.
    pub name: String,
    /// Whether an antigen is named.
    pub antigen: bool,
    /// The metal, for example `Nd142`.
    pub metal: Option<String>,
    /// Why it is no marker.
    pub apart: Option<&'static str>,
}

/// Elements that are bound to antibodies or seen beside them in mass cytometry.
const ELEMENTS: [&str; 34] = [
    "Y", "In", "Cd", "Pd", "Ag", "La", "Ce", "Pr", "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho",
    "Er", "Tm", "Yb", "Lu", "Ir", "Pt", "Bi", "Xe", "Ba", "Sn", "Cs", "I", "Pb", "Rh", "Ru", "Te",
    "Zr", "As",
];

/// Tells what a channel is, from its header and what is written beside it.
pub(crate) fn says_what(channel: &Channel) -> Told {
    let label = channel.label.as_deref().unwrap_or_default();
    let (by_label, rest_of_label) = split_metal(label);
    let (by_header, rest_of_header) = split_metal(&channel.header);
    let metal = by_label.or(by_header);
    let from_header = metal.is_none() || !rest_of_header.is_empty();
    let named = [
        Some(rest_of_label.as_str()).filter(|t| *t != channel.header),
        Some(rest_of_header.as_str()).filter(|_| metal.is_some()),
    ];
    let antigen = named
        .into_iter()
        .flatten()
        .find(|t| !t.is_empty() && !is_empty_word(t));
    let name = match antigen {
        Some(antigen) => antigen.to_string(),
        None if from_header && !rest_of_header.is_empty() => rest_of_header.clone(),
        None => channel.header.clone(),
    };
    Told {
        apart: apart(channel, label, metal.as_deref(), antigen),
        antigen: antigen.is_some() || (metal.is_none() && label.is_empty()),
        name,
        metal,
    }
}

/// Words that name no antigen.
fn is_empty_word(text: &str) -> bool {
    matches!(
        canonical(text).as_str(),
        "" | "empty" | "na" | "none" | "blank" | "di" | "dd"
    )
}

/// The metal in a name and what is left of it: `142Nd_CD19` and `CD19(Nd142)Di` are Nd142 and `CD19`.
pub(crate) fn split_metal(text: &str) -> (Option<String>, String) {
    let text = text.trim();
    let ending = text.strip_suffix("Di").or(text.strip_suffix("Dd"));
    if let Some(body) = ending.and_then(|t| t.trim_end().strip_suffix(')'))
        && let Some((antigen, metal)) = body.rsplit_once('(')
    {
        let metal = match isotope(metal) {
            Some((isotope, _)) => isotope,
            None => metal.to_string(),
        };
        return (Some(metal), trimmed(antigen));
    }
    let starts = text.char_indices().filter(|(at, c)| {
        let before = text[..*at].chars().next_back();
        c.is_ascii_alphanumeric() && before.is_none_or(|b| !b.is_ascii_alphanumeric())
    });
    for (at, _) in starts {
        if let Some((metal, length)) = isotope(&text[at..]) {
            let rest = format!("{} {}", &text[..at], &text[at + length..]);
            return (Some(metal), trimmed(&rest));
        }
    }
    (None, text.to_string())
}

/// An isotope at the start of a text, with its length there: `Nd142`, `142Nd`, with `Di` or `Dd` behind it or not.
fn isotope(text: &str) -> Option<(String, usize)> {
    let letters = |t: &str| t.bytes().take_while(u8::is_ascii_alphabetic).count();
    let digits = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
    let ended = |at: usize| {
        let rest = &text[at..];
        let at = at + 2 * usize::from(rest.starts_with("Di") || rest.starts_with("Dd"));
        let next = text[at..].chars().next();
        next.is_none_or(|c| !c.is_ascii_alphanumeric())
            .then_some(at)
    };
    let mass = |t: &str| t.parse::<u32>().is_ok_and(|m| (75..=209).contains(&m));
    let n = digits(text);
    if (2..=3).contains(&n) && mass(&text[..n]) {
        return (1..=letters(&text[n..])).rev().find_map(|m| {
            let element = &text[n..n + m];
            let end = ended(n + m).filter(|_| ELEMENTS.contains(&element))?;
            Some((format!("{element}{}", &text[..n]), end))
        });
    }
    let m = letters(text);
    let n = digits(&text[m..]);
    if (1..=2).contains(&m) && ELEMENTS.contains(&&text[..m]) && mass(&text[m..m + n]) {
        return ended(m + n).map(|end| (text[..m + n].to_string(), end));
    }
    None
}

/// A name without separators at its ends and without empty brackets.
fn trimmed(text: &str) -> String {
    let bare = text.replace("()", " ");
    let separator = |c: char| c.is_whitespace() || matches!(c, '_' | '-' | ':' | '.' | '(' | ')');
    bare.trim_matches(separator).to_string()
}

/// Why a channel is no marker, by its names.
fn apart(
    channel: &Channel,
    label: &str,
    metal: Option<&str>,
    antigen: Option<&str>,
) -> Option<&'static str> {
    let header = canonical(&channel.header);
    let names = [header.clone(), canonical(label)];
    let any = |test: &dyn Fn(&str) -> bool| names.iter().any(|n| test(n));
    let holds = |words: &[&str]| any(&|n: &str| words.iter().any(|w| n.contains(w)));
    let is = |words: &[&str]| any(&|n: &str| words.contains(&n));
    let metal_is = |elements: &[&str]| {
        let of = |m: &str| elements.contains(&m.trim_end_matches(|c: char| c.is_ascii_digit()));
        metal.is_some_and(of)
    };
    let only_metal = antigen.is_none() && metal.is_some();
    if is(&["time", "hdrt"]) {
        return Some("the time of the event");
    }
    if is(&["eventlength", "celllength", "eventduration"]) {
        return Some("the length of the event");
    }
    let scatter = channel.header.to_uppercase();
    if ["FSC", "SSC", "FS ", "SS ", "FS-", "SS-"]
        .iter()
        .any(|s| scatter.starts_with(s))
        || is(&["fs", "ss"])
        || holds(&["forwardscatter", "sidescatter"])
    {
        return Some("light scatter");
    }
    if is(&["width", "center", "offset", "residual", "amplitude"]) {
        return Some("the shape of the pulse");
    }
    if holds(&["intercalator"])
        || (antigen.is_none() || holds(&["dna"]))
            && (metal_is(&["Ir"]) || is(&["dna", "dna1", "dna2"]))
    {
        return Some("the DNA content of the cell");
    }
    if holds(&[
        "cisplatin",
        "viab",
        "livedead",
        "zombie",
        "7aad",
        "propidiumiodide",
    ]) || is(&["dapi", "pi", "dead", "live"])
        || only_metal && metal_is(&["Pt", "Rh"])
    {
        return Some("a stain of dead cells");
    }
    if holds(&["bead"]) || only_metal && metal == Some("Ce140") {
        return Some("calibration beads");
    }
    let coded = |n: &str| {
        let number = n.strip_prefix("bc");
        number.is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
    };
    let antigen_coded = antigen.is_some_and(|a| coded(&canonical(a)));
    if holds(&["barcode"]) || any(&coded) || antigen_coded || only_metal && metal_is(&["Pd"]) {
        return Some("a barcode of the sample");
    }
    if holds(&["bckg", "background"])
        || only_metal && metal_is(&["Xe", "Ba", "Sn", "Pb", "I", "Cs"])
    {
        return Some("background of the instrument");
    }
    if is(&[
        "cell",
        "cellid",
        "cellindex",
        "event",
        "eventid",
        "eventnumber",
        "index",
        "rowid",
        "id",
        "rownames",
        "fileno",
        "filenumber",
        "unnamed0",
        "cluster",
        "clusterid",
        "metacluster",
        "population",
        "populationid",
        "label",
        "mahalanobisdist",
        "bcseparationdist",
        "beaddist",
        "umap1",
        "umap2",
        "tsne1",
        "tsne2",
    ]) || header.starts_with("column") && header[6..].bytes().all(|b| b.is_ascii_digit())
    {
        return Some("a number of the cell or its cluster");
    }
    None
}

/// Whether a channel is named like a dye that fluoresces.
pub(crate) fn is_fluorochrome(header: &str) -> bool {
    let name = canonical(header);
    let area = header.ends_with("-A") || header.ends_with("-H") || header.ends_with("-W");
    area || [
        "fitc",
        "pecy",
        "percp",
        "apc",
        "bv421",
        "bv510",
        "bv605",
        "bv711",
        "bv786",
        "bv650",
        "alexa",
        "pacificblue",
    ]
    .iter()
    .any(|dye| name.contains(dye))
}

/// Whether a marker tells what a cell is doing rather than what it is: a phosphorylated or cleaved protein, a cytokine,
/// a mark of proliferation.
pub(crate) fn is_state(marker: &str) -> bool {
    let mut letters = marker.chars();
    let phospho = letters.next() == Some('p')
        && letters.next().is_some_and(|c| {
            c.is_uppercase() || c.is_ascii_digit() || matches!(c, 'p' | '-' | '_' | '.')
        });
    let name = canonical(marker);
    let interleukin = name.strip_prefix("il").is_some_and(|n| {
        !n.is_empty()
            && n.trim_end_matches(['a', 'b', 'f'])
                .bytes()
                .all(|b| b.is_ascii_digit())
    });
    phospho
        || interleukin
        || [
            "phospho", "cleaved", "ki67", "ikb", "iκb", "cparp", "ccasp", "idu", "cyclin", "ifn",
            "tnf", "gmcsf", "cd107a",
        ]
        .iter()
        .any(|w| name.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(header: &str, label: &str) -> Told {
        says_what(&Channel {
            header: header.to_string(),
            label: Some(label.to_string()).filter(|l| !l.is_empty()),
        })
    }

    #[test]
    fn names_are_cut_into_antigen_and_metal() {
        let of = |text: &str| split_metal(text);
        let metal = |m: &str, rest: &str| (Some(m.to_string()), rest.to_string());
        assert_eq!(of("142Nd_CD19"), metal("Nd142", "CD19"));
        assert_eq!(of("CD45(In115)Dd"), metal("In115", "CD45"));
        assert_eq!(of("CD3(110:114)Dd"), metal("110:114", "CD3"));
        assert_eq!(of("Nd142Di"), metal("Nd142", ""));
        assert_eq!(of("HLA-DR_174Yb"), metal("Yb174", "HLA-DR"));
        assert_eq!(of("CD45"), (None, "CD45".to_string()));
        assert_eq!(of("Ki-67"), (None, "Ki-67".to_string()));
        assert_eq!(of("IL10"), (None, "IL10".to_string()));
    }

    #[test]
    fn what_is_no_marker_is_set_apart_with_its_reason() {
        let reason = |header: &str, label: &str| told(header, label).apart;
        assert_eq!(reason("Time", ""), Some("the time of the event"));
        assert_eq!(
            reason("Ir191Di", "191Ir_DNA1"),
            Some("the DNA content of the cell")
        );
        assert_eq!(reason("Pt195Di", "195Pt"), Some("a stain of dead cells"));
        assert_eq!(reason("Ce140Di", "140Ce"), Some("calibration beads"));
        assert_eq!(
            reason("Pd102Di", "102Pd_BC1"),
            Some("a barcode of the sample")
        );
        assert_eq!(reason("FSC-A", ""), Some("light scatter"));
        assert_eq!(reason("Ce140Di", "140Ce_CD19"), None);
        assert_eq!(reason("Pt194Di", "194Pt_CD45"), None);
        assert_eq!(reason("FITC-A", "CD3"), None);
        assert_eq!(told("FITC-A", "CD3").name, "CD3");
        assert_eq!(told("FITC-A", "").name, "FITC-A");
        assert!(!told("Y89Di", "89Y").antigen);
    }

    #[test]
    fn states_are_told_from_types() {
        for marker in [
            "pS6",
            "pp38",
            "p-ERK",
            "pNFkB",
            "Ki-67",
            "IL-2",
            "IFNg",
            "cleaved Caspase 3",
        ] {
            assert!(is_state(marker), "{marker}");
        }
        for marker in ["CD3", "HLA-DR", "IgM", "perforin", "CD127", "PD-1", "IL7Ra"] {
            assert!(!is_state(marker), "{marker}");
        }
    }
}
