/** Who has a port, from what the kernel shows: so that "in use" comes with a name. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { basename } from "node:path";

export interface PortOwner {
  readonly pid: number;
  /** The program's short name, never its arguments: they may hold secrets. */
  readonly name: string;
}

const LISTENING = "0A";
const PORTS_TRIED_MAX = 50;

/** Null when nobody listens there, or when the process is another user's and may not be looked at. */
export function portOwner(port: number): PortOwner | null {
  const inodes = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listeningInodes(textOf(table), port)),
  );
  if (inodes.size === 0) return null;
  for (const entry of namesIn("/proc")) {
    if (!/^\d+$/.test(entry) || !holdsSocket(entry, inodes)) continue;
    return { pid: Number(entry), name: programName(entry) };
  }
  return null;
}

/** One sentence for the person whose server cannot listen: who does, and a port that is free. */
export async function describePortOwner(port: number, host = "127.0.0.1"): Promise<string> {
  const owner = portOwner(port);
  const by = owner === null ? "another process" : `${owner.name} (process ${owner.pid})`;
  const free = await freePort(host, port + 1);
  const hint = free === null ? "" : ` Port ${free} is free: --port ${free}.`;
  return `Port ${port} is in use by ${by}.${hint}`;
}

/** The first free port from `first` on; null when none of the next few is. */
export async function freePort(host: string, first: number): Promise<number | null> {
  for (let port = first; port < first + PORTS_TRIED_MAX && port <= 65_535; port += 1) {
    if (await isFree(host, port)) return port;
  }
  return null;
}

/** Inodes of the sockets that listen on the port, from the text of `/proc/net/tcp` or `tcp6`. */
export function listeningInodes(table: string, port: number): readonly string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return table.split("\n").flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    const isWanted = local?.endsWith(`:${wanted}`) === true && state === LISTENING;
    return isWanted && inode !== undefined ? [inode] : [];
  });
}

/** Whether we could listen there now. */
export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Of the file that runs: some programs, Node among them, call their processes otherwise. */
function programName(pid: string): string {
  const file = basename(linkOf(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ""));
  return file || textOf(`/proc/${pid}/comm`).trim();
}

function holdsSocket(pid: string, inodes: ReadonlySet<string>): boolean {
  return namesIn(`/proc/${pid}/fd`).some((fd) => {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
    return inode !== undefined && inodes.has(inode);
  });
}

/** Processes end while we look, and those of others are closed to us: both hold nothing for us. */
function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
