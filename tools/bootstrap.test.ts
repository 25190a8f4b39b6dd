/** Tests of the door: arguments, what is missing, and a real run in a pretend checkout. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  hasSamePackages,
  installCommand,
  missingPrograms,
  stampOf,
  startArguments,
} from "./bootstrap.mjs";

describe("npm start", () => {
  test.each([
    ["nothing serves", "", "serve"],
    ["a repository is opened", "gh/a/b", "serve --open gh/a/b"],
    ["flags may follow", "gh/a/b --port 80", "serve --open gh/a/b --port 80"],
    ["flags may come first", "--port 80 gh/a/b", "serve --open gh/a/b --port 80"],
    ["the value of a flag is no repository", "--port 80", "serve --port 80"],
    ["values may be glued on", "--host=::1 .", "serve --open . --host=::1"],
    ["flags without a value stay so", "--quiet .", "serve --open . --quiet"],
    [
      "on both sides",
      "--data-dir d . --quiet --host ::1",
      "serve --open . --data-dir d --quiet --host ::1",
    ],
  ])("%s", (_, given, expected) => {
    expect(startArguments(given.split(" ").filter(Boolean)).join(" ")).toBe(expected);
  });
});

describe("the packages that are there", () => {
  const lock = (packages: Record<string, object>) => JSON.stringify({ packages });
  const wanted = lock({
    "": {},
    "node_modules/a": { integrity: "1" },
    "node_modules/b": { integrity: "2", optional: true },
  });

  test.each([
    ["are the ones wanted", { "node_modules/a": { integrity: "1" } }, true],
    ["may be more", { "node_modules/a": { integrity: "1" }, "node_modules/c": {} }, true],
    ["lack one", {}, false],
    ["are another version", { "node_modules/a": { integrity: "9" } }, false],
    [
      "are another version of an optional one",
      { "node_modules/a": { integrity: "1" }, "node_modules/b": { integrity: "9" } },
      false,
    ],
  ])("%s", (_, found, expected) => {
    expect(hasSamePackages(wanted, lock(found))).toBe(expected);
  });

  test("another lock file is another stamp", () => {
    expect(stampOf("a")).toBe(stampOf("a"));
    expect(stampOf("a")).not.toBe(stampOf("b"));
  });
});

describe("in a checkout", () => {
  let root = "";
  const lockFile = '{"packages":{}}';

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "bootstrap-"));
    const write = (path: string, text: string) => {
      mkdirSync(join(root, path, ".."), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    cpSync(join(import.meta.dirname, "bootstrap.mjs"), join(root, "tools/bootstrap.mjs"));
    write("package-lock.json", lockFile);
    const node = `node_modules/node-linux-${process.arch}/bin/node`;
    // In place of the Node that comes with the packages: says how it was called, then obeys.
    write(
      node,
      `#!/bin/sh
trap 'echo got TERM; exit 7' TERM
trap 'echo got INT; exit 8' INT
shift; echo "$@" from "$PWD" cache "$NODE_COMPILE_CACHE"
case "$*" in *fail*) exit 3;; *wait*) n=0; while [ $n -lt 400 ]; do n=$((n + 1)); sleep 0.02; done;; *die*) kill -KILL $$;; esac
`,
    );
    chmodSync(join(root, node), 0o755);
    write("node_modules/.bindery-stamp", stampOf(lockFile));
    write("bin/git", "");
    chmodSync(join(root, "bin/git"), 0o755);
  });
  afterAll(() => rmSync(root, { recursive: true }));

  function start(words: readonly string[], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [join(root, "tools/bootstrap.mjs"), ...words], {
      env: { PATH: process.env["PATH"], XDG_CACHE_HOME: "/cache", INIT_CWD: "/usr", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (bytes: Buffer) => (output += String(bytes)));
    }
    return { child, said: () => output, ended: once(child, "close") };
  }

  test("start runs where the person stands, with a compile cache", async () => {
    const { ended, said } = start(["start", "repo"]);
    expect(await ended).toEqual([0, null]);
    expect(said()).toBe(
      `${root}/src/cli/main.ts serve --open repo from /usr cache /cache/bindery/compile-cache\n`,
    );
  });

  test("a compile cache that is set stays", async () => {
    const { ended, said } = start(["bindery", "ls"], { NODE_COMPILE_CACHE: "/mine" });
    await ended;
    expect(said()).toBe(`${root}/src/cli/main.ts ls from /usr cache /mine\n`);
  });

  test("check runs in the checkout", async () => {
    const { ended, said } = start(["check"]);
    await ended;
    expect(said()).toBe(`${root}/tools/check.ts from ${root} cache \n`);
  });

  test.each([
    ["an exit status", "fail", 3],
    ["a death by signal", "die", 128 + 9],
  ])("%s is passed on", async (_, word, status) => {
    expect(await start(["bindery", word]).ended).toEqual([status, null]);
  });

  test.each([
    ["SIGTERM", 7],
    ["SIGINT", 8],
  ] as const)("%s is passed on", async (signal, status) => {
    const { child, ended, said } = start(["bindery", "wait"]);
    await once(child.stdout, "data");
    child.kill(signal);
    expect(await ended).toEqual([status, null]);
    expect(said()).toContain(`got ${signal.slice(3)}`);
  });

  test("what is missing is named, with a command that installs it", async () => {
    const { ended, said } = start(["bindery"], { PATH: join(root, "bin") });
    expect(await ended).toEqual([1, null]);
    expect(said()).toMatch(/Not on this machine: python3\. Run:\n {2}install python3/);
  });

  test("a program is looked for on the PATH", () => {
    expect(missingPrograms(["git", "python3"], `/nowhere:${root}/bin`)).toEqual(["python3"]);
  });

  test("the command fits the machine's package manager", () => {
    for (const [manager, words] of [
      ["apt-get", "apt-get install -y python3"],
      ["pacman", "pacman -S --noconfirm python"],
    ] as const) {
      const folder = join(root, manager);
      mkdirSync(folder);
      writeFileSync(join(folder, manager), "", { mode: 0o755 });
      expect(installCommand(["python3"], folder)).toMatch(new RegExp(`${words}$`));
    }
  });

  test("an unknown command says which there are", async () => {
    const { ended, said } = start(["nonsense"]);
    expect(await ended).toEqual([1, null]);
    expect(said()).toContain("start|bindery|check");
  });
});
