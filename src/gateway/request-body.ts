/** A request's body on its way to a session: counted, limited, and apart from the request's own life. */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

export class BodyTooLarge extends Error {}
export class BodyBrokenOff extends Error {}

/**
 * Reads the request only as fast as it is read itself. Destroying it leaves the person's connection
 * alone, so that an answer can still be given; the request itself would take it down.
 */
export class RequestBody extends Readable {
  readonly #source: IncomingMessage;
  readonly #bytesMax: number;
  readonly #onFirstRead: () => void;
  #isAttached = false;
  bytesRead = 0;

  /** `onFirstRead` is called when somebody is there who takes the body. */
  constructor(source: IncomingMessage, bytesMax: number, onFirstRead: () => void) {
    super();
    this.#source = source;
    this.#bytesMax = bytesMax;
    this.#onFirstRead = onFirstRead;
  }

  override _read(): void {
    if (!this.#isAttached) this.#attach();
    this.#source.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (this.#isAttached) {
      this.#source.off("data", this.#onData);
      this.#source.off("end", this.#onEnd);
      this.#source.off("close", this.#onClose);
      this.#source.pause();
    }
    callback(error);
  }

  #attach(): void {
    this.#isAttached = true;
    this.#onFirstRead();
    this.#source.on("data", this.#onData);
    this.#source.on("end", this.#onEnd);
    this.#source.on("close", this.#onClose);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.bytesRead += chunk.length;
    if (this.bytesRead > this.#bytesMax) this.destroy(new BodyTooLarge());
    else if (!this.push(chunk)) this.#source.pause();
  };

  readonly #onEnd = (): void => {
    this.push(null);
  };

  readonly #onClose = (): void => {
    if (!this.#source.complete) this.destroy(new BodyBrokenOff());
  };
}

/** True when the request announces a body. */
export function hasBody(request: IncomingMessage): boolean {
  const length = request.headers["content-length"];
  return (
    (length !== undefined && length !== "0") || request.headers["transfer-encoding"] !== undefined
  );
}
