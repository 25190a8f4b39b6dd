/** The lines of the supervisor's log. */
import { expect, test } from "vitest";
import { createLineLog } from "./line-log.ts";

function logged(least: Parameters<typeof createLineLog>[1]) {
  const lines: string[] = [];
  const log = createLineLog("supervisor", least, (line) => void lines.push(line));
  log.debug("d");
  log.info("i");
  log.warn("w", { role: "control" });
  log.error("e", { error: new TypeError("why") });
  return lines.map((line) => JSON.parse(line));
}

test("only what is at least as grave as wanted is written", () => {
  expect(logged("warn").map(({ message }) => message)).toEqual(["w", "e"]);
  expect(logged("debug")).toHaveLength(4);
  expect(logged("silent")).toEqual([]);
});

test("a line says the part, the time, the fields, and what was thrown", () => {
  const [warning, fault] = logged("warn");
  expect(warning).toMatchObject({ part: "supervisor", level: "warn", role: "control" });
  expect(Date.parse(warning.at)).not.toBeNaN();
  expect(fault.error).toMatchObject({ type: "TypeError", message: "why" });
});
