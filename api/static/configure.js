// A camera's configuration: the form, the zone editor and the picture under it; saved over REST, followed until applied.
import { hoursEditor, never } from "./hours.js";
import { zoneForm } from "./zone_form.js";
import { ZoneEditor } from "./zones.js";

const FOLLOW_MS = 2000;
const PICTURE_MS = 4000; // a camera that was only just configured has none at once
const PICTURE_TRIES = 8;
const form = document.querySelector("[data-configure]");
const words = form.dataset;
const part = (name) => document.querySelector(`[data-${name}]`);
const locked = form.querySelector("fieldset").disabled;
const camera = JSON.parse(part("state").textContent);
const zones = camera?.zones ?? [];
let schedule = camera?.schedule ?? null;
let version = camera?.version ?? 0;
let zone = -1; // the chosen one
let mask = -1; // of its masks
let drawn = "zone"; // what is being drawn
let dirty = false;
let saving = false;

const fill = (text, values) => text.replace(/{(\w+)}/g, (_, key) => values[key]);

function touched() {
  dirty = true;
  tell(words.unsaved);
}

function tell(text, mood = "") {
  const said = part("said");
  if (!said) return;
  said.textContent = text;
  said.className = mood;
}

/* Zones ---------------------------------------------------------------------------------------------------- */
const keyOf = (number, which) => (which < 0 ? `${number}` : `${number}.${which}`);

const editor = new ZoneEditor(part("svg"), {
  locked,
  shapes: () => zones.flatMap((one, number) => [
    { kind: "zone", key: keyOf(number, -1), points: one.polygon },
    ...(number === zone ? (one.masks ?? []).map((points, which) => ({ kind: "mask", key: keyOf(number, which), points })) : []),
  ]),
  changed: touched,
  picked: (key) => pick(...`${key}.-1`.split(".").slice(0, 2).map(Number)),
  drew: finish,
  drawing: (yes) => {
    for (const busy of ["busy", "drawing"]) part(busy).hidden = !yes;
    part("idle").hidden = yes;
    tools();
  },
  label: (n, x, y) => fill(words.point, { n, x, y }),
});

function tools() {
  part("points").hidden = locked || zone < 0 || Boolean(editor.draft);
}

function pick(number, which = -1, point = -1) {
  zone = number;
  mask = which;
  editor.choose(number < 0 ? null : keyOf(number, which), point);
  chips();
  part("pick").hidden = zone >= 0;
  const place = part("chosen");
  place.hidden = zone < 0;
  if (zone >= 0) zoneForm(place, zones[zone], mask, words, actions);
  tools();
}

function chips() {
  part("zones").replaceChildren(...zones.map((one, number) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.textContent = (document.documentElement.lang === "en" ? one.en : one.zh) || one.code;
    chip.setAttribute("aria-pressed", String(number === zone));
    chip.addEventListener("click", () => pick(number));
    return chip;
  }));
}

const actions = {
  changed: touched,
  renamed: chips,
  addMask: () => { drawn = "mask"; editor.start(); part("canvas").scrollIntoView({ block: "nearest" }); },
  removeMask: () => { zones[zone].masks.splice(mask, 1); touched(); pick(zone); },
  removeZone: () => { zones.splice(zone, 1); touched(); pick(-1); },
  pickMask: (which) => pick(zone, which),
};

function finish(points) {
  touched();
  if (drawn === "mask" && zone >= 0) {
    zones[zone].masks.push(points);
    pick(zone, zones[zone].masks.length - 1);
    return;
  }
  const taken = new Set(zones.map((one) => one.code));
  let n = zones.length + 1;
  while (taken.has(`zone-${n}`)) n += 1;
  const name = (lang) => (document.documentElement.lang.startsWith(lang) ? fill(words.newZone, { n }) : lang === "en" ? `Zone ${n}` : `区域 ${n}`);
  zones.push({ code: `zone-${n}`, zh: name("zh"), en: name("en"), polygon: points, scenes: [], masks: [], overrides: {} });
  pick(zones.length - 1);
}

part("draw").addEventListener("click", () => { drawn = "zone"; pick(-1); editor.start(); });
part("whole").addEventListener("click", () => { drawn = "zone"; finish([[0, 0], [1, 0], [1, 1], [0, 1]]); });
part("finish").addEventListener("click", () => editor.finish());
part("undo").addEventListener("click", () => editor.undo());
part("cancel").addEventListener("click", () => editor.cancel());
part("more").addEventListener("click", () => editor.more());
part("less").addEventListener("click", () => editor.less());
part("fresh-picture")?.addEventListener("click", () => picture(1));

/* The picture ---------------------------------------------------------------------------------------------- */
async function picture(tries = PICTURE_TRIES) {
  if (!camera || camera.removed) return;
  const answer = await fetch(`/api/v1/cameras/${camera.id}/still`).catch(() => null);
  if (answer?.status === 503 && tries > 1) setTimeout(picture, PICTURE_MS, tries - 1);
  const shown = answer?.ok ? answer : await lastEvidence();
  part("no-picture").hidden = Boolean(shown);
  if (shown) await show(await shown.blob());
}

