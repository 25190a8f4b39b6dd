/**
 * Reads HTTP/1.1 responses from one connection, strictly (RFC 9112): a session is not trusted, so
 * whatever two readers could understand differently is refused.
 */

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  /** Flat list of names and values, as they came. */
  readonly headers: readonly string[];
  readonly connection: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly cacheControl: string | undefined;
  /** Null when it is not announced. */
  readonly contentLength: number | null;
}

export interface ResponseSink {
  onHead(head: ResponseHead): void;
  /** `isLast` only when that is known: the announced length is reached. */
  onBody(chunk: Buffer, isLast: boolean): void;
  /** `isReusable`: the connection may carry another request. */
  onEnd(isReusable: boolean): void;
}

export class MalformedResponse extends Error {}

type Mode =
  | "idle"
  | "head"
  | "length"
  | "until-close"
  | "chunk-size"
  | "chunk-data"
  | "chunk-end"
  | "trailers";

const CR = 13;
const LF = 10;
const CRLF = "\r\n";
const HEAD_END = Buffer.from("\r\n\r\n");
const NOTHING = Buffer.alloc(0);

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const LENGTH = /^\d{1,15}$/;
const CHUNK_SIZE = /^([0-9a-f]{1,12})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/i;
const CHUNK_LINE_BYTES_MAX = 1_024;

export class ResponseParser {
  readonly #sink: ResponseSink;
  readonly #headBytesMax: number;
  #mode: Mode = "idle";
  #isHeadRequest = false;
  #isReusable = false;
  /** Of the body, or of the current chunk. */
  #left = 0;
  /** Beginning of a head or line whose end has not come yet. */
  #pending: Buffer = NOTHING;
  #trailerBytes = 0;

  constructor(sink: ResponseSink, headBytesMax: number) {
    this.#sink = sink;
    this.#headBytesMax = headBytesMax;
  }

  /** A request was sent; exactly one response is expected. */
  expect(method: string): void {
    this.#mode = "head";
    this.#isHeadRequest = method === "HEAD";
  }

  /** Throws `MalformedResponse`; the connection is of no use then. */
  push(chunk: Buffer): void {
    let rest = chunk;
    if (this.#pending.length > 0) {
      rest = Buffer.concat([this.#pending, chunk]);
      this.#pending = NOTHING;
    }
    while (rest.length > 0) rest = this.#step(rest);
  }

  /** The other side has ended. True when that was the end of the response. */
  finish(): boolean {
    if (this.#mode !== "until-close") return false;
    this.#end(false);
    return true;
  }

  /** Takes what it can from the front and returns what is left. */
  #step(bytes: Buffer): Buffer {
    switch (this.#mode) {
      case "idle":
        throw new MalformedResponse("bytes that nobody asked for");
      case "head":
        return this.#head(bytes);
      case "length":
        return this.#lengthBody(bytes);
      case "until-close":
        this.#sink.onBody(bytes, false);
        return NOTHING;
      case "chunk-size":
        return this.#chunkSize(bytes);
      case "chunk-data":
        return this.#chunkData(bytes);
      case "chunk-end":
        return this.#chunkEnd(bytes);
      case "trailers":
        return this.#trailers(bytes);
    }
  }

  #head(bytes: Buffer): Buffer {
    const end = bytes.indexOf(HEAD_END);
    if (end === -1 ? bytes.length > this.#headBytesMax : end > this.#headBytesMax) {
      throw new MalformedResponse("the header is too large");
    }
    if (end === -1) return this.#wait(bytes);
    const { head, version, transferEncoding } = parseHead(bytes.toString("latin1", 0, end));
    const rest = bytes.subarray(end + HEAD_END.length);
    // Interim responses (100, 103) are followed by the real one.
    if (head.status < 200) {
      if (head.status === 101) throw new MalformedResponse("an upgrade that nobody asked for");
      return rest;
    }
    const isClosed = version === "0" || hasToken(head.connection, "close");
    this.#isReusable = !isClosed;
    const isBodyless = this.#isHeadRequest || head.status === 204 || head.status === 304;
    if (transferEncoding !== undefined) {
      if (version === "0" || head.contentLength !== null) {
        throw new MalformedResponse("two lengths of one body");
      }
      if (transferEncoding.toLowerCase() !== "chunked") {
        throw new MalformedResponse(`transfer encoding ${transferEncoding}`);
      }
    }
    this.#mode = "idle";
    if (isBodyless || head.contentLength === 0) {
      this.#sink.onHead(head);
      this.#end(this.#isReusable);
      return rest;
    }
    if (transferEncoding !== undefined) this.#mode = "chunk-size";
    else if (head.contentLength === null) this.#mode = "until-close";
    else this.#mode = "length";
    this.#left = head.contentLength ?? 0;
    this.#sink.onHead(head);
    return rest;
  }

  #lengthBody(bytes: Buffer): Buffer {
    if (bytes.length < this.#left) {
      this.#left -= bytes.length;
      this.#sink.onBody(bytes, false);
      return NOTHING;
    }
    const rest = bytes.subarray(this.#left);
    this.#sink.onBody(rest.length === 0 ? bytes : bytes.subarray(0, this.#left), true);
    this.#end(this.#isReusable);
    return rest;
  }

  #chunkSize(bytes: Buffer): Buffer {
    const line = this.#line(bytes);
    if (line === null) return this.#wait(bytes);
    const size = CHUNK_SIZE.exec(line.text)?.[1];
    if (size === undefined) throw new MalformedResponse("the size of a chunk");
    this.#left = Number.parseInt(size, 16);
    this.#mode = this.#left === 0 ? "trailers" : "chunk-data";
    this.#trailerBytes = 0;
    return line.rest;
  }

