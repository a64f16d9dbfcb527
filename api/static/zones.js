// The zone editor: polygons in relative coordinates (0..1, y down) over a picture, by mouse, touch and keyboard.
const NS = "http://www.w3.org/2000/svg";
const WIDE = 1000; // the drawing's width in its own units; its height follows the picture's shape
const STEP = 0.01;
const LEAP = 0.05;
const CLOSE_PX = 18;
const GRIP_PX = 22; // half a fingertip

function make(name, attributes, ...classes) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.classList.add(...classes);
  return element;
}

const clamp = (share) => Math.min(1, Math.max(0, share));
const round = (share) => Math.round(clamp(share) * 10000) / 10000;

export class ZoneEditor {
  // `shapes()` lists what there is: { points, kind: "zone" | "mask", key }; `changed(shape)` follows each change,
  // `picked(key)` a choice, `drew(points)` a finished drawing, `drawing(yes)` its begin and end.
  constructor(svg, { shapes, changed, picked, drew, drawing, label, locked }) {
    Object.assign(this, { svg, shapes, changed, picked, drew, drawing, label, locked });
    this.chosen = null; // the key of a shape
    this.point = -1; // that the keyboard is at
    this.draft = null; // points of a drawing under way
    this.drag = null;
    this.high = WIDE * 9 / 16;
    svg.addEventListener("pointerdown", (event) => this.press(event));
    svg.addEventListener("pointermove", (event) => this.move(event));
    svg.addEventListener("pointerup", (event) => this.release(event));
    svg.addEventListener("pointercancel", (event) => this.release(event));
    svg.addEventListener("touchstart", (event) => this.hold(event), { passive: false });
    svg.addEventListener("click", (event) => this.tap(event));
    svg.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && this.draft) this.cancel(); });
    new ResizeObserver(() => this.paint()).observe(svg);
  }

  shape(ratio) { this.high = WIDE / ratio; this.paint(); }

  get current() { return this.shapes().find((one) => one.key === this.chosen); }

  get px() { return WIDE / (this.svg.clientWidth || WIDE); } // units a screen pixel

  choose(key, point = -1) {
    this.chosen = key;
    this.point = point;
    this.paint();
  }

  start() {
    if (this.locked) return;
    this.draft = [];
    this.drawing(true);
    this.paint();
  }

  cancel() {
    this.draft = null;
    this.drawing(false);
    this.paint();
  }

  undo() {
    this.draft?.pop();
    this.paint();
  }

  finish() {
    const points = this.draft;
    if (!points || points.length < 3) return;
    this.cancel();
    this.drew(points);
  }

  at(event) {
    const box = this.svg.getBoundingClientRect();
    return [round((event.clientX - box.left) / box.width), round((event.clientY - box.top) / box.height)];
  }

  tap(event) {
    if (!this.draft) return;
    const point = this.at(event);
    const first = this.draft[0];
    if (first && this.draft.length > 2 && this.far(first, point) < CLOSE_PX) { this.finish(); return; }
    this.draft.push(point);
    this.paint();
  }

  far([x1, y1], [x2, y2]) { // in screen pixels
    return Math.hypot((x1 - x2) * WIDE, (y1 - y2) * this.high) / this.px;
  }

  hold(event) { // a finger on a point moves the point; elsewhere it scrolls the page
    const { point, middle } = event.target.dataset;
    if (!this.draft && !this.locked && (point ?? middle) !== undefined) event.preventDefault();
  }

  press(event) {
    if (this.draft || event.button > 0) return;
    const { key, point, middle } = event.target.dataset;
    if (key === undefined) return;
    if (key !== this.chosen) { this.picked(key); return; }
    const body = (point ?? middle) === undefined;
    if (this.locked || (body && event.pointerType === "touch")) return;
    const shape = this.current;
    if (middle !== undefined) shape.points.splice(Number(middle) + 1, 0, this.at(event));
    const index = middle !== undefined ? Number(middle) + 1 : point !== undefined ? Number(point) : -1;
    this.drag = { index, from: this.at(event), points: shape.points.map((each) => [...each]), moved: middle !== undefined };
    this.point = index;
    this.svg.setPointerCapture(event.pointerId);
    event.preventDefault(); // not painted yet: the touch that follows must still find what it touches
  }

  move(event) {
    if (!this.drag) return;
    const { index, from, points } = this.drag;
    const [x, y] = this.at(event);
    if (!this.drag.moved && this.far(from, [x, y]) < 3) return; // a tap is no move
    this.drag.moved = true;
    const shape = this.current;
    if (index >= 0) shape.points[index] = [x, y];
    else this.shift(shape.points, points, x - from[0], y - from[1]);
    this.paint();
  }

  shift(points, from, dx, dy) { // as a whole, and not out of the picture
    const xs = from.map(([x]) => x);
    const ys = from.map(([, y]) => y);
    const right = Math.min(1 - Math.max(...xs), Math.max(-Math.min(...xs), dx));
    const down = Math.min(1 - Math.max(...ys), Math.max(-Math.min(...ys), dy));
    from.forEach(([x, y], index) => { points[index] = [round(x + right), round(y + down)]; });
  }

  release() {
    const drag = this.drag;
    this.drag = null;
    if (!drag) return;
    if (drag.moved) this.changed(this.current);
    this.paint();
    if (drag.index >= 0) this.focus(drag.index);
  }

  key(event) {
    const index = Number(event.target.dataset.point ?? -1);
    if (index < 0 || this.locked) return;
    const step = event.shiftKey ? LEAP : STEP;
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (ways[event.key]) this.nudge(index, ways[event.key]);
    else if (event.key === "Delete" || event.key === "Backspace") this.less(index);
    else if (event.key === "+" || event.key === "Insert") this.more(index);
    else return;
    event.preventDefault();
  }

  nudge(index, [dx, dy]) {
    const point = this.current.points[index];
    this.current.points[index] = [round(point[0] + dx), round(point[1] + dy)];
    this.after(index);
  }

  more(index = this.point) {
    const { points } = this.current;
    const here = Math.max(0, index);
    const [a, b] = [points[here], points[(here + 1) % points.length]];
    points.splice(here + 1, 0, [round((a[0] + b[0]) / 2), round((a[1] + b[1]) / 2)]);
    this.after(here + 1);
  }

  less(index = this.point) {
    const { points } = this.current;
    if (points.length <= 3) return;
    points.splice(index < 0 ? points.length - 1 : index, 1);
    this.after(Math.max(0, Math.min(index, points.length - 1)));
  }

  after(index) {
    this.point = index;
    this.changed(this.current);
    this.paint();
    this.focus(index);
  }

  focus(index) {
    this.svg.querySelector(`[data-point="${index}"]`)?.focus({ preventScroll: true });
  }

  text(points) { return points.map(([x, y]) => `${x * WIDE},${y * this.high}`).join(" "); }

  paint() {
    this.svg.setAttribute("viewBox", `0 0 ${WIDE} ${this.high}`);
    this.svg.classList.toggle("drawing", Boolean(this.draft));
    this.svg.replaceChildren(
      ...this.shapes().filter((one) => one.key !== this.chosen).map((one) => this.area(one)),
      ...(this.current && !this.draft ? [this.area(this.current, "chosen"), ...this.grips(this.current)] : []),
      ...(this.draft ? this.sketch(this.draft) : []),
    );
  }

  area({ points, kind, key }, ...classes) {
    return make("polygon", { points: this.text(points), "data-key": key }, kind, ...classes);
  }

  grips({ points, key }) {
    const middles = this.locked ? [] : points.map((point, index) => {
      const next = points[(index + 1) % points.length];
      const [x, y] = [(point[0] + next[0]) / 2, (point[1] + next[1]) / 2];
      return make("circle", { cx: x * WIDE, cy: y * this.high, r: 5 * this.px, "data-key": key, "data-middle": index }, "middle");
    });
    const corners = points.flatMap(([x, y], index) => {
      const where = { cx: x * WIDE, cy: y * this.high, "data-key": key, "data-point": index };
      const name = this.label(index + 1, Math.round(x * 100), Math.round(y * 100));
      const seen = make("circle", { cx: where.cx, cy: where.cy, r: 7 * this.px }, "corner", ...(index === this.point ? ["here"] : []));
      return [seen, make("circle", { ...where, r: GRIP_PX * this.px, tabindex: 0, role: "button", "aria-label": name }, "grip")];
    });
    return [...corners.filter((each) => each.classList.contains("corner")), ...corners.filter((each) => each.classList.contains("grip")), ...middles];
  }

  sketch(points) {
    const dots = points.map(([x, y], index) => make("circle", { cx: x * WIDE, cy: y * this.high, r: (index ? 5 : 8) * this.px }, "dot"));
    return [make("polyline", { points: this.text(points) }, "sketch"), ...dots];
  }
}
