// Weekly hours: rows of days, from, to. `hours` is changed in place.
export function hoursEditor(root, hours, changed) {
  const rows = root.querySelector("[data-openings]");
  const template = document.querySelector("template[data-opening]");

  function add(opening) {
    const row = template.content.firstElementChild.cloneNode(true);
    const begin = row.querySelector("[data-begin]");
    const end = row.querySelector("[data-end]");
    begin.value = opening.begin.slice(0, 5);
    end.value = opening.end.slice(0, 5);
    for (const day of row.querySelectorAll("[type=checkbox]")) {
      day.checked = opening.days.includes(Number(day.value));
      day.addEventListener("change", () => {
        opening.days = [...row.querySelectorAll(":checked")].map((each) => Number(each.value));
        changed();
      });
    }
    begin.addEventListener("change", () => { opening.begin = begin.value; changed(); });
    end.addEventListener("change", () => { opening.end = end.value; changed(); });
    row.querySelector("[data-remove-opening]").addEventListener("click", () => {
      hours.openings.splice(hours.openings.indexOf(opening), 1);
      row.remove();
      changed();
    });
    rows.append(row);
  }

  rows.replaceChildren();
  hours.openings.forEach(add);
  root.querySelector("[data-add-opening]").onclick = () => {
    const opening = { days: [0, 1, 2, 3, 4, 5, 6], begin: "08:00", end: "20:00" };
    hours.openings.push(opening);
    add(opening);
    changed();
  };
}

export const never = () => ({ openings: [], timezone: document.documentElement.dataset.zone, holidays: [] });
