// Writes a made-up table of peptides: 150 proteins of one to twelve peptides in four controls and four treated samples. Every
// tenth protein rises; faint peptides are often missing. The same bytes each time.
//
//     node tests/browser/peptides.mjs FOLDER

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const folder = process.argv[2];
const LETTERS = "ACDEFGHILMNPQSTVWY";
let state = 7;
const uniform = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return (state + 0.5) / 2 ** 32;
};
const samples = ["c", "t"].flatMap((group) => [1, 2, 3, 4].map((k) => `${group}${k}`));
const lines = [["Sequence", "Proteins", "Leading razor protein", ...samples.map((s) => `Intensity ${s}`)].join("\t")];
for (let protein = 0; protein < 150; protein++) {
  const name = `PROT${String(protein).padStart(3, "0")}`;
  for (let peptide = 0; peptide < 1 + (protein % 12); peptide++) {
    const code = [peptide, protein % 18, Math.floor(protein / 18)].map((k) => LETTERS[k % 18]).join("");
    const level = 17 + 8 * uniform();
    const values = samples.map((sample) => {
      const value = level + 0.5 * uniform() + (sample.startsWith("t") && protein % 10 === 0 ? 2.5 : 0);
      return uniform() < 0.5 / (1 + Math.exp(value - 19)) ? "0" : (2 ** value).toFixed(0);
    });
    lines.push([`AAA${code}GGK`, name, name, ...values].join("\t"));
  }
}
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, "peptides.txt"), `${lines.join("\n")}\n`);
