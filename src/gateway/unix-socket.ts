/** UNIX sockets by path: also long ones, and in directories that a session may write to. */
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { connect, type IpcNetConnectOpts, type Socket } from "node:net";
import { platform } from "node:os";
import { basename, dirname } from "node:path";

/** Linux: names a file without opening it. Node has no name for it. */
const O_PATH = 0o10000000;
/** The kernel takes 107 bytes. */
const PATH_BYTES_MAX = 107;

/**
 * Connects to the socket at `path`, and to nothing else: the directory belongs to the session, which
 * could put a link there to a socket of this machine (another session's, a container engine's). So
 * the file is pinned first, and must be a socket. Throws with `code` ENOENT, ENOTSOCK …
 */
export function connectUnix(
  path: string,
  options: Pick<IpcNetConnectOpts, "onread"> & { readonly allowHalfOpen: boolean },
): Socket {
  if (platform() !== "linux") return connect({ ...options, path });
  const pinned = openSync(path, O_PATH | constants.O_NOFOLLOW);
  try {
    if (!fstatSync(pinned).isSocket()) {
      throw Object.assign(new Error(`${path} is no socket`), { code: "ENOTSOCK" });
    }
    // The kernel resolves the name within this call, so the file need not stay pinned.
    return connect({ ...options, path: `/proc/self/fd/${pinned}` });
  } finally {
    closeSync(pinned);
  }
}

/**
 * A name for `path` that is short enough to listen on, valid until `release`, which must come after
 * the listener was closed: closing deletes the socket by this name.
 */
export function listenablePath(path: string): { readonly name: string; release(): void } {
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return { name: path, release: () => undefined };
  const directory = openSync(dirname(path), O_PATH | constants.O_DIRECTORY);
  let isOpen = true;
  return {
    name: `/proc/self/fd/${directory}/${basename(path)}`,
    release: () => {
      if (isOpen) closeSync(directory);
      isOpen = false;
    },
  };
}