  #chunkData(bytes: Buffer): Buffer {
    const taken = bytes.length <= this.#left ? bytes : bytes.subarray(0, this.#left);
    this.#left -= taken.length;
    if (this.#left === 0) this.#mode = "chunk-end";
    this.#sink.onBody(taken, false);
    return bytes.subarray(taken.length);
  }

  #chunkEnd(bytes: Buffer): Buffer {
    if (bytes[0] !== CR || (bytes.length > 1 && bytes[1] !== LF)) {
      throw new MalformedResponse("the end of a chunk");
    }
    if (bytes.length < 2) return this.#wait(bytes);
    this.#mode = "chunk-size";
    return bytes.subarray(2);
  }

  /** They are checked and dropped. */
  #trailers(bytes: Buffer): Buffer {
    const line = this.#line(bytes);
    if (line === null) return this.#wait(bytes);
    this.#trailerBytes += line.text.length;
    if (this.#trailerBytes > this.#headBytesMax) throw new MalformedResponse("too many trailers");
    if (line.text === "") this.#end(this.#isReusable);
    else parseField(line.text);
    return line.rest;
  }

  /** The line at the front without its CRLF; null when its end has not come yet. */
  #line(bytes: Buffer): { readonly text: string; readonly rest: Buffer } | null {
    const end = bytes.indexOf(CRLF);
    if (end > CHUNK_LINE_BYTES_MAX || (end === -1 && bytes.length > CHUNK_LINE_BYTES_MAX)) {
      throw new MalformedResponse("a line is too long");
    }
    if (end === -1) return null;
    return { text: bytes.toString("latin1", 0, end), rest: bytes.subarray(end + 2) };
  }

  #wait(bytes: Buffer): Buffer {
    this.#pending = bytes;
    return NOTHING;
  }

  #end(isReusable: boolean): void {
    this.#mode = "idle";
    this.#sink.onEnd(isReusable);
  }
}

function parseHead(text: string): {
  readonly head: ResponseHead;
  readonly version: string;
  readonly transferEncoding: string | undefined;
} {
  const lines = text.split(CRLF);
  const [, version = "", status = "", reason = ""] = STATUS_LINE.exec(lines[0] ?? "") ?? [];
  if (status === "") throw new MalformedResponse("the status line");
  const headers: string[] = [];
  const special: Record<string, string | undefined> = {};
  for (let index = 1; index < lines.length; index += 1) {
    const field = parseField(lines[index] as string);
    headers.push(field.name, field.value);
    const lower = field.name.toLowerCase();
    if (SPECIAL.has(lower)) {
      const before = special[lower];
      special[lower] = before === undefined ? field.value : `${before}, ${field.value}`;
    }
  }
  const length = special["content-length"];
  if (length !== undefined && !LENGTH.test(length)) throw new MalformedResponse("the length");
  const head = {
    status: Number(status),
    reason,
    headers,
    connection: special["connection"],
    contentType: special["content-type"],
    contentEncoding: special["content-encoding"],
    cacheControl: special["cache-control"],
    contentLength: length === undefined ? null : Number(length),
  };
  return { head, version, transferEncoding: special["transfer-encoding"] };
}

const SPECIAL = new Set([
  "connection",
  "content-type",
  "content-encoding",
  "cache-control",
  "content-length",
  "transfer-encoding",
]);

/** No folded lines, no space before the colon, no control characters. */
function parseField(line: string): { readonly name: string; readonly value: string } {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0));
  const value = withoutPadding(line, colon + 1);
  if (!NAME.test(name) || !VALUE.test(value)) throw new MalformedResponse("a header field");
  return { name, value };
}

/** From `start`, without spaces and tabs around; `trim` would also take what is not allowed here. */
function withoutPadding(line: string, start: number): string {
  let from = start;
  let to = line.length;
  while (from < to && isPadding(line.charCodeAt(from))) from += 1;
  while (to > from && isPadding(line.charCodeAt(to - 1))) to -= 1;
  return line.slice(from, to);
}

function isPadding(code: number): boolean {
  return code === 32 || code === 9;
}

function hasToken(list: string | undefined, token: string): boolean {
  if (list === undefined) return false;
  return list
    .toLowerCase()
    .split(",")
    .some((item) => item.trim() === token);
}
