/** May this deployment fetch from there? A stranger must not make it talk to its own network. */
import { type Failure, failure } from "../errors.ts";
import { isPublicAddress, normalAddress } from "../network/addresses.ts";
import type { Policy } from "../policy.ts";
import type { GitUrl } from "./git-url.ts";

export type HostPolicy = Pick<Policy, "allowPrivateHosts" | "allowLocalRepos">;

export type HostJudgement =
  /** Git may connect wherever the name leads. */
  | { readonly kind: "allowed" }
  /** Look the name up, let `judgeAddresses` decide, and connect to what it allows and to nothing else. */
  | { readonly kind: "look-up"; readonly host: string }
  | { readonly kind: "refused"; readonly failure: Failure };

export function judgeUrl(url: GitUrl, policy: HostPolicy): HostJudgement {
  switch (url.kind) {
    case "file":
      if (policy.allowLocalRepos) return { kind: "allowed" };
      return refused("Folders of the machine that runs Bindery are not allowed here.");
    case "network":
      break;
    case "credentials":
      return refused("An address with credentials in it is not allowed.");
    case "invalid":
      return refused(`The address is not allowed: ${url.because}.`);
  }
  if (policy.allowPrivateHosts) return { kind: "allowed" };
  if (normalAddress(url.host) !== null) {
    return isPublicAddress(url.host) ? { kind: "look-up", host: url.host } : refusedHost(url.host);
  }
  // No public name ends in a number: what does is an address in a spelling that is not understood.
  const isNumber = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(url.host);
  const isLocalName = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa)$/.test(
    url.host,
  );
  if (isNumber || isLocalName || !url.host.includes(".")) return refusedHost(url.host);
  return { kind: "look-up", host: url.host };
}

/** Every address that the name has must be public: a name that mixes them is an attack or a mistake. */
export function judgeAddresses(host: string, addresses: readonly string[]): Failure | null {
  return addresses.every(isPublicAddress) ? null : refusedHost(host).failure;
}

function refusedHost(host: string) {
  return refused(`${host} is not a host of the public Internet.`);
}

function refused(message: string) {
  return { kind: "refused", failure: failure("host-refused", message) } as const;
}
