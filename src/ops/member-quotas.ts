/** Quotas of members: a count that is wrong sends the launches elsewhere first, and is repaired once. */
import { detectQuotas, type QuotaMemory } from "#core/detection/detect-quotas.ts";
import { findingKey, type Finding } from "#core/incident/finding.ts";
import type { AuditRecord, CommandOutcome } from "#core/operations/command.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { Quotas } from "#ports/platform.ts";

export interface MemberQuotaDeps {
  /** By member; names of quotas must differ between members. */
  readonly quotas: ReadonlyMap<string, Quotas>;
  readonly takeOut: (member: string, because: string) => CommandOutcome;
  readonly audit: (record: AuditRecord) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
}

export const MEMBER_QUOTA_INTERVAL_MS = 5_000;

export class MemberQuotas {
  readonly #deps: MemberQuotaDeps;
  readonly #memory = new Map<string, QuotaMemory>();
  readonly #found = new Map<string, readonly Finding[]>();
  readonly #repairedAtMs = new Map<string, number>();

  constructor(deps: MemberQuotaDeps) {
    this.#deps = deps;
  }

  findings(): readonly Finding[] {
    return [...this.#found.values()].flat();
  }

  async round(isCurrent: () => boolean): Promise<void> {
    for (const [member, quotas] of this.#deps.quotas) {
      try {
        await this.#look(member, quotas, isCurrent);
      } catch (error) {
        this.#deps.log.debug("a member's quotas could not be read", { member, error });
      }
    }
  }

  async #look(member: string, quotas: Quotas, isCurrent: () => boolean): Promise<void> {
    const { clock, policy, takeOut } = this.#deps;
    const looks = await quotas.list();
    if (!isCurrent()) return;
    const known = this.#memory.get(member) ?? new Map();
    const { memory, findings } = detectQuotas(known, looks, policy, clock.nowMs());
    this.#memory.set(member, memory);
    // The provider's count comes from a stranger: somebody should hear of it.
    this.#found.set(
      member,
      findings.map((finding) => ({ ...finding, severity: "page" })),
    );
    for (const finding of findings) {
      takeOut(member, finding.evidence);
      if (this.#mayRepair(finding)) await this.#repair(quotas, finding);
    }
  }

  #mayRepair(finding: Finding): boolean {
    const { clock, policy } = this.#deps;
    if (!Number.isFinite(policy.quotaRepairIntervalMs)) return false;
    const lastMs = this.#repairedAtMs.get(findingKey(finding)) ?? Number.NEGATIVE_INFINITY;
    return clock.nowMs() - lastMs >= policy.quotaRepairIntervalMs;
  }

  async #repair(quotas: Quotas, finding: Finding): Promise<void> {
    const { audit, clock } = this.#deps;
    const quota = finding.subject.name;
    this.#repairedAtMs.set(findingKey(finding), clock.nowMs());
    let outcome: CommandOutcome = { kind: "done", message: `${quota} is counted anew` };
    try {
      await quotas.repair(quota);
    } catch (error) {
      outcome = { kind: "failed", because: String(error) };
    }
    audit({
      atMs: clock.nowMs(),
      command: { kind: "repair-quota", quota },
      actor: { kind: "machine", incident: findingKey(finding) },
      evidence: finding.evidence,
      limit: "once, and only the object that the provider makes again",
      outcome,
    });
  }
}
