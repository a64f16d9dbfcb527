// The map, on Leaflet: sites as points, those that lie together as one with their number. Without a tile server it is a
// plain grid with a scale bar: nothing is asked from outside.
const NEAR_PX = 44; // points nearer than this are drawn as one
const CLOSEST = 18;
const SMALLEST_VIEW = 0.004; // degrees around a single point

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// What a point's colour says: its gravest open alert, or its risk. A further scale is one entry here and one on the page.
const BANDS = { red: "--s1", orange: "--s2", yellow: "--s3", green: "--good" };
const SCALES = {
  alert: (site) => css(site.worst ? `--s${site.worst}` : "--good"),
  risk: (site) => css(BANDS[site.band] ?? "--soft"),
};
const RANKS = {
  alert: (site) => site.worst ?? 9,
  risk: (site) => Object.keys(BANDS).indexOf(site.band ?? "green"),
};

export function draw(canvas, { tiles, zoomIn, zoomOut, still = false, scale = () => "alert", onPick, label }) {
  const { L } = window;
  const moves = !still;
  const map = L.map(canvas, {
    attributionControl: false, zoomControl: false, maxZoom: CLOSEST, minZoom: 2, zoomSnap: 0.5, worldCopyJump: true,
    dragging: moves, scrollWheelZoom: moves, doubleClickZoom: moves, touchZoom: moves, keyboard: moves, boxZoom: moves,
    zoomAnimation: moves, fadeAnimation: false,
  });
  if (moves) L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  (tiles ? L.tileLayer(tiles, { maxZoom: CLOSEST }) : new (plainGrid(L))()).addTo(map);
  const layer = L.layerGroup().addTo(map);
  let sites = [];
  let fitted = false;
  let touched = false; // somebody has chosen what to see: from then on nothing else does

  function show(found, refit = !fitted) {
    sites = found.filter((site) => site.longitude !== null);
    if (refit && sites.length) { fit(sites); fitted = true; }
    else if (!fitted && !sites.length) map.setView([35, 105], 4); // China, until there is a point
    redraw();
  }

  function fit(some) {
    const bounds = L.latLngBounds(some.map((site) => [site.latitude, site.longitude]));
    map.fitBounds(some.length > 1 ? bounds.pad(0.12) : bounds.getCenter().toBounds(SMALLEST_VIEW * 111000), { maxZoom: CLOSEST - 2, animate: false });
  }

  function redraw() {
    layer.clearLayers();
    for (const group of groups()) group.length > 1 ? together(group) : single(group[0]);
  }

  function groups() {
    const cells = new Map();
    for (const site of sites) {
      const at = map.project([site.latitude, site.longitude], map.getZoom());
      const cell = `${Math.floor(at.x / NEAR_PX)},${Math.floor(at.y / NEAR_PX)}`;
      if (cells.has(cell)) cells.get(cell).push(site);
      else cells.set(cell, [site]);
    }
    return [...cells.values()];
  }

  function single(site) {
    const colour = SCALES[scale()](site);
    const point = L.circleMarker([site.latitude, site.longitude], { radius: site.worst ? 9 : 7, color: css("--panel"), weight: 2, fillColor: colour, fillOpacity: 0.95 });
    if (label) point.bindTooltip(() => label(site), { direction: "top", offset: [0, -6] });
    if (onPick) point.on("click", () => onPick(site, point));
    point.addTo(layer);
  }

  function together(group) {
    const worst = [...group].sort((a, b) => RANKS[scale()](a) - RANKS[scale()](b))[0];
    const middle = (axis) => group.reduce((sum, site) => sum + site[axis], 0) / group.length;
    const at = [middle("latitude"), middle("longitude")];
    L.circleMarker(at, { radius: 12 + Math.min(10, Math.sqrt(group.length) * 1.5), color: css("--panel"), weight: 2, fillColor: SCALES[scale()](worst), fillOpacity: 0.9 })
      .on("click", () => moves && apart(group)).addTo(layer);
    const number = document.createElement("b");
    number.textContent = group.length;
    L.marker(at, { icon: L.divIcon({ className: "map-number", html: number, iconSize: [40, 20] }), interactive: false, keyboard: false }).addTo(layer);
  }

  function apart(group) {
    if (map.getZoom() >= CLOSEST) { onPick?.(group[0]); return; }
    fit(group);
    if (map.getZoom() < CLOSEST && groups().some((one) => one.length === group.length)) map.zoomIn(2);
  }

  for (const touch of ["pointerdown", "wheel", "keydown"]) canvas.addEventListener(touch, () => { touched = true; }, { passive: true });
  map.on("zoomend", redraw);
  map.on("resize", () => { if (!touched && fitted && sites.length) fit(sites); });
  return { map, show, go: (site) => map.setView([site.latitude, site.longitude], Math.max(map.getZoom(), 15)) };
}

function plainGrid(L) {
  return L.GridLayer.extend({
    options: { tileSize: 128, maxZoom: CLOSEST },
    createTile() {
      const tile = document.createElement("div");
      tile.className = "map-cell";
      return tile;
    },
  });
}
