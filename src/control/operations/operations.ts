/** Carries out the commands of operators, and those of the machine within its limits; all are written down. */
import { formatDuration, SECOND_MS } from "#base/units.ts";
import type {
  Actor,
  AuditRecord,
  CommandOutcome,
  OperatorCommand,
} from "#core/operations/command.ts";
import { decideLimits } from "#core/operations/decide-limits.ts";
import type { OperatorStatus } from "#core/operations/status.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { Cluster } from "#ports/cluster.ts";
import type { Components } from "#ports/components.ts";
import type { Log } from "#ports/log.ts";
import type { OperatorDoor } from "#ports/operator.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import type { Sessions } from "../control-plane-api.ts";
import type { SessionRegistry } from "../session-registry.ts";
import type { AuditTrail } from "./audit-trail.ts";
import type { Bookings } from "./bookings.ts";
import { withinTime } from "../within-time.ts";
import { guardCordon } from "./cordon-guard.ts";
import { cull } from "./cull.ts";

export interface OperationsDeps {
  readonly cluster: Cluster;
  readonly components: Components | null;
  readonly driver: SessionDriver;
  readonly sessions: Pick<Sessions, "stop">;
  readonly registry: SessionRegistry;
  readonly bookings: Bookings;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  /** False: there is no such loop. */
  readonly restartLoop: (name: string) => boolean;
  readonly status: () => OperatorStatus;
  /** As last seen. */
  readonly nodeCount: () => number;
  /** A person put it aside, or took it back. */
  readonly hold: (node: string, isHeld: boolean) => void;
  /** From now on there are never fewer while the cluster can grow. */
  readonly keepPlaceholders?: (count: number) => void;
}

/** How long a command waits for another one that looks whether somebody else serves. */
const TURN_MS = 50 * SECOND_MS;

export class Operations implements OperatorDoor {
  readonly #deps: OperationsDeps;
  /** Ends with the last command that was guarded. */
  #lastGuarded: Promise<unknown> = Promise.resolve();

  constructor(deps: OperationsDeps) {
    this.#deps = deps;
  }

  async status(): Promise<OperatorStatus> {
    return this.#deps.status();
  }

  async audit(limit: number): Promise<readonly AuditRecord[]> {
    return this.#deps.trail.recent(limit);
  }

  async execute(command: OperatorCommand, actor: Actor, evidence: string): Promise<CommandOutcome> {
    const { clock, log, nodeCount, policy, trail } = this.#deps;
    const atMs = clock.nowMs();
    const wanted = { command, actor, evidence };
    const { isAllowed, limit } = decideLimits(wanted, trail.past(), nodeCount(), policy, atMs);
    if (!isAllowed) {
      const outcome: CommandOutcome = { kind: "refused", because: `the limit is ${limit}` };
      trail.refused({ atMs, command, actor, evidence, limit, outcome });
      return outcome;
    }
    const finish = trail.begin({ atMs, command, actor, evidence, limit });
    let written: CommandOutcome["kind"] | null = null;
    const write = (what: CommandOutcome) => {
      if (written !== what.kind) finish(what);
      written = what.kind;
    };
    let outcome: CommandOutcome;
    try {
      outcome = await this.#carryOut(command, actor, evidence, write);
    } catch (error) {
      log.warn("a command of an operator failed", { command, error });
      outcome = { kind: "failed", because: error instanceof Error ? error.message : String(error) };
    }
    write(outcome);
    log.info("a command of an operator was carried out", { command, actor, outcome });
    return outcome;
  }

