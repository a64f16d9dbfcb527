// The page with a one-time code: once the edge has used it, its own page follows.
const EVERY_MS = 2000;
const edge = document.querySelector("[data-awaits]").dataset.awaits;
let before = null;

async function look() {
  const answer = await fetch(`/api/v1/edges/${edge}`).catch(() => null);
  if (!answer?.ok) return;
  const { enrolled } = await answer.json();
  if (before && before.enrolled !== enrolled) location.href = `/edges/${edge}`;
  before ??= { enrolled };
}

look();
setInterval(look, EVERY_MS);
