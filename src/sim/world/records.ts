/** What happened in a simulated run, in order: everything is measured and reported from these alone. */
import type { Incident } from "#core/incident/incident.ts";
import type { AuditRecord } from "#core/operations/command.ts";
import type { CanaryOutcome } from "#ports/operator.ts";
import type { ArgumentValues } from "../drill/argument.ts";

export type PodRole = "session" | "canary" | "placeholder" | "core" | "edge" | "build";

export type WorldRecord =
  /** The drill did something to the world, for better or worse. */
  | {
      readonly kind: "fault";
      readonly atMs: number;
      readonly verb: string;
      readonly what: string;
      /** Names of the nodes, components, hosts, members and repositories that it hit. */
      readonly subjects: readonly string[];
      /** Of the drill's event, with its defaults. */
      readonly values: ArgumentValues;
    }
  | { readonly kind: "event"; readonly atMs: number; readonly what: string }
  | {
      readonly kind: "launch-asked";
      readonly atMs: number;
      readonly launch: string;
      readonly repo: string;
      readonly isCanary: boolean;
      /** Somebody who follows a build and wants no session. */
      readonly isWatching: boolean;
    }
  /** The person is shown a build: no environment serves. */
  | {
      readonly kind: "launch-building";
      readonly atMs: number;
      readonly launch: string;
      readonly repo: string;
      readonly isCanary: boolean;
      readonly isWatching: boolean;
    }
  /** The person was told a place and a wait. */
  | {
      readonly kind: "launch-queued";
      readonly atMs: number;
      readonly launch: string;
      readonly position: number;
      readonly waitMs: number | null;
    }
  | {
      readonly kind: "launch-ended";
      readonly atMs: number;
      readonly launch: string;
      readonly repo: string;
      readonly isCanary: boolean;
      readonly isWatching: boolean;
      /** `refused`: never accepted. `left`: the person gave up first. */
      readonly outcome: "ready" | "failed" | "refused" | "left";
      readonly code: string | null;
      readonly fault: string | null;
      readonly message: string | null;
      readonly waitedMs: number;
      /** Starts of a server for it, the first included. */
      readonly attempts: number;
      /** Longest time without a new event. */
      readonly silenceMs: number;
      readonly retryAfterSeconds: number | null;
    }
  | {
      readonly kind: "pod-bound";
      readonly atMs: number;
      readonly pod: string;
      readonly role: PodRole;
      readonly node: string;
      /** It had not been proven when the pod was placed. */
      readonly isUnproven: boolean;
      /** For which it was started; null for pods of no launch. */
      readonly launch: string | null;
    }
  /** Its pod was made; it takes a seat until `session-ended`. */
  | {
      readonly kind: "session-started";
      readonly atMs: number;
      readonly session: string;
      readonly repo: string;
      readonly isCanary: boolean;
    }
  | {
      readonly kind: "build-started";
      readonly atMs: number;
      readonly repo: string;
      readonly key: string;
    }
  | {
      readonly kind: "build-ended";
      readonly atMs: number;
      readonly repo: string;
      readonly key: string;
      readonly isGood: boolean;
      readonly message: string | null;
    }
  | {
      readonly kind: "session-ended";
      readonly atMs: number;
      readonly session: string;
      readonly node: string | null;
      readonly end: string;
      /** Somebody was at work in it. */
      readonly wasInUse: boolean;
    }
  | { readonly kind: "node-joined" | "node-removed"; readonly atMs: number; readonly node: string }
  | {
      readonly kind: "incident";
      readonly atMs: number;
      readonly change: "opened" | "mitigated" | "resolved" | "reopened";
      readonly incident: Incident;
    }
  | { readonly kind: "action"; readonly atMs: number; readonly record: AuditRecord }
  | {
      readonly kind: "page";
      readonly atMs: number;
      readonly incident: string;
      readonly text: string;
    }
  | { readonly kind: "canary"; readonly atMs: number; readonly outcome: CanaryOutcome }
  /** Requests at the edge that failed, or that reached what they must not; counted together. */
  | {
      readonly kind: "requests";
      readonly atMs: number;
      readonly what: string;
      readonly total: number;
      readonly failed: number;
    }
  /** What a part of the world measured at a moment: `control.loopLagMs`, `builds.running` … */
  | {
      readonly kind: "measured";
      readonly atMs: number;
      readonly what: string;
      readonly value: number;
    }
  /** Once a minute. */
  | {
      readonly kind: "sample";
      readonly atMs: number;
      readonly nodes: number;
      /** Of sessions, those that should not be there any more included. */
      readonly pods: number;
      readonly sessions: number;
      readonly pending: number;
      readonly queued: number;
      readonly oldestSessionMs: number;
      /** Sessions without activity for more than 15 min, as a share of all. */
      readonly idleShare: number;
    };
