// Reports that are being written or wait for the line, kept in this browser alone: one a person and alert.
const opened = new Promise((done, failed) => {
  const asked = indexedDB.open("mingchu-drafts", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("report", { keyPath: ["person", "alert"] });
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => failed(asked.error);
});

async function ask(mode, work) {
  const store = (await opened).transaction("report", mode).objectStore("report");
  return new Promise((done, failed) => {
    const asked = work(store);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

export const read = (person, alert) => ask("readonly", (store) => store.get([person, alert]));
export const write = (draft) => ask("readwrite", (store) => store.put(draft));
export const remove = (draft) => ask("readwrite", (store) => store.delete([draft.person, draft.alert]));
export const all = () => ask("readonly", (store) => store.getAll());

function form(draft) {
  const told = new FormData();
  told.set("key", draft.key);
  told.set("version", draft.version);
  told.set("text", draft.text);
  draft.photos.forEach((photo, n) => {
    told.append("photos", photo.blob, `${n}.jpg`);
    told.append("claimed", photo.claimed);
  });
  if (draft.signature) told.set("signature", draft.signature, "signature.png");
  return told;
}

// Send a draft: resolves to the status and the problem in words; 0 where the line is lost. Fetch cannot tell how far an
// upload has come, XMLHttpRequest can.
export function send(draft, progress = () => {}) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/alerts/${draft.alert}/report`);
    request.responseType = "json";
    request.upload.onprogress = (event) => progress(event.loaded / event.total);
    request.onload = () => done({ status: request.status, detail: request.response?.detail ?? "" });
    request.onerror = request.ontimeout = () => done({ status: 0, detail: "" });
    request.timeout = 180_000;
    request.send(form(draft));
  });
}
