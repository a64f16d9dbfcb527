// The map's page: points and the list beside them, of the kinds and classes that are chosen; kept up to date.
import { live } from "./live.js";
import { draw } from "./map.js";
import { all } from "./pages.js";

const LISTED = 200;
const AGAIN_MS = 5000; // at most this often, whatever happens
const page = document.querySelector("[data-map]");
const list = page.querySelector("[data-list]");
const filter = page.querySelector("[data-filter]");
const count = page.querySelector("[data-count]");
const spoken = document.documentElement.lang === "en" ? "en" : "zh";
let sites = [];
let timer = 0;
let read = 0;

const shown = draw(page.querySelector("[data-canvas]"), {
  tiles: page.dataset.tiles, zoomIn: page.dataset.in, zoomOut: page.dataset.out, label: words, onPick: pick,
  scale: () => filter.elements.scale.value,
});

function words(site) {
  return `${site[spoken]} · ${site.alerts ? `${site.alerts} ${page.dataset.alerts}` : page.dataset.calm}`;
}

function pick(site) {
  const row = list.querySelector(`[data-site="${site.id}"]`);
  if (!row) { location.href = `/sites/${site.id}`; return; }
  for (const other of list.querySelectorAll(".picked")) other.classList.remove("picked");
  row.classList.add("picked");
  row.scrollIntoView({ block: "nearest" });
  row.querySelector("a").focus({ preventScroll: true });
}

function chosen() {
  const { kind, worst } = Object.fromEntries(new FormData(filter));
  return sites.filter((site) => (!kind || site.kind === kind) && (!worst || (site.worst ?? 0) === Number(worst)));
}

function show(refit) {
  const found = chosen().sort((a, b) => (a.worst ?? 9) - (b.worst ?? 9) || b.alerts - a.alerts);
  shown.show(found, refit);
  list.replaceChildren(...found.slice(0, LISTED).map(row));
  const unplaced = found.filter((site) => site.longitude === null).length;
  count.textContent = count.dataset.text.replace("{n}", found.length) + (unplaced ? ` · ${page.dataset.unplaced.replace("{n}", unplaced)}` : "");
}

function row(site) {
  const item = document.createElement("li");
  item.dataset.site = site.id;
  const link = document.createElement("a");
  link.href = `/sites/${site.id}`;
  link.textContent = site[spoken];
  const mark = document.createElement("b");
  mark.className = site.worst ? `sev s${site.worst}` : "calm";
  mark.textContent = site.alerts || "✓";
  item.append(mark, link);
  if (site.overdue) {
    const late = document.createElement("small");
    late.className = "warn";
    late.textContent = `${page.dataset.overdue} ${site.overdue}`;
    item.append(late);
  }
  if (site.longitude !== null) {
    const there = document.createElement("button");
    there.className = "plain";
    there.textContent = "◎";
    there.title = page.dataset.open;
    there.setAttribute("aria-label", `${page.dataset.open} ${site[spoken]}`);
    there.addEventListener("click", () => shown.go(site));
    item.append(there);
  }
  return item;
}

async function load() {
  read = Date.now();
  try {
    const found = await all("/api/v1/map");
    if (found === null) { location.reload(); return; }
    sites = found;
    show();
  } catch { count.textContent = page.dataset.lost; }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(load, Math.max(400, read + AGAIN_MS - Date.now()));
}

filter.addEventListener("change", () => show(true));
filter.addEventListener("submit", (event) => event.preventDefault());
live({ onAlert: soon, onReset: soon });
load();
