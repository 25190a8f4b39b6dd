/** The control plane of a game day as the API shows it: whichever decides now, to be looked at; what is done goes through the operator's door. */
import type { OperatorDesk } from "#api/operator-desk.ts";
import { AppError, failure } from "#core/errors.ts";
import type { ControlPlane } from "#control/control-plane-api.ts";
import type { Play } from "#sim/game/play.ts";

const ONLY_COMMANDS = "In a game day only operators' commands are taken: `bindery do …`.";

export function gameControlPlane(play: Play): ControlPlane {
  const decides = (): ControlPlane => {
    const { plane } = play;
    if (plane === null) throw new AppError("server-restarting", "The control plane is silent.");
    return plane;
  };
  const refuse = async (): Promise<never> => {
    throw new AppError("command-refused", ONLY_COMMANDS);
  };
  const refusal = { kind: "refused", failure: failure("command-refused", ONLY_COMMANDS) } as const;
  return {
    launches: {
      submit: () => refusal,
      get: (id) => decides().launches.get(id),
      list: () => decides().launches.list(),
      watch: () => null,
      cancel: () => false,
    },
    sessions: {
      list: () => decides().sessions.list(),
      get: (id) => decides().sessions.get(id),
      stop: refuse,
      extend: async () => refusal,
      logs: (id, bytesMax) => decides().sessions.logs(id, bytesMax),
    },
    environments: {
      builds: () => decides().environments.builds(),
      list: () => decides().environments.list(),
      get: (key) => decides().environments.get(key),
      lock: (key) => decides().environments.lock(key),
      buildLog: (key) => decides().environments.buildLog(key),
      prune: refuse,
    },
    operations: gameDesk(play),
    limits: () => decides().limits(),
    loops: () => decides().loops(),
    isReady: () => play.plane?.isReady() ?? false,
    history: (kind, limit) => decides().history(kind, limit),
    start: async () => undefined,
    stop: async () => undefined,
  };
}

export function gameDesk(play: Play): OperatorDesk {
  return {
    status: () => play.status(),
    incidents: () => play.incidents(),
    audit: (limit) => play.audit(limit),
    execute: (command, actor, evidence) =>
      play.command(command, actor.kind === "person" ? actor.name : "machine", evidence),
  };
}
