// Find a site by any of its names.
const search = document.querySelector("[data-search]");
search?.addEventListener("input", () => {
  const wanted = search.value.trim().toLowerCase();
  for (const card of document.querySelectorAll("[data-name]")) card.hidden = !card.dataset.name.includes(wanted);
});
