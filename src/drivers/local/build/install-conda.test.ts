/** What the program that installs conda packages says last becomes a failure with its place. */
import { describe, expect, it } from "vitest";
import { explainConda } from "./install-conda.ts";

const STEP = {
  path: "environment.yml",
  specs: ["python 3.12.*", "conda-forge::gdal >=3"],
  sources: [
    { file: "environment.yml", line: 3 },
    { file: "environment.yml", line: 4 },
  ],
};

function said(kind: string, message: string): string {
  return `Solving\nbindery-failed ${JSON.stringify({ kind, message })}`;
}

describe("explainConda", () => {
  it.each([
    [
      said("unsolvable", "No candidates were found for gdal >=3."),
      {
        code: "resolve-failed",
        message: "environment.yml:4: No candidates were found for gdal >=3.",
        detail: { step: "conda", file: "environment.yml", line: 4, package: "gdal" },
      },
    ],
    [
      said("unsolvable", "something\n  about nothing"),
      {
        code: "resolve-failed",
        message: "environment.yml: something about nothing",
        detail: { step: "conda", file: "environment.yml" },
      },
    ],
    [
      said("unreachable", "error for url (https://conda.example:8443/x/repodata.json)"),
      { code: "index-unreachable", detail: { step: "conda", host: "conda.example:8443" } },
    ],
    [said("invalid", "no platform"), { code: "config-invalid" }],
    [said("altered", "hash mismatch"), { code: "install-failed" }],
    [said("disk", "No space left on device"), { code: "disk-full" }],
    ["killed", { code: "install-failed", message: "environment.yml: see the log" }],
  ])("%#", (output, expected) => {
    expect(explainConda(output, STEP).failure).toMatchObject(expected);
  });
});
