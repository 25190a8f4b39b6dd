/** What npm says becomes whose fault it is, and which package. */
import { expect, it } from "vitest";
import { explainNpm } from "./install-node.ts";

it.each([
  [
    "npm error code E404\nnpm error 404 Not Found - GET https://registry.npmjs.org/nope-x\nnpm error 404  'nope-x@1' is not in this registry.",
    { code: "resolve-failed", detail: { package: "nope-x", file: "package.json" } },
  ],
  [
    "npm error code ETARGET\nnpm error notarget No matching version found for is-odd@99.",
    { code: "resolve-failed", detail: { package: "is-odd" } },
  ],
  [
    "npm error code EUSAGE\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.",
    { code: "resolve-failed" },
  ],
  [
    "npm error code ENOTFOUND\nnpm error request to https://r failed",
    { code: "index-unreachable" },
  ],
  [
    "npm error code 1\nnpm error path /home/jovyan\nnpm error command failed",
    { code: "install-failed" },
  ],
  ["killed", { code: "install-failed", message: "npm failed: see the log" }],
])("%s", (said, expected) => {
  expect(explainNpm(said, "package.json").failure).toMatchObject(expected);
});
