//! Files that are no tables, told by their content, with what to do in each case.

/// What a file looks like, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stranger {
    /// What it looks like.
    pub looks_like: String,
    /// What to do.
    pub hint: String,
}

fn stranger(looks_like: impl Into<String>, hint: impl Into<String>) -> Stranger {
    Stranger {
        looks_like: looks_like.into(),
        hint: hint.into(),
    }
}

/// First bytes of files that people give in place of a table.
const SIGNATURES: [(&[u8], &str, &str); 14] = [
    (
        b"PK\x03\x04",
        "an Excel workbook or zip archive",
        "save the sheet as CSV or TSV, or unpack the archive",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "an old Excel workbook",
        "save the sheet as CSV or TSV",
    ),
    (b"PAR1", "a Parquet file", "export the table as TSV"),
    (b"\x89HDF", "an HDF5 file", "export the table as TSV"),
    (
        b"%PDF",
        "a PDF document",
        "give the table itself, as CSV or TSV; tables in a supplement can be copied from its Excel file",
    ),
    (
        b"BZh",
        "a bzip2 archive",
        "unpack it, or compress it with gzip",
    ),
    (
        b"\xfd7zXZ",
        "an xz archive (R packs its data so too)",
        "unpack it, or compress it with gzip; of R data, write the table with `write.table(x, \"table.tsv\", sep = \"\\t\")`",
    ),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it"),
    (
        b"\x89PNG",
        "a picture",
        "give the table itself, as CSV or TSV",
    ),
    (
        b"\xff\xd8\xff",
        "a picture",
        "give the table itself, as CSV or TSV",
    ),
    (
        b"RDX",
        "R data",
        "write the table in R with `write.table(x, \"table.tsv\", sep = \"\\t\")`",
    ),
    (
        b"X\n\0\0\0",
        "R data",
        "write the table in R with `write.table(x, \"table.tsv\", sep = \"\\t\")`",
    ),
    (
        b"SQLite format 3",
        "an SQLite database (DIA-NN libraries and OpenSWATH results are)",
        "export the table as TSV",
    ),
    (
        b"BEGIN IONS",
        "spectra (MGF)",
        "give the quantities that a search engine made of them",
    ),
];

/// What raw bytes are, by their start; none for what may be text.
pub(crate) fn by_signature(raw: &[u8]) -> Option<Stranger> {
    let found = SIGNATURES
        .iter()
        .find(|(start, ..)| raw.starts_with(start))?;
    Some(stranger(found.1, found.2))
}

