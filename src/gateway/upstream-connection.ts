/** One connection to a session or the API: carries one request at a time, any number in a row. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { sendBody } from "./body-sender.ts";
import { MalformedResponse, type ResponseHead, ResponseParser } from "./response-parser.ts";

/** What a request wants to know of its way. */
export interface Exchange {
  readonly method: string;
  /** Request line and header, each line with its end. The body's framing stands in it. */
  readonly head: string;
  /** Whose body is sent, or null for none. */
  readonly body: IncomingMessage | null;
  readonly isBodyChunked: boolean;
  /** Somebody takes the body. */
  onBodyWanted(): void;
  /** False when the body must not go on; the exchange has then ended itself. */
  onBodyChunk(chunk: Buffer): boolean;
  onHead(head: ResponseHead): void;
  /** False to be sent no more until `resume`. */
  onBody(chunk: Buffer, isLast: boolean): boolean;
  onEnd(): void;
  onError(error: Error): void;
}

/** The connection ended before the response did. */
export class ConnectionLost extends Error {
  /** Nothing of a response had come, on a connection that had carried one before. */
  readonly wasStale: boolean;

  constructor(wasStale: boolean) {
    super("the connection was lost");
    this.wasStale = wasStale;
  }
}

export class FirstByteTimeout extends Error {}

interface Owner {
  /** Nothing is on its way any more, and another request may be sent. */
  onFree(connection: UpstreamConnection): void;
  onClosed(connection: UpstreamConnection): void;
}

export class UpstreamConnection {
  readonly #socket: Socket;
  readonly #owner: Owner;
  readonly #parser: ResponseParser;
  #exchange: Exchange | null = null;
  #hasResponseBegun = false;
  #isBodySent = true;
  #exchanges = 0;
  #isReusable = false;
  #isClosed = false;
  /** When it last became free. */
  freeSinceMs = 0;

  constructor(
    socket: Socket,
    owner: Owner,
    limits: { readonly headerBytesMax: number; readonly firstByteTimeoutMs: number },
  ) {
    this.#socket = socket;
    this.#owner = owner;
    this.#parser = new ResponseParser(
      {
        onHead: (head) => {
          this.#hasResponseBegun = true;
          this.#exchange?.onHead(head);
        },
        onBody: (chunk, isLast) => {
          if (this.#exchange?.onBody(chunk, isLast) === false) this.#socket.pause();
        },
        onEnd: (isReusable) => {
          this.#isReusable = isReusable;
          const ended = this.#exchange;
          this.#exchange = null;
          ended?.onEnd();
        },
      },
      limits.headerBytesMax,
    );
    // Counts from the last byte in either direction: an upload may take long.
    socket.setTimeout(limits.firstByteTimeoutMs, () => {
      if (this.#exchange !== null && !this.#hasResponseBegun) this.#fail(new FirstByteTimeout());
    });
    socket.on("end", () => this.#ended());
    socket.on("close", () => this.#closed());
  }

  send(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#exchanges += 1;
    this.#hasResponseBegun = false;
    this.#parser.expect(exchange.method);
    this.#socket.write(exchange.head, "latin1");
    this.#isBodySent = exchange.body === null;
    if (exchange.body !== null) this.#sendBody(exchange, exchange.body);
  }

  /** The response may go on; without meaning when it is over already. */
  resume(exchange: Exchange): void {
    if (this.#exchange === exchange) this.#socket.resume();
  }

  /** Gives the exchange up, and the connection with it: nobody knows what would still come. */
  abort(exchange: Exchange): void {
    if (this.#exchange === exchange) this.destroy();
  }

  destroy(): void {
    this.#exchange = null;
    this.#socket.destroy();
  }

  /** What came in on the socket. */
  read(chunk: Buffer): void {
    const expected = this.#exchange;
    try {
      this.#parser.push(chunk);
    } catch (error) {
      if (!(error instanceof MalformedResponse)) throw error;
      this.#fail(error);
      return;
    }
    // Only now: bytes behind the response must not be taken for the answer to the next request.
    if (expected !== null && this.#exchange === null) this.#release();
  }

  #release(): void {
    const isUsable = this.#isReusable && this.#isBodySent && !this.#socket.destroyed;
    if (!isUsable) {
      this.#socket.destroy();
      return;
    }
    // The last reader may have been slow to the end.
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#owner.onFree(this);
  }

  #ended(): void {
    if (this.#exchange !== null && !this.#parser.finish()) this.#fail(this.#lost());
    this.#socket.destroy();
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#owner.onClosed(this);
    if (this.#exchange !== null) this.#fail(this.#lost());
  }

  #lost(): ConnectionLost {
    return new ConnectionLost(this.#exchanges > 1 && !this.#hasResponseBegun);
  }

  #fail(error: Error): void {
    const failed = this.#exchange;
    this.#exchange = null;
    this.#socket.destroy();
    failed?.onError(error);
  }

  #sendBody(exchange: Exchange, body: IncomingMessage): void {
    exchange.onBodyWanted();
    sendBody({
      body,
      socket: this.#socket,
      isChunked: exchange.isBodyChunked,
      isWanted: () => this.#exchange === exchange,
      onChunk: (chunk) => exchange.onBodyChunk(chunk),
      onSent: () => {
        this.#isBodySent = true;
      },
    });
  }
}
