"use strict";
// What plain forms cannot do: drafts kept while typing, and a text that stays in place when it could not be saved.
const reveal = () => {
  if (location.hash.length < 2) return;
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
};
addEventListener("hashchange", reveal);
reveal();

const form = document.getElementById("review");
if (form) {
  const state = document.getElementById("state");
  const say = (text, bad) => {
    state.textContent = text;
    state.classList.toggle("bad", Boolean(bad));
  };
  const content = (action) => {
    const data = new URLSearchParams();
    for (const [name, value] of new FormData(form)) data.append(name, value);
    data.set("action", action);
    return data;
  };
  const send = async (action, more) => {
    // Not `form.action`: the buttons have that name.
    const answer = await fetch(form.getAttribute("action"), {
      method: "POST",
      headers: { Accept: "application/json" },
      body: content(action),
      ...more,
    });
    // What is not ours, such as the refusal of a cookie from before a restart, is told as it came.
    const kind = answer.headers.get("Content-Type") || "";
    const said = kind.startsWith("application/json") ? await answer.json() : { error: await answer.text() };
    if (!answer.ok || said.error) throw new Error([said.error, said.hint].filter(Boolean).join(". "));
    return said;
  };
  const gone = (error) => (error instanceof TypeError ? "the program does not answer. Start it again and open the address it prints in another tab" : error.message);

  let waiting = 0;
  let changed = false;
  let busy = false;
  let drafting = Promise.resolve();
  const keepDraft = async () => {
    waiting = 0;
    if (busy) return;
    changed = false;
    try {
      const said = await send("draft");
      if (!changed) say(`Draft kept ${said.draft}.`);
    } catch (error) {
      changed = true;
      say(`The draft is not kept: ${gone(error)}. Your text stays on this page.`, true);
    }
  };
  const touched = () => {
    changed = true;
    clearTimeout(waiting);
    waiting = setTimeout(() => { drafting = keepDraft(); }, 800);
  };
  form.addEventListener("input", touched);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    clearTimeout(waiting);
    const action = event.submitter ? event.submitter.value : "submit";
    const buttons = form.querySelectorAll("button");
    buttons.forEach((button) => { button.disabled = true; });
    say("Saving …");
    // A draft on its way must not arrive after the review.
    await drafting;
    try {
      const said = await send(action);
      changed = false;
      if (said.location) {
        location.assign(said.location);
        return;
      }
      say(`Draft kept ${said.draft}.`);
    } catch (error) {
      say(`Not saved: ${gone(error)}. Your text stays on this page: send it again.`, true);
    }
    busy = false;
    buttons.forEach((button) => { button.disabled = false; });
  });
  addEventListener("pagehide", () => {
    if (changed && !busy) send("draft", { keepalive: true }).catch(() => {});
  });
  addEventListener("beforeunload", (event) => {
    if (changed && !busy && waiting === 0) event.preventDefault();
  });
}
