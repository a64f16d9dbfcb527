// One metric over time with uPlot: mean line, low–high band, the rule's limit, and when the alert began and ended.
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function marks({ limit, mark, markEnd, severity }) {
  const colour = css(`--s${severity ?? 4}`);
  return {
    drawClear: (plot) => {
      if (mark === undefined) return;
      const { ctx, bbox } = plot;
      const from = Math.max(bbox.left, plot.valToPos(mark, "x", true));
      const to = Math.min(bbox.left + bbox.width, markEnd === undefined ? Infinity : plot.valToPos(markEnd, "x", true));
      ctx.save();
      ctx.globalAlpha = 0.13;
      ctx.fillStyle = colour;
      ctx.fillRect(from, bbox.top, Math.max(0, to - from), bbox.height);
      ctx.restore();
    },
    draw: (plot) => {
      if (limit === undefined) return;
      const { ctx, bbox } = plot;
      const y = plot.valToPos(limit, "y", true);
      if (y < bbox.top || y > bbox.top + bbox.height) return;
      ctx.save();
      ctx.strokeStyle = colour;
      ctx.lineWidth = devicePixelRatio * 1.5;
      ctx.setLineDash([6 * devicePixelRatio, 5 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      ctx.fillStyle = colour;
      ctx.font = `600 ${12 * devicePixelRatio}px sans-serif`;
      ctx.textAlign = "right";
      ctx.fillText(String(limit).replace("-", "−"), bbox.left + bbox.width - 4, y - 5 * devicePixelRatio);
      ctx.restore();
    },
  };
}

function range(limit) {
  return (_plot, low, high) => {
    let [from, to] = limit === undefined ? [low, high] : [Math.min(low, limit), Math.max(high, limit)];
    if (!Number.isFinite(from)) return [0, 1];
    const room = Math.max((to - from) * 0.12, Math.abs(to) * 0.002, 0.05);
    return [from - room, to + room];
  };
}

// A state is drawn at the rank of its value among those that occur, and read as its word: a lift's mode is no number.
const HALF = 0.5;
function rank(data, words) {
  const known = [...new Set([...data.low, ...data.high])].sort((one, other) => one - other);
  const nearest = (value) => known.reduce((best, each, at) => (Math.abs(each - value) < Math.abs(known[best] - value) ? at : best), 0);
  const said = new Map(words);
  return {
    names: known.map((value) => said.get(value) ?? String(value)),
    data: { ...data, mean: data.mean.map(nearest), low: data.low.map((value) => known.indexOf(value)), high: data.high.map((value) => known.indexOf(value)) },
  };
}

function between(names, low, high) {
  return low === high ? names[low] : names.slice(low, high + 1).join(" / ");
}

export async function series(device, metric, from, to) {
  const query = new URLSearchParams({ metric, from: from.toISOString(), to: to.toISOString() });
  const answer = await fetch(`/api/v1/devices/${device}/series?${query}`);
  return answer.ok ? answer.json() : null;
}

export function draw(plotted, read, options) {
  plotted.replaceChildren();
  plotted.classList.toggle("none", !read || read.time.length === 0);
  if (!read || read.time.length === 0) { plotted.textContent = options.none; return null; }
  const { names, data } = options.words?.length ? rank(read, options.words) : { names: null, data: read };
  const height = names ? Math.min(190, 74 + 34 * names.length) : 190;
  const { uPlot } = window;
  const brand = css("--brand");
  const axis = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { show: false }, font: "12px sans-serif" };
  const digits = (value) => (value === null || value === undefined ? "–" : Number(value.toPrecision(4)).toString().replace("-", "−"));
  const output = plotted.parentElement.querySelector("output");
  const timeZone = document.documentElement.dataset.zone;
  const stamp = new Intl.DateTimeFormat(document.documentElement.lang, {
    timeZone, hour12: false, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
  const values = [
    [86400, "{MM}-{DD}", null, null, null, null, null, null, 1],
    [3600, "{HH}:{mm}", "\n{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
    [60, "{HH}:{mm}", "\n{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
    [1, "{HH}:{mm}:{ss}", "\n{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
  ];
  // Where the readings begin later than the window, the window does too.
  const [from, to] = options.window;
  const shown = [Math.max(from, data.time[0] - Math.max(20, (to - data.time[0]) * 0.04)), to];
  const stepped = names || [...data.low, ...data.high].every(Number.isInteger);
  const plot = new uPlot({
    width: plotted.clientWidth,
    height,
    padding: [10, 8, 0, 0],
    legend: { show: false },
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), timeZone),
    cursor: { y: false, points: { size: 7 } },
    scales: { x: { time: true, range: () => shown }, y: { range: names ? () => [-HALF, names.length - HALF] : range(options.limit) } },
    axes: [{ ...axis, values }, names
      ? { ...axis, size: 76, splits: () => names.map((_name, at) => at), values: (_plot, ticks) => ticks.map((at) => shortened(names[at])) }
      : { ...axis, size: 52, values: (_plot, ticks) => ticks.map(digits) }],
    series: [
      {},
      { stroke: brand, width: 2, paths: stepped ? uPlot.paths.stepped({ align: 1 }) : undefined, points: { show: data.time.length < 60, size: 5 }, spanGaps: false },
      { stroke: "transparent", points: { show: false } },
      { stroke: "transparent", points: { show: false } },
    ],
    bands: [{ series: [3, 2], fill: `${brand}26` }],
    hooks: {
      ...Object.fromEntries(Object.entries(marks(options)).map(([name, hook]) => [name, [hook]])),
      setCursor: [(self) => {
        if (!output) return;
        const { idx } = self.cursor;
        if (idx === null || idx === undefined) { output.textContent = ""; return; }
        const value = names ? between(names, data.low[idx], data.high[idx]) : `${digits(data.mean[idx])} ${options.unit ?? ""}`;
        output.textContent = `${value} · ${stamp.format(data.time[idx] * 1000)}`;
      }],
    },
  }, [data.time, data.mean, data.low, data.high], plotted);
  new ResizeObserver(() => plot.setSize({ width: plotted.clientWidth, height })).observe(plotted);
  return plot;
}

const LONGEST = 11; // characters beside the axis
function shortened(name) {
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}

export const parsed = (words) => (words ? JSON.parse(words) : null);
const seconds = (text) => (text === undefined ? undefined : Date.parse(text) / 1000);

export async function chart(figure) {
  const { device, metric, from, to, mark, markEnd, limit, none, severity, unit, words } = figure.dataset;
  if (!figure.querySelector("output")) figure.querySelector("figcaption").append(document.createElement("output"));
  const begin = new Date(from);
  const end = to ? new Date(Math.min(Date.parse(to), Date.now())) : new Date();
  const data = await series(device, metric, begin, end).catch(() => null);
  if (!data || data.time.length === 0) { // an alert that rests on an event has nothing to draw
    const card = figure.closest(".card");
    figure.remove();
    if (!card.querySelector("[data-chart]")) card.remove();
    return;
  }
  draw(figure.querySelector(".plot"), data, {
    none, unit, severity, words: parsed(words), limit: limit === undefined || words ? undefined : Number(limit), mark: seconds(mark), markEnd: seconds(markEnd),
    window: [begin / 1000, end / 1000],
  });
}
