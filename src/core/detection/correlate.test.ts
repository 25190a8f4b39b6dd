/** Causes stand for themselves, symptoms stand behind them. */
import { describe, expect, it } from "vitest";
import { type Cause, type Finding, findingKey, type Subject } from "../incident/finding.ts";
import { correlate, hasCulprit, noteSeen } from "./correlate.ts";
import { node } from "./observed-in-tests.ts";

const NOW_MS = 10 * 60_000;

function finding(cause: Cause, kind: Subject["kind"], name: string, sinceMs = NOW_MS): Finding {
  return { cause, subject: { kind, name }, severity: "act", evidence: "", sinceMs };
}

const nodes = [node("a"), node("b"), node("c"), node("aside", { bars: ["quarantined"] })];
const failing = finding("launches-failing", "cluster", "launches");
const canary = finding("canary-failing", "cluster", "launch canary");
const buildCanary = finding("canary-failing", "cluster", "build canary");
const sick = (name: string, sinceMs = NOW_MS) => finding("node-pod-network", "node", name, sinceMs);
const upstream = finding("upstream-unavailable", "host", "deb.example.org");
const edges = ["e1", "e2"].map((name) => finding("edge-replica-wedged", "edge", name));

describe("correlation", () => {
  it.each<[string, readonly Finding[], readonly Finding[]]>([
    ["a symptom alone stands", [failing], [failing]],
    [
      "a sick node explains failing launches and canaries",
      [failing, canary, sick("a")],
      [sick("a")],
    ],
    [
      "a node that was just put aside still explains them",
      [failing, sick("aside")],
      [sick("aside")],
    ],
    ["one put aside long ago does not", [failing, sick("aside", 0)], [failing, sick("aside", 0)]],
    [
      "most nodes accused at once explain nothing",
      [failing, sick("a"), sick("b"), sick("c")],
      [failing, sick("a"), sick("b"), sick("c")],
    ],
    [
      "a host explains what is built, not the canary that launches",
      [canary, failing, buildCanary, upstream],
      [canary, upstream],
    ],
    [
      "an edge that is down explains its replicas",
      [...edges, finding("edge-down", "edge", "all")],
      [finding("edge-down", "edge", "all")],
    ],
    ["two causes stand beside each other", [sick("a"), upstream], [sick("a"), upstream]],
  ])("%s", (_, given, standing) => {
    const result = correlate(given, new Map(), nodes, NOW_MS);
    expect(result.findings.map(findingKey)).toEqual(standing.map(findingKey));
    expect(result.explained).toHaveLength(given.length - standing.length);
  });

  it.each([
    ["just now", 60_000, 0],
    ["long ago", 120_000, 1],
  ])("a cause that is gone since %s", (_, agoMs, standing) => {
    const then = noteSeen(new Map(), [sick("a")], NOW_MS - agoMs);
    const result = correlate([failing], noteSeen(then, [failing], NOW_MS), nodes, NOW_MS);
    expect(result.findings).toHaveLength(standing);
  });

  it.each<[string, readonly Finding[], boolean]>([
    ["nothing", [], false],
    ["a sick node", [sick("a")], true],
    ["a node put aside long ago", [sick("aside", 0)], false],
    ["the cluster's API", [finding("cluster-api-unreachable", "cluster", "api")], true],
    ["a certificate", [finding("certificate-expiring", "host", "x")], false],
  ])("keeps suspicion from the control plane: %s", (_, given, isCulprit) => {
    expect(hasCulprit(given, nodes, NOW_MS)).toBe(isCulprit);
  });
});
