/** The life of an incident: one record for each fault, over by a rule, and opened again by itself. */
import { describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { DEFAULT_POLICY, type Policy } from "../policy.ts";
import {
  decideIncidents,
  EMPTY_BOOK,
  type IncidentBook,
  type IncidentFacts,
} from "./decide-incidents.ts";
import type { Finding } from "./finding.ts";
import { ALL_GREEN, finding } from "./incidents-in-tests.ts";

/** What was found from a second on, until the next one. */
type Script = Readonly<Record<number, readonly Finding[]>>;

interface Run {
  readonly script: Script;
  readonly untilMs: number;
  readonly facts?: (nowMs: number) => Partial<IncidentFacts>;
  readonly policy?: Partial<Policy>;
}

/** A look every 5 s. */
function run({ facts, policy, script, untilMs }: Run) {
  let book: IncidentBook = EMPTY_BOOK;
  let found: readonly Finding[] = [];
  const changes: string[] = [];
  const pages: string[] = [];
  const used = { ...DEFAULT_POLICY, ...policy };
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 5 * SECOND_MS) {
    found = script[nowMs / SECOND_MS] ?? found;
    const given = { ...ALL_GREEN, ...facts?.(nowMs) };
    const decision = decideIncidents(book, found, given, used, nowMs);
    book = decision.next;
    const at = (what: string) => `${nowMs / SECOND_MS} ${what}`;
    for (const { change, incident } of decision.changes)
      changes.push(at(`${change} ${incident.cause}`));
    for (const page of decision.pages) pages.push(at(page.text.split(" ")[0] ?? ""));
  }
  return { incidents: book.incidents, changes, pages };
}

const wedged = finding("control-wedged");
const sick = finding("node-dns", { kind: "node", name: "n" });

describe("an incident", () => {
  it("is opened at once, mitigated when its finding is gone, and over ten good minutes later", () => {
    const { changes, incidents, pages } = run({
      script: { 10: [wedged], 60: [] },
      untilMs: 20 * MINUTE_MS,
    });
    expect(changes).toEqual([
      "10 opened control-wedged",
      "75 mitigated control-wedged",
      "660 resolved control-wedged",
    ]);
    expect(incidents[0]?.timeline.map(({ kind }) => kind)).toEqual(["found", "gone", "resolved"]);
    expect(pages).toEqual([]);
  });

  it.each<[string, (nowMs: number) => Partial<IncidentFacts>, string | undefined]>([
    ["four green canaries", () => ({ greenCanaries: 4 }), undefined],
    ["no canaries here", () => ({ greenCanaries: null }), "660"],
    ["launches are not good", () => ({ goodSinceMs: null }), undefined],
    ["launches are good since minute 5", () => ({ goodSinceMs: 5 * MINUTE_MS }), "900"],
    ["somebody waits", () => ({ hasBacklog: true }), undefined],
    ["somebody waits until minute 12", (nowMs) => ({ hasBacklog: nowMs < 12 * MINUTE_MS }), "720"],
  ])("is over by the rule: %s", (_, facts, at) => {
    const { changes } = run({ script: { 10: [wedged], 60: [] }, untilMs: HOUR_MS, facts });
    expect(changes.find((change) => change.includes("resolved"))?.split(" ")[0]).toBe(at);
  });

  it("is not mitigated by a finding that flickers", () => {
    const { changes } = run({ script: { 10: [wedged], 60: [], 70: [wedged] }, untilMs: 100_000 });
    expect(changes).toEqual(["10 opened control-wedged"]);
  });

  it.each([
    ["mitigated", 120, "reopened"],
    ["over for less than an hour", 1_200, "reopened"],
    ["over for more than an hour", 6_000, "opened"],
  ])("whose finding returns while it is %s, at %i s, is %s", (_, second, change) => {
    const { changes, incidents } = run({
      script: { 10: [wedged], 60: [], [second]: [wedged] },
      untilMs: 2 * HOUR_MS,
    });
    expect(changes.at(-1)).toBe(`${second} ${change} control-wedged`);
    expect(incidents).toHaveLength(change === "opened" ? 2 : 1);
  });

  it("about a node is mitigated when the node is put aside, and over half an hour later", () => {
    const { changes } = run({
      script: { 10: [sick] },
      untilMs: 3 * HOUR_MS,
      facts: (nowMs) => ({ aside: new Set(nowMs >= 20_000 ? ["node:n"] : []) }),
    });
    expect(changes).toEqual([
      "10 opened node-dns",
      "35 mitigated node-dns",
      "1820 resolved node-dns",
    ]);
  });

  it("about a node is not over while the node is in quarantine", () => {
    const { changes } = run({
      script: { 10: [sick], 60: [] },
      untilMs: 3 * HOUR_MS,
      facts: (nowMs) => {
        const names = new Set(nowMs < 2 * HOUR_MS ? ["node:n"] : []);
        return { aside: names, quarantined: names };
      },
    });
    expect(changes.at(-1)).toBe("7200 resolved node-dns");
  });

  it("about a node is opened although the node was put aside before anybody looked", () => {
    const { changes } = run({
      script: { 10: [sick] },
      untilMs: MINUTE_MS,
      facts: () => ({ aside: new Set(["node:n"]) }),
    });
    expect(changes).toEqual(["10 opened node-dns", "30 mitigated node-dns"]);
  });

  it("about a node is opened again when the node is released as sick as before", () => {
    const { changes } = run({
      script: { 10: [sick] },
      untilMs: 10 * MINUTE_MS,
      facts: (nowMs) => ({ aside: new Set(nowMs < 5 * MINUTE_MS ? ["node:n"] : []) }),
    });
    expect(changes.at(-1)).toBe("300 reopened node-dns");
  });

  it("names the incident of its root", () => {
    const failing = finding("launches-failing", { kind: "cluster", name: "launches" });
    const { incidents } = run({
      script: { 0: [failing], 10: [sick] },
      untilMs: 30_000,
      facts: (nowMs) =>
        nowMs < 10_000 ? {} : { explained: [{ finding: failing, by: ["node-dns:node:n"] }] },
    });
    expect(incidents.map(({ cause, state }) => [cause, state])).toEqual([
      ["launches-failing", "mitigated"],
      ["node-dns", "open"],
    ]);
    expect(incidents[0]?.relatedTo).toEqual([incidents[1]?.id]);
  });

  it("names another about the same node", () => {
    const crash = finding("component-crash-loop", { kind: "component", name: "e" });
    const { incidents } = run({
      script: { 0: [sick], 10: [sick, { ...crash, evidence: "e was restarted on n" }] },
      untilMs: 20_000,
    });
    expect(incidents[1]?.relatedTo).toEqual([incidents[0]?.id]);
  });
});

