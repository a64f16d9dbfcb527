// The form beside the picture: what one zone looks for, when, and by which numbers. The zone is changed in place.
import { hoursEditor, never } from "./hours.js";

// `actions`: changed(), renamed(), addMask(), removeMask(), removeZone(), pickMask(index)
export function zoneForm(place, zone, mask, words, actions) {
  const form = document.querySelector("template[data-zone-form]").content.cloneNode(true);
  place.replaceChildren(form);
  fields(place, zone, actions);
  scenes(place, zone, actions);
  numbers(place, zone, actions);
  masks(place, zone, mask, words, actions);
  for (const key of ["breaks", "allowed"]) {
    zone[key] ??= never();
    hoursEditor(place.querySelector(`[data-hours="${key}"]`), zone[key], actions.changed);
  }
}

function fields(place, zone, { changed, renamed, removeZone }) {
  for (const input of place.querySelectorAll("[data-field]")) {
    input.value = zone[input.dataset.field];
    input.addEventListener("input", () => { zone[input.dataset.field] = input.value.trim(); renamed(); changed(); });
  }
  for (const input of place.querySelectorAll("[data-flag]")) {
    input.checked = Boolean(zone[input.dataset.flag]);
    input.addEventListener("change", () => { zone[input.dataset.flag] = input.checked; changed(); });
  }
  place.querySelector("[data-remove-zone]").addEventListener("click", removeZone);
}

function scenes(place, zone, actions) {
  const show = () => {
    for (const part of place.querySelectorAll("[data-for]")) part.hidden = !zone.scenes.includes(part.dataset.for);
  };
  for (const input of place.querySelectorAll("[data-scene]")) {
    input.checked = zone.scenes.includes(input.dataset.scene);
    input.addEventListener("change", () => {
      zone.scenes = [...place.querySelectorAll("[data-scene]:checked")].map((each) => each.dataset.scene);
      if (!input.checked) delete zone.overrides?.[input.dataset.scene];
      show();
      numbers(place, zone, actions);
      actions.changed();
    });
  }
  show();
}

function numbers(place, zone, { changed }) {
  const rows = place.querySelector("[data-number-rows]");
  place.querySelector("[data-numbers-of]").hidden = zone.scenes.length === 0;
  zone.overrides ??= {};
  rows.replaceChildren(...zone.scenes.map((scene) => {
    const group = document.createElement("fieldset");
    const legend = document.createElement("legend");
    legend.textContent = place.querySelector(`[data-scene="${scene}"]`).closest("label").textContent;
    group.append(legend, document.querySelector(`template[data-scene-numbers="${scene}"]`).content.cloneNode(true));
    for (const input of group.querySelectorAll("[data-number]")) {
      const name = input.dataset.number;
      input.value = zone.overrides[scene]?.[name] ?? "";
      input.addEventListener("change", () => {
        const own = { ...zone.overrides[scene] };
        if (input.value === "") delete own[name];
        else own[name] = Number(input.value);
        if (Object.keys(own).length) zone.overrides[scene] = own;
        else delete zone.overrides[scene];
        changed();
      });
    }
    return group;
  }));
}

function masks(place, zone, mask, words, { addMask, removeMask, pickMask }) {
  zone.masks ??= [];
  place.querySelector("[data-masks]").replaceChildren(...zone.masks.map((_, index) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.textContent = words.mask.replace("{n}", index + 1);
    chip.setAttribute("aria-pressed", String(index === mask));
    chip.addEventListener("click", () => pickMask(index === mask ? -1 : index));
    return chip;
  }));
  place.querySelector("[data-add-mask]").addEventListener("click", addMask);
  const remove = place.querySelector("[data-remove-mask]");
  remove.hidden = mask < 0;
  remove.addEventListener("click", removeMask);
}
