// A signature with a finger: drawn on a canvas, taken as a PNG.
export function pad(canvas, onChange = () => {}) {
  const pen = canvas.getContext("2d");
  let drawn = 0, down = false;
  pen.lineWidth = 6;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = "#10181d";
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    down = true;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!down) return;
    drawn += 1;
    pen.lineTo(...place(event));
    pen.stroke();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { if (down) onChange(); down = false; });
  return {
    clear() { pen.clearRect(0, 0, canvas.width, canvas.height); drawn = 0; onChange(); },
    take() { return drawn < 3 ? Promise.resolve(null) : new Promise((done) => { canvas.toBlob(done, "image/png"); }); },
    async show(blob) { pen.drawImage(await createImageBitmap(blob), 0, 0); drawn = 9; },
  };
}
