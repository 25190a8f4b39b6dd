/** Submits a launch and follows it to its end, across broken connections and restarts of the server. */

/**
 * @typedef {{ code: string, message: string, next: string, retriable: boolean,
 *   detail?: { suggestions?: string[], retryAfterSeconds?: number } }} Failure
 * @typedef {{ path: string | null, token: string | null }} Result
 * @typedef {{ number: number, phase: string, message: string, failure?: Failure, result?: Result,
 *   queue?: { position: number, waitMs: number | null } }} LaunchEvent
 * @typedef {{ kind: "ended" } | { kind: "failed", failure: Failure }
 *   | { kind: "lost", because: string }} Outcome
 */

const WAIT_FIRST_MS = 300;
const WAIT_LONGEST_MS = 5_000;
/** After this long without a word from the server the person is asked. */
const PATIENCE_MS = 10 * 60_000;

/** @param {number} ms */
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** 128 random bits, URL-safe: who knows the id may watch and cancel. */
export function newLaunchId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class LaunchClient {
  #base;
  #token;
  #lastEventId = "";
  #isStopped = false;
  /** @type {EventSource | null} */
  #source = null;
  /** What the server said to open, when the address named it. @type {string | null} */
  urlPath = null;

  /** @param {{ baseUrl: string, pageToken: string }} options */
  constructor({ baseUrl, pageToken }) {
    this.#base = `${baseUrl}api/v1/`;
    this.#token = pageToken;
  }

  /**
   * Resolves after the last event, or when there is no use in going on.
   * @param {string} id
   * @param {object | null} wish null: watch only
   * @param {{ onEvent: (event: LaunchEvent) => void, onConnection: (isUp: boolean) => void }} on
   * @returns {Promise<Outcome>}
   */
  async follow(id, wish, on) {
    this.#lastEventId = "";
    let waitMs = WAIT_FIRST_MS;
    let heardAtMs = performance.now();
    const heard = () => {
      heardAtMs = performance.now();
      waitMs = WAIT_FIRST_MS;
      on.onConnection(true);
    };
    while (!this.#isStopped) {
      const known = await this.#submit(id, wish);
      if (known.kind === "refused") return { kind: "failed", failure: known.failure };
      if (known.kind === "known") {
        heard();
        if (await this.#read(id, { ...on, heard })) return { kind: "ended" };
      }
      if (this.#isStopped) break;
      on.onConnection(false);
      if (performance.now() - heardAtMs > PATIENCE_MS) {
        return { kind: "lost", because: "The server does not answer." };
      }
      await wait(waitMs);
      waitMs = Math.min(waitMs * 2, WAIT_LONGEST_MS);
    }
    return { kind: "lost", because: "Stopped." };
  }

  /** @param {string} id */
  async cancel(id) {
    await this.#call("DELETE", `launches/${id}`, null);
  }

  /** The launch as it is now. @param {string} id */
  async get(id) {
    const answer = await this.#call("GET", `launches/${id}`, null);
    return answer.kind === "ok" ? answer.body : null;
  }

  stop() {
    this.#isStopped = true;
    this.#source?.close();
  }

  /**
   * Submitting what is known already changes nothing; after a restart it is what brings it back.
   * @param {string} id
   * @param {object | null} wish
   * @returns {Promise<{ kind: "known" | "silent" } | { kind: "refused", failure: Failure }>}
   */
  async #submit(id, wish) {
    const send = () =>
      wish === null
        ? this.#call("GET", `launches/${id}`, null)
        : this.#call("POST", "launches", { ...wish, id });
    let answer = await send();
    if (answer.kind === "refused" && answer.failure.code === "token-required") {
      await this.#renewToken();
      answer = await send();
    }
    if (answer.kind !== "ok") return answer;
    this.urlPath = answer.body.urlPath ?? null;
    return { kind: "known" };
  }

  /**
   * True when the last event was read, false when the connection broke.
   * @param {string} id
   * @param {{ onEvent: (event: LaunchEvent) => void, onConnection: (isUp: boolean) => void,
   *   heard: () => void }} on
   * @returns {Promise<boolean>}
   */
  #read(id, on) {
    const after = this.#lastEventId === "" ? "" : `?after=${encodeURIComponent(this.#lastEventId)}`;
    const source = new EventSource(`${this.#base}launches/${id}/events${after}`);
    this.#source = source;
    return new Promise((resolve) => {
      const end = (/** @type {boolean} */ isLast) => {
        source.close();
        resolve(isLast);
      };
      source.onopen = on.heard;
      source.onmessage = ({ data, lastEventId }) => {
        on.heard();
        this.#lastEventId = lastEventId;
        const event = /** @type {LaunchEvent} */ (JSON.parse(data));
        on.onEvent(event);
        if (event.phase === "ready" || event.phase === "failed") end(true);
      };
      // The browser would come again by itself, but it cannot submit again.
      source.onerror = () => end(false);
    });
  }

  async #renewToken() {
    const answer = await this.#call("POST", "page-tokens", null);
    if (answer.kind === "ok") this.#token = answer.body.token;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object | null} body
   * @returns {Promise<{ kind: "ok", body: any } | { kind: "silent" }
   *   | { kind: "refused", failure: Failure }>}
   */
  async #call(method, path, body) {
    try {
      const response = await fetch(`${this.#base}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(body === null ? {} : { "content-type": "application/json" }),
        },
        body: body === null ? null : JSON.stringify(body),
      });
      const text = await response.text();
      const json = text === "" ? null : JSON.parse(text);
      if (response.ok) return { kind: "ok", body: json };
      // A gateway without its API behind it says so in its own words: the API will be back.
      const isOurs = json?.error?.code !== undefined && response.status < 500;
      return isOurs ? { kind: "refused", failure: json.error } : { kind: "silent" };
    } catch {
      return { kind: "silent" }; // No connection, or not our API that answers: tried again.
    }
  }
}
