// The HTML report in a browser, opened from disk: figures drawn, a protein searched and shown with what lies beneath it, a table
// filtered, sorted and saved, light and dark, print, a narrow screen, a page without values of samples. Fails on any console error, any request and any serious finding of axe;
// prints how large and how fast the page of a large run is, and fails where it is slower than people wait.
//
//     node tests/browser/report.mjs RUN [RUN ON PEPTIDES] [LARGE RUN] [FOLDER FOR SCREENSHOTS]
//
// `just report-browser` installs what it needs into target/browser and makes the runs; an empty argument leaves a run out. Where Chromium or the packages are
// absent it says so and ends with 0; with REPORT_BROWSER=required it ends with 1.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const require = createRequire(path.join(root, "target/browser/"));
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
const program = process.env.PROTEUS ?? path.join(root, "target/release/proteus");
const LARGEST = 15_000_000;
const OPENED_IN = 2_000;
const RENDERED_IN = 5_000;

function skip(reason) {
  console.error(`SKIPPED: the report was not tested in a browser: ${reason}`);
  process.exit(process.env.REPORT_BROWSER === "required" ? 1 : 0);
}

let playwright, axe;
try {
  playwright = require("playwright-core");
  axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
} catch (error) {
  skip(`${error.message.split("\n")[0]}; \`just report-browser\` installs it`);
}
if (!existsSync(chromium)) skip(`no Chromium at ${chromium}`);
const [run, peptides, large, pictures] = process.argv.slice(2);
if (!run) skip("no run was named");
if (pictures) mkdirSync(pictures, { recursive: true });
const folder = mkdtempSync(path.join(tmpdir(), "report-"));

// Renders a run and gives the address of its page and how long that took.
function rendered(from, name, ...more) {
  const page = path.join(folder, `${name}.html`);
  const start = performance.now();
  execFileSync(program, ["report", from, "--format", "html", "--output", page, "--quiet", ...more], { stdio: ["ignore", "ignore", "inherit"] });
  return { page, url: pathToFileURL(page).href, took: performance.now() - start };
}

const browser = await playwright.chromium.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
const troubles = [];

