// The alert's page: charts, photo previews, no double posts, and word when somebody else changed the alert.
import { chart } from "./chart.js";
import { live } from "./live.js";

const grid = document.querySelector("[data-alert]");
const changed = document.querySelector("[data-changed]");
let dirty = false;
let leaving = false; // a form is on its way: news of our own step shall not reload the page under it

for (const figure of document.querySelectorAll("[data-chart]")) chart(figure);

for (const form of document.querySelectorAll("main form")) {
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => {
    leaving = true;
    setTimeout(() => { for (const button of form.querySelectorAll("button")) button.disabled = true; });
  });
}
addEventListener("pageshow", (event) => {
  leaving = false;
  if (event.persisted) for (const button of document.querySelectorAll("main form button")) button.disabled = false;
});

const report = document.querySelector("[data-report]");
report?.querySelector("input[type=file]").addEventListener("change", (event) => {
  const preview = report.querySelector("[data-preview]");
  for (const old of preview.querySelectorAll("img")) URL.revokeObjectURL(old.src);
  preview.replaceChildren(...[...event.target.files].slice(0, Number(report.dataset.max)).map((file) => {
    const image = document.createElement("img");
    image.src = URL.createObjectURL(file);
    image.alt = file.name;
    return image;
  }));
});

// Faces: a purpose is stated in a dialog; when the grant ends, so do the pictures.
const purpose = document.querySelector("dialog.purpose");
document.querySelector("[data-unblur]")?.addEventListener("click", () => purpose.showModal());
purpose?.querySelector("[data-cancel]").addEventListener("click", () => purpose.close());
if (purpose?.hasAttribute("data-open")) purpose.showModal();
const until = document.querySelector("[data-until]");
if (until) setTimeout(() => location.replace(location.pathname), Math.max(0, new Date(until.dataset.until) - Date.now()) + 500);

// Only the address says what was done: a reload shall not say it again.
if (location.search.includes("done=")) history.replaceState(null, "", location.pathname);

function newer() {
  if (leaving) return;
  if (dirty || document.querySelector("video")?.currentTime > 0) changed.hidden = false;
  else location.replace(`/alerts/${grid.dataset.alert}`); // a reload would send a refused form once more
}

// People's steps count the version up; the machine's word that it is over, or goes on, does not, nor do a rescue's
// steps: while one is shown, news of the alert is news, and what came while nobody listened is read off the page.
const condition = document.querySelector(".case .cond");
const rescue = document.querySelector("[data-rescue]");
function compare(alert, news) {
  if (alert.version > Number(grid.dataset.version) || news || !condition.classList.contains(alert.condition)) newer();
}
async function rescueMoved() {
  const answer = await fetch(location.pathname, { headers: { accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return false;
  const now = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-rescue]");
  return now?.dataset.rescue !== rescue.dataset.rescue;
}
live({
  onAlert: (alert) => {
    if (String(alert.id) === grid.dataset.alert) compare(alert, rescue !== null);
  },
  onReset: async () => {
    const answer = await fetch(`/api/v1/alerts/${grid.dataset.alert}`).catch(() => null);
    if (answer?.ok) compare(await answer.json(), rescue !== null && await rescueMoved());
  },
});
