/** Executes commands: those for Bindery's own processes here, because the control plane may be dead. */
import { formatDuration } from "#base/units.ts";
import type {
  Actor,
  AuditRecord,
  CommandOutcome,
  OperatorCommand,
} from "#core/operations/command.ts";
import type { Policy } from "#core/policy.ts";
import type { OpsPorts } from "./ops-ports.ts";
import { within } from "./time-limit.ts";

type ExecutorPolicy = Pick<Policy, "opsCommandTimeoutMs" | "auditKeptMax">;

export class Executor {
  readonly #ports: OpsPorts;
  readonly #policy: ExecutorPolicy;
  /** Hosts that builds go around, since this began. */
  readonly fallbacks = new Set<string>();
  /** Newest first. */
  readonly #audit: AuditRecord[] = [];

  constructor(ports: OpsPorts, policy: ExecutorPolicy) {
    this.#ports = ports;
    this.#policy = policy;
  }

  audit(limit: number): readonly AuditRecord[] {
    return this.#audit.slice(0, limit);
  }

  /** Never rejects. */
  async execute(
    command: OperatorCommand,
    actor: Actor,
    evidence: string,
    limit = "none: a person's command",
  ): Promise<CommandOutcome> {
    const { clock, door, log } = this.#ports;
    const here = this.#here(command);
    const run = here ?? (() => door.execute(command, actor, evidence));
    const limitMs = this.#policy.opsCommandTimeoutMs;
    const answer = await within(clock, limitMs, run);
    const outcome = answer.kind === "value" ? answer.value : failedOutcome(answer, limitMs);
    if (command.kind === "use-fallback" && outcome.kind === "done") {
      if (command.isOn) this.fallbacks.add(command.host);
      else this.fallbacks.delete(command.host);
    }
    log.info("a command was executed", { command, outcome });
    // What the control plane answered for, it wrote down itself.
    if (here !== null || answer.kind !== "value")
      this.#note({ atMs: clock.nowMs(), command, actor, evidence, limit, outcome });
    return outcome;
  }

  #note(record: AuditRecord): void {
    this.#audit.unshift(record);
    if (this.#audit.length > this.#policy.auditKeptMax) this.#audit.pop();
    this.#ports.onChange({ kind: "action", record });
  }

  #here(command: OperatorCommand): (() => Promise<CommandOutcome>) | null {
    const { components, extra, quotas, upstreams } = this.#ports;
    if (command.kind === "declare") {
      const message = `${command.cause} of ${command.subject} is noted`;
      return async () => ({ kind: "done", message });
    }
    if (command.kind === "restart-component" && components !== null) {
      const { component } = command;
      return () => done(components.restart(component), `${component} is restarted`);
    }
    if (command.kind === "surge-component" && components !== null) {
      const role = roleOf(command.role);
      if (role === null) return async () => refused(`there is no role ${command.role}`);
      return () => done(components.surge(role, command.avoidNodes), `one more ${role} is started`);
    }
    if (command.kind === "repair-quota" && quotas !== null) {
      const { quota } = command;
      return () => done(quotas.repair(quota), `${quota} is made again with the right count`);
    }
    if (command.kind === "use-fallback" && upstreams !== null && upstreams !== undefined) {
      const { host, isOn } = command;
      const message = isOn ? `builds go around ${host}` : `builds ask ${host} again`;
      return () => done(upstreams.useFallback(host, isOn), message);
    }
    for (const part of extra) {
      const execution = part.execute(command);
      if (execution !== null) return () => execution;
    }
    return null;
  }
}

const ROLES = ["control", "edge", "builder", "metrics", "other"] as const;

function roleOf(role: string): (typeof ROLES)[number] | null {
  return ROLES.find((known) => known === role) ?? null;
}

async function done(work: Promise<void>, message: string): Promise<CommandOutcome> {
  await work;
  return { kind: "done", message };
}

function refused(because: string): CommandOutcome {
  return { kind: "refused", because };
}

function failedOutcome(
  answer: { readonly kind: "failed"; readonly error: unknown } | { readonly kind: "silent" },
  limitMs: number,
): CommandOutcome {
  if (answer.kind === "silent")
    return { kind: "failed", because: `no answer within ${formatDuration(limitMs)}` };
  const { error } = answer;
  return { kind: "failed", because: error instanceof Error ? error.message : String(error) };
}
