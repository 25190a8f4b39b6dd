/** Cause → what helps, in the order in which it is tried. */
import type { ComponentLook } from "../detection/observed.ts";
import type { NodeObservation } from "../nodes/node.ts";
import type { OperatorCommand } from "../operations/command.ts";
import type { Cause, Subject } from "./finding.ts";

export interface RemedyFacts {
  readonly components: readonly ComponentLook[];
  readonly nodes: readonly NodeObservation[];
  /** Nodes that nobody has judged yet, and on which nothing has to be placed: `doubted-nodes.ts`. */
  readonly doubted: ReadonlySet<string>;
  /** A release of Bindery began this soon ago that it is the first suspect. */
  readonly hasYoungRelease: boolean;
  /** What the control plane depends on answers: a new one would find more than the old one. */
  readonly mayRestartControl: boolean;
  /** Launches fail where the control plane is at work, and nothing else explains it. */
  readonly isControlSuspect: boolean;
}

type Remedies = (subject: Subject, facts: RemedyFacts) => readonly OperatorCommand[];

const rollbackOrRestart: Remedies = (subject, facts) => [
  ...rollback(facts),
  ...restartControl(subject, facts),
];

const rollbackOrRestartSuspect: Remedies = (subject, facts) => [
  ...rollback(facts),
  ...(facts.isControlSuspect ? restartControl(subject, facts) : []),
];

/** What is missing here the control plane heals itself, or only a person can. */
const REMEDIES: Partial<Record<Cause, Remedies>> = {
  "control-wedged": rollbackOrRestart,
  "control-leak": rollbackOrRestart,
  "control-slow": rollbackOrRestart,
  "watch-frozen": rollbackOrRestart,
  "build-slots-idle": rollbackOrRestart,
  "culler-flood": rollbackOrRestart,
  "launches-failing": rollbackOrRestartSuspect,
  "canary-failing": rollbackOrRestartSuspect,
  "control-down": forControlDown,
  "loop-stalled": (subject, facts) => [
    { kind: "restart-loop", loop: subject.name },
    ...restartControl(subject, facts),
  ],
  "release-bad": () => rollback({ hasYoungRelease: true }),
  "edge-replica-wedged": forWedgedEdge,
  "edge-down": (_, facts) => ofRole(facts, "edge").map(({ name }) => restart(name)),
  /** Two may be missing. */
  "edge-unschedulable": (_, facts) => [...surgeAway("edge", facts), ...surgeAway("edge", facts)],
  "component-crash-loop": forCrashes,
  /** What is made anew is not made on a machine that is put aside. */
  "component-misplaced": restartControl,
  "quota-ghost": ({ name }) => [{ kind: "repair-quota", quota: name }],
  "upstream-unavailable": ({ name }) => [{ kind: "use-fallback", host: name, isOn: true }],
};

export function remediesFor(
  cause: Cause,
  subject: Subject,
  facts: RemedyFacts,
): readonly OperatorCommand[] {
  return REMEDIES[cause]?.(subject, facts) ?? [];
}

function rollback({
  hasYoungRelease,
}: Pick<RemedyFacts, "hasYoungRelease">): readonly OperatorCommand[] {
  return hasYoungRelease ? [{ kind: "rollback-release", stage: "production" }] : [];
}

function restart(component: string): OperatorCommand {
  return { kind: "restart-component", component };
}

/** A component that is named itself, or the control plane that decides. */
function restartControl(subject: Subject, facts: RemedyFacts): readonly OperatorCommand[] {
  const named = facts.components.find(({ name }) => name === subject.name);
  if (named !== undefined && named.role !== "control") return [restart(named.name)];
  if (!facts.mayRestartControl) return [];
  const target = named ?? leading(facts);
  return target === undefined ? [] : [restart(target.name)];
}

/** Where nobody says who decides: one that is not ready, or that runs for the longest time. */
function leading(facts: RemedyFacts): ComponentLook | undefined {
  const controls = ofRole(facts, "control");
  const said = controls.find(({ isLeading }) => isLeading === true);
  const unready = controls.find(({ isReady }) => !isReady);
  return said ?? unready ?? controls.toSorted((a, b) => a.startedAtMs - b.startedAtMs)[0];
}

/** Where its machine may be at fault it would only begin there anew. */
function forWedgedEdge({ name }: Subject, facts: RemedyFacts): readonly OperatorCommand[] {
  const home = facts.components.find((one) => one.name === name)?.node ?? null;
  const surges = surgeAway("edge", facts);
  const isDoubted = home !== null && facts.doubted.has(home);
  return isDoubted ? [...surges, restart(name)] : [restart(name), ...surges];
}

/** A process cannot be started again on a machine that is gone. */
function forControlDown(subject: Subject, facts: RemedyFacts): readonly OperatorCommand[] {
  const restarts = restartControl(subject, facts);
  const surges = surgeAway("control", facts);
  const home = facts.nodes.find(({ name }) => name === leading(facts)?.node);
  return home?.isReady === false ? [...surges, ...restarts] : [...restarts, ...surges];
}

function forCrashes(subject: Subject, facts: RemedyFacts): readonly OperatorCommand[] {
  if (subject.kind === "node") {
    const roles = new Set(
      facts.components.filter(({ node }) => node === subject.name).map(({ role }) => role),
    );
    const surges = [...roles].map((role): OperatorCommand => {
      return { kind: "surge-component", role, avoidNodes: [subject.name] };
    });
    return [{ kind: "quarantine-node", node: subject.name }, ...surges];
  }
  const component = facts.components.find(({ name }) => name === subject.name);
  if (component === undefined) return [];
  const { node, role } = component;
  return [{ kind: "surge-component", role, avoidNodes: node === null ? [] : [node] }];
}

/** One more replica, neither on nodes that take no sessions nor where another is not ready. */
function surgeAway(role: ComponentLook["role"], facts: RemedyFacts): readonly OperatorCommand[] {
  const barred = facts.nodes.filter(
    ({ bars, isReady, name }) => !isReady || bars.length > 0 || facts.doubted.has(name),
  );
  const unready = ofRole(facts, role).filter(({ isReady }) => !isReady);
  const names = [...barred.map(({ name }) => name), ...unready.flatMap(({ node }) => node ?? [])];
  return [{ kind: "surge-component", role, avoidNodes: [...new Set(names)] }];
}

function ofRole(
  { components }: RemedyFacts,
  role: ComponentLook["role"],
): readonly ComponentLook[] {
  return components.filter((component) => component.role === role);
}
