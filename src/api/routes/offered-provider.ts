/** Which providers this deployment has: folders of its own machine are not for strangers. */
import { type Failure, failure } from "#core/errors.ts";
import type { Policy } from "#core/policy.ts";
import type { ProviderId } from "#core/repo/repo.ts";

export function isProviderOffered(
  provider: ProviderId,
  { allowLocalRepos }: Pick<Policy, "allowLocalRepos">,
): boolean {
  return provider !== "local" || allowLocalRepos;
}

export function refuseProvider(
  provider: ProviderId,
  policy: Pick<Policy, "allowLocalRepos">,
): Failure | null {
  if (isProviderOffered(provider, policy)) return null;
  return failure("host-refused", "Folders of the machine that runs Bindery are not allowed here.");
}
