/** Open event streams (SSE): bounded in number, kept alive, and closed when nobody reads them. */
import type { ServerResponse } from "node:http";
import type { Clock } from "#ports/clock.ts";
import type { Policy } from "#core/policy.ts";

type StreamPolicy = Pick<Policy, "watchersMax" | "watchersPerClientMax" | "keepAliveIntervalMs">;

/** Streams are kept alive in this many groups, one after the other, not all at once. */
const GROUPS = 25;
/** A comment of the protocol; BinderHub's clients know this text. */
const KEEP_ALIVE = ":keepalive\n\n";

export class EventStream {
  readonly #response: ServerResponse;
  #closed = false;
  #onDrain: (() => void) | null = null;
  #onClose: (() => void) | null = null;
  #bytesAtLastTick = -1;

  constructor(response: ServerResponse, onClose: () => void) {
    this.#response = response;
    response.on("drain", () => {
      const resume = this.#onDrain;
      this.#onDrain = null;
      resume?.();
    });
    // A connection that breaks is no fault of ours; `close` follows.
    response.on("error", () => {});
    response.on("close", () => {
      this.#closed = true;
      this.#onClose?.();
      onClose();
    });
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** More waits for this reader than a socket's buffer holds (64 KiB): `onceDrained` will call. */
  get isFull(): boolean {
    return this.#response.writableNeedDrain;
  }

  /** Node sends what is written in one turn as one packet; corking it here would lose `drain`. */
  write(frame: string | Buffer): void {
    if (!this.#closed && !this.#response.writableEnded) this.#response.write(frame);
  }

  end(): void {
    if (!this.#response.writableEnded) this.#response.end();
  }

  /** Calls back once, when what waits was read. */
  onceDrained(callback: () => void): void {
    this.#onDrain = callback;
  }

  /** Calls back when the reader has gone or the stream has ended. */
  onceClosed(callback: () => void): void {
    this.#onClose = callback;
  }

  /** Once per keep-alive interval. A reader that took nothing in a whole one is let go: it may resume. */
  tick(): void {
    const bytes = this.#response.socket?.bytesWritten ?? 0;
    const isStuck = this.#response.writableNeedDrain && bytes === this.#bytesAtLastTick;
    this.#bytesAtLastTick = bytes;
    if (isStuck) this.#response.destroy();
    else if (!this.#response.writableNeedDrain) this.write(KEEP_ALIVE);
  }

  destroy(): void {
    this.#response.destroy();
  }
}

export class EventStreams {
  readonly #clock: Clock;
  readonly #policy: StreamPolicy;
  readonly #groups: readonly Set<EventStream>[];
  readonly #perClient = new Map<string, number>();
  #open = 0;
  #turn = 0;
  #cancelTimer: (() => void) | null = null;

  constructor(clock: Clock, policy: StreamPolicy) {
    this.#clock = clock;
    this.#policy = policy;
    this.#groups = Array.from({ length: GROUPS }, () => new Set<EventStream>());
  }

  get size(): number {
    return this.#open;
  }

  hasRoom(client: string): boolean {
    const { watchersMax, watchersPerClientMax } = this.#policy;
    return this.#open < watchersMax && (this.#perClient.get(client) ?? 0) < watchersPerClientMax;
  }

  /** Sends the head and keeps the stream alive until either side ends it. Ask `hasRoom` first. */
  open(
    response: ServerResponse,
    client: string,
    headers: Readonly<Record<string, number | string | string[] | undefined>>,
  ): EventStream {
    // The group whose turn is furthest away: the first keep-alive comes after a whole interval.
    const group = this.#groups[this.#turn % GROUPS] ?? new Set<EventStream>();
    const stream: EventStream = new EventStream(response, () =>
      this.#forget(stream, group, client),
    );
    group.add(stream);
    this.#open += 1;
    this.#perClient.set(client, (this.#perClient.get(client) ?? 0) + 1);
    response.writeHead(200, {
      "cache-control": "no-cache",
      ...definedOnly(headers),
      "content-type": "text/event-stream",
      // Buffering proxies in front of us pass events on at once.
      "x-accel-buffering": "no",
    });
    response.flushHeaders();
    if (this.#cancelTimer === null) this.#startTimer();
    return stream;
  }

  /** Readers find out, come again, and resume where they were. */
  destroyAll(): void {
    for (const group of this.#groups) for (const stream of group) stream.destroy();
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  #startTimer(): void {
    const delayMs = this.#policy.keepAliveIntervalMs / GROUPS;
    this.#cancelTimer = this.#clock.setTimer(delayMs, () => {
      this.#turn += 1;
      for (const stream of this.#groups[this.#turn % GROUPS] ?? []) stream.tick();
      this.#cancelTimer = null;
      if (this.#open > 0) this.#startTimer();
    });
  }

  #forget(stream: EventStream, group: Set<EventStream>, client: string): void {
    if (!group.delete(stream)) return;
    this.#open -= 1;
    const left = (this.#perClient.get(client) ?? 1) - 1;
    if (left === 0) this.#perClient.delete(client);
    else this.#perClient.set(client, left);
  }
}

function definedOnly(
  headers: Readonly<Record<string, number | string | string[] | undefined>>,
): Record<string, number | string | string[]> {
  const entries = Object.entries(headers);
  return Object.fromEntries(
    entries.filter(
      (entry): entry is [string, number | string | string[]] => entry[1] !== undefined,
    ),
  );
}
