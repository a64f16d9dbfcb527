// The page for a lost line: how many reports wait in this browser; back to where one was as soon as the line is back.
import { all } from "./drafts.js";

const waiting = document.querySelector("[data-waiting]");
all().then((drafts) => {
  const n = drafts.filter((draft) => draft.waiting).length;
  waiting.hidden = n === 0;
  waiting.querySelector("b").textContent = n;
}).catch(() => {});

// Some browsers never say that the line is back: ask now and then.
const EVERY_MS = 4000;
async function look() {
  const answer = await fetch("/manifest.webmanifest", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) location.reload();
}
addEventListener("online", look);
setInterval(look, EVERY_MS);
