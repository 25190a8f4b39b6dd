/** Carries a launch's events to one reader: pauses when it is slow, ends after the last event. */
import { isLaunchEnd, type LaunchEvent, type LaunchId } from "#core/launch/launch.ts";
import type { Launches } from "#control/control-plane-api.ts";
import type { EventStream } from "./event-streams.ts";

interface WatchRequest {
  readonly launches: Launches;
  readonly id: LaunchId;
  /** Number of the last event that the reader has; 0 for none. */
  readonly after: number;
  readonly stream: EventStream;
  readonly frame: (event: LaunchEvent) => string | Buffer;
}

/** False when there is no such launch; then nothing was written. */
export function watchLaunch(request: WatchRequest): boolean {
  return new LaunchWatch(request).follow();
}

/** False for a reader of an ended launch who has its last event: a 204 tells it to stop coming. */
export function hasEventsAfter(launches: Launches, id: LaunchId, after: number): boolean {
  let isAny = false;
  const leave = launches.watch(id, after, () => {
    isAny = true;
  });
  leave?.();
  return isAny;
}

class LaunchWatch {
  readonly #request: WatchRequest;
  #last: number;
  #leave: (() => void) | null = null;
  /** True while events are let pass by: they are asked for again. */
  #isAway = false;
  /** Frames that wait to be written together; null when each is written as it comes. */
  #past: Buffer[] | null = null;
  #hasEnded = false;

  constructor(request: WatchRequest) {
    this.#request = request;
    this.#last = request.after;
    request.stream.onceClosed(() => this.#stop());
  }

  follow(): boolean {
    const { launches, id, stream } = this.#request;
    this.#isAway = stream.isClosed;
    if (this.#isAway) return true;
    this.#past = [];
    const leave = launches.watch(id, this.#last, (event) => this.#take(event));
    this.#flushPast();
    if (leave === null) return false;
    // `watch` calls back before it returns: the end may have come already.
    if (this.#isAway) leave();
    else this.#leave = leave;
    return true;
  }

  /** What has happened already goes out in one piece: one write, one packet, one chunk. */
  #flushPast(): void {
    const past = this.#past ?? [];
    this.#past = null;
    if (past.length === 0) return;
    const { stream } = this.#request;
    stream.write(Buffer.concat(past));
    if (this.#hasEnded) stream.end();
    else if (stream.isFull && !this.#isAway) {
      this.#stop();
      stream.onceDrained(() => this.#resume());
    }
  }

  #stop(): void {
    this.#isAway = true;
    this.#leave?.();
    this.#leave = null;
  }

  #take(event: LaunchEvent): void {
    const { stream, frame } = this.#request;
    if (stream.isClosed) this.#stop();
    if (this.#isAway || event.number <= this.#last) return;
    this.#last = event.number;
    const isEnd = isLaunchEnd(event.phase);
    if (this.#past !== null) {
      const bytes = frame(event);
      this.#past.push(typeof bytes === "string" ? Buffer.from(bytes) : bytes);
      this.#hasEnded = isEnd;
      if (isEnd) this.#stop();
      return;
    }
    stream.write(frame(event));
    if (isEnd) {
      this.#stop();
      stream.end();
    } else if (stream.isFull) {
      this.#stop();
      stream.onceDrained(() => this.#resume());
    }
  }

  /** A launch that was forgotten meanwhile: the reader asks again and is told so. */
  #resume(): void {
    if (!this.follow()) this.#request.stream.end();
  }
}
