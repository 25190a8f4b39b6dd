/** Tests that try to get out of the sandbox, with the real one. */
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MIB } from "#base/units.ts";
import { detectSandbox, remedyFor } from "#drivers/local/sandbox/detect.ts";
import type { Sandbox } from "#drivers/local/sandbox/sandbox.ts";
import { type AttemptResult, tryEscapes } from "../fixtures/escape-attempts.ts";
import {
  bubblewrapPaths,
  eventually,
  makeDataDir,
  makeSandbox,
  ownDirectory,
  runIn,
} from "../fixtures/session-world.ts";

let dataDir: string;
let sandbox: Sandbox;
beforeAll(async () => {
  dataDir = await makeDataDir();
  sandbox = await makeSandbox(dataDir);
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const limits = {
  memoryBytes: 128 * MIB,
  processesMax: 32,
  cpus: 1,
  fileBytes: 16 * MIB,
  tmpBytes: 16 * MIB,
};
const isRoot = process.getuid?.() === 0;

const escapes = (results: readonly AttemptResult[]): readonly AttemptResult[] =>
  results.filter(({ isHeld }) => !isHeld);

describe("hostile code gets nowhere", () => {
  it("when Bindery runs as the one who runs this test", async () => {
    process.env["ROOT_SECRET"] = "x";
    const results = await tryEscapes(sandbox, dataDir);
    expect(results.length).toBeGreaterThan(25);
    expect(escapes(results)).toEqual([]);
  });

  it("when Bindery runs as a plain user", async (context) => {
    if (!isRoot) context.skip("only root can become a plain user; the others ran as one already");
    const shared = await makeDataDir();
    await chmod(shared, 0o755);
    // The checkout may lie in a closed home: the plain user sees it through a window of its own.
    const checkout = join(import.meta.dirname, "../..");
    const seen = join(shared, "checkout");
    await mkdir(seen);
    const asSeen = (path: string) => path.replace(checkout, seen);
    const program = asSeen(join(import.meta.dirname, "../fixtures/escape-as-plain-user.ts"));
    const open = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
    const ids = ["--reuid", "61777", "--regid", "61777", "--clear-groups", "--"];
    const command = [asSeen(process.execPath), program, ...(await bubblewrapPaths(shared))];
    const { stdout } = await promisify(execFile)(
      "/usr/bin/unshare",
      ["--mount", "sh", "-c", open, "sh", checkout, seen, "/usr/bin/setpriv", ...ids, ...command],
      { env: { PATH: "/usr/sbin:/usr/bin:/bin", ROOT_SECRET: "x" }, maxBuffer: 4 * MIB },
    );
    await rm(shared, { recursive: true, force: true });
    const outcome = JSON.parse(stdout);
    expect(outcome.uid).toBe(61_777);
    expect(outcome.results.length).toBeGreaterThan(25);
    expect(escapes(outcome.results)).toEqual([]);
  });
});
describe("limits", () => {
  const countForks = `/usr/bin/python3 -I -S -c '
import os, signal
children = []
try:
    while len(children) < 200:
        pid = os.fork()
        if pid == 0: signal.pause()
        children.append(pid)
except OSError as error:
    print(len(children), error.strerror)
'`;

  it.each(["cgroups", "no cgroups"])(
    "let a sandbox have so many processes, with %s",
    async (kind) => {
      const limited =
        kind === "cgroups" ? sandbox : await makeSandbox(dataDir, { cgroups: { kind: "none" } });
      const ran = await runIn(limited, countForks, { limits });
      const [count, ...reason] = ran.output.split(" ");
      expect(reason.join(" ")).toBe("Resource temporarily unavailable");
      expect(Number(count)).toBeGreaterThan(limits.processesMax / 2);
      expect(Number(count)).toBeLessThan(limits.processesMax);
    },
  );

  it("contain a fork bomb, which dies as one", async () => {
    const ran = await runIn(sandbox, "bomb() { bomb | bomb & }; bomb & exec sleep 60", {
      limits,
      timeoutMs: 1_000,
    });
    expect(ran).toMatchObject({ timedOut: true, exitCode: null });
    expect(ran.output).toMatch(/fork|Resource temporarily unavailable/);
  });

  it("kill a process that takes too much memory, alone, and say so", async () => {
    const script = "head -c 300M /dev/zero | tail | wc -c; echo the others go on";
    const ran = await runIn(sandbox, script, { limits });
    expect(ran.output).toContain("the others go on");
    expect(ran.outOfMemory).toBe(sandbox.cgroups.kind !== "none");
  });

  it("refuse memory to a process without cgroups", async () => {
    const plain = await makeSandbox(dataDir, { cgroups: { kind: "none" } });
    const script = "/usr/bin/python3 -c 'x = bytearray(300 << 20)'; echo the others go on";
    const ran = await runIn(plain, script, { limits });
    expect(ran.output).toMatch(/MemoryError[\s\S]*the others go on/);
    expect(ran.outOfMemory).toBe(false);
  });
});

function requestOf(name: string): Parameters<Sandbox["commandFor"]>[0] {
  return {
    name,
    binds: [],
    overlays: [],
    symlinks: [],
    network: { kind: "none" },
    variables: {},
    workingDirectory: "/",
    command: ["true"],
    limits,
  };
}

describe("a run", () => {
  it("ends what the command left behind, also what hid itself in another session", async () => {
    const name = "leftover";
    const ran = await runIn(sandbox, "setsid -f sleep 300; (sleep 300 &); echo done", { name });
    expect(ran).toMatchObject({ exitCode: 0, output: "done" });
    const directories = sandbox.commandFor(requestOf(name)).cgroupDirectories;
    for (const directory of directories) await expect(readdir(directory)).rejects.toThrow("ENOENT");
  });

  it("ends the whole tree when it is aborted, before it settles", async () => {
    const abort = new AbortController();
    const home = await ownDirectory(join(dataDir, "aborted"), sandbox);
    const running = runIn(
      sandbox,
      "setsid -f sh -c 'while :; do date >beat; sleep 0.01; done'; sleep 300",
      {
        binds: [{ source: home, target: "/home/jovyan", mode: "read-write" }],
        workingDirectory: "/home/jovyan",
        signal: abort.signal,
      },
    );
    await eventually(() => readFile(join(home, "beat")).catch(() => null), "it beats");
    abort.abort();
    expect(await running).toMatchObject({ exitCode: null, aborted: true, timedOut: false });
    await rm(join(home, "beat"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(await readdir(home)).toEqual([]);
  });

  it("does nothing when it was aborted before", async () => {
    const ran = await runIn(sandbox, "echo no", { signal: AbortSignal.abort() });
    expect(ran).toMatchObject({ aborted: true, output: "" });
  });

  it("gives the command's exit code, its lines in order, and cuts lines that never end", async () => {
    const ran = await runIn(
      sandbox,
      "echo one; printf 'two\\r\\n'; head -c 40000 /dev/zero | tr '\\0' x; exit 7",
    );
    expect(ran.exitCode).toBe(7);
    const lines = ran.output.split("\n");
    expect(lines.slice(0, 2)).toEqual(["one", "two"]);
    expect(lines.slice(2).map(({ length }) => length)).toEqual([16_384, 16_384, 7_232]);
  });
});

describe("the filtered way out", () => {
  it("leads to the proxy's socket and nowhere else", async () => {
    const directory = join(dataDir, "out");
    await mkdir(directory);
    await chmod(directory, 0o755);
    const seen: string[] = [];
    const proxy = createHttpServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.end("from the filter");
    });
    const socket = join(directory, "egress.sock");
    await new Promise<void>((resolve) => proxy.listen(socket, resolve));
    await chmod(socket, 0o666);
    const ran = await runIn(sandbox, "curl -s http://example.org/page", {
      network: { kind: "filtered", egressSocket: "/srv/out/egress.sock" },
      binds: [{ source: directory, target: "/srv/out", mode: "read-only" }],
    });
    proxy.close();
    expect(ran.output).toBe("from the filter");
    expect(seen).toEqual(["GET http://example.org/page"]);
  });

  it("carries much in both directions, many at once, with half-closed ends", async () => {
    const directory = join(dataDir, "echo");
    await mkdir(directory);
    await chmod(directory, 0o755);
    const echo = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => undefined);
      socket.pipe(socket);
    });
    const socket = join(directory, "egress.sock");
    await new Promise<void>((resolve) => echo.listen(socket, resolve));
    await chmod(socket, 0o666);
    const data = randomBytes(3 * MIB);
    await writeFile(join(directory, "data"), data);
    const script = `
import hashlib, socket, threading
data = open("/srv/out/data", "rb").read()
def one():
    s = socket.create_connection(("127.0.0.1", 3128))
    threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR))).start()
    digest = hashlib.sha256()
    while chunk := s.recv(65536):
        digest.update(chunk)
    print(digest.hexdigest())
threads = [threading.Thread(target=one) for _ in range(8)]
for t in threads: t.start()
for t in threads: t.join()
`;
    const ran = await runIn(sandbox, `/usr/bin/python3 -c '${script}'`, {
      network: { kind: "filtered", egressSocket: "/srv/out/egress.sock" },
      binds: [{ source: directory, target: "/srv/out", mode: "read-only" }],
    });
    echo.close();
    const digest = createHash("sha256").update(data).digest("hex");
    expect(ran.output.split("\n")).toEqual(Array.from({ length: 8 }, () => digest));
  });
});

