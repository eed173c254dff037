"""English words and formulae that are aliases or names of genes in the pack of identifiers, for src/knowledge/synonyms/words.txt.

    python src/knowledge/reference/make_words.py WORDLIST > src/knowledge/synonyms/words.txt

WORDLIST is a list of English words, one a line; the committed file was made with those of SCOWL (wamerican of Debian,
/usr/share/dict/american-english; https://wordlist.aspell.net, free for any use). Names of people and places, which begin
with a capital there, count too.
"""

import gzip
import re
import sys
from pathlib import Path

PACK = Path(__file__).resolve().parents[3] / "datasets/knowledge/idmap-human/idmap_human.tsv.gz"
# Words of the list that are names of proteins before all else.
PROTEINS = {"albumin", "insulin", "noggin"}
# What is no gene in any abstract, though the pack calls some by it.
FORMULAE = {"co2", "no2", "no3", "so2", "so4", "po4", "h2o", "h2o2", "h2s", "nh3", "nh4", "ch4", "n2o", "k2o"}


def plain(name):
    return re.sub("[-. ]", "", name).lower()


words = {line.strip().lower() for line in open(sys.argv[1], encoding="utf-8")}
words = {word for word in words if re.fullmatch("[a-z]{3,}", word)} | FORMULAE
found = set()
with gzip.open(PACK, "rt", encoding="utf-8") as rows:
    header = rows.readline().rstrip("\n").split("\t")
    alias, name = header.index("alias"), header.index("name")
    for row in rows:
        fields = row.rstrip("\n").split("\t")
        names = {fields[name]} - PROTEINS
        for text in names.union(fields[alias].split(";")):
            if plain(text) in words:
                found.add(plain(text))
for word in sorted(found):
    print(word)
