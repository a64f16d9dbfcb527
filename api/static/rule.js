// One rule: its common settings and its whole document are two sides of one draft; preview by replay; save.
const CHECK_MS = 350;
const POLL_MS = 700;
const form = document.querySelector("[data-rule]");
const words = form.dataset;
const part = (name) => document.querySelector(`[data-${name}]`);
const field = (name) => form.elements[name];
const editor = field("toml");
const locale = document.documentElement.lang;
const named = (names) => (locale === "en" ? names.en : names.zh);
const fill = (text, values) => text.replace(/{(\w+)}/g, (_, key) => values[key] ?? "");
const meant = JSON.parse(part("named").textContent);
let draft = JSON.parse(part("draft").textContent);
let version = Number(words.version);
let source = "fields"; // what was edited last: the fields or the document
let dirty = false;
let checking = 0;
let sound = true;
let watching = 0;

async function send(path, body, method = "POST") {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(path, { method, headers, body: JSON.stringify(body) }).catch(() => null);
  if (answer?.status === 401) location.reload();
  return answer;
}

function tell(text, mood = "") {
  const said = part("said");
  if (!said) return;
  said.textContent = text;
  said.className = mood;
}

/* The draft's two sides ------------------------------------------------------------------------------------ */
function numbers() {
  const place = part("numbers");
  if (!place) return;
  for (const old of place.querySelectorAll("label")) old.remove();
  part("no-numbers").hidden = draft.numbers.length > 0;
  for (const one of draft.numbers) {
    const label = document.createElement("label");
    label.className = "threshold";
    const code = document.createElement("span");
    const [metric, ...sign] = one.label.split(" ");
    code.textContent = `${meant[metric] ?? metric} ${sign.join(" ")}`;
    code.title = one.label;
    const input = document.createElement("input");
    Object.assign(input, { type: "number", step: "any", value: one.value, required: true });
    input.dataset.number = "";
    label.append(code, input);
    place.append(label);
  }
}

function showFields() {
  if (!words.rule) return;
  numbers();
  for (const name of ["for_s", "recheck_s", "severity", "zh", "en"]) field(name).value = draft[name];
  field("deadline_s").value = draft.deadline_s ?? 0;
}

function showDocument() {
  editor.value = draft.toml;
  source = "document"; // now both sides say the same
  lines();
}

function lines(faulty = 0) {
  const count = Math.max(1, editor.value.split("\n").length);
  part("lines").replaceChildren(...Array.from({ length: count }, (_, n) => {
    const line = document.createElement("li");
    line.textContent = n + 1;
    line.classList.toggle("bad", n + 1 === faulty);
    return line;
  }));
  editor.rows = Math.min(Math.max(count, 8), 28);
}

// What stands: the document, and where fields were edited last, the fields written into it.
function wanted() {
  const body = { ...(words.rule ? { code: words.rule } : {}), toml: editor.value };
  if (source === "document") return body;
  return {
    ...body,
    fields: {
      zh: field("zh").value, en: field("en").value, severity: Number(field("severity").value),
      numbers: [...form.querySelectorAll("[data-number]")].map((input) => Number(input.value)),
      for_s: Number(field("for_s").value), recheck_s: Number(field("recheck_s").value), deadline_s: Number(field("deadline_s").value),
    },
  };
}

function touched(event) {
  if (["why", "days"].includes(event.target.name)) return;
  source = event.target === editor ? "document" : "fields";
  dirty = true;
  tell(words.unsaved);
  if (source === "document") lines();
  clearTimeout(checking);
  checking = setTimeout(check, CHECK_MS);
}

async function check() {
  const asked = wanted();
  const answer = await send("/api/v1/rules/check", asked);
  if (!answer || JSON.stringify(asked) !== JSON.stringify(wanted())) return; // edited meanwhile
  const said = await answer.json();
  sound = answer.ok;
  const fault = said.faults?.[0];
  part("fault").textContent = answer.ok ? (dirty ? words.sound : "") : said.detail;
  part("fault").classList.toggle("bad", !answer.ok);
  if (part("save")) part("save").disabled = !sound;
  if (!answer.ok) { lines(fault?.line ?? 0); return; }
  draft = said;
  if (source === "document") { showFields(); lines(); } else showDocument();
  previewable();
}

part("fault").addEventListener("click", () => {
  const [, line] = /(\d+)/.exec(part("fault").textContent) ?? [];
  if (!line || sound) return;
  const before = editor.value.split("\n").slice(0, Number(line) - 1).join("\n").length;
  editor.focus();
  editor.setSelectionRange(before + 1, before + 1);
});
editor.addEventListener("scroll", () => { part("lines").scrollTop = editor.scrollTop; });
form.addEventListener("input", touched);
form.addEventListener("submit", (event) => { event.preventDefault(); save(); });
addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
part("reload")?.addEventListener("click", () => { dirty = false; location.reload(); });

