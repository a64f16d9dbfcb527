// A still of now from each camera of the page, one after the other, where somebody asks for them.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-stills]");
  if (!button) return;
  button.disabled = true;
  for (const card of document.querySelectorAll("[data-still]")) await renew(card, button.dataset);
  button.disabled = false;
});

async function renew(card, words) {
  const view = card.querySelector(".view");
  const note = view.querySelector(".still-note") ?? view.appendChild(Object.assign(document.createElement("small"), { className: "still-note" }));
  try {
    const answer = await fetch(`/api/v1/cameras/${card.dataset.still}/still`);
    if (answer.status === 401) location.reload();
    if (!answer.ok) { note.textContent = (await answer.json()).detail; return; }
    const picture = Object.assign(new Image(), { alt: "", src: URL.createObjectURL(await answer.blob()) });
    picture.addEventListener("load", () => URL.revokeObjectURL(picture.src));
    view.querySelector("a, .blank, img")?.replaceWith(picture);
    const zone = document.documentElement.dataset.zone;
    const at = new Date(answer.headers.get("last-modified"));
    note.textContent = `${words.captured} ${at.toLocaleTimeString(document.documentElement.lang, { timeZone: zone, hour12: false })}`;
  } catch { note.textContent = words.lost; }
}
