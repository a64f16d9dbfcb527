// A tour: one camera after another, a fresh still of each; next, finding, capture by button or key.
import { clock } from "./player.js";

const page = document.querySelector("[data-tour]");
const at = (name) => page.querySelector(`[data-${name}]`);
const tour = JSON.parse(at("state").textContent);
const base = `/api/v1/tours/${page.dataset.tour}`;
const spoken = document.documentElement.lang === "en" ? "en" : "zh";
const seen = new Set(tour.looks.filter((look) => look.sha256).map((look) => look.camera));
const form = at("finding");
const picture = at("picture");
let place = 0;
let look = null; // what is shown: {id, bytes, kept}
let turn = 0; // what comes for an earlier one is ignored

const stop = () => tour.stops[place];

async function ask(path, options = { method: "POST" }) {
  const answer = await fetch(base + path, options);
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Error((await answer.json()).detail);
  return answer;
}

function refuse(words = "") {
  at("refused").textContent = words;
  at("refused").hidden = !words;
}

async function go(to) {
  if (to < 0 || to >= tour.stops.length) return;
  place = to;
  const mine = turn += 1;
  look = null;
  refuse();
  at("camera").textContent = stop()[spoken];
  at("site").textContent = stop().site[spoken];
  picture.hidden = true;
  message(page.dataset.loading);
  at("said").textContent = "";
  buttons();
  try {
    const answer = await ask(`/cameras/${stop().id}/look`);
    const bytes = await answer.blob();
    if (mine !== turn) return;
    look = { id: answer.headers.get("mingchu-look"), bytes, kept: false };
    URL.revokeObjectURL(picture.src);
    picture.src = URL.createObjectURL(bytes);
    picture.hidden = false;
    message("");
    at("said").textContent = `${page.dataset.taken} ${clock(new Date(answer.headers.get("last-modified")))}`;
    seen.add(stop().id);
  } catch (error) {
    if (mine === turn) message(error.message || page.dataset.lost);
  }
  if (mine === turn) buttons();
}

function message(words) {
  at("message").textContent = words;
  at("message").hidden = !words;
}

function buttons() {
  at("back").disabled = place === 0;
  at("next").disabled = place === tour.stops.length - 1;
  at("capture").disabled = !look || look.kept;
  form.querySelector("button").disabled = !look;
  at("progress").value = seen.size;
  at("went-text").textContent = page.dataset.went.replace("{n}", seen.size).replace("{all}", tour.stops.length);
}

async function capture() {
  if (!look || look.kept) return;
  const own = look;
  await ask(`/looks/${own.id}/picture`, { method: "POST", headers: { "content-type": "image/jpeg" }, body: own.bytes });
  own.kept = true;
  buttons();
}

async function tried(doing, said) {
  refuse();
  try {
    await doing();
    at("said").textContent = said;
  } catch (error) { refuse(error.message || page.dataset.lost); }
}

async function note() {
  const words = form.words.value;
  const own = look;
  await capture(); // what is complained of shall be there to see
  await ask(`/looks/${own.id}/findings`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ words }) });
  form.reset();
  form.words.blur(); // the keys go on
  list(stop(), words);
}

function list(camera, words) {
  const item = document.createElement("li");
  const name = document.createElement("b");
  name.textContent = camera[spoken];
  const text = document.createElement("span");
  text.append(name, ` ${words}`);
  item.append(text, document.createElement("span"));
  at("found").prepend(item);
}

at("back").addEventListener("click", () => go(place - 1));
at("next").addEventListener("click", () => go(place + 1));
at("again").addEventListener("click", () => go(place));
at("capture").addEventListener("click", () => tried(capture, page.dataset.captured));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (look) tried(note, page.dataset.noted);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter" && event.target === form.words) { form.requestSubmit(); return; }
  if (event.key === "Escape") event.target.blur?.();
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  const keys = { ArrowRight: () => go(place + 1), ArrowLeft: () => go(place - 1), r: () => go(place), c: () => tried(capture, page.dataset.captured), f: () => form.words.focus() };
  const doing = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!doing) return;
  event.preventDefault();
  doing();
});
for (const one of tour.found) list(one.camera, one.words);
const first = tour.stops.findIndex((camera) => !seen.has(camera.id));
go(first === -1 ? 0 : first);