describe("pages", () => {
  it.each<[string, Run, readonly string[]]>([
    [
      "a page at once, and not again within the hour",
      { script: { 10: [finding("edge-down", undefined, { severity: "page" })] }, untilMs: HOUR_MS },
      ["10 edge-down"],
    ],
    [
      "and again when it still stands",
      {
        script: { 10: [finding("edge-down", undefined, { severity: "page" })] },
        untilMs: HOUR_MS + MINUTE_MS,
      },
      ["10 edge-down", "3610 edge-down"],
    ],
    [
      "an act after ten minutes",
      { script: { 10: [wedged] }, untilMs: HOUR_MS },
      ["610 control-wedged"],
    ],
    ["an act that the machine ended", { script: { 10: [wedged], 500: [] }, untilMs: HOUR_MS }, []],
    [
      "an act for which nothing is left to try",
      {
        script: { 10: [wedged] },
        untilMs: 5 * MINUTE_MS,
        facts: (nowMs) => ({
          exhausted: new Set(nowMs < 2 * MINUTE_MS ? [] : ["control-wedged-7ps-1"]),
        }),
      },
      ["120 control-wedged"],
    ],
    [
      "a node that was put aside",
      { script: { 10: [sick] }, untilMs: HOUR_MS, facts: () => ({ aside: new Set(["node:n"]) }) },
      [],
    ],
    [
      "a note never",
      {
        script: { 10: [finding("capacity-forecast", undefined, { severity: "note" })] },
        untilMs: HOUR_MS,
      },
      [],
    ],
    [
      "a note that becomes grave",
      { script: { 10: [{ ...wedged, severity: "note" }], 1200: [wedged] }, untilMs: HOUR_MS },
      ["1800 control-wedged"],
    ],
  ])("%s", (_, given, pages) => {
    expect(run(given).pages).toEqual(pages);
  });
});

describe("the book", () => {
  it("is bounded: the oldest that are over go first", () => {
    const script: Record<number, readonly Finding[]> = {};
    for (let n = 0; n < 10; n += 1) {
      script[n * 10] = [finding("control-wedged", { kind: "component", name: `c${n}` })];
    }
    script[100] = [];
    const policy = { incidentsKeptMax: 4, incidentGoodMs: 0 };
    const { incidents } = run({ script, untilMs: 10 * MINUTE_MS, policy });
    expect(incidents.length).toBeLessThanOrEqual(4);
  });

  it("keeps the beginning and the end of a long record", () => {
    const script: Record<number, readonly Finding[]> = {};
    for (let n = 0; n < 40; n += 1) script[n * 60] = n % 2 === 0 ? [wedged] : [];
    const policy = { incidentTimelineMax: 10 };
    const { incidents } = run({ script, untilMs: 40 * MINUTE_MS, policy });
    expect(incidents[0]?.timeline).toHaveLength(10);
    expect(incidents[0]?.timeline[0]?.kind).toBe("found");
  });
});
