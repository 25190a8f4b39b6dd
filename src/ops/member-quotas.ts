/** Quotas of several members as one list; before one is repaired the launches go elsewhere. */
import { AppError } from "#core/errors.ts";
import type { CommandOutcome } from "#core/operations/command.ts";
import type { QuotaObservation, Quotas } from "#ports/platform.ts";

export interface MemberQuotaDeps {
  /** By member; names of quotas differ between members. */
  readonly members: ReadonlyMap<string, Quotas>;
  readonly takeOut: (member: string, because: string) => CommandOutcome;
}

export function memberQuotas({ members, takeOut }: MemberQuotaDeps): Quotas {
  const owners = new Map<string, string>();
  return {
    async list() {
      const all: QuotaObservation[] = [];
      for (const [member, looked] of await lists(members)) {
        for (const quota of looked) owners.set(quota.name, member);
        all.push(...looked);
      }
      return all;
    },
    async repair(name) {
      const member = owners.get(name);
      const quotas = member === undefined ? undefined : members.get(member);
      if (member === undefined || quotas === undefined)
        throw new AppError("internal", `no member has a quota ${name}`);
      takeOut(member, `its quota ${name} counts wrong`);
      await quotas.repair(name);
    },
  };
}

/** A member that does not answer hides no other. */
async function lists(
  members: ReadonlyMap<string, Quotas>,
): Promise<readonly (readonly [string, readonly QuotaObservation[]])[]> {
  return Promise.all(
    [...members].map(async ([member, quotas]) => {
      try {
        return [member, await quotas.list()] as const;
      } catch {
        return [member, []] as const;
      }
    }),
  );
}
