/** What uv says becomes a reason with file, line and package. */
import { describe, expect, test } from "vitest";
import { explainFailure, packagesWithoutWheel, wantsSource } from "./explain-failure.ts";

const inputs = {
  sources: new Map([
    ["six", { file: "requirements.txt", line: 3 }],
    ["pandas", { file: "more.txt", line: 1 }],
    ["mine", { file: "requirements.txt", line: 9 }],
  ]),
};
const context = { step: "packages", inputs, isOnline: true };

const CONFLICT = `Using Python 3.11.2 environment at: /srv/env
error: No solution found when resolving dependencies
  cause: Because pandas==2.2.0 depends on numpy>=1.23.2,<2 and you require pandas==2.2.0, we can conclude that you require numpy>=1.23.2,<2.
         And because you require numpy==1.20, we can conclude that your requirements are unsatisfiable.`;
const NO_WHEEL = `error: No solution found when resolving dependencies
  cause: Because all versions of docopt have no usable wheels and you require docopt, we can conclude that your requirements are unsatisfiable.

hint: Wheels are required for \`docopt\` because building from source is disabled for all packages (i.e., with \`--no-build\`)`;
const WRONG_ABI = `error: No solution found when resolving dependencies
  cause: Because tensorflow==1.15.0 has no wheels with a matching Python ABI tag (e.g., \`cp311\`) and you require tensorflow==1.15, we can conclude that your requirements are unsatisfiable.`;
const UNREACHABLE = `error: Request failed after 3 retries in 11.3s
  cause: Failed to fetch: https://index.example.org/simple/flask/
  cause: error sending request for url (https://index.example.org/simple/flask/)
  cause: client error (Connect)
  cause: dns error`;
const BUILD = `  × Failed to build \`mine @ file:///home/jovyan\`
  ├─▶ The build backend returned an error
  ╰─▶ Call to \`setuptools.build_meta.build_wheel\` failed (exit status: 1)`;
const OFFLINE = `error: No solution found when resolving dependencies
  cause: Because flask was not found in the cache and you require flask, we can conclude that your requirements are unsatisfiable.

hint: Packages were unavailable because the network was disabled.`;

describe("what uv says becomes a failure", () => {
  test.each<[string, string, object]>([
    [
      "a conflict",
      CONFLICT,
      {
        code: "resolve-failed",
        detail: { step: "packages", package: "pandas", file: "more.txt", line: 1 },
      },
    ],
    [
      "a version that does not exist",
      "error: x\n  cause: Because there is no version of six==99.1 and you require six==99.1, we can conclude",
      {
        code: "resolve-failed",
        detail: { step: "packages", package: "six", file: "requirements.txt", line: 3 },
      },
    ],
    [
      "a package nobody of the repository names",
      "error: x\n  cause: Because nope was not found in the package registry and you require nope, we",
      { code: "resolve-failed", detail: { step: "packages", package: "nope" } },
    ],
    [
      "an index that does not answer",
      UNREACHABLE,
      {
        code: "index-unreachable",
        message: expect.stringContaining("index.example.org"),
        detail: { host: "index.example.org" },
      },
    ],
    [
      "an index with an inner error",
      "error: Failed to fetch: https://index.example.org/simple/six/\n cause: HTTP status server error (503 Service Unavailable)",
      { code: "index-unreachable" },
    ],
    [
      "a build that fails",
      BUILD,
      {
        code: "install-failed",
        detail: { step: "packages", package: "mine", file: "requirements.txt", line: 9 },
      },
    ],
    [
      "a full disk",
      "error: failed to write\n  cause: No space left on device (os error 28)",
      { code: "disk-full" },
    ],
    [
      "a malformed requirement",
      "error: Couldn't parse requirement in `/srv/inputs/requirements.txt` at position 4\n  cause: Operator >= cannot be used with a wildcard",
      { code: "resolve-failed", message: expect.stringContaining("wildcard") },
    ],
    ["nothing at all", "", { code: "resolve-failed" }],
  ])("%s", (_, output, failure) => {
    expect(explainFailure(output, context)).toMatchObject(failure);
  });

  test("a download that a step without network needs is no fault of the requirements", () => {
    expect(explainFailure(OFFLINE, { ...context, isOnline: false })).toMatchObject({
      code: "index-unreachable",
      message: expect.stringContaining("no network"),
    });
  });

  test("the reason is uv's own, in one line and not endless", () => {
    const { message } = explainFailure(CONFLICT, context);
    expect(message).toContain("And because you require numpy==1.20");
    expect(message).not.toMatch(/\n|Using Python|cause:/);
    expect(explainFailure(`error: ${"x".repeat(1e5)}`, context).message.length).toBeLessThan(2_000);
    for (const piece of ["x", "`a", "a@", "Failed to fetch ", "cause: "]) {
      const { message } = explainFailure(`error: ${piece.repeat(1e6)} depends on`, context);
      expect(message.length).toBeLessThan(2_000);
    }
  });
});

test("what has no wheel is tried from source, and nothing else is", () => {
  expect([NO_WHEEL, WRONG_ABI].map(wantsSource)).toEqual([true, true]);
  expect([CONFLICT, UNREACHABLE, BUILD, OFFLINE, ""].map(wantsSource)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(packagesWithoutWheel(NO_WHEEL)).toEqual(["docopt"]);
});
