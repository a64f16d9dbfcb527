// A device's page: readings that refresh themselves, and a chart for each reading that is switched on.
import { tick } from "./clock.js";
import { draw, parsed, series } from "./chart.js";

const panel = document.querySelector("[data-readings]");
const charts = document.querySelector("[data-charts]");
const plots = charts.querySelector("[data-plots]");
const hint = charts.querySelector("[data-hint]");
const { device, none } = charts.dataset;
const REFRESH_MS = 10000;
const MOST = 6;
let hours = 1;
const shown = new Set([...panel.querySelectorAll('[data-metric][aria-pressed="true"]')].map((button) => button.dataset.metric).slice(0, 4));

function figure(button) {
  const made = document.createElement("figure");
  made.className = "chart";
  made.dataset.metric = button.dataset.metric;
  const caption = document.createElement("figcaption");
  const unit = document.createElement("span");
  unit.className = "unit";
  unit.textContent = button.dataset.unit;
  const plot = document.createElement("div");
  plot.className = "plot";
  caption.append(button.dataset.title, unit, document.createElement("output"));
  made.append(caption, plot);
  return made;
}

async function paint(button) {
  const { metric, unit, words } = button.dataset;
  let place = plots.querySelector(`[data-metric="${CSS.escape(metric)}"]`);
  if (!place) { place = figure(button); plots.append(place); }
  const to = new Date();
  const from = new Date(to - hours * 3600000);
  const data = await series(device, metric, from, to).catch(() => null);
  if (place.isConnected) draw(place.querySelector(".plot"), data, { none, unit, words: parsed(words), window: [from / 1000, to / 1000] });
}

function press() {
  for (const button of panel.querySelectorAll("[data-metric]")) button.setAttribute("aria-pressed", String(shown.has(button.dataset.metric)));
  for (const place of plots.querySelectorAll(".chart")) if (!shown.has(place.dataset.metric)) place.remove();
  hint.hidden = shown.size > 0;
}

function paintAll() {
  press();
  for (const button of panel.querySelectorAll("[data-metric]")) if (shown.has(button.dataset.metric)) paint(button);
}

panel.addEventListener("click", (event) => {
  const button = event.target.closest("[data-metric]");
  if (!button) return;
  const { metric } = button.dataset;
  if (shown.has(metric)) shown.delete(metric);
  else if (shown.size < MOST) { shown.add(metric); paint(button); }
  press();
});

charts.addEventListener("click", (event) => {
  const button = event.target.closest("[data-hours]");
  if (!button) return;
  hours = Number(button.dataset.hours);
  for (const other of charts.querySelectorAll("[data-hours]")) other.setAttribute("aria-pressed", String(other === button));
  paintAll();
});

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(panel.dataset.readings).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  panel.innerHTML = await answer.text();
  tick();
  if (hours <= 6) paintAll();
  else press();
}

paintAll();
setInterval(refresh, REFRESH_MS);
