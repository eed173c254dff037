#!/usr/bin/env python3
"""Cuts the assays of the cohort down to some hundred genes: proteins, phosphorylated sites, RNA, copy number, mutations.

usage: make_tables.py FOLDER

FOLDER holds the published LinkedOmics tables of the cohort: proteomics.cct.gz, phosphoproteomics_site.cct.gz,
transcriptomics_linear.cct.gz, CNA.cct.gz, somatic_binary.cbt.gz, clinical.txt.gz. Writes proteins.tsv.gz, phospho.tsv.gz,
rna.tsv.gz, copy_number.tsv.gz, mutations.tsv.gz and samples.tsv.gz beside this file. Samples: those with RNA that the authors
did not exclude. Genes: the significantly mutated ones named below, and every 16th of those measured as protein in at least
80 % of these samples, in alphabetical order. Sites: those of these genes seen in at least 70 % of the samples. A gene is
mutated in a tumour if any of its listed changes is. Values are copied as published. Only the Python standard library is
needed (written for 3.11); equal input gives equal bytes.
"""

import csv
import gzip
import io
import pathlib
import sys

DRIVERS = [
    "PTEN", "PIK3CA", "ARID1A", "PIK3R1", "KRAS", "CTNNB1", "CTCF", "TP53", "ZFHX3", "FBXW7", "RPL22", "JAK1",
    "FGFR2", "ARID5B", "BCOR", "CHD4", "RNF43", "PPP2R1A", "SOX17", "SPOP", "ERBB2", "CCNE1", "MLH1", "PMS2", "MSH6",
]
SHEET = [
    ("tissue", "Proteomics_Tumor_Normal"), ("MSI_status", "MSI_status"), ("genomic_subtype", "Genomics_subtype"),
    ("histology", "Histologic_type"), ("age", "Age"), ("plex", "Proteomics_TMT_plex"),
]
EVERY = 16


def table(folder: pathlib.Path, name: str) -> tuple[list[str], list[list[str]]]:
    with gzip.open(folder / name, "rt", encoding="utf-8") as text:
        head = text.readline().rstrip("\n").split("\t")
        return head[1:], [line.rstrip("\n").split("\t") for line in text]


def write(name: str, rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows(rows)
    packed = gzip.compress(text.getvalue().encode(), 9, mtime=0)
    (pathlib.Path(__file__).parent / name).write_bytes(packed)


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    with gzip.open(folder / "clinical.txt.gz", "rt", encoding="cp1252") as text:
        clinic = {row["idx"]: row for row in csv.DictReader(text, delimiter="\t")}
    rna_samples, rna = table(folder, "transcriptomics_linear.cct.gz")
    samples = [s for s in rna_samples if s in clinic and clinic[s]["Case_excluded"] != "Yes"]

    def cut(columns: list[str], row: list[str]) -> list[str]:
        place = {s: i + 1 for i, s in enumerate(columns)}
        return [row[0], *(row[place[s]] for s in samples if s in place)]

    def head(columns: list[str], name: str = "gene") -> list[str]:
        return [name, *(s for s in samples if s in columns)]

    def observed(row: list[str]) -> float:
        return sum(v not in ("NA", "") for v in row[1:]) / len(samples)

    columns, proteins = table(folder, "proteomics.cct.gz")
    proteins = [cut(columns, row) for row in proteins]
    complete = sorted(row[0] for row in proteins if observed(row) >= 0.8)
    genes = set(complete[::EVERY]) | set(DRIVERS)
    write("proteins.tsv.gz", [head(columns), *(r for r in proteins if r[0] in genes)])
    write("rna.tsv.gz", [head(rna_samples), *(cut(rna_samples, r) for r in rna if r[0] in genes)])
    columns, rows = table(folder, "CNA.cct.gz")
    write("copy_number.tsv.gz", [head(columns), *(cut(columns, r) for r in rows if r[0] in genes)])
    columns, rows = table(folder, "phosphoproteomics_site.cct.gz")
    sites = [cut(columns, r) for r in rows if r[0].rsplit("-", 1)[0] in genes]
    write("phospho.tsv.gz", [head(columns, "idx"), *(r for r in sites if observed(r) >= 0.7)])
    columns, rows = table(folder, "somatic_binary.cbt.gz")
    changed: dict[str, set[str]] = {}
    for change, *calls in rows:
        gene = change.split("_p.")[0].rstrip("_")
        if gene in genes:
            changed.setdefault(gene, set()).update(s for s, c in zip(columns, calls, strict=True) if c == "1")
    called = head(columns)
    calls = [[g, *(str(int(s in changed[g])) for s in called[1:])] for g in sorted(changed)]
    write("mutations.tsv.gz", [called, *calls])
    sheet = [["sample", *(name for name, _ in SHEET)]]
    sheet += [[s, *(clinic[s].get(column, "") or "NA" for _, column in SHEET)] for s in samples]
    write("samples.tsv.gz", sheet)


if __name__ == "__main__":
    main()
