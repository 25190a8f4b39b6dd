/** Repositories whose sessions run a stub server, through the product's own door: a `start` script. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tree } from "../../../test/fixtures/git-repository.ts";
import { ROOT } from "./bindery.ts";

const STUB = readFileSync(join(ROOT, "test/fixtures/stub-server.py"), "utf8");

/** The stub listens where the real server was told to; without the import of json, as it starts fast. */
const PRELUDE = `"""A stub in place of the session's server."""
import posix


def _told(name):
    text = posix.environ[b"BINDERY_SERVER"]
    return text.split(b'"' + name + b'":"')[1].split(b'"')[0]


posix.environ[b"STUB_BASE_URL"] = _told(b"baseUrl")
posix.environ[b"STUB_SOCKET"] = _told(b"socket")
posix.environ[b"STUB_GIVEN"] = _told(b"given")
`;

export const STUB_TREE: Tree = {
  "README.md": "# A stub\n",
  "stub.py": PRELUDE + STUB,
  start: { executable: "#!/bin/sh\nexec /usr/bin/python3 -I -S ./stub.py\n" },
};

/** The stub alone, without a sandbox and without Bindery: the floor. */
export function startBareStub(socketPath: string): ChildProcess {
  return spawn("/usr/bin/python3", ["-I", "-S", join(ROOT, "test/fixtures/stub-server.py")], {
    stdio: "ignore",
    env: { STUB_BASE_URL: "/user/bare/", STUB_SOCKET: socketPath, STUB_GIVEN: "/tmp" },
  });
}
