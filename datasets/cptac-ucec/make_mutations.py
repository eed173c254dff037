#!/usr/bin/env python3
"""Makes mutations.tsv.gz: one row per tumour, one column per significantly mutated gene, `mutated` or `wildtype`.

usage: make_mutations.py somatic_binary.cbt.gz > mutations.tsv.gz

The input is the published LinkedOmics table of the cohort (0/1, protein changes such as `PTEN_p.R130G` by
samples S001 ...). A gene is mutated in a tumour if any of its listed changes is 1. Samples without exome data are
not in the sheet. Needs only the Python standard library (written for 3.11); its output has no time stamp, so equal
input gives equal bytes.

Genes: those reported as significantly mutated in endometrial carcinoma by TCGA (doi:10.1038/nature12113) or
discussed in the cohort's own paper (JAK1, doi:10.1016/j.cell.2020.01.026), with at least 5 mutated tumours here.
"""

import gzip
import io
import sys

GENES = [
    "PTEN", "PIK3CA", "ARID1A", "PIK3R1", "KRAS", "CTNNB1", "CTCF", "TP53", "ZFHX3", "FBXW7", "RPL22", "JAK1",
    "FGFR2", "ARID5B", "BCOR", "CHD4", "RNF43", "PPP2R1A", "SOX17", "SPOP",
]


def main() -> None:
    with gzip.open(sys.argv[1], "rt", encoding="utf-8") as table:
        samples = table.readline().rstrip("\n").split("\t")[1:]
        mutated: dict[str, set[str]] = {gene: set() for gene in GENES}
        for line in table:
            change, *calls = line.rstrip("\n").split("\t")
            gene = change.split("_p.")[0].rstrip("_")
            if gene in mutated:
                mutated[gene].update(s for s, call in zip(samples, calls, strict=True) if call == "1")
    sheet = io.StringIO()
    sheet.write("\t".join(["idx", *(f"{gene}_mutation" for gene in GENES)]) + "\n")
    for sample in samples:
        calls = ("mutated" if sample in mutated[gene] else "wildtype" for gene in GENES)
        sheet.write("\t".join([sample, *calls]) + "\n")
    sys.stdout.buffer.write(gzip.compress(sheet.getvalue().encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
