/** Compressed copies of assets, made once in the background and kept in a directory. */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createBrotliCompress } from "node:zlib";
import type { Log } from "#ports/log.ts";
import type { GatewayLimits } from "./gateway-limits.ts";

export interface Copy {
  readonly file: string;
  readonly bytes: number;
}

type Limits = Pick<GatewayLimits, "assetCompressionsMax" | "assetCompressionsQueuedMax">;

/** More costs many times the time for the last few percent. */
const QUALITY = 5;

export class AssetShelf {
  readonly #directory: string;
  readonly #limits: Limits;
  readonly #log: Log;
  readonly #queue: { readonly file: string; readonly name: string; readonly onMade: OnMade }[] = [];
  #running = 0;

  constructor(directory: string, limits: Limits, log: Log) {
    this.#directory = directory;
    this.#limits = limits;
    this.#log = log;
  }

  /** The copy that an earlier run left, if any. */
  async find(name: string): Promise<Copy | null> {
    const file = this.#path(name);
    const found = await stat(file).catch(() => null);
    return found?.isFile() === true ? { file, bytes: found.size } : null;
  }

  /** Calls back when the copy is there; never when that fails, or when too many wait already. */
  make(file: string, name: string, onMade: OnMade): void {
    if (this.#queue.length >= this.#limits.assetCompressionsQueuedMax) return;
    this.#queue.push({ file, name, onMade });
    this.#next();
  }

  #next(): void {
    if (this.#running >= this.#limits.assetCompressionsMax) return;
    const job = this.#queue.shift();
    if (job === undefined) return;
    this.#running += 1;
    this.#compress(job.file, job.name)
      .then(job.onMade, (error: unknown) => {
        this.#log.warn("an asset could not be compressed; it goes as it is", { error });
      })
      .finally(() => {
        this.#running -= 1;
        this.#next();
      });
  }

  async #compress(file: string, name: string): Promise<Copy> {
    await mkdir(this.#directory, { recursive: true });
    const target = this.#path(name);
    const half = `${target}.half`;
    const { size } = await stat(file);
    const compressor = createBrotliCompress({
      params: {
        [constants.BROTLI_PARAM_QUALITY]: QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: size,
      },
    });
    try {
      await pipeline(createReadStream(file), compressor, createWriteStream(half));
      await rename(half, target);
    } finally {
      await rm(half, { force: true });
    }
    return { file: target, bytes: (await stat(target)).size };
  }

  #path(name: string): string {
    return join(this.#directory, `${name}.br`);
  }
}

type OnMade = (copy: Copy) => void;
