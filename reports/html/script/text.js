// Words and numbers as the rest of the page writes them, and elements made of texts that stay texts.
const MINUS = "\u2212";

function decimal(number) {
  if (!Number.isFinite(number)) return "\u2013";
  const size = Math.abs(number);
  let text;
  if (size === 0) text = "0";
  else if (size < 1e-3 || size >= 1e6) text = size.toExponential(1).replace("e+", "e");
  else if (size >= 1e3) text = Math.round(size).toLocaleString("en");
  else if (size >= 100) text = size.toFixed(0);
  else text = size.toFixed(size >= 0.1 ? 2 : 3);
  return number < 0 ? MINUS + text : text;
}

const signed = (number) => (number > 0 ? `+${decimal(number)}` : decimal(number));

// A p-value from its \u2212log10; what single precision cannot tell apart is not told.
function probability(evidence) {
  if (Number.isNaN(evidence)) return "\u2013";
  if (evidence > 300) return "< 1e-300";
  const p = 10 ** -evidence;
  return p < 1e-3 ? p.toExponential(1) : p.toPrecision(2);
}

// An element; strings among the parts become text, whatever they hold.
function element(name, attributes = {}, ...parts) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...parts);
  return made;
}

function button(text, attributes, act) {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", act);
  return made;
}

// Offers a file made on the page.
function save(name, kind, content) {
  const address = URL.createObjectURL(new Blob([content], { type: kind }));
  const link = element("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// A cell of a CSV file (RFC 4180): a text that a spreadsheet would run as a formula gets an apostrophe in front.
function csvCell(value) {
  const line = String(value).replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");
  const formula = /^\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]/.test(line) && !(line.trim() !== "" && Number.isFinite(Number(line)));
  const inert = formula ? `'${line}` : line;
  return /[",\n\r]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

// Rows of values as a file that spreadsheets read as UTF-8.
const csv = (rows) => `\ufeff${rows.map((row) => row.map(csvCell).join(",")).join("\r\n")}\r\n`;

const fileName = (text) => text.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60).toLowerCase() || "table";
