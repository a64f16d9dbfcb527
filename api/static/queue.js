// The queue keeps itself up to date: each change reloads the visible part, at most twice a second, and so does a look
// for a picture that is on its way.
import { awaited } from "./awaited.js";
import { tick } from "./clock.js";
import { live } from "./live.js";

const part = document.querySelector("[data-queue]");
const state = document.querySelector("[data-live]");
const label = state.querySelector("span");
const liveText = label.textContent;
const look = awaited(part, reload);
let timer = 0;
let busy = false;
let again = false;

async function reload() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch(part.dataset.queue, { headers: { accept: "text/html" } });
    if (answer.redirected) { location.reload(); return; }
    if (answer.ok) show(await answer.text());
  } catch { /* the live connection says that it is lost */ } finally {
    busy = false;
    look();
    if (again) { again = false; schedule(); }
  }
}

function show(html) {
  const before = new Set([...part.querySelectorAll("[data-id]")].map((row) => row.dataset.id));
  const focus = document.activeElement?.getAttribute?.("href");
  part.innerHTML = html;
  for (const row of part.querySelectorAll("[data-id]")) if (!before.has(row.dataset.id)) row.classList.add("new");
  if (focus) part.querySelector(`a[href="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
  tick();
  badge();
}

function badge() {
  const open = Number(part.querySelector("[data-open]")?.dataset.open ?? 0);
  document.title = (open ? `(${open}) ` : "") + part.dataset.title;
}

function schedule() {
  clearTimeout(timer);
  timer = setTimeout(reload, 400);
}

live({
  onAlert: schedule,
  onReset: schedule,
  onState: (on) => {
    state.classList.toggle("on", on);
    label.textContent = on ? liveText : state.dataset.lost;
  },
});
for (const select of document.querySelectorAll("[data-filters] select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
badge();
look();
