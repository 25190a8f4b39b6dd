/** Launches of our own, remembered: how many in a row went well, and where the last bad one failed. */
import { formatDuration } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";

export interface CanaryLook {
  readonly kind: "launch" | "build";
  readonly isGreen: boolean;
  readonly durationMs: number;
  readonly node: string | null;
  readonly because: string | null;
}

/** Where on its way a launch failed. */
export type Hop = "dns" | "edge" | "seat" | "build" | "start";

export interface CanaryRow {
  /** In a row, up to now. */
  readonly greens: number;
  readonly reds: number;
  readonly redSinceMs: number | null;
  readonly lastRed: CanaryLook | null;
  /** Of the one that is under way: when it was told something last. */
  readonly heardAtMs: number | null;
}

export interface CanaryFacts {
  readonly launch: CanaryRow;
  readonly build: CanaryRow;
}

const NEW_ROW: CanaryRow = {
  greens: 0,
  reds: 0,
  redSinceMs: null,
  lastRed: null,
  heardAtMs: null,
};

export const NO_CANARIES: CanaryFacts = { launch: NEW_ROW, build: NEW_ROW };

/** In a row: one alone may be bad luck. */
const REDS_MIN = 2;

/** It begins, or is told something on its way. */
export function canaryHeard(
  facts: CanaryFacts,
  kind: CanaryLook["kind"],
  nowMs: number,
): CanaryFacts {
  return { ...facts, [kind]: { ...facts[kind], heardAtMs: nowMs } };
}

export function canaryEnded(facts: CanaryFacts, look: CanaryLook, nowMs: number): CanaryFacts {
  const { greens, redSinceMs, reds } = facts[look.kind];
  const row: CanaryRow = look.isGreen
    ? { ...NEW_ROW, greens: greens + 1 }
    : {
        greens: 0,
        reds: reds + 1,
        redSinceMs: redSinceMs ?? nowMs,
        lastRed: look,
        heardAtMs: null,
      };
  return { ...facts, [look.kind]: row };
}

/** The latest canary of this kind failed, or is told nothing for too long. */
export function isCanaryBad(
  row: CanaryRow,
  policy: Pick<Policy, "canarySilenceMs">,
  nowMs: number,
): boolean {
  return row.reds > 0 || isCanarySilent(row, policy, nowMs);
}

export function isCanarySilent(
  { heardAtMs }: CanaryRow,
  policy: Pick<Policy, "canarySilenceMs">,
  nowMs: number,
): boolean {
  return heardAtMs !== null && nowMs - heardAtMs >= policy.canarySilenceMs;
}

export function detectCanaries(facts: CanaryFacts): readonly Finding[] {
  const findings: Finding[] = [];
  for (const kind of ["launch", "build"] as const) {
    const { lastRed, redSinceMs, reds } = facts[kind];
    if (reds < REDS_MIN || lastRed === null) continue;
    findings.push({
      cause: "canary-failing",
      subject: { kind: "cluster", name: `${kind} canary` },
      severity: "act",
      evidence: evidenceOf(reds, lastRed),
      sinceMs: redSinceMs ?? 0,
    });
  }
  return findings;
}

function evidenceOf(reds: number, { because, durationMs, kind, node }: CanaryLook): string {
  const where = node === null ? "" : ` on ${node}`;
  const why = because ?? "no reason was given";
  const hop = hopOf(kind, because);
  return `${reds} ${kind} canaries in a row failed; the last one at hop ${hop}${where} after ${formatDuration(durationMs)}: ${why}`;
}

/** In this order: the first that fits. */
const HOPS: readonly (readonly [Hop, RegExp])[] = [
  ["dns", /\bdns\b|resolve host|ENOTFOUND|EAI_AGAIN/i],
  ["start", /session|server restart/i],
  ["seat", /queue|\bseat|capacity|quota|are waiting|\bfull\b/i],
  ["edge", /\bedge\b|gateway|\bdoor\b|ECONNREFUSED|\b50[234]\b/i],
  ["build", /build|install|index|upstream|\brepo|resolve-failed|requirements/i],
];

export function hopOf(kind: CanaryLook["kind"], because: string | null): Hop {
  for (const [hop, pattern] of HOPS) if (because !== null && pattern.test(because)) return hop;
  return kind === "build" ? "build" : "start";
}

/** The host that a bad canary names, as `archive.ubuntu.com`. */
export function hostIn(because: string | null): string | null {
  return /\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\b/i.exec(because ?? "")?.[0] ?? null;
}
