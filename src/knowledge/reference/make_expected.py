#!/usr/bin/env python3
"""Makes expected.tsv: facts drawn from the knowledge packs by a second, independent reader.

usage: make_expected.py datasets/knowledge > src/knowledge/reference/expected.tsv

Python standard library only (written for 3.11). Propagation is done from the term down (all descendants along is-a
and part-of, then the genes annotated to any of them), where the Rust code goes from the gene up.
"""

import csv
import gzip
import math
import sys
from collections import defaultdict
from pathlib import Path

PACKS = Path(sys.argv[1])
TERMS = ["GO:0000502", "GO:0008541", "GO:0022624", "GO:0006119", "GO:0005743", "GO:0007049", "GO:0003924", "GO:0008150",
         "GO:0005575", "GO:0003674", "GO:0043161", "GO:0070469"]
GENES = ["PSMD4", "TP53", "MLH1", "VCP", "CTNNB1", "NDUFA4L2"]
PAIRS = [("PSMD4", "PSMD1"), ("MLH1", "PMS2"), ("TP53", "MDM2"), ("A1BG", "TTN")]


def rows(path: str) -> list[list[str]]:
    with gzip.open(PACKS / path, "rt", encoding="utf-8", newline="\n") as text:
        return [line.rstrip("\n").split("\t") for line in text][1:]


def main() -> None:
    out = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
    out.writerow(["what", "of", "value"])

    children = defaultdict(list)
    kinds = defaultdict(list)
    above = defaultdict(list)
    for child, parent, relation in rows("go/go_parents.tsv.gz"):
        if relation in ("isa", "part of"):
            children[parent].append(child)
            above[child].append(parent)
        if relation == "isa":
            kinds[parent].append(child)
    genes = defaultdict(set)
    curated = defaultdict(set)
    for symbol, term, evidence in rows("go/goa_human_direct.tsv.gz"):
        if evidence != "ND":
            genes[term].add(symbol)
            if evidence != "IEA":
                curated[term].add(symbol)

    def below(term: str, graph: dict[str, list[str]]) -> set[str]:
        found, open_terms = {term}, [term]
        while open_terms:
            for child in graph[open_terms.pop()]:
                if child not in found:
                    found.add(child)
                    open_terms.append(child)
        return found

    def longest(term: str) -> int:
        return max((1 + longest(parent) for parent in above[term] if parent != "all"), default=0)

    ontology = {row[0]: row[1] for row in rows("go/go_terms.tsv.gz")}
    root = {"BP": "GO:0008150", "CC": "GO:0005575", "MF": "GO:0003674"}
    size = {term: len(set().union(*(genes[t] for t in below(term, children)))) for term in [*TERMS, *root.values()]}
    for term in TERMS:
        out.writerow(["go_genes", term, size[term]])
        out.writerow(["go_genes_curated", term, len(set().union(*(curated[t] for t in below(term, children))))])
        out.writerow(["go_direct_genes", term, len(genes[term])])
        out.writerow(["go_depth", term, longest(term)])
        out.writerow(["go_information", term, repr(math.log(size[root[ontology[term]]] / size[term]))])
    complexes = below("GO:0032991", kinds) - {"GO:0032991"}
    annotated = [term for term in complexes if any(genes[t] for t in below(term, children))]
    out.writerow(["complexes", "all", len(annotated)])
    of_gene = [c for c in annotated if any("PSMD4" in genes[t] for t in below(c, children))]
    out.writerow(["complexes", "PSMD4", len(of_gene)])

    neighbours = defaultdict(set)
    for a, b in rows("string-human/string_human_edges.tsv.gz"):
        if a != b:
            neighbours[a].add(b)
            neighbours[b].add(a)
    for gene in GENES:
        out.writerow(["degree", gene, len(neighbours[gene])])
    for a, b in PAIRS:
        out.writerow(["edge", f"{a} {b}", int(b in neighbours[a])])
    out.writerow(["edges", "all", sum(map(len, neighbours.values())) // 2])

    linked = defaultdict(set)
    for disease, symbol in rows("disease-ontology/do_gene.tsv.gz"):
        linked[disease].add(symbol)
    names, parents = {}, defaultdict(set)
    for disease, name, parent in rows("disease-ontology/do_terms.tsv.gz"):
        names[disease] = name
        parents[disease].add(parent)
    under = defaultdict(list)
    by_name = {name: disease for disease, name in reversed(names.items())}
    for disease, above_names in parents.items():
        for name in above_names:
            if name in by_name:
                under[by_name[name]].append(disease)
    for disease in ("DOID:1380", "DOID:3905", "DOID:4450"):
        out.writerow(["disease_genes", disease, len(linked[disease])])
        out.writerow(["disease_genes_below", disease, len(set().union(*(linked[d] for d in below(disease, under))))])
    for gene in GENES:
        out.writerow(["diseases", gene, sum(gene in found for found in linked.values())])

    for pack, file in (("reactome", "reactome_human"), ("hallmark", "msigdb_hallmark_v7.0"),
                       ("wikipathways", "wikipathways_human")):
        with gzip.open(PACKS / pack / f"{file}.gmt.gz", "rt", encoding="utf-8") as text:
            sets = [set(filter(None, line.rstrip("\n").split("\t")[2:])) for line in text]
        out.writerow(["gmt_sets", pack, len(sets)])
        out.writerow(["gmt_memberships", pack, sum(map(len, sets))])


if __name__ == "__main__":
    main()
