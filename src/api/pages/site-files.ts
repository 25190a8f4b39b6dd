/** The files of our pages, read once: a fixed list, so that no request can name another file. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

export interface SiteFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly etag: string;
}

const TYPES = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  ico: "image/x-icon",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
} as const;

const WEB_FILES = [
  "about.html",
  "badge.svg",
  "badge_logo.svg",
  "favicon.ico",
  "favicon_building.ico",
  "favicon_fail.ico",
  "favicon_success.ico",
  "home.html",
  "home.js",
  "launch-client.js",
  "launch-log.js",
  "launch-page.js",
  "launch.html",
  "logo.svg",
  "logo_social.png",
  "not-found.html",
  "robots.txt",
  "session-address.js",
  "style.css",
] as const;

/** The terminal that shows the log comes from its packages: name here → package and path in it. */
const PACKAGE_FILES: Readonly<Record<string, readonly [string, string]>> = {
  "xterm.mjs": ["@xterm/xterm", "lib/xterm.mjs"],
  "xterm.css": ["@xterm/xterm", "css/xterm.css"],
  "addon-fit.mjs": ["@xterm/addon-fit", "lib/addon-fit.mjs"],
};

export type PageTemplate = "home.html" | "launch.html" | "not-found.html" | "about.html";

export class SiteFiles {
  readonly #files = new Map<string, SiteFile>();
  readonly #compressed = new Map<SiteFile, Buffer>();
  /** Hash of all files: it is in their addresses, so that browsers may keep them for good. */
  readonly version: string;

  constructor(webDirectory: string) {
    for (const name of WEB_FILES) this.#read(name, join(webDirectory, name));
    const { resolve } = createRequire(import.meta.url);
    for (const [name, [from, path]] of Object.entries(PACKAGE_FILES)) {
      this.#read(name, join(dirname(resolve(`${from}/package.json`)), path));
    }
    const etags = [...this.#files].map(([name, { etag }]) => `${name} ${etag}`);
    this.version = hash(etags.join("\n")).slice(0, 16);
  }

  get(name: string): SiteFile | null {
    return this.#files.get(name) ?? null;
  }

  template(name: PageTemplate): string {
    return this.#files.get(name)?.bytes.toString() ?? "";
  }

  /** Null for what does not get smaller. */
  compressed(file: SiteFile): Buffer | null {
    if (!/^(text|image\/svg)/.test(file.contentType)) return null;
    const known = this.#compressed.get(file) ?? gzipSync(file.bytes);
    this.#compressed.set(file, known);
    return known;
  }

  #read(name: string, path: string): void {
    const extension = name.slice(name.lastIndexOf(".") + 1) as keyof typeof TYPES;
    const bytes = readFileSync(path);
    const contentType = TYPES[extension];
    this.#files.set(name, { bytes, contentType, etag: `"${hash(bytes).slice(0, 24)}"` });
  }
}

function hash(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
