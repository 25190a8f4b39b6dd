/** Events are numbered without gaps, and the lines of a build are kept once however many read them. */
import { describe, expect, it } from "vitest";
import type { LaunchEvent } from "#core/launch/launch.ts";
import { type BuildLine, LaunchLog } from "./launch-log.ts";

const line = (message: string): BuildLine => ({ atMs: 0, phase: "building", message });

function told(log: LaunchLog, after: number): string[] {
  const events: LaunchEvent[] = [];
  log.watch(after, (event) => events.push(event))();
  return events.map(({ number, message }) => `${number} ${message}`);
}

describe("LaunchLog", () => {
  it("numbers its own events and a build's lines in one row", () => {
    const log = new LaunchLog(100);
    const lines = [line("a")];
    const live: string[] = [];
    log.append({ phase: "waiting", message: "wait" }, 0);
    log.watch(0, ({ number, message }) => live.push(`${number} ${message}`));
    log.attach(lines);
    lines.push(line("b"));
    log.lineAdded();
    log.append({ phase: "built", message: "built" }, 0);
    lines.push(line("not ours any more"));
    log.lineAdded();
    log.append({ phase: "ready", message: "ready" }, 0);
    const all = ["1 wait", "2 a", "3 b", "4 built", "5 ready"];
    expect(live).toEqual(all);
    expect(told(log, 0)).toEqual(all);
    for (let after = 0; after <= 5; after += 1) expect(told(log, after)).toEqual(all.slice(after));
  });

  it("keeps no more than its limit of what moves nothing on, and always the end", () => {
    const log = new LaunchLog(3);
    for (let i = 0; i < 9; i += 1) log.append({ phase: "fetching", message: `${i}` }, 0);
    log.append({ phase: "failed", message: "end" }, 0);
    expect(told(log, 0)).toEqual(["1 0", "2 1", "3 2", "4 end"]);
  });

  it("gives a late watcher the lines that came while nobody watched", () => {
    const log = new LaunchLog(100);
    const lines: BuildLine[] = [];
    log.attach(lines);
    lines.push(line("a"), line("b"));
    log.lineAdded();
    expect(told(log, 1)).toEqual(["2 b"]);
    expect(log.phase).toBe("building");
  });
});
