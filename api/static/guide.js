// The guided report: step by step, each change kept in this browser at once, sent when there is a line.
import { read, remove, send, write } from "./drafts.js";
import { shrink } from "./shrink.js";
import { pad } from "./sign.js";

const guide = document.querySelector("[data-guide]");
const words = document.querySelector("[data-words]").dataset;
const { alert, version, person, max } = guide.dataset;
const part = (name) => guide.querySelector(`[data-${name}]`);
const steps = [...guide.querySelectorAll("[data-step]")];
const dots = [...document.querySelectorAll("[data-dots] li")];
const fresh = () => ({ person, alert, version, key: crypto.randomUUID(), text: "", photos: [], signature: null, waiting: false, step: 0 });
let draft = fresh();

// A number of writes in a row: only one at a time, so that the last one wins.
let writing = Promise.resolve();
const keep = () => {
  part("kept").textContent = words.kept;
  part("kept").classList.remove("warn");
  writing = writing.then(() => write(draft)).catch(() => {});
  return writing;
};

function say(text) {
  part("fault").textContent = text;
  part("fault").hidden = !text;
}

const shown = (claimed) => {
  const [source, moment] = claimed.split(" ");
  return `${words[source]} ${new Date(moment).toLocaleString(document.documentElement.lang, { timeZone: document.documentElement.dataset.zone, hourCycle: "h23" })}`;
};

function gallery(list, removable) {
  for (const old of list.querySelectorAll("img")) URL.revokeObjectURL(old.src);
  list.replaceChildren(...draft.photos.map((photo, n) => {
    const line = document.createElement("li"), image = document.createElement("img"), told = document.createElement("small");
    image.src = URL.createObjectURL(photo.blob);
    image.alt = "";
    told.textContent = shown(photo.claimed);
    line.append(image, told);
    if (removable) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = words.remove;
      button.addEventListener("click", () => { draft.photos.splice(n, 1); keep(); gallery(list, true); });
      line.append(button);
    }
    return line;
  }));
}

function review() {
  part("review-text").textContent = draft.text;
  gallery(part("review-photos"), false);
  const image = part("review-signature");
  if (image.src) URL.revokeObjectURL(image.src);
  image.hidden = !draft.signature;
  if (draft.signature) image.src = URL.createObjectURL(draft.signature);
  part("waiting").hidden = !draft.waiting;
  part("send").disabled = draft.waiting;
  say(draft.fault ?? "");
}

function go(step) {
  draft.step = step;
  steps.forEach((section, n) => { section.hidden = n !== step; });
  dots.forEach((dot, n) => { dot.className = n < step ? "done" : n === step ? "now" : ""; });
  part("back").disabled = step === 0;
  part("next").hidden = step === steps.length - 1;
  if (step === steps.length - 1) review();
  scrollTo(0, 0);
}

// What the step still needs, in words; "" when it may be left.
function lacks() {
  switch (steps[draft.step].dataset.step) {
    case "photo": return draft.photos.length ? "" : words.photo;
    case "words": return draft.text.trim() ? "" : words.text;
    case "sign": return draft.signature ? "" : words.sign;
    default: return "";
  }
}

async function add(input) {
  let bad = "";
  for (const file of [...input.files].slice(0, Number(max) - draft.photos.length)) {
    try {
      draft.photos.push(await shrink(file));
    } catch {
      bad = words.bad;
    }
  }
  input.value = "";
  await keep();
  gallery(part("photos"), true);
  if (bad) part("kept").textContent = bad;
}

async function post() {
  say("");
  part("send").disabled = true;
  draft.fault = "";
  draft.version = version;
  draft.waiting = true; // before anything leaves: a line, or a phone, that dies now loses nothing
  await keep();
  const bar = part("progress");
  bar.hidden = false;
  const { status, detail } = await send(draft, (share) => { bar.value = share; });
  bar.hidden = true;
  if (status === 200) return sent();
  if (status === 0 || status >= 500) return review();
  draft.waiting = status === 401;
  draft.fault = status === 401 ? words.login : detail;
  await keep();
  review();
}

async function sent() {
  await remove(draft);
  location.replace(`/alerts/${alert}/guide?done=report`);
}

const sign = pad(part("sign"), async () => { draft.signature = await sign.take(); keep(); });
part("unsign").addEventListener("click", () => sign.clear());
part("take").addEventListener("change", (event) => add(event.target));
part("choose").addEventListener("change", (event) => add(event.target));
part("text").addEventListener("input", (event) => { draft.text = event.target.value; keep(); });
for (const button of guide.querySelectorAll("[data-suggest]")) {
  button.addEventListener("click", () => {
    draft.text = [draft.text.trim(), button.textContent].filter(Boolean).join("\n");
    part("text").value = draft.text;
    keep();
  });
}
part("back").addEventListener("click", () => go(draft.step - 1));
part("next").addEventListener("click", () => {
  const lacking = lacks();
  part("kept").textContent = lacking;
  part("kept").classList.toggle("warn", Boolean(lacking));
  if (!lacking) { go(draft.step + 1); keep(); }
});
part("send").addEventListener("click", () => { navigator.locks ? navigator.locks.request("outbox", post) : post(); });
document.addEventListener("report-sent", (event) => { if (event.detail === alert) sent(); });
document.addEventListener("report-refused", async (event) => {
  if (event.detail !== alert) return;
  draft = await read(person, alert);
  review();
});

const kept = await read(person, alert).catch(() => null);
if (kept) draft = kept;
part("text").value = draft.text;
gallery(part("photos"), true);
if (draft.signature) await sign.show(draft.signature);
part("paces").hidden = false;
go(draft.waiting ? steps.length - 1 : draft.step);
guide.dataset.ready = "";
