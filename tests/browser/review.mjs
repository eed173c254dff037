// The review room in a browser: open, filter, drill to a cell, score as two reviewers, kill the server while saving, reload,
// export. Fails on any console error, any request that leaves the origin and any serious finding of axe.
//
//     node tests/browser/review.mjs RUN [FOLDER FOR SCREENSHOTS]
//
// `just review-browser` installs what it needs into target/browser and makes a run to work on. Where Chromium or the packages
// are absent it says so and ends with 0, so that a machine without a browser can still run everything else; with
// REVIEW_BROWSER=required it ends with 1.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const require = createRequire(path.join(root, "target/browser/"));
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
const program = process.env.PROTEUS ?? path.join(root, "target/release/proteus");

function skip(reason) {
  console.error(`SKIPPED: the review room was not tested in a browser: ${reason}`);
  process.exit(process.env.REVIEW_BROWSER === "required" ? 1 : 0);
}

let playwright, axe;
try {
  playwright = require("playwright-core");
  axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
} catch (error) {
  skip(`${error.message.split("\n")[0]}; \`just review-browser\` installs it`);
}
if (!existsSync(chromium)) skip(`no Chromium at ${chromium}`);
if (!process.argv[2]) skip("no run was named");

const folder = mkdtempSync(path.join(tmpdir(), "review-"));
const run = path.join(folder, "the-run");
cpSync(process.argv[2], run, { recursive: true });
rmSync(path.join(run, "reviews"), { recursive: true, force: true });
const pictures = process.argv[3];
if (pictures) mkdirSync(pictures, { recursive: true });

function open(port = 0) {
  const child = spawn(program, ["review", run, "--quiet", "--port", String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.stdout.once("data", (data) => {
      const url = new URL(String(data).trim());
      resolve({ child, url, port: url.port });
    });
  });
}

let room = await open();
const browser = await playwright.chromium.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
const troubles = [];
let serverIsDown = false;

