// The live view: a camera in a dialog, and stating a purpose there.
import { Player, Refused, ask, clock } from "./player.js";

const dialog = document.querySelector("[data-watching]");
const again = dialog.querySelector("[data-again]");
const purpose = dialog.querySelector("[data-purpose]"); // none for a role that may state none
const banner = dialog.querySelector("[data-unblurred]");
let camera = null; // what is open: its id
const player = new Player({
  video: dialog.querySelector("video"), image: dialog.querySelector("img"), words: dialog.dataset, tell, clear,
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-watch]");
  if (!button) return;
  camera = button.dataset.watch;
  dialog.querySelector("#watching-name").textContent = button.dataset.name;
  dialog.showModal();
  play();
});
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => { player.stop(); camera = null; });
again.addEventListener("click", play);
addEventListener("pagehide", () => player.stop());
document.addEventListener("visibilitychange", () => { // a pocket is no place to watch from
  if (camera === null) return;
  if (document.hidden) player.stop();
  else play();
});

purpose?.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const refused = form.querySelector("[data-refused]");
  refused.hidden = true;
  try {
    const said = JSON.stringify(Object.fromEntries(new FormData(form)));
    await ask(camera, "unblurred", { method: "POST", headers: { "content-type": "application/json" }, body: said });
    purpose.open = false;
    play();
  } catch (error) {
    refused.textContent = error instanceof Refused ? error.message : dialog.dataset.lost;
    refused.hidden = false;
  }
});

function play() {
  player.play(camera);
}

function tell(state, words) {
  dialog.querySelector("[data-state]").classList.toggle("on", state === "playing");
  dialog.querySelector("[data-state] span").textContent = dialog.dataset[state] ?? "";
  dialog.querySelector("[data-said]").textContent = words;
  again.hidden = state !== "over";
  dialog.querySelector("footer").hidden = !words && again.hidden;
}

// Says whether faces can be seen now; where they cannot, a purpose may be stated.
function clear(yes, until) {
  banner.hidden = !yes;
  if (purpose) purpose.hidden = yes !== false;
  if (until) banner.querySelector("time").textContent = clock(until);
}
