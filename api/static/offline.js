// The page for a lost line: how many reports wait in this browser; back to where one was as soon as the line is back.
import { all } from "./drafts.js";

const waiting = document.querySelector("[data-waiting]");
all().then((drafts) => {
  const n = drafts.filter((draft) => draft.waiting).length;
  waiting.hidden = n === 0;
  waiting.querySelector("b").textContent = n;
}).catch(() => {});
addEventListener("online", () => location.reload());