async function save() {
  const why = field("why");
  if (!why.value.trim()) { why.setAttribute("aria-invalid", "true"); why.focus(); tell(words.unsaved, "bad"); return; }
  part("save").disabled = true;
  tell(words.saving);
  const order = { ...wanted(), why: why.value, enabled: words.on === "yes", version };
  const answer = words.rule ? await send(`/api/v1/rules/${words.rule}`, order, "PUT") : await send("/api/v1/rules", order);
  part("save").disabled = false;
  if (!answer) { tell(words.lost, "bad"); return; }
  const said = await answer.json();
  if (answer.ok) { dirty = false; location.href = `/rules/${said.code}?done=saved`; return; }
  const conflict = answer.status === 409 && Boolean(words.rule);
  tell(conflict ? words.conflict : said.detail, "bad");
  part("reload").hidden = !conflict;
}

/* Preview by replay ---------------------------------------------------------------------------------------- */
function previewable() {
  const reason = draft?.unpreviewable;
  part("cannot").hidden = !reason;
  if (reason) part("cannot").textContent = named(reason);
  if (part("can")) part("can").hidden = Boolean(reason);
}

part("run")?.addEventListener("click", async () => {
  watching += 1;
  const run = watching;
  part("answer").hidden = true;
  progress(words.waiting, null);
  const answer = await send("/api/v1/rules/previews", { ...wanted(), days: Number(field("days").value) });
  if (!answer) { progress(words.lost, 0); return; }
  const said = await answer.json();
  if (!answer.ok) { progress(said.detail, 0); return; }
  part("run").textContent = words.again;
  watch(said.id, run);
});

async function watch(id, run) {
  const answer = await fetch(`/api/v1/rules/previews/${id}`).catch(() => null);
  if (run !== watching || answer?.status === 404) return;
  const state = answer?.ok ? await answer.json() : null;
  if (state?.state === "done") { show(state); return; }
  if (state?.state === "failed") { progress(fill(words.failed, { why: named(state.why) }), 0); return; }
  if (state?.state === "running") progress(fill(words.running, state), state.total ? state.done / state.total : null);
  setTimeout(watch, POLL_MS, id, run);
}

function progress(text, share) {
  part("progress").hidden = false;
  part("told").textContent = text;
  const bar = part("progress").querySelector("progress");
  if (share === null) bar.removeAttribute("value");
  else bar.value = share;
}

function show(state) {
  const why = state.why ? named(state.why) : "";
  progress(fill(state.limit ? words.partial : words.done, { ...state, why }), 1);
  for (const verdict of ["new", "same", "gone"]) document.querySelector(`[data-count="${verdict}"]`).textContent = state[verdict];
  part("nothing").hidden = state.alerts.length > 0;
  const all = state.new + state.same + state.gone;
  part("spells").replaceChildren(...state.alerts.map(spell));
  if (all > state.alerts.length) {
    const more = document.createElement("li");
    more.textContent = fill(words.more, { n: state.alerts.length });
    part("spells").append(more);
  }
  part("answer").hidden = false;
}

const clock = new Intl.DateTimeFormat(locale, { timeZone: document.documentElement.dataset.zone, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function spell(one) {
  const item = document.createElement("li");
  item.className = one.verdict;
  const head = document.createElement("span");
  head.className = "head";
  const verdict = document.createElement("span");
  verdict.className = `verdict ${one.verdict}`;
  verdict.textContent = words[one.verdict];
  const subject = document.createElement(one.place.device ? "a" : "b");
  if (one.place.device) subject.href = `/devices/${one.place.device}`;
  subject.textContent = named(one.place.subject);
  head.append(verdict, subject, text("small", named(one.place.site), "soft"));
  const end = one.end ? clock.format(new Date(one.end)) : words.goesOn;
  const times = one.times > 1 ? ` · ${fill(words.times, { n: one.times })}` : "";
  const peak = one.peak === null ? "" : ` · ${words.peak} ${one.peak}`;
  item.append(head, text("small", `${clock.format(new Date(one.begin))} – ${end}${times}${peak}`), text("small", named(one.wording), "soft"));
  if (one.alert) {
    const link = text("a", `#${one.alert}`);
    link.href = `/alerts/${one.alert}`;
    item.append(link);
  }
  return item;
}

function text(tag, words_, style = "") {
  const made = document.createElement(tag);
  made.textContent = words_;
  if (style) made.className = style;
  return made;
}

part("like")?.addEventListener("change", (event) => { // what was typed is asked about before it goes
  const wanted = event.target.value;
  if (dirty && !confirm(words.discard)) { event.target.value = ""; return; }
  dirty = false;
  location.assign(wanted ? `/rules/new?like=${encodeURIComponent(wanted)}` : "/rules/new");
});

if (draft) {
  showFields();
  showDocument();
  previewable();
} else {
  source = "document";
  lines();
}
