// The queue keeps itself up to date: each change reloads the visible part, and so does a look for a picture that is on
// its way. Hundreds may hear the same change: each waits a little of its own, longer when the server was slow, and a
// page that nobody looks at waits until somebody does.
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
let stale = false;
let took = 0; // ms that the last reload took

async function reload() {
  if (busy) { again = true; return; }
  if (document.hidden) { stale = true; return; }
  busy = true;
  const began = performance.now();
  try {
    const answer = await fetch(part.dataset.queue, { headers: { accept: "text/html" } });
    if (answer.redirected) { location.reload(); return; }
    if (answer.ok) show(await answer.text());
  } catch { /* the live connection says that it is lost */ } finally {
    busy = false;
    took = performance.now() - began;
    look();
    if (again) { again = false; schedule(); }
  }
}

function show(html) {
  const before = new Set([...part.querySelectorAll("[data-id]")].map((row) => row.dataset.id));
  const ticked = new Set([...part.querySelectorAll("[name=chosen]:checked")].map((box) => box.value));
  const form = part.querySelector("[data-bulk]");
  const typed = form && { open: form.querySelector("details").open, action: form.elements.action.value, reason: form.elements.reason.value };
  const focus = document.activeElement?.getAttribute?.("href");
  part.innerHTML = html;
  for (const row of part.querySelectorAll("[data-id]")) if (!before.has(row.dataset.id)) row.classList.add("new");
  // What was ticked stays so in the version that was seen: an alert that has changed is to be looked at anew.
  for (const box of part.querySelectorAll("[name=chosen]")) box.checked = ticked.has(box.value);
  const next = part.querySelector("[data-bulk]");
  if (typed && next) {
    next.querySelector("details").open = typed.open;
    next.elements.action.value = typed.action;
    next.elements.reason.value = typed.reason;
  }
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
  timer = setTimeout(reload, 400 + Math.random() * (600 + 2 * took));
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && stale) { stale = false; reload(); }
});
live({
  onAlert: schedule,
  onReset: schedule,
  onState: (on) => {
    state.classList.toggle("on", on);
    label.textContent = on ? liveText : state.dataset.lost;
  },
});
for (const field of document.querySelectorAll("[data-filters] select, [data-filters] [type=date]")) {
  // A year that is being typed is no valid one before its last digit.
  field.addEventListener("change", () => { if (field.checkValidity()) field.form.requestSubmit(); });
}
badge();
look();
