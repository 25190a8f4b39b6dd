/** What R says becomes a failure with its file. */
import { describe, expect, it } from "vitest";
import { explainR } from "./install-r.ts";

describe("explainR", () => {
  it.each([
    [
      'Loading\nError in stop("no") : no such thing\nCalls: source\nExecution halted',
      { code: "install-failed", message: 'install.R: Error in stop("no") : no such thing' },
    ],
    [
      "Warning: unable to access index for repository https://cran.example/src/contrib\nError: package",
      { code: "index-unreachable", detail: { step: "r", file: "install.R" } },
    ],
    ["", { code: "install-failed", message: "install.R: see the log" }],
  ])("%#", (output, expected) => {
    expect(explainR(output, "install.R").failure).toMatchObject(expected);
  });
});
