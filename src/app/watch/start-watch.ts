/** The watch over this machine's Bindery, in the process that a control plane cannot take down. */
import type { Policy } from "#core/policy.ts";
import type { Actor, CommandOutcome, OperatorCommand } from "#core/operations/command.ts";
import { systemClock } from "#drivers/system/clock.ts";
import { createOps } from "#ops/create-ops.ts";
import type { Ops } from "#ops/ops-ports.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { DataDirPaths } from "../data-dir.ts";
import { ownComponents, type OwnProcesses } from "./own-processes.ts";
import { createPager } from "./pager.ts";
import { createWatchDoor } from "./watch-door.ts";
import { boundedRecords, readWatchRecords, WatchFile, type WatchRecords } from "./watch-records.ts";

export interface RunningWatch {
  records(): WatchRecords;
  execute(command: OperatorCommand, actor: Actor, evidence: string): Promise<CommandOutcome>;
  stop(): Promise<void>;
}

export interface WatchParts {
  readonly policy: Policy;
  readonly pagerUrl: string;
  readonly paths: DataDirPaths;
  readonly adminToken: string;
  readonly release: string;
  readonly processes: OwnProcesses;
  readonly log: Log;
  /** Something was opened, done or closed. */
  readonly onChange: (records: WatchRecords) => void;
}

/** Of the time for a look: a gateway that hangs must be known before all of the look is given up. */
const ANSWER_SHARE = 0.75;

/** Errors: config-setting-invalid. */
export function startWatch(parts: WatchParts): RunningWatch {
  const { adminToken, log, paths, policy, processes, release } = parts;
  const clock = guarded(systemClock, log);
  const before = readWatchRecords(paths.watchRecords);
  const file = new WatchFile(paths.watchRecords, log);
  const records = () =>
    boundedRecords({
      incidents: ops.incidents(),
      audit: [...ops.audit(policy.auditKeptMax), ...before.audit],
    });
  const changed = () => {
    // An incident's timeline is complete only after the round that changed it.
    clock.setTimer(0, () => {
      const now = records();
      file.save(now);
      parts.onChange(now);
    });
  };
  const { apiSocket: socketPath, gatewaySocket } = paths;
  const ops: Ops = createOps(
    {
      door: createWatchDoor({ socketPath, adminToken, timeoutMs: policy.opsCommandTimeoutMs }),
      canary: { run: () => Promise.reject(new Error("one machine has no canaries")) },
      components: ownComponents(processes, {
        ...{ release, gatewaySocket, nowMs: () => clock.nowMs() },
        answerMs: Math.ceil(policy.opsAnswerTimeoutMs * ANSWER_SHARE),
      }),
      quotas: null,
      pager: createPager(parts.pagerUrl, log, clock),
      ...{ clock, log, extra: [], before: before.incidents },
      onChange: changed,
    },
    { ...policy, canaryIntervalMs: 0, buildCanaryIntervalMs: 0 },
  );
  ops.start();
  return {
    records,
    execute: (command, actor, evidence) => ops.execute(command, actor, evidence),
    async stop() {
      ops.stop();
      await file.settled();
    },
  };
}

/** A fault in what a timer calls must not end the process that keeps the others alive. */
function guarded(clock: Clock, log: Log): Clock {
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    setTimer: (delayMs, callback) =>
      clock.setTimer(delayMs, () => {
        try {
          callback();
        } catch (error) {
          log.error("the watch has a bug", { error });
        }
      }),
  };
}
