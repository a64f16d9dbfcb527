// The operator's home: read again when an alert changes.
import { tick } from "./clock.js";
import { live } from "./live.js";

let asked = null;

async function look() {
  asked = null;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
  if (answer?.redirected) { location.reload(); return; }
  if (!answer?.ok) return;
  const read = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  document.querySelector("main").innerHTML = read.innerHTML;
  tick();
}

let first = true; // the line has just opened: the page is fresh
const soon = () => { asked ??= setTimeout(look, 500); };
live({ onAlert: soon, onReset: () => { if (!first) soon(); first = false; } });
