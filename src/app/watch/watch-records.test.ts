/** The watch's file. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { AuditRecord } from "#core/operations/command.ts";
import { boundedRecords, NO_RECORDS, readWatchRecords, WatchFile } from "./watch-records.ts";

const place = mkdtempSync(join(tmpdir(), "bindery-watch-"));
afterAll(() => rmSync(place, { recursive: true }));
const silent = () => undefined;
const LOG = { debug: silent, info: silent, warn: silent, error: silent };

const audit = (atMs: number): AuditRecord => ({
  ...{ atMs, evidence: "it hangs", limit: "1 in 5 min" },
  command: { kind: "restart-component", component: "control" },
  actor: { kind: "machine", incident: "x" },
  outcome: { kind: "done", message: "it is restarted" },
});

describe("what the watch knows", () => {
  it("is read again as it was saved last, and nothing else is left behind", async () => {
    const path = join(place, "watch.json");
    const file = new WatchFile(path, LOG);
    for (let n = 1; n <= 5; n += 1) file.save({ incidents: [], audit: [audit(n)] });
    await file.settled();
    expect(readWatchRecords(path)).toEqual({ incidents: [], audit: [audit(5)] });
    expect(readdirSync(place)).toEqual(["watch.json"]);
  });

  it.each([
    ["nothing", null],
    ["half a file", '{"incidents":['],
    ["something else", '{"incidents":5}'],
    ["no object", "null"],
  ])("is nothing when there is %s", (_, text) => {
    const path = join(place, "broken.json");
    if (text !== null) writeFileSync(path, text);
    expect(readWatchRecords(text === null ? join(place, "none") : path)).toEqual(NO_RECORDS);
    rmSync(path, { force: true });
  });

  it("is bounded: the newest stay", () => {
    const many = Array.from({ length: 300 }, (_, index) => audit(300 - index));
    const { audit: kept } = boundedRecords({ incidents: [], audit: many });
    expect(kept).toHaveLength(200);
    expect(kept[0]?.atMs).toBe(300);
  });
});
