"use strict";
// Light or dark: as the system has it until the button says otherwise; remembered where the browser lets a file remember.
const theme = (() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const followers = [];
  let chosen = null;
  try {
    chosen = localStorage.getItem("proteus-theme");
  } catch {
    // A page from disk may have no memory.
  }
  const dark = () => (chosen ? chosen === "dark" : system.matches);
  const apply = () => {
    if (chosen) root.dataset.theme = chosen;
    for (const follow of followers) follow();
  };
  system.addEventListener("change", apply);
  apply();
  return {
    dark,
    toggle() {
      chosen = dark() ? "light" : "dark";
      try {
        localStorage.setItem("proteus-theme", chosen);
      } catch {
        // Then it holds until the page is closed.
      }
      apply();
    },
    follow: (follower) => followers.push(follower),
    variable: (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim(),
  };
})();
