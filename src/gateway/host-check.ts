/** Which host names a request may carry: a page of another site must not reach us by its own name. */
import { isIP } from "node:net";

export type HostVerdict =
  | { readonly kind: "allowed" }
  | { readonly kind: "refused"; readonly name: string };

export type HostCheck = (host: string | undefined) => HostVerdict;

const ALLOWED: HostVerdict = { kind: "allowed" };
const REMEMBERED_MAX = 256;

/**
 * Against DNS rebinding: a site whose own name is made to point here is still refused, because its
 * name is not among ours. Addresses are always fine (an attacker has no page at our address),
 * `localhost` and names below it also. `names` are the public names: exact, `.example.org` for all
 * below it, `*` for any.
 */
export function createHostCheck(names: readonly string[]): HostCheck {
  const exact = new Set<string>();
  const suffixes: string[] = [".localhost"];
  for (const name of names.map((text) => text.toLowerCase())) {
    if (name.startsWith("*.")) suffixes.push(name.slice(1));
    else if (name.startsWith(".")) suffixes.push(name);
    else exact.add(name);
  }
  exact.add("localhost");
  const isAnyAllowed = exact.has("*");

  const decide = (host: string | undefined): HostVerdict => {
    const name = host === undefined ? null : hostNameOf(host);
    if (name === null) return { kind: "refused", name: host ?? "" };
    const isAllowed =
      isAnyAllowed ||
      isIP(name) !== 0 ||
      exact.has(name) ||
      suffixes.some((suffix) => name.endsWith(suffix));
    return isAllowed ? ALLOWED : { kind: "refused", name };
  };

  const remembered = new Map<string, HostVerdict>();
  return (host) => {
    const known = host === undefined ? undefined : remembered.get(host);
    if (known !== undefined) return known;
    const verdict = decide(host);
    if (host !== undefined && verdict.kind === "allowed" && remembered.size < REMEMBERED_MAX) {
      remembered.set(host, verdict);
    }
    return verdict;
  };
}

/** `Example.org:8585` → `example.org`, `[::1]:80` → `::1`; null for what is no host. */
export function hostNameOf(host: string): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\]\\]+))(?::\d{1,5})?$/i.exec(host);
  const name = match?.[1] ?? match?.[2];
  return name === undefined ? null : name.toLowerCase().replace(/\.$/, "");
}
