/** What a sandbox is shown and allowed, as a table over requests. */
import { describe, expect, it } from "vitest";
import {
  bubblewrapOptions,
  initCommand,
  insideCommand,
  networkVariables,
  type SandboxSystem,
} from "./bubblewrap-arguments.ts";
import type { SandboxRequest } from "./request.ts";

const system: SandboxSystem = {
  roots: [
    { kind: "symlink", path: "/bin", target: "usr/bin" },
    { kind: "directory", path: "/lib64" },
  ],
  hidden: ["/usr/share/jupyter"],
  etc: "/tools/etc",
  etcDirectories: ["/etc/ssl/certs"],
  initPath: "/tools/init",
  overlays: true,
  disableUserns: true,
  perProcessLimits: false,
  prlimitPath: "/usr/bin/prlimit",
};

const request: SandboxRequest = {
  name: "x",
  binds: [
    { source: "/a", target: "/srv/a", mode: "read-only" },
    { source: "/b", target: "/srv/b", mode: "read-write" },
  ],
  overlays: [{ lower: "/store", target: "/srv/store" }],
  symlinks: [{ target: "/srv/a/env", path: "/srv/env" }],
  network: { kind: "none" },
  variables: { SECRET: "s3cret" },
  workingDirectory: "/srv/b",
  command: ["server", "--flag"],
  limits: { memoryBytes: 1000, processesMax: 20, cpus: 1, fileBytes: 30, tmpBytes: 40 },
};

/** Where the words stand one after the other; -1 when they do not. */
function positionOf(words: readonly string[], wanted: readonly string[]): number {
  return words.findIndex((_, at) => wanted.every((word, offset) => words[at + offset] === word));
}

describe("the options of bubblewrap", () => {
  const options = bubblewrapOptions(request, system);

  it.each([
    [["--unshare-all", "--unshare-user"]],
    [["--disable-userns"]],
    [["--die-with-parent"]],
    [["--new-session"]],
    [["--cap-drop", "ALL"]],
    [["--uid", "1000", "--gid", "1000"]],
    [["--seccomp", "3"]],
    [["--ro-bind", "/usr", "/usr", "--tmpfs", "/usr/share/jupyter"]],
    [["--symlink", "usr/bin", "/bin"]],
    [["--ro-bind", "/lib64", "/lib64"]],
    [["--ro-bind", "/tools/etc", "/etc", "--ro-bind", "/etc/ssl/certs", "/etc/ssl/certs"]],
    [["--perms", "1777", "--size", "40", "--tmpfs", "/tmp"]],
    [["--overlay-src", "/store", "--tmp-overlay", "/srv/store"]],
    [["--ro-bind", "/a", "/srv/a"]],
    [["--bind", "/b", "/srv/b"]],
    [["--symlink", "/srv/a/env", "/srv/env"]],
    [["--chdir", "/srv/b"]],
    [["--setenv", "SECRET", "s3cret"]],
  ])("have %j", (words) => {
    expect(positionOf(options, words)).toBeGreaterThanOrEqual(0);
  });

  it("close the root only after all is mounted, and empty the environment before it is filled", () => {
    expect(positionOf(options, ["--remount-ro", "/"])).toBeGreaterThan(
      positionOf(options, ["--symlink", "/srv/a/env", "/srv/env"]),
    );
    expect(positionOf(options, ["--clearenv"])).toBeLessThan(positionOf(options, ["--setenv"]));
  });

  it("share the network and its names only when the host's is asked for", () => {
    expect(options).not.toContain("--share-net");
    expect(options).not.toContain("/etc/resolv.conf");
    const open = bubblewrapOptions({ ...request, network: { kind: "host" } }, system);
    expect(open).toContain("--share-net");
    expect(
      positionOf(open, ["--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf"]),
    ).toBeGreaterThan(0);
  });

  it("show the store read-only where there are no overlays", () => {
    const old = bubblewrapOptions(request, { ...system, overlays: false, disableUserns: false });
    expect(positionOf(old, ["--ro-bind", "/store", "/srv/store"])).toBeGreaterThan(0);
    expect(old).not.toContain("--tmp-overlay");
    expect(old).not.toContain("--disable-userns");
  });
});

describe("Debian packages over the system", () => {
  const parts = ["usr", "etc", "etc/ssl/certs", "var/lib", "opt/x"];

  it.each([
    [["--overlay-src", "/usr", "--overlay-src", "/layer/usr", "--ro-overlay", "/usr"]],
    [["--overlay-src", "/tools/etc", "--overlay-src", "/layer/etc", "--ro-overlay", "/etc"]],
    [["--overlay-src", "/etc/ssl/certs", "--overlay-src", "/layer/etc/ssl/certs"]],
    [["--ro-bind", "/layer/var/lib", "/var/lib"]],
    [["--ro-bind", "/layer/opt/x", "/opt/x"]],
    [["--uid", "1000", "--gid", "1000"]],
  ])("are shown by %j", (words) => {
    const systemLayer = { directory: "/layer", parts, work: null };
    const options = bubblewrapOptions({ ...request, systemLayer }, system);
    expect(positionOf(options, words)).toBeGreaterThanOrEqual(0);
    expect(options).not.toContain("--overlay");
  });

  it("are written by root of the sandbox alone, over the machine's own directories", () => {
    const systemLayer = { directory: "/layer", parts: ["usr", "etc", "var", "opt"], work: "/work" };
    const options = bubblewrapOptions({ ...request, systemLayer }, system);
    expect(positionOf(options, ["--uid", "0", "--gid", "0"])).toBeGreaterThan(0);
    expect(
      positionOf(options, [
        "--overlay-src",
        "/etc",
        "--overlay",
        "/layer/etc",
        "/work/etc",
        "/etc",
      ]),
    ).toBeGreaterThan(0);
    expect(options).not.toContain("/tools/etc");
  });
});

describe("what runs inside", () => {
  it("is the command alone when nothing else is wanted, and never holds a variable", () => {
    expect(insideCommand(request, system)).toEqual(["server", "--flag"]);
  });

  it("has the number of processes limited inside where no cgroup does it", () => {
    const inside = insideCommand(request, { ...system, perProcessLimits: true });
    expect(inside).toEqual(["/usr/bin/prlimit", "--nproc=20", "--", "server", "--flag"]);
  });

  it("goes through the init for a log, a start script or a filtered network", () => {
    const init = { logBytes: 9, logCopy: "/srv/b/log", startScript: "/srv/b/start" };
    const words = initCommand({ ...request, network: { kind: "filtered" }, init }, "/tools/init");
    expect(words.slice(5)).toEqual([
      ...["/tools/init", "--forward", "3128", "/run/bindery/egress.sock"],
      ...["--log-bytes", "9", "--log-copy", "/srv/b/log", "--start", "/srv/b/start", "--"],
    ]);
    const other = { kind: "filtered", egressSocket: "/srv/out.sock" } as const;
    expect(initCommand({ ...request, network: other }, "/tools/init")).toContain("/srv/out.sock");
  });
});

it("names the proxy to a filtered sandbox only, in both spellings", () => {
  expect(networkVariables(request)).toEqual({});
  const variables = networkVariables({ ...request, network: { kind: "filtered" } });
  expect(variables).toMatchObject({
    HTTPS_PROXY: "http://127.0.0.1:3128",
    https_proxy: "http://127.0.0.1:3128",
    NO_PROXY: "localhost,127.0.0.1,::1",
  });
});
