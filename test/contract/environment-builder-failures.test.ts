/** What a build that cannot succeed says, what it leaves behind, and what it never shows. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { MIB, MINUTE_MS } from "#base/units.ts";
import type { Policy } from "#core/policy.ts";
import { type BuildWorld, makeBuildWorld, type RepoText } from "../fixtures/build-world.ts";
import { startPrivateIndex } from "../fixtures/private-index.ts";
import { eventually } from "../fixtures/session-world.ts";

// Real downloads and copies, beside whatever else the machine does.
vi.setConfig({ testTimeout: 3 * MINUTE_MS, hookTimeout: 3 * MINUTE_MS });

let world: BuildWorld;
beforeAll(async () => {
  world = await makeBuildWorld();
});
afterAll(() => world.close());

const place = (...parts: string[]): string => join(world.dataDir, ...parts);

/** Builds with other limits or settings, in the same data directory. */
async function buildWith(
  wish: {
    readonly policy?: Partial<Policy>;
    readonly env?: Readonly<Record<string, string>>;
    readonly hasEgress?: boolean;
  },
  files: RepoText,
  options: Parameters<BuildWorld["build"]>[1] = {},
) {
  const { env, ...rest } = wish;
  const other = await makeBuildWorld({
    ...rest,
    dataDir: world.dataDir,
    ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
  });
  try {
    return await other.build(files, options);
  } finally {
    await other.close();
  }
}

/** Nothing of it is left: no environment, no half-made one, no process. */
async function expectNothingOf(key: string): Promise<void> {
  expect(await world.builder.inspect(key)).toBeNull();
  expect(existsSync(place("store", key))).toBe(false);
  expect(readdirSync(place("building")).filter((name) => !name.startsWith("."))).toEqual([]);
}

/** Processes of this machine that have the word on their command line. */
function processesWith(word: string): readonly string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(word);
    } catch {
      return false;
    }
  });
}

describe("requirements that cannot be had", () => {
  it.each<[string, string, string, number, RegExp]>([
    ["a version that does not exist", "attrs\n\nsix==99.1\n", "six", 3, /no version of six==99\.1/],
    [
      "a package that does not exist",
      "attrs\nthis-does-not-exist-bindery\n",
      "this-does-not-exist-bindery",
      2,
      /not found/,
    ],
    ["versions that exclude each other", "-r more.txt\nsix>1.16\n", "six", 1, /unsatisfiable/],
  ])("%s: uv's reason, with the file and the line", async (_, text, name, line, reason) => {
    const { outcome, plan } = await world.build({
      "requirements.txt": text,
      "more.txt": "six==1.16\n",
    });
    const file = line === 1 ? "more.txt" : "requirements.txt";
    expect(outcome).toMatchObject({
      kind: "failed",
      failure: {
        code: "resolve-failed",
        fault: "repository",
        message: expect.stringMatching(reason),
        detail: { package: name, file, line },
      },
    });
    expect(await world.builder.log(plan.key)).toMatch(reason);
    await expectNothingOf(plan.key);
  });

  it("a package whose build fails is named", async () => {
    const { outcome, plan } = await world.build({
      "setup.py": "raise SystemExit('no luck today')\n",
    });
    expect(outcome).toMatchObject({ kind: "failed", failure: { code: "install-failed" } });
    expect(await world.builder.log(plan.key)).toContain("no luck today");
    await expectNothingOf(plan.key);
  });

  it("an index that does not answer is not the repository's fault", async () => {
    const env = { UV_DEFAULT_INDEX: "http://127.0.0.1:9/simple", UV_HTTP_RETRIES: "0" };
    const { outcome, plan } = await buildWith({ env }, { "requirements.txt": "toolz\n" });
    expect(outcome).toMatchObject({
      kind: "failed",
      failure: { code: "index-unreachable", fault: "platform", retriable: true },
    });
    await expectNothingOf(plan.key);
  });

  it("code that needs the network where it has none fails with that reason", async () => {
    const { outcome } = await buildWith(
      { hasEgress: false },
      { "requirements.txt": "docopt==0.6.2\n" },
    );
    expect(outcome).toMatchObject({
      kind: "failed",
      failure: { code: "index-unreachable", message: expect.stringContaining("no network") },
    });
  });
});