describe("without isolation", () => {
  it("the command sees the host's paths, runs as the sandbox's user, and leaves nothing behind", async () => {
    const plain = await makeSandbox(dataDir, { isolation: "none" });
    const home = await ownDirectory(join(dataDir, "plain-home"), plain);
    await writeFile(join(home, "hello"), "hi\n");
    const ran = await runIn(plain, "id -u; pwd; cat $HOME/hello; echo $LIST; setsid -f sleep 300", {
      name: "plain",
      binds: [{ source: home, target: "/home/jovyan", mode: "read-write" }],
      variables: {
        HOME: "/home/jovyan",
        LIST: "/home/jovyan/bin:/home/jovyanne",
        PATH: "/usr/bin:/bin",
      },
      workingDirectory: "/home/jovyan",
      init: { logBytes: 10_000, logCopy: null, startScript: null },
    });
    const uid = String(plain.owner.uid);
    expect(ran.output).toBe(`${uid}\n${home}\nhi\n${home}/bin:/home/jovyanne`);
    const directories = plain.commandFor(requestOf("plain")).cgroupDirectories;
    for (const directory of directories) await expect(readdir(directory)).rejects.toThrow("ENOENT");
  });
});

describe("the doctor", () => {
  it("says what works here, and what to do where nothing does", async () => {
    const good = detectSandbox({
      dataDir,
      sandboxUid: 61_000,
      bwrapPaths: await bubblewrapPaths(dataDir),
    });
    expect(good.map(({ part, state }) => [part, state])).toContainEqual(["sandbox", "good"]);
    const bad = detectSandbox({ dataDir, sandboxUid: 61_000, bwrapPaths: ["/nonexistent/bwrap"] });
    expect(bad[0]).toMatchObject({ part: "sandbox", state: "bad" });
    expect(bad[0]?.remedy).toContain("apt-get install bubblewrap");
  });

  it.each([
    ["bwrap: setting up uid map: Permission denied", { appArmorRestricts: true }, "AppArmor"],
    [
      "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted",
      { appArmorRestricts: true },
      "AppArmor",
    ],
    [
      "No permissions to create new namespace",
      { unprivilegedClone: "0" },
      "unprivileged_userns_clone=1",
    ],
    ["No permissions to create new namespace", { namespacesMax: "0" }, "max_user_namespaces"],
    ["Can't mount proc on /newroot/proc", {}, "container"],
  ] as const)("knows the remedy for %s", (because, settings, remedy) => {
    const none = { appArmorRestricts: false, unprivilegedClone: null, namespacesMax: null };
    expect(remedyFor(because, { ...none, ...settings })).toContain(remedy);
  });

  it("refuses a data directory that sandboxes cannot pass through", async (context) => {
    if (!isRoot) context.skip("only root's sandboxes run as another user");
    const closed = await makeDataDir();
    await chmod(closed, 0o700);
    await expect(makeSandbox(closed)).rejects.toMatchObject({
      failure: { code: "data-dir-unusable", message: expect.stringContaining("61000") },
    });
    await rm(closed, { recursive: true, force: true });
  });

  it("refuses to make a sandbox where none works, with a code that people can look up", async () => {
    await expect(
      makeSandbox(dataDir, { bwrapPaths: ["/nonexistent/bwrap"] }),
    ).rejects.toMatchObject({
      failure: { code: "sandbox-unavailable" },
    });
  });
});
