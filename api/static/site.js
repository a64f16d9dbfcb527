// A site's page: while a picture is on its way it is read again, so that nobody has to reload it.
import { awaited } from "./awaited.js";
import { tick } from "./clock.js";

const main = document.querySelector("main");
const look = awaited(main, reload);

async function reload() {
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.redirected) { location.reload(); return; }
    if (answer.ok) show(await answer.text());
  } catch { /* the next look may find the console again */ } finally {
    look();
  }
}

function show(html) {
  main.innerHTML = new DOMParser().parseFromString(html, "text/html").querySelector("main").innerHTML;
  tick();
  document.dispatchEvent(new Event("shown"));
}

look();
