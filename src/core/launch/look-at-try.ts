/** How one start of a server stands: which step it is at, and whether it is to be given up. */
import { failure, type Failure } from "../errors.ts";
import type { Policy } from "../policy.ts";
import { type ObservedSession, startStepOf } from "../session/session.ts";
import type { Try } from "./launch-stage.ts";

export type StepLimits = Pick<
  Policy,
  "placementTimeoutMs" | "pullTimeoutMs" | "sessionStartTimeoutMs"
>;

export type TryLook =
  | { readonly kind: "alive"; readonly tried: Try; readonly session: ObservedSession }
  | {
      readonly kind: "failed";
      readonly tried: Try;
      readonly why: Failure;
      /** For the record of its node. */
      readonly because: string;
    };

export function lookAtTry(
  before: Try,
  session: ObservedSession | null,
  limits: StepLimits,
  nowMs: number,
): TryLook {
  if (session === null) {
    const why = failure("session-lost", "The session vanished while it started.");
    return { kind: "failed", tried: before, why, because: "lost-before-ready" };
  }
  const node = session.node ?? before.node;
  if (session.state.kind === "ended") return ended({ ...before, node }, session.state);
  const step = startStepOf(session);
  const isSame = step === before.step && node === before.node;
  const tried: Try = isSame ? before : { ...before, node, step, sinceMs: nowMs };
  if (nowMs < stepEndsAtMs(tried, limits)) return { kind: "alive", tried, session };
  return { kind: "failed", tried, ...tooLong(tried, session) };
}

export function stepEndsAtMs({ step, sinceMs }: Try, limits: StepLimits): number {
  switch (step) {
    case "placing":
      return sinceMs + limits.placementTimeoutMs;
    case "pulling":
      return sinceMs + limits.pullTimeoutMs;
    case "starting":
      return sinceMs + limits.sessionStartTimeoutMs;
  }
}

function ended(
  tried: Try,
  state: Extract<ObservedSession["state"], { kind: "ended" }>,
): Extract<TryLook, { kind: "failed" }> {
  if (state.end === "killed" || state.end === "node-failed") {
    const because = tried.step === "pulling" ? "pull-failed" : "lost-before-ready";
    return { kind: "failed", tried, why: failure("session-lost"), because };
  }
  return { kind: "failed", tried, why: exited(state), because: "exited-before-ready" };
}

function exited({ end, exitCode }: Extract<ObservedSession["state"], { kind: "ended" }>): Failure {
  if (end === "stopped") return failure("session-exited", "The session was stopped.");
  if (end === "out-of-memory") {
    return failure("session-exited", "The session's server was ended: out of memory.");
  }
  const code = exitCode === null ? "" : ` with exit code ${exitCode}`;
  return failure("session-exited", `The session's server ended${code} before it was ready.`);
}

function tooLong(
  { step }: Try,
  { state }: ObservedSession,
): { readonly why: Failure; readonly because: string } {
  switch (step) {
    case "placing":
      return { why: failure("no-capacity"), because: "not-placed" };
    case "pulling": {
      const message = "The environment did not get to the machine in time.";
      return { why: failure("session-start-timeout", message), because: "stuck-pull" };
    }
    case "starting": {
      const because = state.kind === "running" ? "unreachable-after-start" : "stuck-before-start";
      return { why: failure("session-start-timeout"), because };
    }
  }
}
