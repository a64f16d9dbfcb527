// Pictures of now: a new one every few seconds, as long as somebody looks.
const EVERY_MS = 5000;
setInterval(() => {
  if (document.hidden) return;
  for (const image of document.querySelectorAll("img[data-live]")) {
    const next = new Image();
    next.onload = () => { image.src = next.src; };
    next.src = `${image.dataset.live}?at=${Math.floor(Date.now() / EVERY_MS)}`;
  }
}, EVERY_MS);