describe("limits", () => {
  it.each<[string, Partial<Policy>, string]>([
    ["build-too-long", { buildTimeoutMs: 6_000 }, "sleep 600"],
    [
      "build-out-of-memory",
      { buildMemoryBytes: 300 * MIB },
      "exec python3 -c 'x = bytearray(2**30)'",
    ],
    [
      "build-out-of-disk",
      { buildDiskBytes: 200 * MIB },
      "i=0; while :; do i=$((i+1)); head -c 20000000 /dev/zero > /srv/env/$i; sleep 0.2; done",
    ],
  ])("%s ends the build and all its processes", async (code, policy, script) => {
    const mark = `bindery-mark-${code}`;
    const postBuild = `#!/bin/sh\nsh -c 'sleep 600; : ${mark}' &\n${script}\n`;
    const { outcome, plan } = await buildWith({ policy }, { postBuild });
    expect(outcome).toMatchObject({ kind: "failed", failure: { code, fault: "limits" } });
    expect(processesWith(mark)).toEqual([]);
    await expectNothingOf(plan.key);
  });

  it("the log keeps its end", async () => {
    const postBuild = "#!/bin/sh\nfor i in $(seq 20000); do echo line $i; done\n";
    const { outcome, plan } = await buildWith({ policy: { buildLogBytes: 50_000 } }, { postBuild });
    expect(outcome.kind).toBe("built");
    const log = (await world.builder.log(plan.key)) ?? "";
    expect(log.length).toBeLessThan(60_000);
    expect(log).toContain("line 20000");
    expect(log).not.toContain("line 2\n");
  });
});

