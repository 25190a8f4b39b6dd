/** A build's log is bounded, and holds no secret. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createBuildLog } from "./build-log.ts";

test("nothing secret is told or kept", async () => {
  const told: string[] = [];
  const log = createBuildLog({
    bytesMax: 10_000,
    secrets: ["hunter2"],
    onEvent: ({ line }) => told.push(line),
  });
  log.say("from https://joe:pass@example.org/x and git+ssh://git@example.org/y");
  log.say("the password is hunter2, hunter2");
  expect(told).toEqual([
    "from https://example.org/x and git+ssh://example.org/y",
    "the password is …, …",
  ]);
  expect(await kept(log)).toBe(`${told.join("\n")}\n`);
});

test("the end is kept, and that the beginning is missing is said", async () => {
  const log = createBuildLog({ bytesMax: 1_000, secrets: [], onEvent: () => undefined });
  for (let count = 0; count < 50_000; count++) log.say(`line ${count}`);
  const lines = (await kept(log)).trimEnd().split("\n");
  expect(lines[0]).toBe("[the beginning of this log was cut]");
  expect(lines.at(-1)).toBe("line 49999");
  expect(lines.slice(1).join("\n").length).toBeLessThanOrEqual(1_000);
  expect(lines.length).toBeGreaterThan(80);
});

async function kept(log: ReturnType<typeof createBuildLog>): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "bindery-log-"));
  await log.keep(join(directory, "log"));
  const text = readFileSync(join(directory, "log"), "utf8");
  rmSync(directory, { recursive: true });
  return text;
}
