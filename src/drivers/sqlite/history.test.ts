/** History on a real file. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HistoryEntry } from "#ports/history.ts";
import { createSqliteHistory } from "./history.ts";

const clock = { nowMs: () => 0, monotonicMs: () => 0, setTimer: () => () => undefined };
const silent = () => undefined;
const entry = (key: string): HistoryEntry => ({
  kind: "build",
  atMs: 1,
  key,
  outcome: "built",
  code: null,
  durationMs: 2,
});
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "history-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("createSqliteHistory", () => {
  it("gives back what was appended, newest first, also after a restart", async () => {
    const path = join(directory, "history.sqlite");
    const log = { debug: silent, info: silent, warn: silent, error: silent };
    const first = createSqliteHistory({ path, clock, log });
    first.append(entry("a"));
    first.append(entry("b"));
    first.close();
    const second = createSqliteHistory({ path, clock, log });
    expect(await second.recent("build", 10)).toEqual([entry("b"), entry("a")]);
    expect(await second.recent("build", 1)).toEqual([entry("b")]);
    expect(await second.recent("launch", 10)).toEqual([]);
    second.close();
  });

  it("reads launches that were written before their attempts were counted", async () => {
    const path = join(directory, "history.sqlite");
    const log = { debug: silent, info: silent, warn: silent, error: silent };
    const launch = {
      kind: "launch",
      atMs: 1,
      launchId: "l",
      provider: "gh",
      spec: "o/n",
      ref: null,
      commit: null,
      outcome: "ready",
      code: null,
      durationMs: 2,
    } as const;
    const older = createSqliteHistory({ path, clock, log });
    older.append(launch as unknown as HistoryEntry);
    older.append({ ...launch, attempts: 2 });
    expect(await older.recent("launch", 10)).toEqual([
      { ...launch, attempts: 2 },
      { ...launch, attempts: null },
    ]);
    older.close();
  });

  it("keeps what operators did apart from what happened", async () => {
    const path = join(directory, "history.sqlite");
    const log = { debug: silent, info: silent, warn: silent, error: silent };
    const action: HistoryEntry = {
      kind: "action",
      atMs: 1,
      action: "quarantine-node",
      command: JSON.stringify({ kind: "quarantine-node", node: "a" }),
      by: "machine",
      name: null,
      evidence: "2 probes failed",
      limit: "1 in 10 min (0 so far)",
      outcome: "done",
      message: "",
    };
    const history = createSqliteHistory({ path, clock, log });
    history.append(entry("a"));
    history.append(action);
    expect(await history.recent("action", 10)).toEqual([action]);
    expect(await history.recent("build", 10)).toEqual([entry("a")]);
    history.close();
  });

  it("goes on without a file that it can use, and says so", async () => {
    const path = join(directory, "history.sqlite");
    writeFileSync(path, "this is no database, and long enough to be seen as none".repeat(20));
    const warnings: string[] = [];
    const log = {
      debug: silent,
      info: silent,
      warn: (m: string) => warnings.push(m),
      error: silent,
    };
    const history = createSqliteHistory({ path, clock, log });
    history.append(entry("a"));
    expect(await history.recent("build", 10)).toEqual([]);
    expect(warnings).toHaveLength(1);
    history.close();
  });
});
