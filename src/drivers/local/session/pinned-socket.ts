/** Connects to a UNIX socket in a directory that a session may write to, and to nothing else. */
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { connect, type Socket } from "node:net";

/** Linux: names a file without opening it. Node has no name for it. */
const O_PATH = 0o10000000;

/**
 * A link there could lead to another session's socket or to a container engine's: the file is pinned
 * first, must be a socket, and is connected to by its pin, which is also short enough for the kernel.
 * Throws with `code` ENOENT, ELOOP, ENOTSOCK …
 */
export function connectPinned(path: string): Socket {
  const pin = openSync(path, O_PATH | constants.O_NOFOLLOW);
  try {
    if (!fstatSync(pin).isSocket()) {
      throw Object.assign(new Error("this is no socket"), { code: "ENOTSOCK" });
    }
    // The kernel resolves the name within this call, so that the pin may go afterwards.
    return connect({ path: `/proc/self/fd/${pin}` });
  } finally {
    closeSync(pin);
  }
}