/// Text whose bytes come in pairs with a zero, as UTF-16 without the mark that says so.
pub(crate) fn is_utf16_without_mark(head: &[u8]) -> bool {
    let zeros = |from: usize| {
        head.iter()
            .skip(from)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let half = head.len() / 2;
    let many = |n: usize| 10 * n >= 9 * half;
    half >= 8 && many(zeros(0)) != many(zeros(1))
}

/// What a text is that is no table: markup, JSON, sequences, spectra.
pub(crate) fn by_text(text: &str) -> Option<Stranger> {
    let start = text.trim_start().chars().take(400).collect::<String>();
    let lower = start.to_lowercase();
    if lower.starts_with("<!doctype html")
        || lower.starts_with("<html")
        || lower.starts_with("<table")
    {
        return Some(stranger(
            "a web page (some programs save those as .xls)",
            "open it in a spreadsheet and save it as XLSX, CSV or TSV",
        ));
    }
    if start.starts_with("<?xml") || start.starts_with("<mzML") || start.starts_with("<mzXML") {
        let what = if lower.contains("mzml") || lower.contains("mzxml") {
            "spectra (mzML or mzXML)"
        } else if lower.contains("excel") || lower.contains("spreadsheet") {
            "an Excel 2003 XML workbook"
        } else {
            "an XML document"
        };
        return Some(stranger(
            what,
            "give a table of quantities, as CSV, TSV or XLSX",
        ));
    }
    let json = (start.starts_with('{') && start[1..].trim_start().starts_with(['"', '}']))
        || (start.starts_with('[') && start[1..].trim_start().starts_with(['{', '[', '"']));
    if json {
        return Some(stranger(
            "a JSON document",
            "export the table as CSV or TSV",
        ));
    }
    let mut lines = start.lines();
    let (first, second) = (
        lines.next().unwrap_or_default(),
        lines.next().unwrap_or_default(),
    );
    let residues = |l: &str| l.len() >= 5 && l.bytes().all(|b| b.is_ascii_uppercase() || b == b'*');
    if first.starts_with('>') && !first.contains('\t') && residues(second.trim()) {
        return Some(stranger(
            "protein sequences (FASTA)",
            "give the quantities that a search engine made with them",
        ));
    }
    None
}

/// What a zip archive or compound file is that cannot be opened as a workbook.
pub(crate) fn no_workbook(raw: &[u8], cause: &str) -> Stranger {
    let holds = |text: &[u8]| raw.windows(text.len()).any(|w| w == text);
    let wide = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    if raw.starts_with(b"PK") {
        if holds(b"word/") {
            return stranger(
                "a Word document",
                "copy its table into a spreadsheet and save that as XLSX, CSV or TSV",
            );
        }
        if holds(b"ppt/") {
            return stranger(
                "a presentation",
                "give the table itself, as XLSX, CSV or TSV",
            );
        }
        if holds(b"xl/") || holds(b"content.xml") {
            return stranger(
                format!("a damaged workbook ({cause})"),
                "open it in a spreadsheet, let that repair it, and save it again as XLSX, CSV or TSV",
            );
        }
        let names = zip_names(raw);
        if names.iter().all(String::is_empty) {
            return stranger(
                format!("an Excel workbook or zip archive that cannot be opened ({cause})"),
                "copy the file again, or save the sheet as CSV or TSV",
            );
        }
        let shown: Vec<String> = names.iter().take(4).map(|n| format!("`{n}`")).collect();
        let of = if shown.is_empty() {
            String::new()
        } else {
            format!(" of {}", shown.join(", "))
        };
        return stranger(
            format!("a zip archive{of}"),
            "unpack it, and give the table or the folder",
        );
    }
    if holds(&wide("EncryptedPackage")) {
        return stranger(
            "a workbook with a password",
            "open it, remove the password, and save it again, or save the sheet as CSV or TSV",
        );
    }
    if holds(&wide("WordDocument")) {
        return stranger(
            "an old Word document",
            "copy its table into a spreadsheet and save that as XLSX, CSV or TSV",
        );
    }
    stranger(
        format!("an old Excel workbook that cannot be opened ({cause})"),
        "open it in a spreadsheet and save it as XLSX, CSV or TSV",
    )
}

/// Names of the files in a zip archive, from the headers before each.
fn zip_names(raw: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(found) = raw[at..].windows(4).position(|w| w == b"PK\x03\x04") {
        let header = at + found;
        let Some(length) = raw.get(header + 26..header + 28) else {
            break;
        };
        let end = header + 30 + usize::from(u16::from_le_bytes([length[0], length[1]]));
        if let Some(name) = raw.get(header + 30..end) {
            names.push(String::from_utf8_lossy(name).into_owned());
        }
        at = header + 4;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told_apart() {
        let text = |t: &str| by_text(t).map(|s| s.looks_like);
        assert_eq!(text("{\"a\": 1}").as_deref(), Some("a JSON document"));
        assert!(text("<html><table>").is_some_and(|l| l.contains("web page")));
        assert!(text(">sp|P1|X\nMEEPQSDPSV\n").is_some_and(|l| l.contains("FASTA")));
        assert_eq!(text("protein\ta\tb\n"), None);
        assert_eq!(text("{Type}\ta\n"), None);
        assert!(by_signature(b"RDX3\nX\n").is_some());
        assert_eq!(by_signature(b"A\n1\n2\n"), None);
        assert!(is_utf16_without_mark(b"p\0r\0o\0t\0e\0i\0n\0\t\0a\0"));
        assert!(!is_utf16_without_mark(b"protein\ta\tb\n1\t2\t3"));
    }
}
