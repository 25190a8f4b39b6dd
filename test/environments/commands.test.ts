/** The commands around environments, against a real Bindery: build, lock, environments, and repo2docker. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseLock } from "#core/rendering/lock-text.ts";
import { run } from "../fixtures/command-line.ts";
import {
  type Bindery,
  follow,
  makeServedDir,
  removeServedDir,
  startBindery,
} from "../fixtures/e2e-bindery.ts";
import { type Folders, makeFolders } from "../fixtures/folders.ts";

const BUILD_LIMIT_MS = 120_000;

let folders: Folders;
beforeAll(async () => {
  folders = await makeFolders();
});
afterAll(() => folders.remove());

describe("with a server", () => {
  let bindery: Bindery;
  beforeAll(async () => {
    bindery = await startBindery(await makeServedDir());
  });
  afterAll(async () => {
    await bindery.stop();
    await removeServedDir(bindery.dataDir);
  });

  async function command(...words: readonly string[]): Promise<string> {
    const ran = await run([...words, "--data-dir", bindery.dataDir]);
    if (ran.code !== 0) throw new Error(`${words.join(" ")}: ${ran.error}${ran.out}`);
    return ran.out;
  }
  const json = async <T>(...words: readonly string[]) =>
    JSON.parse((await command(...words, "--json")).trim().split("\n").at(-1) ?? "") as T;

  it("build says the key, and that it was there already", { timeout: BUILD_LIMIT_MS }, async () => {
    const folder = await folders.of({ "requirements.txt": "six==1.16.0\n" });
    const first = await json<{ environmentKey: string; isReused: boolean }>("build", folder);
    writeFileSync(join(folder, "README.md"), "# Changed\n");
    const again = await json<{ environmentKey: string; isReused: boolean }>("build", folder);
    expect(first).toMatchObject({ isReused: false });
    expect(again).toMatchObject({ environmentKey: first.environmentKey, isReused: true });
    const { key } = await json<{ key: string }>("explain", folder);
    expect(key).toBe(first.environmentKey);
  });

  it("lock writes files that are built to the same set", { timeout: BUILD_LIMIT_MS }, async () => {
    const folder = await folders.of({
      "requirements.txt": "six\n./pkg\n",
      "pkg/pyproject.toml":
        '[project]\nname = "hello-pkg"\nversion = "1"\n[build-system]\nrequires = ["setuptools"]\n',
      "pkg/hello_pkg/__init__.py": "X = 7\n",
    });
    const first = parseLock(await command("lock", folder));
    await command("lock", folder, "--output", join(folder, ".binder"));
    const files = readFileSync(join(folder, ".binder/requirements.txt"), "utf8");
    expect(files).toContain("--hash=sha256:");
    const again = parseLock(await command("lock", folder));
    expect(again?.requirements).toBe(first?.requirements);
    expect(again?.built).toEqual(first?.built);
    expect(again?.python).toBe(first?.python);
    const twice = await run([
      ...["lock", folder, "--output", join(folder, ".binder")],
      ...["--data-dir", bindery.dataDir],
    ]);
    expect(twice).toMatchObject({ code: 2 });
    expect(twice.error).toContain("is there already");
  });

  it("environments lists, shows and prints the lock", { timeout: BUILD_LIMIT_MS }, async () => {
    const folder = await folders.of({ "requirements.txt": "iniconfig==2.0.0\n" });
    const { environmentKey: key } = await json<{ environmentKey: string }>("build", folder);
    const listed = await json<readonly { key: string; sizeBytes: number }[]>("environments", "ls");
    expect(listed.find((one) => one.key === key)?.sizeBytes).toBeGreaterThan(1_000_000);
    expect(await command("environments", "show", key.slice(0, 12))).toContain(folder);
    const lock = parseLock(await command("environments", "lock", key));
    expect(lock).toMatchObject({ key, requirements: expect.stringContaining("iniconfig==2.0.0") });
    expect(lock?.builder).toMatch(/^\d+, uv \d/);
    expect(lock?.base).toMatch(/sha256:[0-9a-f]{64}$/);
  });

  it("the lock names JavaScript packages", { timeout: BUILD_LIMIT_MS }, async () => {
    const folder = await folders.of({ "package.json": '{"dependencies": {"left-pad": "1.3.0"}}' });
    const { npm } = parseLock(await command("lock", folder)) ?? { npm: [] };
    expect(npm).toEqual([expect.stringMatching(/^left-pad@1\.3\.0 sha512-\S+$/)]);
  });

  it("prune removes what no session uses, and nothing else", {
    timeout: BUILD_LIMIT_MS,
  }, async () => {
    const used = await folders.of({ "requirements.txt": "six==1.15.0\n" });
    const unused = await folders.of({ "requirements.txt": "six==1.14.0\n" });
    const { environmentKey: key, sessionId } = await follow(bindery, { repo: used }).ready;
    const { environmentKey: other } = await json<{ environmentKey: string }>("build", unused);
    const pruned = await json<{ removed: readonly string[]; freedBytes: number }>(
      ...["environments", "prune"],
    );
    expect(pruned.removed).toContain(other);
    expect(pruned.removed).not.toContain(key);
    expect((await command("environments", "ls", "-q")).trim()).toBe(key);
    await bindery.client.stopSession(sessionId ?? "");
  });
});

describe("repo2docker", () => {
  const engine = () => join(folders.place, "bin");
  beforeAll(() => {
    mkdirSync(engine());
    const words = `#!/bin/sh\nprintf '%s\\n' "$@" >> "$(dirname "$0")/words"\necho said\n`;
    writeFileSync(join(engine(), "docker"), words);
    chmodSync(join(engine(), "docker"), 0o755);
  });

  async function repo2docker(...words: readonly string[]) {
    rmSync(join(engine(), "words"), { force: true });
    const folder = await folders.of({ "sub/requirements.txt": "six\n", "sub/x.ipynb": "{}" });
    const typed = words.map((word) => (word === "REPO" ? folder : word));
    const ran = await run(["repo2docker", "--data-dir", join(folders.place, "data"), ...typed], {
      environment: { PATH: `${engine()}:/usr/bin:/bin` },
    });
    const given = (): readonly string[] =>
      readFileSync(join(engine(), "words"), "utf8").trimEnd().split("\n");
    return { ...ran, given };
  }

  it("prints the Dockerfile with --no-build", async () => {
    const ran = await repo2docker(
      ...["--no-build", "--subdir", "sub", "--user-name", "ada", "--user-id", "1234"],
      ...["--label", 'say="hi" $x', "--appendix", "RUN true", "--target-repo-dir", "/srv/repo"],
      "REPO",
    );
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.out).toMatch(/^# .*\nFROM /);
    expect(ran.out).toContain('"--uid=1234"');
    expect(ran.out).toContain("/srv/repo");
    expect(ran.out.trimEnd().endsWith("RUN true")).toBe(true);
    expect(ran.out).toContain('say="\\"hi\\" \\$x"');
  });

  it("builds, pushes and runs with the words of repo2docker", async () => {
    const ran = await repo2docker(
      ...["--subdir=sub", "--image-name", "example.org/x:1", "--push", "--json-logs"],
      ...["--build-arg", "A=b", "--cache-from", "example.org/x:0"],
      ...["-e", "B=c", "-p", "127.0.0.1:9999:8888", "-v", "/tmp:/data", "REPO"],
      ...["--", "jupyter", "lab", "--no-browser"],
    );
    expect(ran).toMatchObject({ code: 0 });
    const words = ran.given();
    const after = (word: string) => words[words.indexOf(word) + 1];
    expect(words[0]).toBe("build");
    expect([after("--tag"), after("--build-arg"), after("--cache-from")]).toEqual([
      ...["example.org/x:1", "A=b", "example.org/x:0"],
    ]);
    expect(after("push")).toBe("example.org/x:1");
    expect([after("--publish"), after("--volume"), after("--env")]).toEqual([
      ...["127.0.0.1:9999:8888", "/tmp:/data", "B=c"],
    ]);
    expect(words.slice(-4)).toEqual(["example.org/x:1", "jupyter", "lab", "--no-browser"]);
    const phases = ran.json().map((line) => (line as { readonly phase: string }).phase);
    expect([...new Set(phases)]).toEqual(["fetching", "building", "pushing", "running"]);
  });

  it("takes the call of BinderHub", async () => {
    const ran = await repo2docker(
      ...["--image=example.org/hub:1", "--no-clean", "--no-run", "--json-logs"],
      ...["--user-name=jovyan", "--user-id=1000", "--subdir=sub", "REPO"],
    );
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.given()).toContain("example.org/hub:1");
    expect(ran.given()).not.toContain("run");
  });

  it("says in its log why it failed", async () => {
    const ran = await repo2docker("--json-logs", "--no-run", "--subdir=nowhere", "REPO");
    expect(ran.code).not.toBe(0);
    expect(ran.json().at(-1)).toMatchObject({ phase: "failed" });
  });
});