async function newPage(options = {}) {
  const context = await browser.newContext({ acceptDownloads: true, viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") troubles.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => troubles.push(`page: ${error.message}`));
  page.on("request", (request) => {
    if (!request.isNavigationRequest() && !request.url().startsWith("blob:")) troubles.push(`request of ${request.url().slice(0, 80)}`);
  });
  return page;
}

async function audit(page, what) {
  // The policy of the page lets in no script of others; the debugger may still run one.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  await session.detach();
  const found = await page.evaluate(() => window.axe.run(document));
  for (const v of found.violations.filter((v) => ["serious", "critical"].includes(v.impact))) {
    troubles.push(`axe on ${what}: ${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).slice(0, 3).join(" | ")}`);
  }
}

async function picture(page, name, options = {}) {
  if (pictures) await page.screenshot({ path: path.join(pictures, `${name}.png`), ...options });
}

async function downloaded(page, button) {
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return readFileSync(await download.path());
}

// Rows of a CSV file as RFC 4180 has it.
function parsed(text) {
  const rows = [[]];
  let cell = "";
  let quoted = false;
  for (let k = 0; k < text.length; k++) {
    const c = text[k];
    if (quoted) {
      if (c === '"' && text[k + 1] === '"') cell += text[++k];
      else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"') quoted = true;
    else if (c === ",") {
      rows.at(-1).push(cell);
      cell = "";
    } else if (c === "\r" && text[k + 1] === "\n") {
      rows.at(-1).push(cell);
      cell = "";
      rows.push([]);
      k++;
    } else cell += c;
  }
  assert.deepEqual(rows.pop(), [], "the last line is ended");
  return rows;
}

async function whole(page) {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  for (let y = 0; y < height; y += 600) {
    await page.evaluate((to) => scrollTo(0, to), y);
    await page.waitForTimeout(120);
  }
}

try {
  const small = rendered(run, "small");
  const page = await newPage();
  await page.goto(small.url);
  await picture(page, "top");

  // Figures become interactive when they are reached.
  const first = page.locator("details.result[data-comparison]:has(figure[data-figure^='volcano'])").first();
  await first.scrollIntoViewIfNeeded();
  await whole(page);
  const charts = await first.locator(".chart:has(canvas)").count();
  assert.equal(charts, 4, "volcano, MA plot, p-values and heatmap are drawn");
  await first.scrollIntoViewIfNeeded();
  await page.waitForTimeout(300);
  await first.screenshot(pictures ? { path: path.join(pictures, "comparison.png") } : {});

  // Search by keyboard, look, close, and the focus is back.
  const symbol = await page.locator("[data-feature] button.name").first().textContent();
  const search = page.getByRole("combobox", { name: "Find a protein" });
  await search.fill(symbol);
  await search.press("ArrowDown");
  await search.press("Enter");
  const panel = page.getByRole("dialog");
  await panel.waitFor();
  assert.equal(await panel.getByRole("heading").first().innerText(), symbol);
  assert.ok(new URL(page.url()).hash.startsWith("#protein="), "the address leads back here");
  assert.ok((await panel.locator("tbody tr").count()) > 0, "its numbers in every comparison");
  await page.waitForTimeout(200);
  assert.ok(await panel.getByText("No table of its peptides or sites was read.").isVisible());
  await audit(page, "a protein");
  await picture(page, "protein");
  const address = page.url();
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "hidden" });
  assert.ok(await search.evaluate((input) => input === document.activeElement), "the focus is back in the search");
  assert.equal(new URL(page.url()).hash, "");

  // The address opens the same panel; a point of the volcano opens one too.
  const other = await newPage();
  await other.goto(address);
  await other.getByRole("dialog").waitFor();
  await other.keyboard.press("Escape");
  const chart = other.locator("figure[data-figure^='volcano'] .chart").first();
  await other.locator("figure[data-figure^='volcano']").first().scrollIntoViewIfNeeded();
  await chart.locator("canvas").waitFor();
  await other.evaluate(() => {
    const c = report.comparisons[0];
    const row = c.q.indexOf(c.q.reduce((a, b) => (b > a ? b : a), -Infinity));
    openProtein({ set: c.set, place: c.place(row) }, c);
  });
  await other.getByRole("dialog").waitFor();
  await other.keyboard.press("Escape");

  // Sets across comparisons: drawn, and a dot leads to the row of its table.
  const grid = page.locator("figure[data-grid]").first();
  await grid.scrollIntoViewIfNeeded();
  await grid.locator("canvas").waitFor();
  await page.waitForTimeout(300);
  await grid.screenshot(pictures ? { path: path.join(pictures, "grid.png") } : {});
  await page.evaluate(() => {
    const of = report.grids[0];
    const [row, column] = of.dots.reduce((a, b) => (a[4] <= b[4] ? a : b));
    leadTo(of.anchors[column], of.rows[row]);
  });
  assert.equal(await page.locator("tr.found:visible").count(), 1, "the row of the dot is shown");
  assert.ok(new URL(page.url()).hash.startsWith("#result-sets-"));
  const sets = page.locator("figure[data-figure^='sets-']").first();
  await sets.scrollIntoViewIfNeeded();
  await sets.locator("canvas").waitFor();
  await page.waitForTimeout(300);
  await sets.screenshot(pictures ? { path: path.join(pictures, "sets.png") } : {});

  // Scores of the data beside those of decoys.
  const scores = page.locator("#errors figure").first();
  await scores.scrollIntoViewIfNeeded();
  await scores.locator("canvas").waitFor();
  await page.waitForTimeout(300);
  await scores.screenshot(pictures ? { path: path.join(pictures, "scores.png") } : {});

  // A table: filtered, sorted, saved.
  const table = first.locator("table.sortable");
  const all = await table.locator("tbody tr").count();
  await first.locator("input.filter").fill(symbol);
  const kept = await table.locator("tbody tr:visible").count();
  assert.ok(kept < all, `${kept} of ${all} rows are left`);
  await first.locator("input.filter").fill("");
  const heading = table.locator("th", { hasText: "adjusted p" });
  await heading.getByRole("button").click();
  assert.equal(await heading.getAttribute("aria-sort"), "ascending");
  const rows = parsed(String(await downloaded(page, first.getByRole("button", { name: /^Save as CSV/ }))).replace(/^\ufeff/, ""));
  assert.equal(rows.length, all + 1);
  assert.ok(rows.every((row) => row.length === rows[0].length), "every row has every column");
  const whole_table = parsed(String(await downloaded(page, first.getByRole("button", { name: /rows as CSV/ }))).replace(/^\ufeff/, ""));
  assert.ok(whole_table.length > all, "all rows of the comparison");

  // What a spreadsheet would run is defused, what is a number stays one.
  const cells = await page.evaluate(() => csv([["=1+1", "@SUM(A1)", "-2.5", "+x", '"a", b', "\u202e", "two\nlines", " =x", "-"]]));
  assert.deepEqual(parsed(cells.replace(/^\ufeff/, "")), [["'=1+1", "'@SUM(A1)", "-2.5", "'+x", '"a", b', "\u202e", "two lines", "' =x", "'-"]]);

  // Figures as files.
  const drawing = first.locator("figure[data-figure^='volcano']");
  assert.match(String(await downloaded(page, drawing.getByRole("button", { name: /^Save as SVG/ }))), /^<svg[^]*<\/svg>$/);
  const png = await downloaded(page, drawing.getByRole("button", { name: /^Save as PNG/ }));
  assert.equal(png.subarray(1, 4).toString(), "PNG");

  // Dark, and back.
  await page.getByRole("button", { name: "Switch between light and dark" }).click();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  // One part of each kind unfolded: all of them at once take axe minutes.
  await page.evaluate(() => ["details.card", "details.card details", "details.evidence", "section > details"].forEach((kind) => { document.querySelector(kind).open = true; }));
  await page.waitForTimeout(300);
  await audit(page, "the page, dark");
  await page.evaluate(() => scrollTo(0, 0));
  await picture(page, "top-dark");
  await first.scrollIntoViewIfNeeded();
  await page.waitForTimeout(300);
  await picture(page, "comparison-dark");
  await page.getByRole("button", { name: "Switch between light and dark" }).click();
  await audit(page, "the page, light again");

  // On paper the static drawings stand, in light.
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  assert.equal(await page.locator(".chart:visible").count(), 0);
  assert.ok(await first.locator("figure > svg").first().isVisible());
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");

  // A narrow dark screen.
  const narrow = await newPage({ viewport: { width: 390, height: 844 }, colorScheme: "dark" });
  await narrow.goto(small.url);
  await audit(narrow, "the page, narrow and dark");
  const overflow = await narrow.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `the narrow page is ${overflow} px too wide`);
  await picture(narrow, "top-narrow");
  await narrow.locator("details.card").first().scrollIntoViewIfNeeded();
  await picture(narrow, "card-narrow");
  await narrow.locator("details.result[data-comparison]").first().scrollIntoViewIfNeeded();
  await narrow.waitForTimeout(800);
  await picture(narrow, "comparison-narrow");
  await narrow.goto(address);
  await narrow.getByRole("dialog").waitFor();
  await narrow.waitForTimeout(300);
  await picture(narrow, "protein-narrow");

  // A page to hand on opens too, and its panel says what is left out.
  const without = rendered(run, "without", "--without-values");
  const handed = await newPage();
  await handed.goto(without.url);
  await whole(handed);
  await handed.getByRole("combobox", { name: "Find a protein" }).fill(symbol);
  await handed.keyboard.press("ArrowDown");
  await handed.keyboard.press("Enter");
  await handed.getByRole("dialog").getByText("Values of single samples were left out").waitFor();
  await picture(handed, "protein-without-values");
  assert.deepEqual(await handed.evaluate(() => [report.matrices.length, report.samples.ids.length]), [0, 0]);

  // What lies beneath a protein, in light and in narrow dark.
  if (peptides) {
    const beneath = rendered(peptides, "peptides");
    for (const [name, options] of [["peptides", {}], ["peptides-narrow", { viewport: { width: 390, height: 844 }, colorScheme: "dark" }]]) {
      const panelled = await newPage(options);
      await panelled.goto(`${beneath.url}#protein=PROT130`);
      const dialog = panelled.getByRole("dialog");
      await dialog.getByRole("heading", { name: /11 peptides/ }).waitFor();
      await dialog.getByText("Which samples are missing").click();
      await panelled.waitForTimeout(400);
      await audit(panelled, `what lies beneath a protein (${name})`);
      await picture(panelled, name);
      await panelled.locator("#parts").scrollIntoViewIfNeeded();
      await picture(panelled, `${name}-below`);
      const listed = parsed(String(await downloaded(panelled, dialog.getByRole("button", { name: "11 rows as CSV" }))).replace(/^\ufeff/, ""));
      assert.equal(listed.length, 12);
      assert.ok(listed.slice(1).some((row) => row.includes("")), "what is missing is empty");
    }
  }

  // Without script everything that was found can still be read.
  const plain = await newPage({ javaScriptEnabled: false });
  await plain.goto(small.url);
  assert.ok((await plain.locator("figure svg:visible").count()) > 0);
  await plain.locator("details.card").first().screenshot(pictures ? { path: path.join(pictures, "card.png") } : {});

  if (large) {
    const big = rendered(large, "large");
    const bytes = statSync(big.page).size;
    const timed = await newPage();
    await timed.addInitScript(() => {
      window.longTasks = [];
      new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: "longtask", buffered: true });
    });
    const start = performance.now();
    await timed.goto(big.url, { waitUntil: "load" });
    const opened = performance.now() - start;
    const interactive = await timed.evaluate(() => performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd);
    const loading = await timed.evaluate(() => window.longTasks.splice(0));
    // Scrolls as a person does, and counts frames that came late.
    const scrolled = await timed.evaluate(async () => {
      const frames = [];
      let last = performance.now();
      const height = document.documentElement.scrollHeight;
      for (let y = 0; y < height; y += 90) {
        scrollTo(0, y);
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const now = performance.now();
        frames.push(now - last);
        last = now;
      }
      frames.sort((a, b) => a - b);
      return { height, frames: frames.length, median: frames[frames.length >> 1], late: frames.filter((f) => f > 50).length, worst: frames.at(-1), tasks: window.longTasks.splice(0) };
    });
    const ms = (number) => `${Math.round(number)} ms`;
    console.log(`large run: ${bytes.toLocaleString("en")} bytes of HTML, rendered in ${ms(big.took)}`);
    console.log(`opened in ${ms(opened)}, content ready after ${ms(interactive)}, long tasks while opening: ${loading.map(ms).join(", ") || "none"}`);
    console.log(`scrolling ${scrolled.height} px: ${scrolled.frames} frames, median ${ms(scrolled.median)}, ${scrolled.late} beyond 50 ms, worst ${ms(scrolled.worst)}; long tasks: ${scrolled.tasks.map(ms).join(", ") || "none"}`);
    assert.ok(bytes <= LARGEST, `${bytes} bytes`);
    assert.ok(opened <= OPENED_IN, `opened in ${ms(opened)}`);
    assert.ok(big.took <= RENDERED_IN, `rendered in ${ms(big.took)}`);
    const measured = timed.locator("details.result[data-comparison]").first();
    await measured.scrollIntoViewIfNeeded();
    await timed.waitForTimeout(500);
    await picture(timed, "large-comparison");
  }

  assert.deepEqual(troubles, []);
  console.log("the report works in a browser: no console error, no request, no serious finding of axe");
} catch (error) {
  console.error(troubles.join("\n"));
  throw error;
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