async function lastEvidence() {
  const known = await fetch(`/api/v1/cameras/${camera.id}`).catch(() => null);
  const { picture: sha256 } = known?.ok ? await known.json() : {};
  const answer = sha256 ? await fetch(`/api/v1/evidence/${sha256}`).catch(() => null) : null;
  return answer?.ok ? answer : null;
}

async function show(bytes) {
  const image = part("picture");
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(bytes);
  await image.decode().catch(() => {});
  image.hidden = false;
  const ratio = image.naturalWidth / image.naturalHeight || 16 / 9;
  part("canvas").style.aspectRatio = String(ratio);
  editor.shape(ratio);
}

/* The rest of the form ------------------------------------------------------------------------------------- */
const field = (name) => form.elements[name];
const hours = form.querySelector('[data-hours="schedule"]');

function ownHours() {
  const own = field("hours").value === "own";
  hours.hidden = !own;
  if (own && !schedule) schedule = structuredClone(camera?.site_schedule ?? never());
  if (own) hoursEditor(hours, schedule, touched);
}

field("hours").addEventListener("change", ownHours);
form.addEventListener("input", touched);
form.addEventListener("submit", (event) => { event.preventDefault(); save(); });
part("reload")?.addEventListener("click", () => { dirty = false; location.reload(); });
addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });

function wanted() {
  const body = {
    zh: field("zh").value.trim(), en: field("en").value.trim(), zones,
    schedule: field("hours").value === "own" ? schedule : null,
    turns: field("turns").checked, replay: field("replay").checked,
    mode: field("mode").value, weight: Number(field("weight").value), model: field("model").value || null,
    source: { address: field("address").value.trim(), user: field("user").value, password: field("password").value || null },
  };
  return camera ? body : { ...body, code: field("code").value, edge_id: Number(field("edge_id").value) };
}

async function save() {
  const button = part("save");
  button.disabled = saving = true;
  tell(words.saving);
  const path = camera ? `/api/v1/cameras/${camera.id}/settings` : `/api/v1/sites/${words.site}/cameras`;
  const headers = { "content-type": "application/json", ...(camera ? { "if-match": `"${version}"` } : {}) };
  const options = { method: camera ? "PUT" : "POST", headers, body: JSON.stringify(wanted()) };
  const answer = await fetch(path, options).catch(() => null);
  button.disabled = saving = false;
  if (answer?.ok) saved(await answer.json());
  else if (answer) refused(answer.status, await answer.json());
  else tell(words.lost, "bad");
}

function saved(state) {
  dirty = false;
  if (!camera) { location.href = `/cameras/${state.id}/settings?done=saved`; return; }
  version = state.version;
  field("password").value = "";
  field("address").value = state.address;
  for (const input of document.querySelectorAll('input[name="version"]')) input.value = version;
  tell(words.saved, "good");
  follow(state.applied);
}

function refused(status, problem) {
  if (status === 401) { location.reload(); return; }
  const conflict = status === 409 && Boolean(camera);
  const first = problem.faults?.[0];
  const told = problem.code === "invalid" && first ? `${problem.detail} (${first.place}: ${first.fault})` : problem.detail;
  tell(conflict ? words.conflict : told, "bad");
  part("reload").hidden = !conflict;
  const [, number, rest] = /^body\.zones\.(\d+)(.*)$/.exec(first?.place ?? "") ?? [];
  if (number === undefined) return;
  const [, which] = /^\.masks\.(\d+)/.exec(rest) ?? [];
  const [, point] = /^\.(?:polygon|masks\.\d+)\.(\d+)/.exec(rest) ?? [];
  pick(Number(number), Number(which ?? -1), Number(point ?? -1));
  part("canvas").scrollIntoView({ block: "nearest" });
}

/* What the edge has made of it ----------------------------------------------------------------------------- */
function follow(applied) {
  const place = part("follows");
  if (!place) return;
  const state = applied.state === "waiting" && !applied.online ? "offline" : applied.state;
  place.classList.toggle("on", state === "applied");
  place.classList.toggle("bad", state === "refused");
  place.dataset.follows = state;
  const time = document.createElement("time");
  if (state === "applied") { time.className = "ago"; time.dateTime = applied.at; }
  place.querySelector("span").replaceChildren(fill(words[state], applied), " ", time);
}

async function look() {
  if (document.hidden) return;
  const answer = await fetch(`/api/v1/cameras/${camera.id}/settings`).catch(() => null);
  const state = answer?.ok ? await answer.json() : null;
  if (!state || saving || state.version < version) return; // asked before the last change
  follow(state.applied);
  if (state.version === version || !part("reload")) return;
  tell(words.conflict, "bad");
  part("reload").hidden = false;
}

ownHours();
pick(zones.length === 1 ? 0 : -1);
editor.paint();
picture();
if (camera) {
  follow(camera.applied);
  setInterval(look, FOLLOW_MS);
}
