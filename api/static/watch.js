// The live view: a camera in a dialog, over WebRTC (WHEP); still pictures where that cannot be, and, with faces
// hidden, for who has stated no purpose.
const CONNECT_MS = 8000;
const GATHER_MS = 1000;
const STILL_MS = 3000;
const STALLED_S = 4;
// The camera is well, only not playable, or too many want it.
const STILLS_FOR = new Set(["live_codec", "live_reordered", "live_offer", "live_viewers", "live_busy"]);
const HIDDEN_FOR = new Set(["purpose_needed", "unblurred"]); // faces are hidden as long as no purpose is stated

const dialog = document.querySelector("[data-watching]");
const video = dialog.querySelector("video");
const image = dialog.querySelector("img");
const again = dialog.querySelector("[data-again]");
const purpose = dialog.querySelector("[data-purpose]"); // none for a role that may state none
const banner = dialog.querySelector("[data-unblurred]");
let camera = null; // what is open: its id
let turn = 0; // of playing; what comes for an earlier one is ignored
let peer = null;
let view = null; // where the server knows it
let timer = 0;
let until = null; // faces may be seen
let played = false; // this turn's connection stood

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-watch]");
  if (!button) return;
  camera = button.dataset.watch;
  dialog.querySelector("#watching-name").textContent = button.dataset.name;
  dialog.showModal();
  play();
});
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => { stop(); camera = null; });
again.addEventListener("click", play);
addEventListener("pagehide", stop);
document.addEventListener("visibilitychange", () => { // a pocket is no place to watch from
  if (camera === null) return;
  if (document.hidden) stop();
  else play();
});

purpose?.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const refused = form.querySelector("[data-refused]");
  refused.hidden = true;
  try {
    const said = JSON.stringify(Object.fromEntries(new FormData(form)));
    await ask("unblurred", { method: "POST", headers: { "content-type": "application/json" }, body: said });
    purpose.open = false;
    play();
  } catch (error) {
    refused.textContent = error instanceof Refused ? error.message : dialog.dataset.lost;
    refused.hidden = false;
  }
});

class Refused extends Error {
  constructor(problem) { super(problem.detail); this.code = problem.code; }
}

async function ask(path, options = {}) {
  const answer = await fetch(`/api/v1/cameras/${camera}/${path}`, options);
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Refused(await answer.json());
  return answer;
}

function tell(state, words = "") {
  dialog.querySelector("[data-state]").classList.toggle("on", state === "playing");
  dialog.querySelector("[data-state] span").textContent = dialog.dataset[state] ?? "";
  dialog.querySelector("[data-said]").textContent = words;
  again.hidden = state !== "over";
  dialog.querySelector("footer").hidden = !words && again.hidden;
}

async function play() {
  stop();
  const mine = turn;
  tell("connecting");
  if (!window.RTCPeerConnection) { stills(dialog.dataset.unsupported); return; }
  try {
    await connect(mine);
  } catch (error) {
    if (mine !== turn) return;
    if (HIDDEN_FOR.has(error.code)) stills(dialog.dataset.hidden);
    else if (STILLS_FOR.has(error.code)) stills(error.message);
    else over(error instanceof Refused ? error.message : dialog.dataset.lost);
  }
}

async function connect(mine) {
  const { ticket, until: end } = await (await ask("ticket", { method: "POST" })).json();
  if (mine !== turn) return;
  until = new Date(end);
  const own = peer = new RTCPeerConnection();
  const transceiver = own.addTransceiver("video", { direction: "recvonly" });
  prefer(transceiver);
  own.addEventListener("track", (event) => { video.srcObject = new MediaStream([event.track]); });
  own.addEventListener("connectionstatechange", () => { if (mine === turn) changed(own.connectionState); });
  await own.setLocalDescription();
  await gathered(own);
  if (mine !== turn) return;
  const answer = await ask("whep", {
    method: "POST",
    headers: { "content-type": "application/sdp", authorization: `Bearer ${ticket}` },
    body: own.localDescription.sdp,
  });
  const address = answer.headers.get("location");
  if (mine !== turn) { leave(address); return; }
  view = address;
  await own.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  if (mine !== turn) return;
  timer = setTimeout(() => { stop(); stills(dialog.dataset.unreached); }, CONNECT_MS);
}

function prefer(transceiver) {
  const known = RTCRtpReceiver.getCapabilities?.("video")?.codecs ?? [];
  const wanted = known.filter((codec) => /\/(h264|rtx)$/i.test(codec.mimeType));
  if (wanted.length) transceiver.setCodecPreferences?.(wanted);
}

function gathered(own) {
  return new Promise((done) => {
    setTimeout(done, GATHER_MS);
    own.addEventListener("icegatheringstatechange", () => { if (own.iceGatheringState === "complete") done(); });
    if (own.iceGatheringState === "complete") done();
  });
}

function changed(state) {
  if (state === "connected") {
    clearTimeout(timer);
    played = true;
    tell("playing");
    clear(true);
    video.play().catch(() => {}); // muted: only a closed dialog stops it
    timer = setInterval(stalled(), 1000);
  } else if (state === "failed" && !played) {
    stop();
    stills(dialog.dataset.unreached);
  } else if (state === "disconnected" || state === "failed" || state === "closed") {
    over(dialog.dataset.ended);
  }
}

// A picture that stands still shall not be called live: the camera may have gone.
function stalled() {
  let last = -1;
  let since = 0;
  return () => {
    since = video.currentTime === last ? since + 1 : 0;
    last = video.currentTime;
    if (since === STALLED_S) tell("stalled", dialog.dataset.lost);
    else if (since === 0) tell("playing");
  };
}

function over(words) {
  stop();
  tell("over", words);
}

async function stills(words) {
  const mine = turn;
  tell("stills", words);
  try {
    const answer = await ask("still");
    const bytes = await answer.blob();
    if (mine !== turn) return;
    show(bytes);
    clear(answer.headers.get("mingchu-redacted") !== "yes");
    const at = clock(new Date(answer.headers.get("last-modified")));
    tell("stills", `${words} ${dialog.dataset.captured} ${at}`);
    timer = setTimeout(() => stills(words), STILL_MS);
  } catch (error) {
    if (mine === turn) over(error instanceof Refused ? error.message : dialog.dataset.lost);
  }
}

function clock(moment) {
  const zone = document.documentElement.dataset.zone;
  return moment.toLocaleTimeString(document.documentElement.lang, { timeZone: zone, hour12: false });
}

// Says whether faces can be seen now; where they cannot, a purpose may be stated.
function clear(yes) {
  banner.hidden = !yes;
  if (until) banner.querySelector("time").textContent = clock(until);
  if (purpose) purpose.hidden = yes;
}

function show(bytes) {
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(bytes);
  image.hidden = false;
  video.hidden = true;
}

function stop() {
  turn += 1;
  played = false;
  clearTimeout(timer);
  peer?.close();
  peer = null;
  video.srcObject = null;
  video.hidden = false;
  image.hidden = true;
  banner.hidden = true;
  if (purpose) purpose.hidden = true;
  if (view) leave(view);
  view = null;
}

function leave(address) {
  fetch(address, { method: "DELETE", keepalive: true }).catch(() => {}); // else it ends by our silence
}
