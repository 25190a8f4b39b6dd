/** `/health` in BinderHub's shape: federations read the seats from the check named "Pod quota". */
import type { ControlPlane } from "#control/control-plane-api.ts";

interface Check {
  readonly service: string;
  readonly ok: boolean;
  /** Shown, but it does not make the whole unhealthy. */
  readonly _ignore_failure?: boolean;
  readonly [field: string]: unknown;
}

export interface Health {
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

export function healthOf(controlPlane: ControlPlane): Health {
  const checks = [hub(controlPlane), loops(controlPlane), seats(controlPlane)];
  const ok = checks.every((check) => check.ok || check._ignore_failure === true);
  return { ok, checks };
}

/** What starts sessions, under the name that BinderHub gives it. */
function hub(controlPlane: ControlPlane): Check {
  return { service: "JupyterHub API", ok: controlPlane.isReady() };
}

function loops(controlPlane: ControlPlane): Check {
  const stalled = controlPlane.loops().filter(({ isStalled }) => isStalled);
  const names = stalled.map(({ name }) => name);
  return { service: "Control loops", ok: stalled.length === 0, stalled: names };
}

/** Full is no illness: people queue. */
function seats(controlPlane: ControlPlane): Check {
  const { sessions, builds, queue } = controlPlane.limits();
  return {
    service: "Pod quota",
    total_pods: sessions.used + builds.used,
    build_pods: builds.used,
    user_pods: sessions.used,
    quota: sessions.max,
    queued: queue.used,
    ok: sessions.used < sessions.max,
    _ignore_failure: true,
  };
}
