// Writes a made-up dataset as large as people bring: 12,000 proteins in a control and 20 treatments, six samples each.
//
//     node tests/browser/large.mjs FOLDER
//
// Accessions and symbols are those of human proteins, so that sets are tested too. Every treatment moves some proteins; low
// values are missing more often. The same bytes each time.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const PROTEINS = 12_000;
const TREATMENTS = 20;
const REPLICATES = 6;
const folder = process.argv[2];
const pack = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../datasets/knowledge/idmap-human/idmap_human.tsv.gz");
const human = gunzipSync(readFileSync(pack)).toString().trim().split("\n").slice(1).map((line) => line.split("\t"));
const coding = human.filter((row) => row[3] === "protein-coding" && row[4]);
const proteins = [...new Map(coding.map((row) => [row[4].split(";")[0], row[1]]))].slice(0, PROTEINS);

let state = 1;
const uniform = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return (state + 0.5) / 2 ** 32;
};
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());

const groups = ["control", ...Array.from({ length: TREATMENTS }, (_, k) => `drug${String(k + 1).padStart(2, "0")}`)];
const samples = groups.flatMap((group) => Array.from({ length: REPLICATES }, (_, r) => ({ id: `${group}_${r + 1}`, group, batch: `b${(r % 3) + 1}` })));
const lines = [["protein", "gene", ...samples.map((s) => s.id)].join("\t")];
for (const [accession, symbol] of proteins) {
  const level = 20 + 10 * uniform();
  const spread = 0.2 + 0.4 * uniform();
  const effects = groups.map((_, g) => (g > 0 && uniform() < 0.02 ? (uniform() < 0.5 ? -1 : 1) * (0.8 + 2 * uniform()) : 0));
  const values = samples.map((sample) => {
    const value = level + effects[groups.indexOf(sample.group)] + spread * normal();
    return uniform() < 0.25 / (1 + Math.exp(value - 21)) ? "" : (2 ** value).toFixed(0);
  });
  lines.push([accession, symbol, ...values].join("\t"));
}
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, "proteins.tsv"), `${lines.join("\n")}\n`);
writeFileSync(path.join(folder, "samples.tsv"), ["sample\ttreatment\tbatch", ...samples.map((s) => `${s.id}\t${s.group}\t${s.batch}`), ""].join("\n"));
const contrasts = groups.slice(1).map((group) => `  - {variable: treatment, target: ${group}, reference: control}`);
writeFileSync(path.join(folder, "dataset.yaml"), ["name: large", "title: Twenty treatments of cells, made up", "organism: Homo sapiens", "licence: CC0", "tables:", "  - file: proteins.tsv", "    assay: proteins", "samples:", "  - file: samples.tsv", "    id: sample", "roles: {treatment: condition, batch: batch}", "reference_levels: {treatment: control}", "contrasts:", ...contrasts, ""].join("\n"));
console.log(`${proteins.length} proteins in ${samples.length} samples, ${TREATMENTS} comparisons`);
