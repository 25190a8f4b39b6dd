/** What is compressed, for whom, and what never is. */
import { expect, test } from "vitest";
import {
  acceptedEncodings,
  chooseEncoding,
  compressedHeaders,
  type ResponseFacts,
} from "./compression.ts";

const limits = { bytesMin: 1_024, bytesMax: 1_000_000 };
const json: ResponseFacts = {
  method: "GET",
  status: 200,
  contentType: "application/json; charset=utf-8",
  contentLength: 5_000,
  contentEncoding: undefined,
  cacheControl: undefined,
};

test.each([
  ["gzip, deflate, br, zstd", "zstd"],
  ["gzip, deflate, br", "br"],
  ["GZIP", "gzip"],
  ["br;q=0, gzip;q=0.5", "gzip"],
  ["identity", null],
  ["deflate", null],
  ["*", null],
  ["", null],
])("a person who accepts %j gets %s", (accepted, encoding) => {
  expect(chooseEncoding(json, accepted, limits)).toBe(encoding);
});

test.each([
  "text/html; charset=utf-8",
  "text/javascript",
  "application/javascript",
  "application/wasm",
  "image/svg+xml",
  "text/css",
  "application/ld+json",
])("%s is compressed", (contentType) => {
  expect(chooseEncoding({ ...json, contentType }, "br", limits)).toBe("br");
});

test.each<[string, Partial<ResponseFacts>]>([
  ["an event stream", { contentType: "text/event-stream" }],
  ["a stream of unknown length, which must not wait", { contentLength: null }],
  ["something tiny", { contentLength: 1_023 }],
  ["something huge", { contentLength: 1_000_001 }],
  ["an image", { contentType: "image/png" }],
  ["an archive", { contentType: "application/zip" }],
  ["bytes of unknown kind", { contentType: undefined }],
  ["what is compressed already", { contentEncoding: "gzip" }],
  ["what must not be changed", { cacheControl: "public, no-transform" }],
  ["a part of something", { status: 206 }],
  ["an error", { status: 500 }],
  ["the answer to HEAD", { method: "HEAD" }],
])("%s goes as it is", (_what, facts) => {
  expect(chooseEncoding({ ...json, ...facts }, "br, gzip", limits)).toBeNull();
});

test("a refused encoding is not accepted, whatever way its zero is written", () => {
  expect([...acceptedEncodings("a;q=0, b;q=0.0, c; q = 0.000, d;q=0.001, e")]).toEqual(["d", "e"]);
});

test("a compressed response has another length, a weak tag and varies", () => {
  const headers = ["Content-Length", "5000", "ETag", '"a"', "Accept-Ranges", "bytes", "X", "1"];
  expect(compressedHeaders(headers, "br")).toEqual([
    "ETag",
    'W/"a"',
    "X",
    "1",
    "Content-Encoding",
    "br",
    "Vary",
    "Accept-Encoding",
  ]);
});

test.each([
  ["Origin", "Origin, Accept-Encoding"],
  ["Accept-Encoding, Origin", "Accept-Encoding, Origin"],
  ["*", "*"],
])("Vary: %s becomes %s", (before, after) => {
  expect(compressedHeaders(["vary", before], "gzip").slice(-2)).toEqual(["Vary", after]);
});
