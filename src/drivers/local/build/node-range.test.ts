/** Ranges of package.json hold for the versions that npm says they hold for. */
import { expect, it } from "vitest";
import { isInRange } from "./node-range.ts";

it.each([
  ["20.20.2", ">=18", true],
  ["20.20.2", ">=18 <20", false],
  ["20.20.2", ">= 18.0.0 < 21", true],
  ["20.20.2", "^18 || ^20", true],
  ["20.20.2", "^20.21", false],
  ["20.20.2", "20", true],
  ["20.20.2", "20.x", true],
  ["20.20.2", "20.20", true],
  ["20.20.2", "20.20.1", false],
  ["20.20.2", "v20.20.2", true],
  ["20.20.2", "~20.20.1", true],
  ["20.20.2", "~20.19", false],
  ["20.20.2", ">20", false],
  ["20.20.2", "<=20", true],
  ["20.20.2", "<=20.20.1", false],
  ["20.20.2", "18 - 20", true],
  ["20.20.2", "18 - 19.x", false],
  ["20.20.2", "*", true],
  ["20.20.2", "", true],
  ["20.20.2", "lts/iron", false],
  ["0.2.3", "^0.2.1", true],
  ["0.3.0", "^0.2.1", false],
  ["v20.20.2", ">=20", true],
])("%s in %j: %s", (version, range, isIn) => {
  expect(isInRange(version, range)).toBe(isIn);
});