  async #carryOut(
    command: OperatorCommand,
    actor: Actor,
    evidence: string,
    write: Write,
  ): Promise<CommandOutcome> {
    const { bookings, clock, cluster, keepPlaceholders, restartLoop, sessions } = this.#deps;
    switch (command.kind) {
      case "quarantine-node":
      case "release-node":
      case "cordon-node":
      case "uncordon-node":
      case "drain-node":
      case "recycle-node":
        return await this.#changeNode(command, actor, evidence, write);
      case "set-nodes-max":
        if (!isCount(command.nodesMax)) return refused(`${command.nodesMax} is no number of nodes`);
        await cluster.setNodesMax(command.nodesMax);
        return done(`at most ${command.nodesMax} nodes`);
      case "set-placeholders":
        if (!isCount(command.count)) return refused(`${command.count} is no number of seats`);
        keepPlaceholders?.(command.count);
        await cluster.setPlaceholders(command.count);
        return done(`${command.count} seats are held for people to come`);
      case "book": {
        const { fromMs, repo, seats, untilMs } = command;
        const because = bookings.add({ repo, seats, fromMs, untilMs }, clock.nowMs());
        return because === null ? done(`${seats} seats are booked for ${repo}`) : refused(because);
      }
      case "restart-loop":
        return restartLoop(command.loop)
          ? done(`the loop ${command.loop} is restarted`)
          : refused(`there is no loop ${command.loop}`);
      case "stop-session": {
        const outcome = await sessions.stop(command.session);
        return outcome.kind === "stopped"
          ? done(`the session ${command.session} is stopped`)
          : refused(`there is no session ${command.session}`);
      }
      case "cull": {
        const { asked, ended, working } = await cull(command.idleMs, this.#deps);
        const idle = formatDuration(command.idleMs);
        return done(`${ended} of ${asked} sessions idle for ${idle} are ended; ${working} worked`);
      }
      case "declare":
        return done(`${command.cause} of ${command.subject} is noted`);
      case "restart-component":
      case "surge-component":
      case "submit-release":
      case "rollback-release":
      case "shift-member":
      case "repair-quota":
      case "renew-certificate":
      case "use-fallback":
        return refused("not a command of the control plane");
    }
  }

  async #changeNode(
    command: NodeCommand,
    actor: Actor,
    evidence: string,
    write: Write,
  ): Promise<CommandOutcome> {
    const change = () => this.#changeNow(command, actor, evidence, write);
    if (!this.#isGuarded(command, actor.kind === "person")) return await change();
    const before = this.#lastGuarded;
    const guarded = async () => {
      // Two that look at the same moment would each count on what the other takes out.
      if ((await withinTime(before, TURN_MS, this.#deps.clock)) === "late") {
        return refused("another command that takes a node out is not done yet");
      }
      const refusal = await guardCordon(command.node, this.#deps);
      return refusal === null ? await change() : refused(refusal);
    };
    const outcome = guarded();
    this.#lastGuarded = outcome.catch(() => undefined);
    return await outcome;
  }

  async #changeNow(
    command: NodeCommand,
    actor: Actor,
    evidence: string,
    write: Write,
  ): Promise<CommandOutcome> {
    const { cluster, hold } = this.#deps;
    const { node } = command;
    const isPerson = actor.kind === "person";
    const because = evidence === "" ? `by ${isPerson ? actor.name : "the machine"}` : evidence;
    switch (command.kind) {
      case "quarantine-node":
        await cluster.bar(node, "quarantined", because);
        if (isPerson) hold(node, true);
        return done(`${node} is put aside`);
      case "release-node":
        await cluster.unbar(node, "quarantined");
        hold(node, false);
        return done(`${node} is taken back`);
      case "cordon-node":
        await cluster.bar(node, "cordoned", because);
        return done(`${node} takes no new sessions`);
      case "uncordon-node":
        // What a person keeps out only a person lets in.
        if (isPerson) await cluster.unbar(node, "cordoned");
        await cluster.unbar(node, "draining");
        return done(`${node} takes new sessions again`);
      case "drain-node":
        await cluster.bar(node, "draining", because);
        return done(`${node} is emptied as its sessions end`);
      case "recycle-node": {
        // Until it is off nothing more is placed on it.
        await cluster.bar(node, "draining", because);
        const outcome = done(
          `${node} is switched off and deleted; another is made when it is needed`,
        );
        // This process may stand on it, and then writes nothing any more.
        write(outcome);
        await cluster.recycle(node);
        hold(node, false);
        return outcome;
      }
    }
  }

  #isGuarded(command: NodeCommand, isPerson: boolean): boolean {
    if (!this.#deps.policy.isCordonGuarded) return false;
    switch (command.kind) {
      case "cordon-node":
        return !command.isForced;
      case "quarantine-node":
      case "drain-node":
        return isPerson;
      case "release-node":
      case "uncordon-node":
      case "recycle-node":
        return false;
    }
  }
}

/** What came of a command goes into the audit; the same again is not repeated. */
type Write = (outcome: CommandOutcome) => void;

type NodeCommand = Extract<OperatorCommand, { readonly node: string }>;

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}

function done(message: string): CommandOutcome {
  return { kind: "done", message };
}

function refused(because: string): CommandOutcome {
  return { kind: "refused", because };
}
