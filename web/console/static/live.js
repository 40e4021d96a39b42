// Replaces the parts of the page that change, every five seconds. Without it, reload the page.
"use strict";
const EVERY = 5000;
const zone = document.querySelector("[data-zone]");
if (zone && zone.value === "UTC") zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const menu = document.querySelector("details.menu");
if (menu && matchMedia("(max-width: 48rem)").matches) menu.open = false;
const bar = document.querySelector("footer .live");
if (bar && document.querySelector("main [data-live]")) {
  const [button, status] = [bar.querySelector("button"), bar.querySelector("span")];
  let paused = false;
  let last = new Date();
  bar.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? "Go on updating" : "Pause updates";
  });
  const typedIn = (part) => [...part.querySelectorAll("input, textarea")].some((field) => field.value !== field.defaultValue);
  const inUse = (part) => {
    const chosen = getSelection();
    return part.contains(document.activeElement) || typedIn(part) || (chosen && !chosen.isCollapsed && part.contains(chosen.anchorNode));
  };
  // Each form has a key of its own every time: that alone is no news.
  const said = (part) => part.innerHTML.replace(/(name="once" value=")[^"]*/g, "$1");
  const look = async () => {
    if (paused || document.hidden) return;
    try {
      const url = new URL(location.href);
      url.searchParams.set("live", "5");
      const answer = await fetch(url, { redirect: "error", cache: "no-store" });
      if (!answer.ok) throw new Error(answer.status);
      const found = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-live]")) {
        const fresh = found.getElementById(part.id);
        if (fresh && said(fresh) !== said(part) && !inUse(part)) part.replaceChildren(...fresh.childNodes);
      }
      last = new Date();
      status.textContent = "";
    } catch {
      status.textContent = `Not updated since ${last.toISOString().slice(11, 19)}Z`;
    }
  };
  setInterval(look, EVERY);
}
