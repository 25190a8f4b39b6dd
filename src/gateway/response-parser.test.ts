/** The strict parser of responses: what it takes, what it refuses, in any pieces. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { MalformedResponse, type ResponseHead, ResponseParser } from "./response-parser.ts";

interface Seen {
  head: ResponseHead | null;
  body: string;
  /** Whether the connection may be used again; null while the response goes on. */
  end: boolean | null;
}

/** Reads one response that comes in these chunks, and then perhaps the end of the connection. */
function read(
  chunks: readonly (string | Buffer)[],
  { method = "GET", isClosed = false, headBytesMax = 1_000 } = {},
): Seen {
  const seen: Seen = { head: null, body: "", end: null };
  const parser = new ResponseParser(
    {
      onHead: (head) => {
        expect(seen.head).toBeNull();
        seen.head = head;
      },
      onBody: (chunk) => {
        expect(seen.end).toBeNull();
        seen.body += chunk.toString("latin1");
      },
      onEnd: (isReusable) => {
        expect(seen.end).toBeNull();
        seen.end = isReusable;
      },
    },
    headBytesMax,
  );
  parser.expect(method);
  for (const chunk of chunks) {
    if (chunk.length > 0)
      parser.push(typeof chunk === "string" ? Buffer.from(chunk, "latin1") : chunk);
  }
  if (isClosed) parser.finish();
  return seen;
}

test.each([
  ["a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", true],
  ["no body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", true],
  ["no reason", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "", true],
  ["204", "HTTP/1.1 204 No Content\r\n\r\n", "", true],
  [
    "304 with the length of what it stands for",
    "HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n",
    "",
    true,
  ],
  ["a close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", "hi", false],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi", false],
  [
    "chunks",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
    "abc0123456789",
    true,
  ],
  [
    "chunks and trailers",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n",
    "a",
    true,
  ],
  [
    "interim responses",
    "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
    "a",
    true,
  ],
  ["padding around values", "HTTP/1.1 200 OK\r\nContent-Length: \t 1 \t\r\n\r\na", "a", true],
])("a response with %s is read, however it is cut", (_what, text, body, isReusable) => {
  const whole = read([text]);
  expect({ body: whole.body, end: whole.end }).toEqual({ body, end: isReusable });
  expect(read(text.split(""))).toEqual(whole);
});

test("a body without a length ends with the connection", () => {
  const text = "HTTP/1.1 200 OK\r\n\r\nhello";
  expect(read([text]).end).toBeNull();
  expect(read([text], { isClosed: true })).toMatchObject({ body: "hello", end: false });
});

test("a body that is cut short does not end", () => {
  const text = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello";
  expect(read([text], { isClosed: true }).end).toBeNull();
});

test("the answer to HEAD has no body, whatever its header announces", () => {
  for (const header of ["Content-Length: 5", "Transfer-Encoding: chunked", "X: y"]) {
    const seen = read([`HTTP/1.1 200 OK\r\n${header}\r\n\r\n`], { method: "HEAD" });
    expect(seen).toMatchObject({ body: "", end: true });
  }
});

test("facts and headers come as they were sent", () => {
  const text =
    "HTTP/1.1 200 Fine\r\nContent-Type: text/html\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n" +
    "Cache-Control: no-store\r\nCONTENT-LENGTH: 0\r\n\r\n";
  expect(read([text]).head).toEqual({
    status: 200,
    reason: "Fine",
    headers: [
      ...["Content-Type", "text/html", "Set-Cookie", "a=1", "Set-Cookie", "b=2"],
      ...["Cache-Control", "no-store", "CONTENT-LENGTH", "0"],
    ],
    connection: undefined,
    contentType: "text/html",
    contentEncoding: undefined,
    cacheControl: "no-store",
    contentLength: 0,
  });
});

const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

