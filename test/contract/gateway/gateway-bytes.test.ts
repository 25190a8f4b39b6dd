/** Fewer bytes: compression on the way, files that are kept, and a shared server's files. */
import { mkdir, readdir, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, GatewayWorld } from "../../fixtures/gateway-world.ts";

const SERVER = "0123456789abcdef";
const SCRIPT = `${"export const answer = 42;\n".repeat(5_000)}//`;
const NOTEBOOK = JSON.stringify({
  cells: Array.from({ length: 2_000 }, (_, index) => ({ index })),
});

let world: GatewayWorld;
let onRequest: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  world = await GatewayWorld.start((directory) => ({
    serverAssets: {
      directory: join(directory, "server"),
      cacheDirectory: join(directory, "asset-cache"),
    },
  }));
  const root = join(world.directory, "server", SERVER);
  const lab = join(root, "share/jupyter/lab/static");
  await mkdir(lab, { recursive: true });
  await writeFile(join(lab, "main.efd36b46f3b45eb8.js"), SCRIPT);
  await writeFile(join(lab, "0031b1860ea4ad75.woff2"), Buffer.alloc(20_000, 1));
  await writeFile(join(lab, "index.html"), "<p>{{ token }}");
  const scoped = join(root, "share/jupyter/labextensions/@scope/name/static");
  await mkdir(scoped, { recursive: true });
  await writeFile(join(scoped, "remoteEntry.ab12cd34ef56ab78.js"), "remote");
  const notebook = join(root, "lib/python3.11/site-packages/notebook/static");
  await mkdir(notebook, { recursive: true });
  await writeFile(join(notebook, "main.js"), "notebook");
  await writeFile(join(root, "secret.js"), "secret");
  await world.session("s1", (request, response) => onRequest(request, response));
});
afterAll(() => world.close());

function json(text: string, headers: Record<string, string> = {}) {
  return (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
      etag: '"abc"',
      ...headers,
    });
    response.end(text);
  };
}

describe("on the way", () => {
  test.each([
    ["gzip, deflate, br, zstd", "zstd", zstdDecompressSync],
    ["gzip, deflate, br", "br", brotliDecompressSync],
    ["gzip", "gzip", gunzipSync],
  ])("a person who accepts %s gets %s", async (accepted, encoding, decompress) => {
    onRequest = json(NOTEBOOK);
    const { headers, body } = await world.ask("/user/s1/api/contents/x.ipynb", {
      headers: { "accept-encoding": accepted },
    });
    expect(headers["content-encoding"]).toBe(encoding);
    expect(headers["content-length"]).toBeUndefined();
    expect(headers["etag"]).toBe('W/"abc"');
    expect(headers["vary"]).toBe("Accept-Encoding");
    expect(body.length).toBeLessThan(NOTEBOOK.length / 3);
    expect(decompress(body).toString()).toBe(NOTEBOOK);
  });

  test("a person who accepts nothing gets it as it is", async () => {
    onRequest = json(NOTEBOOK);
    const { headers, text } = await world.ask("/user/s1/x");
    expect(headers["content-encoding"]).toBeUndefined();
    expect(headers["etag"]).toBe('"abc"');
    expect(text).toBe(NOTEBOOK);
  });

  test("a session that compresses itself is left alone", async () => {
    onRequest = json(NOTEBOOK, { "content-encoding": "gzip" });
    const { headers, text } = await world.ask("/user/s1/x", {
      headers: { "accept-encoding": "br" },
    });
    expect([headers["content-encoding"], text]).toEqual(["gzip", NOTEBOOK]);
  });

  test("a large response is compressed at the pace of its reader, and given up with it", async () => {
    const chunk = Buffer.alloc(64 * 1_024);
    let written = 0;
    onRequest = (_request, response) => {
      // Hard to compress, so that something must flow.
      for (let index = 0; index < chunk.length; index += 4) {
        chunk.writeUInt32LE((index * 2_654_435_761 + written) >>> 0, index);
      }
      const length = 40 * 1_024 * 1_024;
      response.writeHead(200, { "content-type": "text/plain", "content-length": length });
      const more = (): void => {
        while (written < length) {
          written += chunk.length;
          if (!response.write(chunk)) return;
        }
        response.end();
      };
      response.on("drain", more);
      more();
    };
    const response = await world.open("/user/s1/x", { headers: { "accept-encoding": "gzip" } });
    expect(response.headers["content-encoding"]).toBe("gzip");
    response.destroy();
    await eventually(() => world.gateway.metrics().compressions.now === 0, "it is given up");
  });

  test("a response that breaks off while it is compressed is seen as broken", async () => {
    onRequest = (_request, response) => {
      response.writeHead(200, { "content-type": "text/plain", "content-length": 100_000 });
      response.write("x".repeat(50_000), () => response.destroy());
    };
    const asked = world.ask("/user/s1/x", { headers: { "accept-encoding": "gzip" } });
    // Before its head came, or after.
    await expect(asked).rejects.toThrow(/socket hang up|aborted/);
  });
});

