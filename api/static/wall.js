// The wall: two by two to four by four cameras at a time, of a named list; each plays live where a purpose is stated and
// its edge bears another viewer, else it shows stills, the rarer the more there are.
import { Player, Refused, ask, clock } from "./player.js";

// The server gives a person 60 tickets and stills a minute: what all tiles together ask for stays below.
const STILL_MS = 3000;
const EACH_MS = 1400;

const page = document.querySelector("[data-wall]");
const at = (name) => page.querySelector(`[data-${name}]`);
const grid = at("grid");
const choosing = at("choosing");
const spoken = document.documentElement.lang === "en" ? "en" : "zh";
let lists = JSON.parse(at("lists").textContent);
let chosen = { name: "", columns: 2, cameras: [] };
let screen = 0;
let tiles = [];
let searching = 0;

const size = () => chosen.columns ** 2;
const screens = () => Math.max(1, Math.ceil(chosen.cameras.length / size()));
const shown = () => chosen.cameras.slice(screen * size(), (screen + 1) * size());
const stillMs = () => Math.max(STILL_MS, EACH_MS * tiles.length);

function build() {
  tiles.forEach((tile) => tile.player.stop());
  screen = Math.min(screen, screens() - 1);
  grid.className = `wall by-${chosen.columns}`;
  tiles = shown().map(tile);
  grid.replaceChildren(...tiles.map((one) => one.figure));
  at("empty").hidden = tiles.length > 0;
  at("pages").hidden = screens() < 2;
  at("page").textContent = page.dataset.screen.replace("{n}", screen + 1).replace("{all}", screens());
  at("size").value = chosen.columns;
  play();
}

function tile(camera) {
  const figure = at("tile").content.firstElementChild.cloneNode(true);
  figure.dataset.camera = camera.id;
  figure.querySelector("b").textContent = `${camera.site[spoken]} · ${camera[spoken]}`;
  const state = figure.querySelector("[data-state]");
  const player = new Player({
    video: figure.querySelector("video"), image: figure.querySelector("img"), words: page.dataset, stillMs, patient: true,
    tell(now, words) {
      figure.dataset.now = now;
      state.classList.toggle("on", now === "playing");
      state.querySelector("span").textContent = page.dataset[now] ?? "";
      figure.querySelector("[data-words]").textContent = words;
    },
    clear(yes, until) {
      figure.classList.toggle("unblurred", Boolean(yes));
      figure.title = yes && until ? clock(until) : "";
    },
  });
  figure.addEventListener("dblclick", () => full(figure));
  return { camera, figure, player };
}

function play() {
  if (document.hidden) return;
  tiles.forEach((one, place) => setTimeout(() => { if (tiles.includes(one)) one.player.play(one.camera.id); }, 120 * place));
}

function options() {
  const layouts = lists.map((one) => new Option(one.name, one.name, false, one.name === chosen.name));
  at("layout").replaceChildren(new Option(page.dataset.none, "", false, !chosen.name), ...layouts);
}

function open(name) {
  const found = lists.find((one) => one.name === name);
  chosen = found ? structuredClone(found) : { name: "", columns: chosen.columns, cameras: chosen.cameras };
  screen = 0;
  options();
  build();
}

at("layout").addEventListener("change", (event) => open(event.target.value));
at("size").addEventListener("change", (event) => { chosen.columns = Number(event.target.value); screen = 0; build(); });
at("previous").addEventListener("click", () => turn(-1));
at("next").addEventListener("click", () => turn(1));
at("full").addEventListener("click", () => full(grid));
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea, dialog")) return;
  if (event.key === "ArrowRight") turn(1);
  else if (event.key === "ArrowLeft") turn(-1);
  else if (event.key === "f") full(grid);
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) tiles.forEach((one) => one.player.stop());
  else play();
});
addEventListener("pagehide", () => tiles.forEach((one) => one.player.stop()));

