/** The watch over the pretend world: the real ops, with doors that are as broken as the world is. */
import type { Policy } from "#core/policy.ts";
import { createOps } from "#ops/create-ops.ts";
import type { Ops, OpsChange, OpsPart } from "#ops/ops-ports.ts";
import type { CanaryDoor, CanaryKind, CanaryOutcome, OperatorDoor } from "#ports/operator.ts";
import type { Components } from "#ports/components.ts";
import type { Log } from "#ports/log.ts";
import type { Quotas, Upstreams } from "#ports/platform.ts";
import { Person, type PeoplesDoor } from "../people/person.ts";
import type { ApiServer } from "./api-server.ts";
import { never, type WorldContext } from "./context.ts";
import type { PretendBuilds } from "./builds.ts";
import type { ControlHost } from "./control-host.ts";
import type { PretendSessions } from "./sessions.ts";

export interface OpsHostParts {
  readonly context: WorldContext;
  readonly control: ControlHost;
  readonly components: Components;
  readonly sessions: PretendSessions;
  readonly builds: PretendBuilds;
  readonly api: ApiServer;
  readonly door: PeoplesDoor;
  readonly log: Log;
  readonly extra: readonly OpsPart[];
  readonly quotas: Quotas;
  readonly canary: CanaryDoor;
  /** The control plane's door, its status as the world falsifies it. */
  readonly operatorDoor: OperatorDoor;
}

export type CanaryParts = Pick<OpsHostParts, "context" | "control" | "door" | "sessions">;

export function openOps(parts: OpsHostParts, policy: Policy): Ops {
  const { context } = parts;
  return createOps(
    {
      door: parts.operatorDoor,
      canary: parts.canary,
      components: parts.components,
      quotas: parts.quotas,
      upstreams: upstreamsPort(parts),
      pager: {
        page: (incident, text) =>
          context.recorder.add({ kind: "page", atMs: context.clock.nowMs(), incident, text }),
      },
      clock: context.clock,
      log: parts.log,
      extra: parts.extra,
      onChange: (change) => record(parts, change),
    },
    policy,
  );
}

/** What `ops` reaches of the control plane: what a person reaches, and as well. */
export function operatorDoor(control: ControlHost): OperatorDoor {
  const asked = <T>(ask: (door: OperatorDoor) => Promise<T>): Promise<T> => {
    if (control.isStuck) return never();
    const { plane } = control;
    if (plane === null) return Promise.reject(new Error("nobody answers at the door"));
    return ask(plane.operations);
  };
  return {
    status: () => asked((door) => door.status()),
    execute: (command, actor, evidence) => asked((door) => door.execute(command, actor, evidence)),
    audit: (limit) => asked((door) => door.audit(limit)),
  };
}

function record({ context }: OpsHostParts, change: OpsChange): void {
  const atMs = context.clock.nowMs();
  if (change.kind === "incident") {
    const { incident } = change;
    context.recorder.add({ kind: "incident", atMs, change: change.change, incident });
  } else if (change.kind === "action") {
    context.recorder.add({ kind: "action", atMs, record: change.record });
  } else {
    context.recorder.add({ kind: "canary", atMs, outcome: change.outcome });
  }
}

export function quotasPort({ api, sessions }: Pick<OpsHostParts, "api" | "sessions">): Quotas {
  return {
    list: () =>
      api.call(() => {
        const { frozenUsed, hard, name, refusals } = api.quota;
        api.quota.refusals = 0;
        const listed = sessions.alive;
        return [{ name, used: frozenUsed ?? listed, hard, listed, refusals }];
      }),
    repair: () => api.call(() => void (api.quota.frozenUsed = null)),
  };
}

function upstreamsPort({ builds }: OpsHostParts): Upstreams {
  return {
    useFallback: async (host, isOn) => {
      if (isOn) builds.fallbacks.add(host);
      else builds.fallbacks.delete(host);
    },
  };
}

/** Whoever waits at it is a client like any other. */
export interface PretendCanaryDoor extends CanaryDoor {
  /** The control plane is another one now. */
  reconnect(): void;
}

export function canaryDoor(parts: CanaryParts, policy: Policy): PretendCanaryDoor {
  const { context, control, door } = parts;
  const prng = context.prng.fork("canaries");
  const waiting = new Set<Person>();
  let counter = 0;
  return {
    reconnect: () => {
      for (const person of waiting) person.submit();
    },
    run: (kind, heard) => {
      counter += 1;
      return new Promise((resolve) => {
        const beganAtMs = context.clock.nowMs();
        const person = new Person(
          { context, door, prng, heard },
          {
            launch: `canary-${String(counter).padStart(12, "0")}`,
            repo: kind === "launch" ? "canary" : `canary-build-${counter}`,
            isCanary: true,
            isWatching: kind === "build",
            client: null,
            patienceMs: kind === "launch" ? policy.canaryTimeoutMs : policy.buildCanaryTimeoutMs,
          },
          (end) => {
            waiting.delete(person);
            const durationMs = context.clock.nowMs() - beganAtMs;
            const sessionId = end.kind === "ready" ? end.sessionId : null;
            const node = sessionId === null ? null : nodeOf(parts, sessionId);
            if (sessionId !== null) control.plane?.sessions.stop(sessionId).catch(() => undefined);
            const because =
              end.kind === "ready" ? null : end.kind === "left" ? "too slow" : end.failure.message;
            resolve(outcome(kind, end.kind === "ready", { durationMs, node, because }));
          },
        );
        waiting.add(person);
        person.ask();
      });
    },
  };
}

function outcome(
  kind: CanaryKind,
  isGreen: boolean,
  rest: Pick<CanaryOutcome, "durationMs" | "node" | "because">,
): CanaryOutcome {
  return { kind, isGreen, ...rest };
}

function nodeOf({ sessions }: CanaryParts, sessionId: string): string | null {
  return sessions.pods.get(sessionId)?.node?.name ?? null;
}
