/** What uv is given for a plan. */
import { describe, expect, it, test } from "vitest";
import type { Plan, PlanStep } from "../environment/plan.ts";
import {
  exportedLines,
  installerInputs,
  installerOptions,
  namesAddresses,
  splitHashes,
} from "./installer-inputs.ts";

type Packages = Extract<PlanStep, { kind: "packages" }>;

function planOf(packages: Partial<Packages>, ...steps: PlanStep[]): Plan {
  const step: PlanStep = {
    kind: "packages",
    requirements: [],
    sources: [],
    constraints: [],
    options: [],
    added: [],
    asOf: null,
    files: [],
    ...packages,
  };
  return {
    binderDirectory: "",
    steps: [step, ...steps],
    engine: { kind: "local", step: null, because: "" },
    files: [],
    server: { kind: "generic", because: "" },
    start: null,
    environmentVariables: {},
    path: [],
    runsRepositoryCode: false,
    coldStartBecause: null,
    differsFromRepo2docker: [],
    asOf: null,
    key: "",
    keyInputs: [],
  };
}

const project = {
  kind: "project",
  extras: [],
  isEditable: false,
  marker: null,
  files: [],
} as const;

describe("what uv is given", () => {
  test("requirements, then what is added, and where each line stands", () => {
    const sources = [{ file: "r.txt", line: 2 }];
    const inputs = installerInputs(
      planOf({ requirements: ["six==1"], sources, added: ["pip"], constraints: ["six<2"] }),
      "/home/jovyan",
      [],
    );
    expect(inputs).toMatchObject({
      requirements: ["six==1", "pip"],
      constraints: ["six<2"],
      local: [],
      needsCode: null,
    });
    expect(inputs.sources.get("six")).toEqual({ file: "r.txt", line: 2 });
  });

  test("directories and archives by their whole path, quoted as addresses", () => {
    const inputs = installerInputs(
      planOf(
        {},
        { ...project, directory: "" },
        {
          ...project,
          directory: "a b/ü",
          extras: ["x", "y"],
          isEditable: true,
          marker: 'os_name == "posix"',
        },
        { kind: "archive", path: "w/a#1.whl", extras: [], marker: null, files: [] },
      ),
      "/home/jovyan",
      [],
    );
    expect(inputs.local).toEqual([
      "file:///home/jovyan/w/a%231.whl",
      "file:///home/jovyan",
      '-e file:///home/jovyan/a%20b/%C3%BC[x,y] ; os_name == "posix"',
    ]);
    expect(inputs.needsCode).not.toBeNull();
  });

  test("the lines of a lock, those of its workspace by their whole path", () => {
    const text =
      "-e ./packages/mem\nattrs==1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n# a comment\n./other ; os_name == 'nt'\n";
    const inputs = installerInputs(planOf({ added: ["pip"] }), "/home/jovyan", exportedLines(text));
    expect(inputs.requirements).toEqual(["attrs==1 --hash=sha256:aa --hash=sha256:bb", "pip"]);
    expect(inputs.local).toEqual([
      "-e file:///home/jovyan/packages/mem",
      "file:///home/jovyan/other ; os_name == 'nt'",
    ]);
  });

  test.each<[string, Partial<Packages>, boolean]>([
    [
      "a wheel on the web",
      { requirements: ["x @ https://example.org/x-1-py3-none-any.whl"] },
      false,
    ],
    ["a source archive on the web", { requirements: ["x @ https://example.org/x-1.tar.gz"] }, true],
    [
      "an archive without a name",
      { requirements: ["https://example.org/x-1.zip --hash=sha256:aa"] },
      true,
    ],
    ["Git", { requirements: ["x @ git+https://example.org/x"] }, true],
    ["Git without a name", { requirements: ["git+https://example.org/x"] }, true],
    ["--no-binary", { options: [{ name: "no-binary", value: ":all:" }] }, true],
    ["a directory of archives", { options: [{ name: "find-links", value: "wheels" }] }, true],
    [
      "a page of archives",
      { options: [{ name: "find-links", value: "https://example.org/x" }] },
      false,
    ],
  ])("%s needs code to run in the build, or not", (_, packages, needsCode) => {
    expect(installerInputs(planOf(packages), "/h", []).needsCode !== null).toBe(needsCode);
  });
});

test("each option is one argument, so that no value is taken for an option", () => {
  const options = installerOptions(
    [
      { name: "index-url", value: "https://example.org/simple" },
      { name: "extra-index-url", value: "--evil" },
      { name: "find-links", value: "binder/wheels" },
      { name: "no-index", value: null },
      { name: "pre", value: null },
      { name: "no-binary", value: "a,b" },
      { name: "trusted-host", value: "example.org" },
      { name: "require-hashes", value: null },
    ],
    "/home/jovyan",
  );
  expect(options).toEqual([
    "--default-index=https://example.org/simple",
    "--index=--evil",
    "--find-links=/home/jovyan/binder/wheels",
    "--no-index",
    "--prerelease=allow",
    "--no-binary=a",
    "--no-binary=b",
    "--allow-insecure-host=example.org",
    "--index-strategy=unsafe-best-match",
  ]);
});

test.each<[Partial<Packages>, boolean]>([
  [{ requirements: ["six"] }, false],
  [{ requirements: ["x @ https://example.org/x.whl"] }, true],
  [{ requirements: ["git+ssh://git@example.org/x"] }, true],
  [{ options: [{ name: "index-url", value: "http://127.0.0.1/simple" }] }, true],
  [{ options: [{ name: "find-links", value: "wheels" }] }, false],
])("addresses that a repository names itself are noticed: %j", (packages, names) => {
  expect(namesAddresses(installerInputs(planOf(packages), "/h", []))).toBe(names);
});

test("the indexes that a lock names are asked too", () => {
  const options = [{ name: "extra-index-url", value: "https://example.org/simple" }] as const;
  const lock: PlanStep = {
    ...{ kind: "lock", format: "poetry", directory: "", path: "poetry.lock", files: [] },
    ...{ requirements: ["six==1"], options },
  };
  const inputs = installerInputs(planOf({}, lock), "/home/jovyan", ["six==1"]);
  expect(inputs.requirements).toEqual(["six==1"]);
  expect(installerOptions(inputs.options, "/home/jovyan")).toContain(
    "--index=https://example.org/simple",
  );
});

it("takes digests off requirements, and knows whose they were", () => {
  const { bare, hashes } = splitHashes([
    "Zope.Interface==6.0 --hash=sha256:aa --hash=sha256:bb",
    'six>=1 ; python_version >= "3"',
    "far @ https://example.org/far.whl --hash=sha256:cc",
  ]);
  expect(bare).toEqual([
    "Zope.Interface==6.0",
    'six>=1 ; python_version >= "3"',
    "far @ https://example.org/far.whl",
  ]);
  expect([...hashes]).toEqual([
    ["zope-interface", " --hash=sha256:aa --hash=sha256:bb"],
    ["far", " --hash=sha256:cc"],
  ]);
});