describe("a session's own files", () => {
  test("whose names hold a hash are kept for good, by that person alone", async () => {
    onRequest = json("{}", { "cache-control": "no-cache" });
    const { headers } = await world.ask("/user/s1/static/lab/1014.073326ef5d98db5e.js");
    expect(headers["cache-control"]).toBe("private, max-age=31536000, immutable");
  });

  test("are not kept when they were not found, or may change", async () => {
    onRequest = (_request, response) => {
      response.writeHead(404, { "cache-control": "no-store" }).end();
    };
    const missing = await world.ask("/user/s1/static/lab/1014.073326ef5d98db5e.js");
    expect(missing.headers["cache-control"]).toBe("no-store");
    onRequest = json("{}", { "cache-control": "no-cache" });
    const other = await world.ask("/user/s1/api/contents/1014.073326ef5d98db5e.js");
    expect(other.headers["cache-control"]).toBe("no-cache");
  });
});

describe("a shared server's files", () => {
  const script = `/static-server/${SERVER}/lab/main.efd36b46f3b45eb8.js`;

  test("come from the gateway, for all sessions at one address, to be kept for good", async () => {
    const { status, headers, text } = await world.ask(`${script}?v=efd36b46f3b45eb8`);
    expect(status).toBe(200);
    expect(text).toBe(SCRIPT);
    expect(headers).toMatchObject({
      "cache-control": "public, max-age=31536000, immutable",
      "content-type": "text/javascript; charset=utf-8",
      "content-length": String(SCRIPT.length),
      "x-content-type-options": "nosniff",
      vary: "Accept-Encoding",
    });
    const { etag } = headers;
    const again = await world.ask(script, { headers: { "if-none-match": etag } });
    expect([again.status, again.text]).toEqual([304, ""]);
  });

  test("are compressed once, and then sent as they are kept", async () => {
    const accept = { headers: { "accept-encoding": "gzip, br, zstd" } };
    const first = await world.ask(script, accept);
    expect(["zstd", "br"]).toContain(first.headers["content-encoding"]);
    const cache = join(world.directory, "asset-cache");
    const isKept = async () =>
      (await readdir(cache).catch(() => [])).some((name) => name.endsWith(".br"));
    while (!(await isKept())) await world.ask(script, accept);
    let kept = await world.ask(script, accept);
    while (kept.headers["content-encoding"] !== "br") kept = await world.ask(script, accept);
    expect(Number(kept.headers["content-length"])).toBe(kept.body.length);
    expect(brotliDecompressSync(kept.body).toString()).toBe(SCRIPT);
    const { etag } = kept.headers;
    const again = await world.ask(script, {
      headers: { "if-none-match": etag, ...accept.headers },
    });
    expect(again.status).toBe(304);
    // Who does not take brotli gets it otherwise.
    const gzip = await world.ask(script, { headers: { "accept-encoding": "gzip" } });
    expect(gunzipSync(gzip.body).toString()).toBe(SCRIPT);
    expect((await readdir(cache)).filter((name) => name.endsWith(".half"))).toEqual([]);
  });

  test("that do not get smaller are not tried", async () => {
    const font = await world.ask(`/static-server/${SERVER}/lab/0031b1860ea4ad75.woff2`, {
      headers: { "accept-encoding": "br" },
    });
    expect(font.headers["content-encoding"]).toBeUndefined();
    expect(font.headers["content-type"]).toBe("font/woff2");
  });

  test("include extensions and Notebook's own", async () => {
    const base = `/static-server/${SERVER}`;
    const remote = "extensions/%40scope/name/static/remoteEntry.ab12cd34ef56ab78.js";
    expect((await world.ask(`${base}/${remote}`)).text).toBe("remote");
    expect((await world.ask(`${base}/notebook/main.js`)).text).toBe("notebook");
  });

  test.each([
    `/static-server/${SERVER}/lab/index.html`,
    `/static-server/${SERVER}/lab/../../../../secret.js`,
    `/static-server/${SERVER}/lab/..%2f..%2fsecret.js`,
    `/static-server/${SERVER}/secret.js`,
    `/static-server/${SERVER}/lab/missing.js`,
    `/static-server/${SERVER}/lab`,
    "/static-server/ffffffffffffffff/lab/main.efd36b46f3b45eb8.js",
    "/static-server/../server/lab/main.efd36b46f3b45eb8.js",
  ])("do not include %s", async (path) => {
    expect((await world.ask(path)).status).toBe(404);
  });

  test("are read, not written", async () => {
    expect((await world.ask(script, { method: "POST", body: "x" })).status).toBe(405);
    const head = await world.ask(script, { method: "HEAD" });
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(head.headers["content-length"]).toBe(String(SCRIPT.length));
  });
});
