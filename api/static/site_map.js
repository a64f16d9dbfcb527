// Where one site is; who may say so puts the point with a click.
import { draw } from "./map.js";

function mount() {
  const canvas = document.querySelector("[data-site-map]");
  if (!canvas) return;
  const form = document.querySelector(".place-form");
  const { tiles, in: zoomIn, out: zoomOut, longitude, latitude, worst } = canvas.dataset;
  const shown = draw(canvas, { tiles, zoomIn, zoomOut });
  const point = (lon, lat) => ({ longitude: lon, latitude: lat, worst: worst ? Number(worst) : null });
  shown.show(longitude === undefined ? [] : [point(Number(longitude), Number(latitude))]);
  if (!form) return;
  shown.map.on("click", ({ latlng }) => {
    const at = latlng.wrap();
    form.longitude.value = at.lng.toFixed(6);
    form.latitude.value = at.lat.toFixed(6);
    shown.show([point(at.lng, at.lat)], false);
  });
}

document.addEventListener("shown", mount); // the page has been read again
mount();
