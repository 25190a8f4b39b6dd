/** What is counted under which name, and that it stays bounded. */
import { describe, expect, it } from "vitest";
import type { HistoryEntry } from "#ports/history.ts";
import { Metrics } from "./metrics.ts";

const launch: HistoryEntry = {
  kind: "launch",
  atMs: 0,
  launchId: "launch-1",
  provider: "gh",
  spec: "owner/name",
  ref: null,
  commit: null,
  outcome: "ready",
  code: null,
  attempts: 1,
  durationMs: 1_500,
};

async function textAfter(entries: readonly HistoryEntry[]): Promise<string> {
  const metrics = new Metrics({ withProcess: false });
  for (const entry of entries) metrics.count(entry);
  return await metrics.registry.metrics();
}

describe("metrics", () => {
  it("count launches under BinderHub's names and ours", async () => {
    const failed = { ...launch, outcome: "failed", code: "resolve-failed" } as const;
    const full = { ...launch, outcome: "failed", code: "queue-full" } as const;
    const text = await textAfter([launch, launch, failed, full]);
    for (const line of [
      'binderhub_launch_count_total{status="success",provider="gh",repo="gh/owner/name"} 2',
      'binderhub_launch_count_total{status="failure",provider="gh",repo="gh/owner/name"} 1',
      'binderhub_launch_count_total{status="pod_quota",provider="gh",repo="gh/owner/name"} 1',
      'binderhub_launch_time_seconds_count{status="success",retries="0"} 2',
      'binderhub_launch_time_seconds_count{status="failure",retries="-1"} 2',
      'bindery_launches_total{outcome="failed",code="resolve-failed",fault="repository",attempts="1"} 1',
      'bindery_launches_total{outcome="ready",code="",fault="",attempts="1"} 2',
    ]) {
      expect(text).toContain(line);
    }
  });

  it("never have more series than a bound, however many repositories there are", async () => {
    const many = Array.from({ length: 5_000 }, (_, index) => ({ ...launch, spec: `o/n${index}` }));
    const text = await textAfter(many);
    const series = text.match(/^binderhub_launch_count_total\{/gm) ?? [];
    expect(series).toHaveLength(101);
    expect(text).toContain('repo="other"} 4900');
  });

  it("do not name folders of the machine", async () => {
    const local = { ...launch, provider: "local", spec: "%2Fhome%2Fme%2Fsecret-project" };
    expect(await textAfter([local])).not.toContain("secret-project");
  });

  it("pass the history on that they count", async () => {
    const kept: HistoryEntry[] = [];
    const metrics = new Metrics({ withProcess: false });
    const history = metrics.counted({
      append: (entry) => void kept.push(entry),
      recent: async () => kept,
    });
    history.append(launch);
    expect(await history.recent("launch", 1)).toEqual([launch]);
    expect(await metrics.registry.metrics()).toContain("bindery_launches_total{");
  });
});
