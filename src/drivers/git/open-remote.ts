/** Decides whether and how Git may connect to an address, and ties it to the addresses that were checked. */
import type { LookupAddress } from "node:dns";
import { AppError } from "#core/errors.ts";
import {
  formatGitUrl,
  type GitUrl,
  type NetworkUrl,
  parseGitUrl,
  portOf,
} from "#core/repo/git-url.ts";
import { type HostPolicy, judgeAddresses, judgeUrl } from "#core/repo/host-policy.ts";

/** What Git is started with to talk to one remote. */
export interface Remote {
  /** For Git's command line, after `--`. */
  readonly url: string;
  /** `-c` settings. */
  readonly config: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Options of ls-remote and fetch. */
  readonly args: readonly string[];
  /** Null when Git may look the name up and follow redirects by itself. */
  readonly pinned: { readonly url: NetworkUrl; readonly addresses: readonly string[] } | null;
}

/** All addresses of a name, as `dns.lookup` gives them. */
export type Lookup = (host: string) => Promise<readonly LookupAddress[]>;

/** `path` or `file://…`, for folders that the policy allows. */
export function openFolder(path: string): Remote {
  return {
    url: path,
    config: [],
    env: { GIT_ALLOW_PROTOCOL: "https:http:git:ssh:file" },
    // upload-pack runs nothing that the folder's own configuration names; it may belong to another
    // user of this machine, and any commit may be asked for.
    args: [
      "--upload-pack=git -c 'safe.directory=*' -c uploadpack.allowAnySHA1InWant=true upload-pack",
    ],
    pinned: null,
  };
}

/** Throws `host-refused`, or `repo-unreachable` when the name has no address. */
export async function openRemote(
  address: string,
  policy: HostPolicy,
  lookup: Lookup,
): Promise<Remote> {
  const url = parseGitUrl(address);
  const judgement = judgeUrl(url, policy);
  switch (judgement.kind) {
    case "refused":
      throw new AppError(judgement.failure.code, judgement.failure.message);
    case "allowed":
      return url.kind === "file" ? openFolder(url.path) : unpinned(url, address);
    case "look-up":
      return pinnedRemote(url as NetworkUrl, await addressesOf(judgement.host, lookup));
  }
}

/** Looks the name up and throws unless every address is public. */
async function addressesOf(host: string, lookup: Lookup): Promise<readonly string[]> {
  let found: readonly LookupAddress[];
  try {
    found = await lookup(host);
  } catch (error) {
    throw new AppError("repo-unreachable", `The host's name ${host} is not known.`, {
      cause: error,
    });
  }
  const addresses = found.map(({ address }) => address);
  const refused = judgeAddresses(host, addresses);
  if (refused !== null) throw new AppError(refused.code, refused.message);
  if (addresses.length === 0) throw new AppError("repo-unreachable", `${host} has no address.`);
  return addresses;
}

function unpinned(url: GitUrl, address: string): Remote {
  const text = url.kind === "network" ? formatGitUrl(url) : address;
  return { url: text, config: ["http.followRedirects=initial"], env: {}, args: [], pinned: null };
}

/** Git connects to these addresses: the name is not looked up a second time, when it may lead elsewhere. */
export function pinnedRemote(url: NetworkUrl, addresses: readonly string[]): Remote {
  const base = { args: [], pinned: { url, addresses } };
  const [first = ""] = addresses;
  switch (url.scheme) {
    case "https":
    case "http": {
      const all = addresses.map((address) => (address.includes(":") ? `[${address}]` : address));
      const resolve = `http.curloptResolve=${url.host}:${portOf(url)}:${all.join(",")}`;
      return {
        ...base,
        url: formatGitUrl(url),
        // An address needs no pin, and curl takes none for IPv6.
        config: ["http.followRedirects=false", ...(url.host.includes(":") ? [] : [resolve])],
        env: {},
      };
    }
    case "ssh": {
      const command = `ssh -o BatchMode=yes -o HostName=${first} -o HostKeyAlias=${url.host} -o ProxyCommand=none -o ProxyJump=none`;
      return { ...base, url: formatGitUrl(url), config: [], env: { GIT_SSH_COMMAND: command } };
    }
    case "git":
      // The protocol has no name of the host that would need to stay.
      return { ...base, url: formatGitUrl({ ...url, host: first }), config: [], env: {} };
  }
}
