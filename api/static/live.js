// The live connection: alerts as they change. The browser reconnects by itself; a logout leads to the login.
export function live({ onAlert, onReset, onState }) {
  const source = new EventSource("/api/v1/events");
  source.addEventListener("open", () => {
    onState?.(true);
    onReset(); // what happened meanwhile: since the page was read, or while the line was down
  });
  source.addEventListener("alert", (event) => onAlert(JSON.parse(event.data)));
  source.addEventListener("reset", () => onReset());
  source.addEventListener("error", async () => {
    onState?.(false);
    if (source.readyState !== EventSource.CLOSED) return;
    const answer = await fetch("/api/v1/me").catch(() => null);
    if (answer?.status === 401) location.reload();
    else setTimeout(() => live({ onAlert, onReset, onState }), 5000);
  });
  addEventListener("pagehide", () => source.close());
  return source;
}
