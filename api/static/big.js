// The big screen keeps itself up to date, by the live connection and, where that is lost, every minute; nobody touches it.
import { awaited } from "./awaited.js";
import { tick } from "./clock.js";
import { live } from "./live.js";
import { draw } from "./map.js";
import { all } from "./pages.js";

const AGAIN_MS = 3000; // at most this often, whatever happens
const ANYWAY_MS = 60000;
const part = document.querySelector("[data-part]");
const state = document.querySelector("[data-live]");
const label = state.querySelector("span");
const liveText = label.textContent;
const canvas = document.querySelector("[data-canvas]");
const map = draw(canvas, { tiles: canvas.dataset.tiles, still: true });
const look = awaited(part, reload);
let timer = 0;
let read = 0;

async function reload() {
  read = Date.now();
  try {
    const [html, sites] = await Promise.all([fetch("/big/part"), all("/api/v1/map")]);
    if (html.redirected || sites === null) { location.reload(); return; }
    if (html.ok) part.innerHTML = await html.text();
    map.show(sites, true);
    tick();
  } catch { /* the live connection says that it is lost */ } finally {
    look();
  }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(reload, Math.max(300, read + AGAIN_MS - Date.now()));
}

function now() {
  const zone = document.documentElement.dataset.zone;
  document.querySelector("[data-clock]").textContent = new Date().toLocaleString(document.documentElement.lang, { timeZone: zone, hour12: false });
}

live({
  onAlert: soon,
  onReset: soon,
  onState: (on) => {
    state.classList.toggle("on", on);
    label.textContent = on ? liveText : state.dataset.lost;
  },
});
setInterval(now, 1000);
setInterval(soon, ANYWAY_MS);
now();
soon();
