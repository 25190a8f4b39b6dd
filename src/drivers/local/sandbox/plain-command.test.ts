/** Paths inside become paths of the host, and nothing else does. */
import { expect, it } from "vitest";
import { onHost, pathTranslation } from "./plain-command.ts";
import type { SandboxRequest } from "./request.ts";

const mounts = {
  overlays: [{ lower: "/data/store", target: "/srv/store" }],
  binds: [
    { source: "/data/s/home", target: "/home/jovyan", mode: "read-write" },
    { source: "/data/s/give", target: "/srv/bindery", mode: "read-only" },
    { source: "/usr/lib/python", target: "/usr/lib/python", mode: "read-only" },
  ],
  symlinks: [{ path: "/srv/env", target: "/srv/bindery/env" }],
} as const;

it.each([
  ["/home/jovyan", "/data/s/home"],
  ["/home/jovyan/x y", "/data/s/home/x y"],
  ["/home/jovyanne/x", "/home/jovyanne/x"],
  ["/old/home/jovyan", "/old/home/jovyan"],
  ["--prefix=/srv/env/bin", "--prefix=/data/s/give/env/bin"],
  [
    "/home/jovyan/.local/bin:/srv/env/bin:/usr/bin",
    "/data/s/home/.local/bin:/data/s/give/env/bin:/usr/bin",
  ],
  ['{"home":"/home/jovyan","env":"/srv/env"}', '{"home":"/data/s/home","env":"/data/s/give/env"}'],
  ["/srv/store/aaaa", "/data/store/aaaa"],
  ["/srv/storefront", "/srv/storefront"],
  ["/usr/lib/python/3", "/usr/lib/python/3"],
  ["https://example.org/srv/env", "https://example.org/srv/env"],
  ["", ""],
])("%j becomes %j", (inside, outside) => {
  expect(pathTranslation(mounts)(inside)).toBe(outside);
});

it("leaves a text alone where nothing is mounted", () => {
  expect(pathTranslation({ binds: [], overlays: [], symlinks: [] })("/srv/env")).toBe("/srv/env");
});

it("translates all that the command sees, and drops what only a sandbox can do", () => {
  const request: SandboxRequest = {
    ...mounts,
    name: "x",
    network: { kind: "none" },
    variables: { HOME: "/home/jovyan" },
    workingDirectory: "/home/jovyan",
    command: ["/srv/env/bin/python"],
    limits: { memoryBytes: 1, processesMax: 1, cpus: 1, fileBytes: 1, tmpBytes: 1 },
    init: { logBytes: 1, logCopy: "/home/jovyan/log", startScript: "/home/jovyan/start" },
  };
  expect(onHost(request)).toMatchObject({
    binds: [],
    overlays: [],
    symlinks: [],
    network: { kind: "host" },
    variables: { HOME: "/data/s/home" },
    workingDirectory: "/data/s/home",
    command: ["/data/s/give/env/bin/python"],
    init: { logCopy: "/data/s/home/log", startScript: "/data/s/home/start" },
  });
});
