/** Tests of the lock file: what `npm ci` would refuse is named, and can be completed. */
import { expect, test } from "vitest";
import { completeLock, lockComplaints } from "./lock-file.ts";

const manifest = (version: string) => JSON.stringify({ dependencies: { tool: version } });
const lock = (packages: Record<string, object>) => JSON.stringify({ packages });
const tool = { version: "1.0.0", dev: true, optionalDependencies: { "tool-for-mars": "1.0.0" } };

test("an optional package of another platform may not be missing", () => {
  const text = lock({ "node_modules/tool": tool });
  expect(lockComplaints(manifest("1.0.0"), text)).toEqual([
    "node_modules/tool-for-mars is missing: run `npm run check -- --fix`.",
  ]);
});

test("completing enters it, for no Linux, and leaves the rest alone", () => {
  const completed = completeLock(lock({ "node_modules/zoo": {}, "node_modules/tool": tool }));
  expect(lockComplaints(manifest("1.0.0"), completed)).toEqual([]);
  expect(JSON.parse(completed).packages).toEqual({
    "node_modules/tool": tool,
    "node_modules/tool-for-mars": { version: "1.0.0", dev: true, optional: true, os: ["!linux"] },
    "node_modules/zoo": {},
  });
  expect(completeLock(completed)).toBe(completed);
});

test("a range is not an exact version", () => {
  expect(lockComplaints(manifest("^1.0.0"), lock({}))).toEqual([
    "tool has the version ^1.0.0, not an exact one.",
  ]);
});

test("no package may name where it came from", () => {
  const text = lock({ "node_modules/tool": { resolved: "https://packages.example/tool.tgz" } });
  expect(lockComplaints(manifest("1.0.0"), text)[0]).toMatch(/node_modules\/tool names a registry/);
});
