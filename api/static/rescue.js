// The rescuer's page: notes the phone's own time, and its position where the rescuer wants; without script it works too.
const place = document.querySelector("[data-place]");
const wanted = place?.querySelector("input");
let found = null;

if (place && "geolocation" in navigator && isSecureContext) {
  place.hidden = false;
  wanted.addEventListener("change", () => {
    found = null;
    if (wanted.checked) navigator.geolocation.getCurrentPosition((where) => { found = where.coords; }, () => { wanted.checked = false; }, { enableHighAccuracy: true, timeout: 10000 });
  });
}

for (const form of document.querySelectorAll("[data-reports] form")) {
  form.addEventListener("submit", () => {
    form.elements.claimed.value = new Date().toISOString();
    if (found && wanted.checked) {
      form.elements.latitude.value = found.latitude.toFixed(6);
      form.elements.longitude.value = found.longitude.toFixed(6);
    }
    setTimeout(() => { for (const button of document.querySelectorAll("[data-reports] button")) button.disabled = true; });
  });
}
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
