//! Sheets as other programs write them: SDRF-Proteomics, FragPipe's annotation and MSstats' annotation become plain
//! sheets, with the roles that their columns have by definition.

use std::collections::BTreeMap;

use super::label::canonical;
use super::sheet::Sheet;
use super::{Inference, Role};

/// Roles of columns that follow from the layout of a sheet, with the reason.
pub(crate) type LayoutRoles = BTreeMap<String, (Role, String)>;

/// A sheet in plain form with the roles its layout gives; other sheets stay as they are.
pub(crate) fn normalise(sheet: Sheet) -> (Sheet, LayoutRoles) {
    if is_sdrf(&sheet) {
        return sdrf(sheet);
    }
    let has = |name: &str| sheet.header.iter().any(|h| canonical(h) == name);
    let layout: Option<(&str, &[(&str, Role)])> = if has("condition") && has("bioreplicate") {
        Some(("MSstats annotation", &MSSTATS))
    } else if has("condition") && has("replicate") && has("samplename") && has("sample") {
        Some(("FragPipe annotation", &FRAGPIPE))
    } else {
        None
    };
    let Some((layout, known)) = layout else {
        return (sheet, LayoutRoles::new());
    };
    let roles = sheet
        .header
        .iter()
        .filter_map(|h| {
            let (_, role) = known.iter().find(|(name, _)| canonical(h) == *name)?;
            Some((h.clone(), (*role, format!("by definition of the {layout}"))))
        })
        .collect();
    (told(sheet, layout, "the names of its columns"), roles)
}

const MSSTATS: [(&str, Role); 12] = [
    ("run", Role::Identifier),
    ("rawfile", Role::Identifier),
    ("filename", Role::Identifier),
    ("condition", Role::Condition),
    ("bioreplicate", Role::Replicate),
    ("mixture", Role::Plex),
    ("channel", Role::Ignored),
    ("techrepmixture", Role::TechnicalReplicate),
    ("techreplicate", Role::TechnicalReplicate),
    ("fraction", Role::Ignored),
    ("isotopelabeltype", Role::Ignored),
    ("experiment", Role::Identifier),
];

const FRAGPIPE: [(&str, Role); 7] = [
    ("plex", Role::Plex),
    ("channel", Role::Ignored),
    ("sample", Role::Identifier),
    ("samplename", Role::Identifier),
    ("file", Role::Identifier),
    ("condition", Role::Condition),
    ("replicate", Role::Replicate),
];

fn told(mut sheet: Sheet, layout: &str, because: &str) -> Sheet {
    sheet.inferences.push(Inference::new(
        format!("layout of `{}`", sheet.file),
        layout,
        because,
        "say what a column is with `--role COLUMN=ROLE` or `roles:` in `dataset.yaml`",
    ));
    sheet
}

fn is_sdrf(sheet: &Sheet) -> bool {
    let source = sheet.header.iter().any(|h| canonical(h) == "sourcename");
    source && sheet.header.iter().any(|h| bracketed(h).is_some())
}

