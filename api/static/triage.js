// Triage by keyboard. The row that has the focus is the one that a key acts on, so a screen reader reads the same row
// as eyes see. Single keys do nothing while somebody types, and can be switched off (WCAG 2.1.4).
const help = document.querySelector("[data-keys]");
const asking = document.querySelector("[data-reason]");
const said = document.querySelector("[data-said]");
const allowed = help.querySelector("[data-keys-on]");
const OFF = "mingchu.keys.off";
const DEEDS = { a: ["acknowledge", "accept"], r: ["reject"], d: ["dismiss"] };
const REASONED = ["reject", "dismiss"];
let silence = 0;

const rows = () => [...document.querySelectorAll("main .row")];
const named = (id) => rows().find((one) => one.dataset.id === id);
const current = () => document.activeElement?.closest("main .row");

function move(step) {
  const all = rows();
  const at = all.indexOf(current());
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
  focus(all[next]);
}

function focus(row) {
  row?.querySelector("a").focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

function say(text) {
  said.textContent = text;
  clearTimeout(silence);
  silence = setTimeout(() => { said.textContent = ""; }, 6000);
}

function deed(row, key) {
  const may = (said.dataset[`may${row.dataset.status[0].toUpperCase()}${row.dataset.status.slice(1)}`] ?? "").split(" ");
  return DEEDS[key].find((action) => may.includes(action));
}

// The version is that of the row as it was seen: a key never acts on what has changed since.
async function act(row, action, version, reason = "") {
  const { id } = row.dataset;
  const all = rows();
  const at = all.findIndex((one) => one.dataset.id === id);
  const next = (all[at + 1] ?? all[at - 1])?.dataset.id;
  const answer = await fetch(`/api/v1/alerts/${id}/${action}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ version: Number(version), reason }),
  }).catch(() => null);
  const problem = answer?.ok ? null : await answer?.json().catch(() => null);
  say(`#${id}: ${answer?.ok ? said.dataset[action] : problem?.detail ?? said.dataset.cannot}`);
  focus(named(answer?.ok ? next : id)); // the queue itself follows by the live connection, perhaps already
}

function ask(row, action) {
  const title = asking.querySelector("[data-deed]");
  title.textContent = title.dataset[action];
  asking.querySelector("[data-which]").textContent = `#${row.dataset.id} ${row.querySelector(".head b").textContent}`;
  asking.querySelector("textarea").value = "";
  asking.returnValue = "";
  asking.showModal();
  asking.onclose = () => {
    const still = named(row.dataset.id) ?? row;
    if (asking.returnValue === "send") act(still, action, row.dataset.version, asking.querySelector("textarea").value);
    else focus(still);
  };
}

function pressed(key) {
  if (key === "j") return move(1);
  if (key === "k") return move(-1);
  if (key === "?") return help.showModal();
  const row = current();
  if (!row) return false;
  if (key === "x") return row.querySelector("[name=chosen]")?.click();
  const action = deed(row, key);
  if (!action) return say(said.dataset.cannot);
  return REASONED.includes(action) ? ask(row, action) : act(row, action, row.dataset.version);
}

const typing = (element) => element.closest("dialog, textarea, select, [contenteditable], input:not([type=checkbox])");

document.addEventListener("keydown", (event) => {
  if (!allowed.checked || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat && !"jk".includes(event.key)) return;
  if (!"jkard?x".includes(event.key) || typing(event.target)) return;
  event.preventDefault();
  pressed(event.key);
});
document.querySelector("[data-keys-help]").addEventListener("click", () => help.showModal());
allowed.checked = localStorage.getItem(OFF) === null;
allowed.addEventListener("change", () => (allowed.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
