// Bundles entry.mjs into one script with the notices that its licences ask for.
//
//     node build.mjs TARGET
//
// Run from a folder that holds entry.mjs and node_modules: `just report-charts` does. The same versions give the same bytes.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const read = (file) => readFileSync(path.join(here, "node_modules", file), "utf8").trim();
const version = JSON.parse(read("echarts/package.json")).version;

const notices = [
  `Apache ECharts ${version}, a part of it, bundled and minified for this report.`,
  read("echarts/NOTICE"),
  "Licensed under the Apache License, Version 2.0: https://www.apache.org/licenses/LICENSE-2.0",
  `It holds zrender:\n\n${read("zrender/LICENSE")}`,
  `It holds parts of d3.js:\n\n${read("echarts/licenses/LICENSE-d3")}`,
].join("\n\n");

const { outputFiles } = await build({
  entryPoints: [path.join(here, "entry.mjs")],
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
  globalName: "echarts",
  target: "es2020",
  charset: "utf8",
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"' },
});
const script = outputFiles[0].text;
if (script.includes("</script")) throw new Error("the bundle would end the script element it stands in");
writeFileSync(process.argv[2], `/*!\n${notices.replaceAll("*/", "* /")}\n*/\n${script}`);
console.log(`echarts ${version}: ${script.length} characters`);