describe("interruption", () => {
  const endless: RepoText = { postBuild: "#!/bin/sh\necho begun\nsleep 600 &\nsleep 600\n" };

  it("ends every process before the answer, and leaves nothing", async () => {
    const controller = new AbortController();
    const { outcome, plan } = await world.build(endless, {
      signal: controller.signal,
      onLine: (line) => {
        if (line === "begun") controller.abort();
      },
    });
    expect(outcome).toMatchObject({
      kind: "failed",
      failure: { code: "build-interrupted", retriable: true },
    });
    expect(processesWith(world.plan(endless).key.slice(0, 12))).toEqual([]);
    await expectNothingOf(plan.key);
  });

  it("before it began is the same", async () => {
    const { outcome } = await world.build(endless, { signal: AbortSignal.abort() });
    expect(outcome).toMatchObject({ kind: "failed", failure: { code: "build-interrupted" } });
  });

  it("by SIGKILL leaves no environment and no process, and the next one builds it", async () => {
    const script = new URL("../fixtures/build-and-die.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, [script, world.dataDir], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: child.stdout })) if (line === "begun") break;
    const { key } = world.plan(endless);
    expect(readdirSync(place("building")).some((name) => name.startsWith(key))).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    await eventually(
      () => (processesWith(world.dataDir).length === 0 ? true : null),
      "all processes end",
    );
    expect(await world.builder.inspect(key)).toBeNull();
    await world.builder.cleanUp();
    await expectNothingOf(key);
    const again = await world.build({ postBuild: "#!/bin/sh\necho begun\n" });
    expect(again.outcome.kind).toBe("built");
  });

  it("between the rename and the record is cleaned up too", async () => {
    const { plan } = await world.build({ "requirements.txt": "idna\n" });
    await rm(place("environments", `${plan.key}.json`));
    expect(await world.builder.inspect(plan.key)).toBeNull();
    await world.builder.cleanUp();
    await expectNothingOf(plan.key);
    expect((await world.build({ "requirements.txt": "idna\n" })).outcome.kind).toBe("built");
  });
});

describe("the host's own index", () => {
  it("is used, and its password is never shown to anybody", async () => {
    const index = await startPrivateIndex();
    try {
      const env = { PIP_EXTRA_INDEX_URL: index.url };
      const files = {
        "requirements.txt": "bindery-test-private==1.0\n",
        postBuild:
          "#!/bin/sh\nenv; cat /proc/*/environ /srv/index/* 2>/dev/null; ls /srv /srv/inputs; python -c 'import bindery_test_private'\n",
      };
      const { outcome, plan, lines } = await buildWith({ env }, files);
      expect(outcome, lines.join("\n")).toMatchObject({ kind: "built" });
      const shown = [
        ...lines,
        await world.builder.log(plan.key),
        await world.builder.lock(plan.key),
      ].join("\n");
      expect(shown).toContain("bindery-test-private==1.0");
      expect(shown).not.toContain(index.password);
      expect(shown).not.toContain("reader:");
      const wrong = { PIP_EXTRA_INDEX_URL: index.url.replace(index.password, "wr0ng-w0rd") };
      const failed = await buildWith(
        { env: wrong },
        { "requirements.txt": "bindery-test-private==1.0\nsix" },
      );
      expect(JSON.stringify(failed)).not.toContain("wr0ng-w0rd");
    } finally {
      await index.close();
    }
  });
});

describe("addresses that a repository names", () => {
  it("lead to no private host where that is not allowed", async () => {
    const index = await startPrivateIndex();
    try {
      const requirements = `--extra-index-url ${index.url}\nbindery-test-private==1.0\n`;
      const files = { "requirements.txt": requirements };
      const policy = { allowPrivateHosts: false };
      const refused = await buildWith({ policy }, files);
      expect(refused.outcome.kind, refused.lines.join("\n")).toBe("failed");
      expect(index.requests()).toBe(0);
      const without = await buildWith({ policy, hasEgress: false }, files);
      expect(without.outcome).toMatchObject({ failure: { code: "host-refused" } });
      expect(index.requests()).toBe(0);
      expect((await world.build(files)).outcome.kind).toBe("built");
      expect(index.requests()).toBeGreaterThan(0);
    } finally {
      await index.close();
    }
  });
});

describe("the server", () => {
  it("comes from the environment when something that was installed runs inside it", async () => {
    const { outcome, plan, lines } = await world.build({
      "requirements.txt": "jupyter-server-fileid\n",
    });
    expect(plan.server.kind).toBe("generic");
    expect(outcome, lines.join("\n")).toMatchObject({
      kind: "built",
      environment: {
        server: "environment",
        serverBecause: expect.stringContaining("jupyter_server_fileid"),
      },
    });
    expect(existsSync(place("store", plan.key, "bin/jupyter-lab"))).toBe(true);
  });
});

describe("without isolation", () => {
  it("environments are made where they stay", async () => {
    const plain = await makeBuildWorld({ isolation: "none" });
    try {
      const { outcome, plan, lines } = await plain.build({
        "requirements.txt": "six==1.16.0\n",
        postBuild: "#!/bin/sh\npython -c 'import six; print(six.__file__)' > where.txt\n",
      });
      expect(outcome, lines.join("\n")).toMatchObject({ kind: "built" });
      const store = join(plain.dataDir, "store", plan.key);
      expect(readFileSync(join(store, "bin/pip"), "utf8")).toMatch(
        new RegExp(`^#!${store}/bin/python`),
      );
      expect(readFileSync(join(store, "home-layer/where.txt"), "utf8")).toContain(`${store}/lib`);
      const kernel = readFileSync(join(store, "share/jupyter/kernels/python3/kernel.json"), "utf8");
      expect(kernel).toContain(`"${store}/bin/python"`);
    } finally {
      await plain.close();
    }
  });
});
