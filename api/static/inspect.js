// An inspection's step: photos made small before they are sent, and signatures.
import { shrink } from "./shrink.js";
import { pad } from "./sign.js";

for (const input of document.querySelectorAll("[data-photos-input]")) {
  input.addEventListener("change", async () => {
    const list = input.form.querySelector("[data-photos]");
    const small = new DataTransfer();
    input.form.querySelectorAll("[name=claimed]").forEach((old) => old.remove());
    list.replaceChildren();
    for (const file of input.files) {
      const { blob, claimed } = await shrink(file).catch(() => ({ blob: file, claimed: "" }));
      small.items.add(new File([blob], "photo.jpg", { type: blob.type }));
      const told = document.createElement("input"), line = document.createElement("li"), image = document.createElement("img");
      told.type = "hidden";
      told.name = "claimed";
      told.value = claimed;
      image.src = URL.createObjectURL(blob);
      image.alt = "";
      line.append(image);
      list.append(line);
      input.form.append(told);
    }
    input.files = small.files;
    input.dataset.ready = "";
  });
}

for (const form of document.querySelectorAll("[data-signing]")) {
  const taken = form.querySelector("[name=signature]");
  const sign = pad(form.querySelector("[data-sign]"));
  form.querySelector("[data-unsign]").addEventListener("click", () => sign.clear());
  form.addEventListener("submit", async (event) => {
    if (taken.files.length) return;
    event.preventDefault();
    const blob = await sign.take();
    if (blob) {
      const whole = new DataTransfer();
      whole.items.add(new File([blob], "signature.png", { type: "image/png" }));
      taken.files = whole.files;
    }
    HTMLFormElement.prototype.submit.call(form);
  });
}
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
