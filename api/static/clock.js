// Times that move on: "3 minutes ago", and deadlines counted down. Marks the page as scripted.
document.documentElement.classList.add("js");
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto", style: "short" });

function ago(seconds) {
  if (seconds < 60) return words.format(-Math.max(0, Math.round(seconds)), "second");
  if (seconds < 3600) return words.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 86400) return words.format(-Math.floor(seconds / 3600), "hour");
  return words.format(-Math.floor(seconds / 86400), "day");
}

function span(seconds) {
  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  if (seconds >= 172800) return `${Math.floor(seconds / 86400)} ${document.documentElement.lang === "en" ? "d" : "天"}`;
  return `${Math.floor(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export function tick() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time.ago")) {
    const text = ago((now - Date.parse(time.dateTime)) / 1000);
    if (time.textContent !== text) time.textContent = text;
  }
  for (const due of document.querySelectorAll("[data-due]")) {
    const left = (Date.parse(due.dataset.due) - now) / 1000;
    due.classList.toggle("late", left < 0);
    due.classList.toggle("soon", left >= 0 && left < 1800);
    due.querySelector("b").textContent = `${left < 0 ? due.dataset.overText : due.dataset.dueText} ${span(Math.abs(left))}`;
  }
}

tick();
setInterval(tick, 1000);