/// `characteristics[organism part]` as its kind and name.
fn bracketed(header: &str) -> Option<(Kind, &str)> {
    let (kind, rest) = header.split_once('[')?;
    let (name, _) = rest.split_once(']')?;
    let kind = match canonical(kind).as_str() {
        "characteristics" | "characteristic" => Kind::Characteristic,
        "factorvalue" => Kind::Factor,
        "comment" => Kind::Comment,
        _ => return None,
    };
    Some((kind, name.trim()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Factor,
    Characteristic,
    Comment,
}

/// SDRF: the bracketed names become the headers, columns of units and ontology terms go, `NT=…;AC=…` becomes the name.
fn sdrf(sheet: Sheet) -> (Sheet, LayoutRoles) {
    let mut kept: Vec<(usize, Option<Kind>, String)> = Vec::new();
    for (j, header) in sheet.header.iter().enumerate() {
        let plain = canonical(header);
        if ["unit", "termsource", "termaccession"]
            .iter()
            .any(|p| plain.starts_with(p))
        {
            continue;
        }
        let (kind, name) = match bracketed(header) {
            Some((kind, name)) => (Some(kind), without_unit(name).to_string()),
            None => (None, header.clone()),
        };
        kept.push((j, kind, name));
    }
    // A factor value repeats a characteristic; of other columns of one name the first one counts.
    let factors: Vec<String> = kept
        .iter()
        .filter(|(_, kind, _)| *kind == Some(Kind::Factor))
        .map(|(_, _, name)| canonical(name))
        .collect();
    let mut seen: Vec<String> = Vec::new();
    kept.retain(|(_, kind, name)| {
        let name = canonical(name);
        let again = *kind != Some(Kind::Factor) && factors.contains(&name);
        let new = !again && !seen.contains(&name);
        if new {
            seen.push(name);
        }
        new
    });
    let rows = sheet
        .rows
        .iter()
        .map(|row| {
            kept.iter()
                .map(|(j, _, _)| term(&row[*j]).to_string())
                .collect()
        })
        .collect();
    let roles = kept
        .iter()
        .filter_map(|(_, kind, name)| Some((name.clone(), role(*kind, name)?)))
        .collect();
    let mut out = Sheet {
        header: kept.into_iter().map(|(_, _, name)| name).collect(),
        rows,
        ..sheet
    };
    for j in 0..out.header.len() {
        if canonical(&out.header[j]) == "age" {
            ages(&mut out, j);
        }
    }
    let because = "it has `source name` and columns such as `characteristics[…]` and `comment[…]`";
    (told(out, "SDRF", because), roles)
}

fn role(kind: Option<Kind>, name: &str) -> Option<(Role, String)> {
    let said = |role: Role, why: &str| Some((role, why.to_string()));
    match canonical(name).as_str() {
        "sourcename" | "assayname" | "datafile" | "fileuri" | "associatedfileuri" => {
            said(Role::Identifier, "by definition of SDRF")
        }
        "individual" | "subject" | "patient" => said(Role::Subject, "by definition of SDRF"),
        "biologicalreplicate" => said(Role::Replicate, "by definition of SDRF"),
        "technicalreplicate" => said(Role::TechnicalReplicate, "by definition of SDRF"),
        "fractionidentifier" | "label" | "technologytype" => said(
            Role::Ignored,
            "SDRF says with it how the sample was measured",
        ),
        _ if kind == Some(Kind::Factor) => {
            said(Role::Condition, "it is a factor value of the SDRF")
        }
        _ if kind == Some(Kind::Comment) => said(
            Role::Ignored,
            "SDRF says with it how the sample was measured",
        ),
        _ => None,
    }
}

/// A name without a unit in parentheses at its end.
fn without_unit(name: &str) -> &str {
    match name.rsplit_once('(') {
        Some((head, tail)) if tail.trim_end().ends_with(')') && !head.trim().is_empty() => {
            head.trim()
        }
        _ => name,
    }
}

/// The name in `NT=Trypsin;AC=MS:1001251`, and the amount in `10 [uM]`.
fn term(cell: &str) -> &str {
    let named = cell
        .split(';')
        .find_map(|part| part.trim().strip_prefix("NT="))
        .unwrap_or(cell)
        .trim();
    match named.rsplit_once('[') {
        Some((head, tail)) if tail.ends_with(']') && !head.trim().is_empty() => head.trim(),
        _ => named,
    }
}

/// Ages such as `58Y` and `2Y6M` as years, where all are written so.
fn ages(sheet: &mut Sheet, j: usize) {
    let years: Vec<Option<f64>> = sheet.rows.iter().map(|r| age(&r[j])).collect();
    let absent = |cell: &str| cell.is_empty() || canonical(cell).starts_with("not");
    let all = sheet
        .rows
        .iter()
        .zip(&years)
        .all(|(r, y)| y.is_some() || absent(&r[j]));
    if !all {
        return;
    }
    for (row, years) in sheet.rows.iter_mut().zip(years) {
        if let Some(years) = years {
            row[j] = format!("{}", (years * 100.0).round() / 100.0);
        }
    }
}

fn age(cell: &str) -> Option<f64> {
    let (mut years, mut digits) = (0.0, String::new());
    for c in cell.trim().chars() {
        if c.is_ascii_digit() || c == '.' {
            digits.push(c);
            continue;
        }
        let n: f64 = digits.parse().ok()?;
        digits.clear();
        years += match c.to_ascii_uppercase() {
            'Y' => n,
            'M' => n / 12.0,
            'W' => n / 52.18,
            'D' => n / 365.25,
            _ => return None,
        };
    }
    (digits.is_empty() && !cell.trim().is_empty()).then_some(years)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(text: &str) -> Sheet {
        let mut lines = text
            .lines()
            .map(|l| l.split('\t').map(str::to_string).collect());
        let header: Vec<String> = lines.next().unwrap_or_default();
        let rows: Vec<Vec<String>> = lines.collect();
        Sheet {
            file: "sheet.tsv".to_string(),
            lines: (0..rows.len()).map(|r| r + 2).collect(),
            header,
            rows,
            inferences: Vec::new(),
            problems: Vec::new(),
        }
    }

    #[test]
    fn sdrf_becomes_a_plain_sheet() {
        let (plain, roles) = normalise(sheet(
            "source name\tcharacteristics[disease]\tcharacteristics[age]\tassay name\tcomment[data file]\tcomment[cleavage agent details]\tfactor value[disease]\tfactor value[dose (uM)]\tunit[dose]\n\
             s1\tnormal\t58Y\trun 1\ta.raw\tNT=Trypsin;AC=MS:1001251\tnormal\t0 [uM]\tuM\n\
             s2\tcancer\t2Y6M\trun 2\tb.raw\tNT=Trypsin;AC=MS:1001251\tcancer\t10 [uM]\tuM",
        ));
        assert_eq!(
            plain.header,
            [
                "source name",
                "age",
                "assay name",
                "data file",
                "cleavage agent details",
                "disease",
                "dose"
            ]
        );
        assert_eq!(
            plain.rows[1],
            ["s2", "2.5", "run 2", "b.raw", "Trypsin", "cancer", "10"]
        );
        assert_eq!(roles["disease"].0, Role::Condition);
        assert_eq!(roles["data file"].0, Role::Identifier);
        assert!(!roles.contains_key("age"));
    }

    #[test]
    fn annotations_of_fragpipe_and_msstats_are_known() {
        let (_, roles) = normalise(sheet(
            "plex\tchannel\tsample\tsample_name\tcondition\treplicate\n1\t126\ta\tA\tx\t1",
        ));
        assert_eq!(roles["plex"].0, Role::Plex);
        let (_, roles) = normalise(sheet(
            "Run\tCondition\tBioReplicate\tMixture\tTechRepMixture\nr\tx\t1\tm\t1",
        ));
        assert_eq!(roles["Mixture"].0, Role::Plex);
        assert_eq!(roles["TechRepMixture"].0, Role::TechnicalReplicate);
        assert!(normalise(sheet("sample\tcondition\na\tx")).1.is_empty());
    }
}
