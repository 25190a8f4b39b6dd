/** The one directory that holds all state, and who serves it. */
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";

export interface DataDirPaths {
  readonly root: string;
  readonly adminToken: string;
  readonly apiSocket: string;
  /** The gateway tells its numbers here. */
  readonly gatewaySocket: string;
  /** Who serves, for the CLI: see `ServerNote`. */
  readonly serverNote: string;
  readonly history: string;
  /** What the watch knows: incidents, and what it did. */
  readonly watchRecords: string;
}

/** Written when everything serves; removed at an orderly end. */
export interface ServerNote {
  /** For people; behind a reverse proxy it may not be reachable from this machine. */
  readonly url: string;
  /** Where this machine itself reaches the gateway, without a slash at the end. */
  readonly gatewayUrl: string;
  readonly pid: number;
  readonly version: string;
}

export function dataDirPaths(root: string): DataDirPaths {
  return {
    root,
    adminToken: join(root, "admin-token"),
    apiSocket: join(root, "run/api.sock"),
    gatewaySocket: join(root, "run/gateway.sock"),
    serverNote: join(root, "run/server.json"),
    history: join(root, "history.sqlite"),
    watchRecords: join(root, "watch.json"),
  };
}

/** Bytes of a socket's path that the kernel takes. */
const SOCKET_PATH_MAX = 107;

/** Makes the directory when it is missing. Errors: data-dir-unusable. */
export function prepareDataDir(root: string): DataDirPaths {
  const tooLong = Buffer.byteLength(dataDirPaths(root).gatewaySocket) - SOCKET_PATH_MAX;
  if (tooLong > 0) {
    const message = `The path of the data directory is ${tooLong} bytes too long for the sockets in it: ${root}`;
    throw new AppError("data-dir-unusable", message);
  }
  try {
    mkdirSync(join(root, "run"), { recursive: true, mode: 0o755 });
    accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK);
    chmodSync(join(root, "run"), 0o700);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "";
    throw new AppError("data-dir-unusable", `The data directory ${root} cannot be used: ${why}`, {
      cause,
    });
  }
  return dataDirPaths(root);
}

/**
 * Holds the directory for one role in this machine: the name of an abstract socket, which the kernel
 * gives back when the process ends, however it ends. False when another process holds it.
 */
export async function holdDataDir(root: string, role: "supervisor" | "control"): Promise<boolean> {
  const server = createServer((socket) => socket.destroy());
  const isHeld = await listens(server, holdName(root, role));
  if (isHeld) server.unref();
  return isHeld;
}

/** True while some process holds the directory for this role; false as well when it is absent. */
export function isDataDirHeld(root: string, role: "supervisor" | "control"): Promise<boolean> {
  if (!existsSync(root)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect(holdName(root, role));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function holdName(root: string, role: string): string {
  const { dev, ino } = statSync(realpathSync(root));
  return `\0bindery-${role}-${dev}-${ino}`;
}

function listens(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen(path, () => resolve(true));
  });
}

/** The server's own token; made at the first start. */
export async function adminToken(paths: DataDirPaths): Promise<string> {
  const known = readText(paths.adminToken);
  if (known !== null && known.trim() !== "") return known.trim();
  // Loaded only here: the supervisor stays small.
  const { randomBytes } = await import("node:crypto");
  const token = randomBytes(24).toString("base64url");
  await writeFile(`${paths.adminToken}.new`, `${token}\n`, { mode: 0o600 });
  await rename(`${paths.adminToken}.new`, paths.adminToken);
  return token;
}

export function readServerNote(paths: DataDirPaths): ServerNote | null {
  const text = readText(paths.serverNote);
  if (text === null) return null;
  try {
    return JSON.parse(text) as ServerNote;
  } catch {
    // Half-written by a process that was killed: as good as absent.
    return null;
  }
}

export async function writeServerNote(paths: DataDirPaths, note: ServerNote): Promise<void> {
  await writeFile(`${paths.serverNote}.new`, JSON.stringify(note));
  await rename(`${paths.serverNote}.new`, paths.serverNote);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