async function newPage(options = {}) {
  const context = await browser.newContext({ acceptDownloads: true, viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" && !serverIsDown) troubles.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => troubles.push(`page: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.host !== room.url.host) troubles.push(`request to ${url.host}`);
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

async function picture(page, name) {
  if (pictures) await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
}

async function enter(page, name, blinded) {
  await page.goto(room.url.href);
  assert.equal(new URL(page.url()).search, "", "the secret leaves the address bar");
  await page.getByRole("link", { name: "the-run" }).click();
  await page.getByLabel("Your name").fill(name);
  if (blinded) await page.getByLabel("Review blinded").check();
  await page.getByRole("button", { name: "Start" }).click();
}

try {
  // One reviewer, by mouse.
  const anna = await newPage();
  await anna.goto(room.url.href);
  await audit(anna, "the list of runs");
  await picture(anna, "runs");
  await anna.getByRole("link", { name: "the-run" }).click();
  await audit(anna, "the page of a run");
  await picture(anna, "people");
  await enter(anna, "Anna <b>", false);
  await audit(anna, "the list of hypotheses");
  await picture(anna, "hypotheses");
  const all = await anna.locator(".hypotheses .statement").count();
  assert.ok(all > 0, "hypotheses are listed");
  await anna.getByLabel("Grade").selectOption("supported");
  await anna.getByRole("button", { name: "Filter" }).click();
  const supported = await anna.locator(".hypotheses .statement").count();
  assert.ok(supported > 0 && supported <= all, `${supported} of ${all} are supported`);
  await anna.locator(".hypotheses a").first().click();
  const statement = await anna.locator("h1 bdi").innerText();

  // Down to a cell.
  await anna.getByText("Every number, down to the cells of the input").click();
  const chain = await anna.locator("#chain pre").innerText();
  assert.match(chain, /row of steps\//);
  assert.match(chain, /← column `/);
  await audit(anna, "a hypothesis");
  await picture(anna, "hypothesis");

  await anna.locator("#reliability-4").check();
  await anna.getByLabel("Why").first().fill("Holds in every variation.");
  await anna.locator("#novelty-2").check();
  await anna.locator("#decision-accept").check();
  await anna.getByText(/Draft kept/).waitFor();
  await anna.reload();
  assert.ok(await anna.locator("#reliability-4").isChecked(), "the draft is there after a reload");
  await anna.getByRole("button", { name: "Submit", exact: true }).click();
  await anna.getByText("Your review is kept.").waitFor();
  await audit(anna, "a reviewed hypothesis");
  await picture(anna, "reviewed");

  // Another, by keyboard, blinded, on a narrow dark screen.
  const bert = await newPage({ viewport: { width: 390, height: 800 }, colorScheme: "dark" });
  await enter(bert, "Bert", true);
  await audit(bert, "the list, narrow and dark");
  await picture(bert, "hypotheses-narrow-dark");
  assert.equal(await bert.locator(".grade").count(), 0, "no grade is shown to a blinded reviewer");
  await bert.getByLabel("Text").fill(statement);
  await bert.getByLabel("Text").press("Enter");
  await bert.locator(".hypotheses a").first().focus();
  await bert.keyboard.press("Enter");
  await bert.locator("#review").waitFor();
  assert.equal(await bert.getByText("Holds in every variation.").count(), 0, "what others say is hidden");
  await audit(bert, "a hypothesis, narrow and dark");
  await picture(bert, "hypothesis-narrow-dark");
  const overflow = await bert.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `the narrow page is ${overflow} px too wide`);
  await bert.locator("#reliability-none").focus();
  await bert.keyboard.press("ArrowRight");
  assert.ok(await bert.locator("#reliability-1").isChecked(), "scores are reached with the arrow keys");
  await bert.getByLabel("Comment").fill("Typed while the server goes away.");

  // The server is killed while saving: the text stays, and is saved once there is a server again.
  serverIsDown = true;
  room.child.kill("SIGKILL");
  await new Promise((resolve) => room.child.once("exit", resolve));
  await bert.getByRole("button", { name: "Submit", exact: true }).click();
  await bert.getByText(/Not saved: the program does not answer/).waitFor();
  assert.equal(await bert.getByLabel("Comment").inputValue(), "Typed while the server goes away.");
  await picture(bert, "server-gone");
  room = await open(room.port);
  await bert.getByRole("button", { name: "Submit", exact: true }).click();
  await bert.getByText(/Not saved: open the address/).waitFor();
  serverIsDown = false;
  const tab = await bert.context().newPage();
  await tab.goto(room.url.href);
  await bert.getByRole("button", { name: "Submit", exact: true }).click();
  await bert.getByText("Your review is kept.").waitFor();
  assert.ok((await bert.locator(".grade").count()) > 0, "the grade is shown now");
  await bert.getByText("Holds in every variation.").waitFor();
  await bert.reload();
  assert.equal(await bert.getByLabel("Comment").inputValue(), "Typed while the server goes away.");

  // Both are there, agreement and sheet too, and an undo.
  await anna.goto(room.url.href);
  await enter(anna, "Anna <b>", false);
  await anna.getByRole("link", { name: "Agreement" }).click();
  await anna.getByRole("heading", { name: "By axis" }).waitFor();
  await anna.getByRole("region", { name: "Largest differences" }).getByText("reliability").waitFor();
  await audit(anna, "the agreement");
  await picture(anna, "agreement");
  await anna.goBack();
  const [download] = await Promise.all([anna.waitForEvent("download"), anna.getByRole("link", { name: "Download as CSV" }).click()]);
  const sheet = readFileSync(await download.path(), "utf8");
  assert.match(sheet, /Anna <b>/);
  assert.match(sheet, /Typed while the server goes away\./);
  await anna.getByLabel("Show").selectOption("mine");
  await anna.getByRole("button", { name: "Filter" }).click();
  await anna.locator(".hypotheses a").first().click();
  await anna.getByRole("button", { name: "Withdraw my last review" }).click();
  await anna.getByText("Your review is withdrawn.").waitFor();
  await audit(anna, "a withdrawn review");

  // The forms work without script.
  const plain = await newPage({ javaScriptEnabled: false, colorScheme: "dark" });
  await enter(plain, "Cleo", false);
  await picture(plain, "hypotheses-dark");
  await plain.getByRole("link", { name: "Next to review" }).click();
  await plain.locator("#coherence-3").check();
  await plain.getByRole("button", { name: "Submit", exact: true }).click();
  await plain.getByText("Your review is kept.").waitFor();
  await picture(plain, "reviewed-dark");

  const journals = readdirSync(path.join(run, "reviews")).filter((name) => name.endsWith(".jsonl"));
  assert.equal(journals.length, 3, `one journal per reviewer: ${journals}`);
  assert.deepEqual(troubles, []);
  console.log("the review room works in a browser: no console error, no foreign request, no serious finding of axe");
} catch (error) {
  console.error(troubles.join("\n"));
  throw error;
} finally {
  await browser.close();
  room.child.kill();
  rmSync(folder, { recursive: true, force: true });
}
