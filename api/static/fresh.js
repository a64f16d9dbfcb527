// A page that shows how things stand: its part [data-fresh] is read again every few seconds.
import { tick } from "./clock.js";

const EVERY_MS = 4000;

async function look() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
  if (answer?.redirected) { location.reload(); return; }
  if (!answer?.ok) return;
  const read = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-fresh]");
  document.querySelector("[data-fresh]").innerHTML = read.innerHTML;
  tick();
}

setInterval(look, EVERY_MS);
