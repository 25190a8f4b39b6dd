/** Interpreters: which are found, which are left out and why, which is chosen. */
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { choosePython } from "./ensure-python.ts";
import { compareVersions, findPythons, type PythonInterpreter } from "./pythons.ts";
import { whyUnreachable } from "./reachable.ts";

const STRANGER = 61_000;
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bindery-pythons-"));
  await chmod(directory, 0o755);
});
afterEach(() => rm(directory, { recursive: true }));

const python = (version: string): PythonInterpreter => {
  return { path: `/usr/bin/python-${version}`, version, prefix: "/usr", directories: [] };
};
/** Newest first, as a survey gives them. */
const THERE = ["3.14.1", "3.13.9", "3.12.10", "3.12.9", "3.11.2"].map(python);

describe("the choice of an interpreter", () => {
  test.each([
    { wanted: "3.12", chosen: "3.12.10" },
    { wanted: "3.12.9", chosen: "3.12.9" },
    { wanted: "3", chosen: "3.14.1" },
    { wanted: "3.1", chosen: null },
    { wanted: ">=3.10,<3.12", chosen: "3.11.2" },
    { wanted: ">=3.11", chosen: "3.14.1" },
    { wanted: "==3.13.*", chosen: "3.13.9" },
    { wanted: "3.10", chosen: null },
    { wanted: null, chosen: "3.12.10" },
  ])("$wanted gives $chosen", ({ wanted, chosen }) => {
    expect(choosePython(THERE, wanted)?.version ?? null).toBe(chosen);
  });

  test("takes what there is when nobody cares and nothing preferred is there", () => {
    expect(choosePython([python("3.9.2")], null)?.version).toBe("3.9.2");
    expect(choosePython([], null)).toBeNull();
  });

  test("compares versions by number", () => {
    expect(compareVersions("3.9.10", "3.10.2")).toBeLessThan(0);
    expect(compareVersions("3.11.2", "3.11.2")).toBe(0);
  });
});

describe("a survey of interpreters", () => {
  const survey = () =>
    findPythons({
      dataDirectory: directory,
      env: { PATH: join(directory, "bin") },
      userId: STRANGER,
    });

  test("finds what the system has, which needs no window of its own in a sandbox", async () => {
    const { interpreters } = await survey();
    const system = interpreters.find(({ path }) => path.startsWith("/usr/"));
    expect(system?.version).toMatch(/^3\.\d+\.\d+$/);
    expect(system?.directories).toEqual([]);
  });

  test("says why it leaves a program out", async () => {
    await mkdir(join(directory, "bin"));
    await writeFile(join(directory, "bin/python3.99"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const { skipped } = await survey();
    expect(skipped).toContainEqual({
      path: join(directory, "bin/python3.99"),
      because: "it does not run",
    });
  });

  test("does not even start what the sandbox's user cannot reach", async () => {
    const closed = join(directory, "closed");
    await mkdir(closed);
    const trace = join(directory, "was-started");
    await writeFile(join(closed, "python3.12"), `#!/bin/sh\n: > ${trace}\n`, { mode: 0o755 });
    await chmod(closed, 0o700);
    await symlink(closed, join(directory, "bin"));
    const { skipped } = await survey();
    const because = `${closed} is closed to the sandbox's user`;
    expect(skipped).toContainEqual({ path: join(closed, "python3.12"), because });
    await expect(rm(trace)).rejects.toThrow("ENOENT");
  });
});

test("a path is reachable for another user when every directory above lets pass", async () => {
  const file = join(directory, "a/b");
  await mkdir(join(directory, "a"));
  await writeFile(file, "", { mode: 0o755 });
  expect(await whyUnreachable(file, STRANGER)).toBeNull();
  await chmod(file, 0o754);
  expect(await whyUnreachable(file, STRANGER)).toBe(`${file} is closed to the sandbox's user`);
  await chmod(file, 0o755);
  await chmod(join(directory, "a"), 0o750);
  expect(await whyUnreachable(file, STRANGER)).toContain("/a is closed");
  expect(await whyUnreachable(join(directory, "none"), STRANGER)).toContain("is not there");
});
