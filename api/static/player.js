// Plays one camera: live over WebRTC (WHEP); still pictures where that cannot be, and, with faces hidden, for who has
// stated no purpose. What it shows it says by `tell(state, words)` and `clear(yes, until)`: whether faces can be seen,
// null while nothing is shown.
const CONNECT_MS = 8000;
const GATHER_MS = 1000;
const STILL_MS = 3000;
const STALLED_S = 4;
// The camera is well, only not playable, or too many want it.
const STILLS_FOR = new Set(["live_codec", "live_reordered", "live_offer", "live_viewers", "live_busy"]);
const HIDDEN_FOR = new Set(["purpose_needed", "unblurred"]); // faces are hidden as long as no purpose is stated

export class Refused extends Error {
  constructor(problem, wait) {
    super(problem.detail);
    this.code = problem.code;
    this.wait = wait;
  }
}

export async function ask(camera, path, options = {}) {
  const answer = await fetch(`/api/v1/cameras/${camera}/${path}`, options);
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Refused(await answer.json(), Number(answer.headers.get("retry-after") ?? 0));
  return answer;
}

export function clock(moment) {
  const zone = document.documentElement.dataset.zone;
  return moment.toLocaleTimeString(document.documentElement.lang, { timeZone: zone, hour12: false });
}

export class Player {
  #turn = 0; // of playing; what comes for an earlier one is ignored
  #peer = null;
  #view = null; // where the server knows it
  #timer = 0;
  #until = null; // faces may be seen
  #played = false; // this turn's connection stood

  // `words`: hidden, unsupported, unreached, ended, lost, captured. `stillMs`: how long between two stills. `patient`:
  // a still that is refused for now is asked for again, where nobody could press a button.
  constructor({ video, image, words, tell, clear, stillMs = () => STILL_MS, patient = false }) {
    Object.assign(this, { video, image, words, tell, clear, stillMs, patient });
  }

  async play(camera) {
    this.stop();
    this.camera = camera;
    const mine = this.#turn;
    this.tell("connecting", "");
    if (!window.RTCPeerConnection) { this.stills(this.words.unsupported); return; }
    try {
      await this.#connect(mine);
    } catch (error) {
      if (mine !== this.#turn) return;
      if (HIDDEN_FOR.has(error.code)) this.stills(this.words.hidden);
      else if (STILLS_FOR.has(error.code) || this.patient) this.stills(error.message);
      else this.#over(error instanceof Refused ? error.message : this.words.lost);
    }
  }

  async #connect(mine) {
    const { ticket, until } = await (await ask(this.camera, "ticket", { method: "POST" })).json();
    if (mine !== this.#turn) return;
    this.#until = new Date(until);
    const own = this.#peer = new RTCPeerConnection();
    const transceiver = own.addTransceiver("video", { direction: "recvonly" });
    prefer(transceiver);
    own.addEventListener("track", (event) => { this.video.srcObject = new MediaStream([event.track]); });
    own.addEventListener("connectionstatechange", () => { if (mine === this.#turn) this.#changed(own.connectionState); });
    await own.setLocalDescription();
    await gathered(own);
    if (mine !== this.#turn) return;
    const answer = await ask(this.camera, "whep", {
      method: "POST",
      headers: { "content-type": "application/sdp", authorization: `Bearer ${ticket}` },
      body: own.localDescription.sdp,
    });
    const address = answer.headers.get("location");
    if (mine !== this.#turn) { leave(address); return; }
    this.#view = address;
    await own.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    if (mine !== this.#turn) return;
    this.#timer = setTimeout(() => { this.stop(); this.stills(this.words.unreached); }, CONNECT_MS);
  }

  #changed(state) {
    if (state === "connected") {
      clearTimeout(this.#timer);
      this.#played = true;
      this.tell("playing", "");
      this.clear(true, this.#until);
      this.video.play().catch(() => {}); // muted: only one that is gone stops it
      this.#timer = setInterval(this.#stalled(), 1000);
    } else if (state === "failed" && !this.#played) {
      this.stop();
      this.stills(this.words.unreached);
    } else if (state === "disconnected" || state === "failed" || state === "closed") {
      this.#over(this.words.ended);
    }
  }

  // A picture that stands still shall not be called live: the camera may have gone.
  #stalled() {
    let last = -1;
    let since = 0;
    return () => {
      since = this.video.currentTime === last ? since + 1 : 0;
      last = this.video.currentTime;
      if (since === STALLED_S) this.tell("stalled", this.words.lost);
      else if (since === 0) this.tell("playing", "");
    };
  }

  #over(words) {
    this.stop();
    this.tell("over", words);
    if (this.patient) this.#timer = setTimeout(() => this.play(this.camera), 5 * this.stillMs());
  }

  async stills(words) {
    const mine = this.#turn;
    this.tell("stills", words);
    try {
      const answer = await ask(this.camera, "still");
      const bytes = await answer.blob();
      if (mine !== this.#turn) return;
      this.#show(bytes);
      this.clear(answer.headers.get("mingchu-redacted") !== "yes", this.#until);
      const at = clock(new Date(answer.headers.get("last-modified")));
      this.tell("stills", `${words} ${this.words.captured} ${at}`);
      this.#timer = setTimeout(() => this.stills(words), this.stillMs());
    } catch (error) {
      if (mine !== this.#turn) return;
      const said = error instanceof Refused ? error.message : this.words.lost;
      if (!this.patient) { this.#over(said); return; }
      this.tell("waiting", said);
      this.#timer = setTimeout(() => this.stills(words), Math.max(this.stillMs(), 1000 * (error.wait || 10)));
    }
  }

  #show(bytes) {
    URL.revokeObjectURL(this.image.src);
    this.image.src = URL.createObjectURL(bytes);
    this.image.hidden = false;
    this.video.hidden = true;
  }

  stop() {
    this.#turn += 1;
    this.#played = false;
    clearTimeout(this.#timer);
    this.#peer?.close();
    this.#peer = null;
    this.video.srcObject = null;
    this.video.hidden = false;
    this.image.hidden = true;
    this.clear(null, null);
    if (this.#view) leave(this.#view);
    this.#view = null;
  }
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

function leave(address) {
  fetch(address, { method: "DELETE", keepalive: true }).catch(() => {}); // else it ends by our silence
}
