// Pictures that are announced but not there yet: looked for soon, and ever more rarely while nothing comes.
const FIRST_MS = 2000;
const LONGEST_MS = 60000;

// Returns what to call whenever `part` has been read; it has `reload` read it again while something in it is awaited.
export function awaited(part, reload) {
  let timer = 0;
  let wait = FIRST_MS;
  let known = "";
  return () => {
    clearTimeout(timer);
    const now = [...part.querySelectorAll("[data-awaited]")].map((place) => place.dataset.awaited).join();
    if (now !== known) { known = now; wait = FIRST_MS; }
    if (!now) return;
    timer = setTimeout(() => {
      wait = Math.min(2 * wait, LONGEST_MS);
      reload();
    }, wait);
  };
}
