// The bar of the page: a search for any feature by symbol or accession, and the switch of the theme.
const MOST_FOUND = 12;

function find(wanted) {
  const text = wanted.trim().toLowerCase();
  const found = [[], [], []];
  const met = new Set();
  if (!text) return [];
  report.features.forEach((set, at) => {
    set.ids.forEach((id, place) => {
      const symbol = set.symbols[place].toLowerCase();
      const lower = id.toLowerCase();
      const near = symbol === text || lower === text ? 0 : symbol.startsWith(text) || lower.startsWith(text) ? 1 : symbol.includes(text) || lower.includes(text) ? 2 : 3;
      if (near < 3 && !met.has(id) && found[near].length < MOST_FOUND) {
        met.add(id);
        found[near].push({ set: at, place });
      }
    });
  });
  return found.flat().slice(0, MOST_FOUND);
}

function searchBox() {
  const list = element("ul", { role: "listbox", id: "found", "aria-label": "Features found", hidden: "" });
  const input = element("input", { type: "search", role: "combobox", placeholder: "Find a protein", "aria-label": "Find a protein by symbol or accession", "aria-controls": "found", "aria-expanded": "false", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false" });
  let found = [];
  let at = -1;
  const fold = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    at = -1;
  };
  const mark = (next) => {
    list.children[at]?.setAttribute("aria-selected", "false");
    at = (next + found.length) % found.length;
    list.children[at].setAttribute("aria-selected", "true");
    list.children[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", list.children[at].id);
  };
  const take = (place) => {
    fold();
    openProtein(place);
  };
  input.addEventListener("input", () => {
    found = find(input.value);
    at = -1;
    list.replaceChildren(...found.map((place, k) => {
      const id = report.features[place.set].ids[place.place];
      const symbol = report.label(place.set, place.place);
      const option = element("li", { role: "option", id: `found-${k}`, "aria-selected": "false" }, element("bdi", {}, symbol), id === symbol ? "" : " ", element("bdi", { class: "small" }, id === symbol ? "" : id));
      option.addEventListener("mousedown", (event) => {
        event.preventDefault();
        take(place);
      });
      return option;
    }));
    if (found.length === 0 && input.value.trim()) list.append(element("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, "Nothing by that name was measured."));
    list.hidden = !input.value.trim();
    input.setAttribute("aria-expanded", String(!list.hidden));
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") fold();
    else if (found.length === 0) return;
    else if (event.key === "ArrowDown") mark(at + 1);
    else if (event.key === "ArrowUp") mark(at < 0 ? found.length - 1 : at - 1);
    else if (event.key === "Enter") take(found[Math.max(at, 0)]);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", fold);
  return element("div", { class: "search" }, input, list);
}

{
  const bar = element("div", { class: "bar" });
  if (report.features.length) bar.append(searchBox());
  const name = () => (theme.dark() ? "Light" : "Dark");
  const toggle = button(name(), { "aria-label": "Switch between light and dark" }, theme.toggle);
  theme.follow(() => { toggle.textContent = name(); });
  bar.append(toggle);
  document.querySelector("nav").append(bar);
}
