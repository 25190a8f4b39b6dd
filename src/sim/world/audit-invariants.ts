/** Whatever is done to machines and processes has its record, and keeps the limits of what is done by itself. */
import { MINUTE_MS } from "#base/units.ts";
import type { AuditRecord, CommandKind, OperatorCommand } from "#core/operations/command.ts";
import type { Policy } from "#core/policy.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import type { Violations } from "./violations.ts";

interface Parts {
  readonly clock: VirtualClock;
  readonly policy: Policy;
  readonly violations: Violations;
}

/** Somebody did something to a part of the world. */
export interface Deed {
  /** Commands that it can come from. */
  readonly kinds: readonly CommandKind[];
  /** The node, component, role, quota or host. */
  readonly subject: string;
  readonly quarantine?: { readonly others: number; readonly nodes: number };
}

/** A command that takes longer is given up, and that is written down, too. */
const RECORD_MS = 3 * MINUTE_MS;

export class AuditInvariants {
  readonly #parts: Parts;
  #open: { readonly deed: Deed; readonly atMs: number }[] = [];
  /** Nodes whose replacement was written down first: it may end whoever orders it. */
  readonly #foretold = new Map<string, number>();
  #lastQuarantine: { readonly node: string; readonly atMs: number } | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  done(deed: Deed): void {
    const isForetold = isRecycling(deed) && this.#foretold.delete(deed.subject);
    if (!isForetold) this.#open.push({ deed, atMs: this.#parts.clock.nowMs() });
  }

  recorded(record: AuditRecord): void {
    const { actor, command, evidence, limit, outcome } = record;
    const { violations } = this.#parts;
    if (evidence.trim() === "" || limit.trim() === "") {
      violations.add(6, `${command.kind} without evidence or limit`);
    }
    if (outcome.kind === "refused") return;
    const subject = subjectOf(command);
    const isOf = ({ kinds, subject: of }: Deed) => kinds.includes(command.kind) && of === subject;
    for (const { deed } of this.#open) {
      if (isOf(deed) && actor.kind === "machine") this.#judgeQuarantine(deed, record);
    }
    const isOver = this.#open.some(({ deed }) => isOf(deed) && isRecycling(deed));
    if (command.kind === "recycle-node" && !isOver) {
      this.#foretold.set(subject, this.#parts.clock.nowMs());
    }
    this.#open = this.#open.filter(({ deed }) => !isOf(deed));
  }

  looked(): void {
    const { clock, violations } = this.#parts;
    const before = clock.nowMs() - RECORD_MS;
    for (const { atMs, deed } of this.#open) {
      if (atMs >= before) continue;
      violations.add(6, `${deed.kinds.join(" or ")} of ${deed.subject} has no audit record`);
    }
    this.#open = this.#open.filter(({ atMs }) => atMs >= before);
    for (const [node, atMs] of this.#foretold) if (atMs < before) this.#foretold.delete(node);
  }

  /** At most one node in ten minutes and a fifth of the nodes. */
  #judgeQuarantine({ quarantine, subject }: Deed, { atMs }: AuditRecord): void {
    if (quarantine === undefined) return;
    const { policy, violations } = this.#parts;
    const last = this.#lastQuarantine;
    this.#lastQuarantine = { node: subject, atMs };
    if (last !== null && atMs - last.atMs < policy.quarantineIntervalMs) {
      violations.add(6, `${subject} and ${last.node} are put aside within too short a time`);
    }
    const { nodes, others } = quarantine;
    if (others + 1 > Math.max(1, Math.floor(policy.quarantineShareMax * nodes))) {
      violations.add(6, `${others + 1} of ${nodes} nodes are put aside`);
    }
  }
}

/** Not only the emptying before it. */
function isRecycling({ kinds }: Deed): boolean {
  return kinds.length === 1 && kinds[0] === "recycle-node";
}

function subjectOf(command: OperatorCommand): string {
  if ("node" in command) return command.node;
  if (command.kind === "restart-component") return command.component;
  if (command.kind === "surge-component") return command.role;
  return command.kind === "use-fallback" ? command.host : "";
}