function turn(by) {
  if (screens() < 2) return;
  screen = (screen + by + screens()) % screens();
  build();
}

function full(element) {
  if (document.fullscreenElement) document.exitFullscreen();
  else element.requestFullscreen?.().catch(() => {});
}

// Choosing cameras
at("choose").addEventListener("click", () => {
  choosing.querySelector("[data-name]").value = chosen.name;
  choosing.querySelector("[data-remove]").hidden = !chosen.name;
  refused(choosing);
  choosing.showModal();
  search();
});
choosing.addEventListener("close", build);
choosing.querySelector("[data-search]").addEventListener("input", () => { clearTimeout(searching); searching = setTimeout(search, 250); });
choosing.querySelector("[data-search]").addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });

async function search() {
  const query = new URLSearchParams({ search: choosing.querySelector("[data-search]").value });
  const answer = await fetch(`/api/v1/camera-choices?${query}`).catch(() => null);
  if (answer?.status === 401) location.reload();
  if (!answer?.ok) { refused(choosing, page.dataset.lost); return; }
  choosing.querySelector("[data-choices]").replaceChildren(...(await answer.json()).map(choice));
  count();
}

function choice(camera) {
  const label = document.createElement("label");
  label.className = "tick";
  const box = Object.assign(document.createElement("input"), { type: "checkbox", value: camera.id });
  box.checked = chosen.cameras.some((one) => one.id === camera.id);
  box.addEventListener("change", () => {
    chosen.cameras = chosen.cameras.filter((one) => one.id !== camera.id);
    if (box.checked) chosen.cameras.push(camera);
    count();
  });
  label.append(box, `${camera.site[spoken]} · ${camera[spoken]}`);
  const item = document.createElement("li");
  item.append(label);
  return item;
}

function count() {
  choosing.querySelector("[data-count]").textContent = page.dataset.chosen.replace("{n}", chosen.cameras.length);
}

function refused(dialog, words = "") {
  const place = dialog.querySelector("[data-refused]");
  place.textContent = words;
  place.hidden = !words;
}

async function send(name, options) {
  const answer = await fetch(`/api/v1/camera-lists/${encodeURIComponent(name)}`, options).catch(() => null);
  if (answer?.status === 401) location.reload();
  if (answer?.ok) return answer;
  refused(choosing, answer ? (await answer.json()).detail : page.dataset.lost);
  return null;
}

choosing.querySelector("[data-save]").addEventListener("click", async () => {
  const name = choosing.querySelector("[data-name]").value.trim();
  if (!name) { choosing.querySelector("[data-name]").focus(); return; }
  const body = JSON.stringify({ columns: chosen.columns, cameras: chosen.cameras.map((one) => one.id) });
  const answer = await send(name, { method: "PUT", headers: { "content-type": "application/json" }, body });
  if (!answer) return;
  chosen = await answer.json();
  lists = [...lists.filter((one) => one.name !== chosen.name), structuredClone(chosen)];
  options();
  at("said").textContent = page.dataset.saved;
  choosing.close();
});
choosing.querySelector("[data-remove]").addEventListener("click", async () => {
  if (!(await send(chosen.name, { method: "DELETE" }))) return;
  lists = lists.filter((one) => one.name !== chosen.name);
  chosen.name = "";
  options();
  choosing.close();
});

// One purpose for all cameras of the wall
const purpose = at("purpose");
at("go-live")?.addEventListener("click", () => { refused(purpose); purpose.showModal(); });
purpose?.querySelector("[data-cancel]").addEventListener("click", () => purpose.close());
purpose?.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = JSON.stringify(Object.fromEntries(new FormData(event.target)));
  try {
    for (const { camera } of tiles) {
      await ask(camera.id, "unblurred", { method: "POST", headers: { "content-type": "application/json" }, body: said });
    }
    purpose.close();
    play();
  } catch (error) {
    refused(purpose, error instanceof Refused ? error.message : page.dataset.lost);
  }
});

open(lists[0]?.name ?? "");