test.each([
  ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
  ["the same length twice", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"],
  [
    "a length and chunks",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
  ],
  ["another encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"],
  [
    "chunked twice",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
  ],
  ["chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["a signed length", "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na"],
  ["a hexadecimal length", "HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\na"],
  ["an empty length", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\na"],
  ["a length beyond counting", `HTTP/1.1 200 OK\r\nContent-Length: ${"9".repeat(16)}\r\n\r\n`],
  ["a space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\na"],
  ["a folded line", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n"],
  ["a bare line feed", "HTTP/1.1 200 OK\r\nX: a\nY: b\r\n\r\n"],
  ["a bare carriage return", "HTTP/1.1 200 OK\r\nX: a\rY: b\r\n\r\n"],
  ["a zero byte", "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n"],
  ["a name that is none", "HTTP/1.1 200 OK\r\nX(: a\r\n\r\n"],
  ["a line without a colon", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"],
  ["HTTP/2", "HTTP/2 200 OK\r\n\r\n"],
  ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n"],
  ["a status that is none", "HTTP/1.1 099 OK\r\n\r\n"],
  ["an upgrade", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
  ["bytes behind the response", "HTTP/1.1 204 x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"],
  ["a chunk without a size", `${CHUNKED}\r\nabc`],
  ["a negative chunk", `${CHUNKED}-1\r\nabc`],
  ["a chunk size with a prefix", `${CHUNKED}0x3\r\nabc`],
  ["a chunk that is longer than it says", `${CHUNKED}2\r\nabc\r\n`],
  ["a chunk that ends with a line feed", `${CHUNKED}1\r\na\n0\r\n\r\n`],
  ["a chunk size that ends with a line feed", `${CHUNKED}1\na\r\n0\r\n\r\n`],
  ["an endless chunk extension", `${CHUNKED}1;${"x".repeat(2_000)}`],
  ["an endless header", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(2_000)}`],
  ["a header above the limit", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(2_000)}\r\n\r\n`],
  ["endless trailers", `${CHUNKED}0\r\n${"X: y\r\n".repeat(500)}`],
])("a response with %s is refused, however it is cut", (_what, text) => {
  expect(() => read([text])).toThrow(MalformedResponse);
  expect(() => read(text.split(""))).toThrow(MalformedResponse);
});

const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/);
const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

test("what a correct server sends arrives whole, in any cuts", () => {
  const framing = fc.constantFrom("length", "chunked", "close");
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 });
  const fields = fc.array(
    fc.tuple(
      fc.constant("X-").chain((x) => token.map((t) => x + t)),
      value,
    ),
  );
  fc.assert(
    fc.property(framing, fields, body, sizes, sizes, (how, sent, content, pieces, cuts) => {
      const head = ["HTTP/1.1 200 OK", ...sent.map(([name, text]) => `${name}: ${text}`)];
      if (how === "length") head.push(`Content-Length: ${content.length}`);
      if (how === "chunked") head.push("Transfer-Encoding: chunked");
      const framed = how === "chunked" ? chunked(content, pieces) : content;
      const bytes = Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), framed]);
      const seen = read(cut(bytes, cuts), { isClosed: how === "close", headBytesMax: 10_000 });
      expect(seen.body).toBe(content.toString("latin1"));
      expect(seen.end).toBe(how !== "close");
      expect(seen.head?.headers.slice(0, sent.length * 2)).toEqual(sent.flat());
    }),
    { numRuns: 500 },
  );
});

test("nothing that a session sends does more than end its own connection", () => {
  const pieces = fc.constantFrom(
    ...["HTTP/1.1 ", "200 OK", "\r\n", "\n", "\r", ": ", "Content-Length", "Transfer-Encoding"],
    ...[
      "chunked",
      "0",
      "5",
      "a",
      ";",
      " ",
      "\0",
      "Connection: close",
      "\r\n\r\n",
      "HTTP/1.1 100\r\n\r\n",
    ],
  );
  const garbage = fc.oneof(
    fc.array(pieces, { maxLength: 40 }).map((all) => Buffer.from(all.join(""), "latin1")),
    fc.array(pieces, { maxLength: 40 }).map((all) => Buffer.from(`${CHUNKED}${all.join("")}`)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(
      garbage,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (bytes, cuts) => {
        const outcomes = [[bytes], cut(bytes, cuts), cut(bytes, [1])].map(outcome);
        // Where the network cuts must not decide what a response means.
        expect(outcomes[1]).toEqual(outcomes[0]);
        expect(outcomes[2]).toEqual(outcomes[0]);
      },
    ),
    { numRuns: 2_000 },
  );
});

function chunked(content: Buffer, sizes: readonly number[]): Buffer {
  const parts = cut(content, sizes).flatMap((part) => [
    Buffer.from(`${part.length.toString(16)}\r\n`),
    part,
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] as number;
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return parts;
}

/** What one reading of a response comes to; anything but a refusal is thrown on. */
function outcome(chunks: readonly Buffer[]): Seen | "refused" {
  try {
    return read(chunks);
  } catch (error) {
    if (error instanceof MalformedResponse) return "refused";
    throw error;
  }
}
