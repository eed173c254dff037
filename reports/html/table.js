// Tables sort on a click on a heading, can be filtered when long, and can be saved as CSV as they are shown; links open the
// folded part they lead to.
function enhance(table) {
  const body = table.tBodies[0];
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent.trim() : Number(cell.dataset.sort);
  };
  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a === "number") return -1;
    if (typeof b === "number") return 1;
    return a.localeCompare(b, "en", { numeric: true });
  };
  const headings = Array.from(table.tHead.rows[0].cells);
  const names = headings.map((heading) => heading.textContent);
  headings.forEach((heading, column) => {
    const sort = document.createElement("button");
    sort.type = "button";
    sort.append(...heading.childNodes);
    heading.append(sort);
    sort.addEventListener("click", () => {
      const up = heading.getAttribute("aria-sort") !== "ascending";
      for (const other of heading.parentNode.cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", up ? "ascending" : "descending");
      const rows = Array.from(body.rows).map((row, place) => ({ row, place, value: key(row, column) }));
      rows.sort((a, b) => (up ? 1 : -1) * compare(a.value, b.value) || a.place - b.place);
      body.append(...rows.map((item) => item.row));
    });
  });
  const tools = element("div", { class: "tools" });
  const caption = table.caption?.textContent.trim() || table.closest("details")?.querySelector("summary")?.textContent.trim() || "table";
  if (body.rows.length >= 12) {
    const filter = element("input", { class: "filter", type: "search", placeholder: "Filter these rows", "aria-label": `Filter the rows of: ${caption}` });
    filter.addEventListener("input", () => {
      const wanted = filter.value.toLowerCase();
      for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
    tools.append(filter);
  }
  tools.append(button("CSV", { "aria-label": `Save as CSV: ${caption}` }, () => {
    const shown = Array.from(body.rows).filter((row) => !row.hidden);
    const cell = (td) => td.dataset.sort || td.textContent.trim();
    save(`${fileName(caption)}.csv`, "text/csv", csv([names, ...shown.map((row) => Array.from(row.cells, cell))]));
  }));
  if (body.rows.length < 12 && table.caption?.textContent.trim()) tools.classList.add("beside");
  table.parentNode.before(tools);
}
// What is wider than its place is scrolled by keyboard too.
const scrolled = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
// A page may hold hundreds of tables: each is made ready when it comes near.
const near = new IntersectionObserver((entries) => {
  for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
    near.unobserve(target);
    if (target.tBodies[0].rows.length > 1) enhance(target);
    scrolled.observe(target.parentNode);
  }
}, { rootMargin: "600px" });
for (const table of document.querySelectorAll("table.sortable")) {
  table.parentNode.tabIndex = 0;
  near.observe(table);
}
const reveal = () => {
  if (location.hash.length < 2) return;
  let name;
  try {
    name = decodeURIComponent(location.hash.slice(1));
  } catch {
    return;
  }
  const target = document.getElementById(name);
  for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
  if (target) target.scrollIntoView();
};
addEventListener("hashchange", reveal);
addEventListener("beforeprint", () => document.querySelectorAll("details.card").forEach((card) => { card.open = true; }));
reveal();
