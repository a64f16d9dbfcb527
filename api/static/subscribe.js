// The channels page: this browser as a channel, by its PushManager.
const part = document.querySelector("[data-subscribe]");
const button = part.querySelector("[data-subscribe-button]");
const fault = part.querySelector("[data-subscribe-fault]");

function say(words) {
  fault.textContent = words;
  fault.hidden = false;
}

async function subscribe(key) {
  if (await Notification.requestPermission() !== "granted") return say(fault.dataset.denied);
  const worker = await navigator.serviceWorker.register("/sw.js");
  await navigator.serviceWorker.ready;
  const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const answer = await fetch("/api/v1/channels/browser", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(subscription),
  });
  if (!answer.ok) return say((await answer.json()).detail);
  location.href = "/channels?done=added";
}

async function offer() {
  if (!("serviceWorker" in navigator && "PushManager" in window)) return;
  const answer = await fetch("/api/v1/channels/push-key");
  const { key } = answer.ok ? await answer.json() : { key: null };
  if (!key) return;
  part.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    subscribe(key).catch(() => say(fault.dataset.failed)).finally(() => { button.disabled = false; });
  });
}

offer();
