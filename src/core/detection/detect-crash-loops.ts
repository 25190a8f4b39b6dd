/** Components that are started again and again; two of them on one node put the blame on the node. */
import { MINUTE_MS } from "#base/units.ts";
import type { Finding, Subject } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";
import type { ComponentLook, Detected } from "./observed.ts";

interface Restarts {
  readonly seen: number;
  /** When one more was seen, in the last minutes. */
  readonly atMs: readonly number[];
}

export type CrashMemory = ReadonlyMap<string, Restarts>;

const WINDOW_MS = 5 * MINUTE_MS;
const KEPT_MAX = 20;

export function detectCrashLoops(
  memory: CrashMemory,
  components: readonly ComponentLook[],
  policy: Pick<Policy, "crashRestartsMax">,
  nowMs: number,
): Detected<CrashMemory> {
  const next = new Map<string, Restarts>();
  const looping: { readonly component: ComponentLook; readonly atMs: readonly number[] }[] = [];
  for (const component of components) {
    const before = memory.get(component.name) ?? { seen: component.restarts, atMs: [] };
    const more = Math.max(0, component.restarts - before.seen);
    if (more === 0 && before.seen === component.restarts && before.atMs.length === 0) {
      next.set(component.name, before);
      continue;
    }
    const lately = before.atMs.filter((at) => nowMs - at < WINDOW_MS);
    const atMs = [...lately, ...Array<number>(more).fill(nowMs)];
    next.set(component.name, { seen: component.restarts, atMs: atMs.slice(-KEPT_MAX) });
    if (atMs.length >= policy.crashRestartsMax) looping.push({ component, atMs });
  }
  const findings = looping.map(({ atMs, component: { name, node } }) => {
    const others = looping.filter(({ component }) => component.node === node && node !== null);
    const subject: Subject =
      others.length > 1 && node !== null
        ? { kind: "node", name: node }
        : { kind: "component", name };
    return finding(subject, others, name, node, atMs);
  });
  return { memory: next, findings: onePerSubject(findings) };
}

function finding(
  subject: Subject,
  others: readonly { readonly component: ComponentLook }[],
  name: string,
  node: string | null,
  atMs: readonly number[],
): Finding {
  const names = others.map(({ component }) => component.name).join(", ");
  const evidence =
    subject.kind === "node"
      ? `${names} are restarted again and again, all on ${subject.name}`
      : `${name} was restarted ${atMs.length} times in 5 min${node === null ? "" : ` on ${node}`}`;
  const sinceMs = atMs[0] ?? 0;
  return { cause: "component-crash-loop", subject, severity: "act", evidence, sinceMs };
}

function onePerSubject(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length < 2) return findings;
  return [
    ...new Map(findings.map((one) => [`${one.subject.kind} ${one.subject.name}`, one])).values(),
  ];
}
