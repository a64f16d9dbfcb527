// Any page of the operator's: what waited for the line is sent as soon as it is back, each report once.
import { all, remove, send, write } from "./drafts.js";

const mine = document.documentElement.dataset.person;
const EVERY_MS = 20_000;

async function empty() {
  for (const draft of await all()) {
    if (draft.person !== mine || !draft.waiting) continue;
    const { status, detail } = await send(draft);
    if (status === 200) {
      await remove(draft);
      document.dispatchEvent(new CustomEvent("report-sent", { detail: draft.alert }));
    } else if (status >= 400 && status < 500 && status !== 401) {
      await write({ ...draft, waiting: false, fault: detail }); // he must look at it again
      document.dispatchEvent(new CustomEvent("report-refused", { detail: draft.alert }));
    }
  }
}

// One tab at a time: the key would make two reports one, but the upload is dear.
const flush = () => navigator.locks?.request("outbox", { ifAvailable: true }, (lock) => lock && empty()) ?? empty();

const quietly = () => { flush().catch(() => {}); };
addEventListener("online", quietly);
setInterval(quietly, EVERY_MS);
quietly();
