/** The shared servers' own files, at one address for all sessions, so that browsers keep them. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream";
import type { Log } from "#ports/log.ts";
import { ANSWERS, type Responder } from "./answers.ts";
import { assetFile, assetName } from "./asset-path.ts";
import { AssetShelf, type Copy } from "./asset-shelf.ts";
import {
  acceptedEncodings,
  chooseEncoding,
  compressedHeaders,
  createCompressor,
  isCompressibleType,
} from "./compression.ts";
import type { RelayContext } from "./relay.ts";

export interface ServerAssetsOptions {
  /** Holds one directory per server environment; its name stands in the address. */
  readonly directory: string;
  /** For compressed copies; ours alone. */
  readonly cacheDirectory: string;
}

interface Parts {
  readonly options: ServerAssetsOptions;
  readonly responder: Responder;
  readonly context: RelayContext;
  readonly log: Log;
}

interface Asset {
  readonly file: string;
  readonly bytes: number;
  readonly contentType: string;
  readonly etag: string;
  /** Null until it was made, and for what does not get smaller. */
  compressed: Copy | null;
  isCompressionAsked: boolean;
}

const CACHE_CONTROL = "public, max-age=31536000, immutable";

export class ServerAssets {
  readonly #parts: Parts;
  readonly #shelf: AssetShelf;
  /** By server and path. An environment never changes, so what was found stays true. */
  readonly #known = new Map<string, Asset>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#shelf = new AssetShelf(parts.options.cacheDirectory, parts.context.limits, parts.log);
  }

  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    place: { readonly server: string; readonly path: string },
  ): Promise<void> {
    const { responder } = this.#parts;
    if (request.method !== "GET" && request.method !== "HEAD") {
      responder.send(request, response, ANSWERS.methodRefused);
      return;
    }
    const asset = await this.#find(place.server, place.path);
    if (response.destroyed) return;
    if (asset === null) responder.send(request, response, ANSWERS.nothing);
    else this.#send(request, response, asset);
  }

  async #find(server: string, path: string): Promise<Asset | null> {
    const key = `${server}/${path}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const name = assetName(path);
    if (name === null) return null;
    const file = await assetFile(join(this.#parts.options.directory, server), name);
    const found = file === null ? null : await lstat(file).catch(() => null);
    const { assetBytesMax, assetsKnownMax } = this.#parts.context.limits;
    if (file === null || found?.isFile() !== true || found.size > assetBytesMax) return null;
    const etag = createHash("sha256").update(`${key}\0${found.size}`).digest("hex").slice(0, 32);
    const asset: Asset = {
      file,
      bytes: found.size,
      contentType: name.contentType,
      etag,
      compressed: await this.#shelf.find(etag),
      isCompressionAsked: false,
    };
    if (this.#known.size < assetsKnownMax) this.#known.set(key, asset);
    return asset;
  }

  #send(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
    const { counters, limits } = this.#parts.context;
    const isWorthIt =
      asset.bytes >= limits.compressBytesMin && isCompressibleType(asset.contentType);
    if (isWorthIt && asset.compressed === null) this.#askForCompression(asset);
    const accepted = acceptedEncodings(String(request.headers["accept-encoding"] ?? ""));
    const copy = accepted.has("br") ? asset.compressed : null;
    const etag = copy === null ? `"${asset.etag}"` : `"${asset.etag}-br"`;
    const common = ["Cache-Control", CACHE_CONTROL, "Vary", "Accept-Encoding"];
    if (isSame(request.headers["if-none-match"], asset.etag)) {
      counters.answered("asset", 304);
      response.writeHead(304, [...common, "ETag", etag]).end();
      return;
    }
    counters.answered("asset", 200);
    const headers = [...common, "Content-Type", asset.contentType, "ETag", etag];
    headers.push("X-Content-Type-Options", "nosniff");
    headers.push("Content-Length", String(copy?.bytes ?? asset.bytes));
    if (copy !== null) headers.push("Content-Encoding", "br");
    if (request.method === "HEAD") response.writeHead(200, headers).end();
    else if (copy !== null) this.#stream(response, headers, copy.file);
    else this.#streamCompressing(request, response, headers, asset);
  }

  #askForCompression(asset: Asset): void {
    if (asset.isCompressionAsked) return;
    asset.isCompressionAsked = true;
    this.#shelf.make(asset.file, asset.etag, (copy) => {
      if (copy.bytes < asset.bytes) asset.compressed = copy;
    });
  }

  #streamCompressing(
    request: IncomingMessage,
    response: ServerResponse,
    headers: readonly string[],
    asset: Asset,
  ): void {
    const { counters, limits } = this.#parts.context;
    const facts = {
      method: "GET",
      status: 200,
      contentType: asset.contentType,
      contentLength: asset.bytes,
      contentEncoding: undefined,
      cacheControl: undefined,
    };
    const accept = String(request.headers["accept-encoding"] ?? "");
    const bounds = { bytesMin: limits.compressBytesMin, bytesMax: limits.compressBytesMax };
    const isFull = counters.compressions.now >= limits.compressionsMax;
    const encoding = isFull ? null : chooseEncoding(facts, accept, bounds);
    if (encoding === null) return this.#stream(response, headers, asset.file);
    const compressor = createCompressor(encoding, asset.bytes);
    counters.compressions.now += 1;
    response.writeHead(200, compressedHeaders(headers, encoding));
    compressor.on("data", (chunk: Buffer) => {
      counters.bytes.sent += chunk.length;
    });
    pipeline(createReadStream(asset.file), compressor, response, (error) => {
      counters.compressions.now -= 1;
      this.#broke(error, asset.file);
    });
  }

  #stream(response: ServerResponse, headers: readonly string[], file: string): void {
    const { counters } = this.#parts.context;
    response.writeHead(200, [...headers]);
    const stream = createReadStream(file);
    stream.on("data", (chunk) => {
      counters.bytes.sent += chunk.length;
    });
    pipeline(stream, response, (error) => this.#broke(error, file));
  }

  #broke(error: NodeJS.ErrnoException | null | undefined, file: string): void {
    // A person who goes away early is nothing special.
    if (error === null || error === undefined || error.code === "ERR_STREAM_PREMATURE_CLOSE")
      return;
    this.#parts.log.warn("an asset could not be sent to its end", { file, error });
  }
}

/** Any representation of the same file counts: their content is the same. */
function isSame(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch?.includes(`"${etag}`) === true;
}
