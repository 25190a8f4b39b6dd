/** Repositories whose sessions run a stub server, through the product's own door: a `start` script. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tree } from "../../../test/fixtures/git-repository.ts";
import { ROOT } from "./bindery.ts";

const STUB = readFileSync(join(ROOT, "test/fixtures/stub-server.py"), "utf8");

/** The stub listens where the real server was told to. */
const PRELUDE = `"""A stub in place of the session's server."""
import json
import os

_paths = json.loads(os.environ["BINDERY_SERVER"])
os.environ["STUB_SERVER"] = json.dumps(
    {
        "baseUrl": _paths["baseUrl"],
        "socket": _paths["paths"]["socket"],
        "given": _paths["paths"]["given"],
    }
)
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
    env: {
      STUB_SERVER: JSON.stringify({ baseUrl: "/user/bare/", socket: socketPath, given: "/tmp" }),
    },
  });
}
