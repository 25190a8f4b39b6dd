/** As whom sandboxes run on the host: never as root. */
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";

export type SandboxOwner =
  /** We are root: programs are started as this uid (and gid), and files that they own get it. */
  | { readonly kind: "switch"; readonly uid: number }
  /** We are a plain user, and so are they. */
  | { readonly kind: "self"; readonly uid: number };

/** What helpers of ours run with: nothing of a request can change how they load or what they find. */
export const BOUND_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
  LC_ALL: "C",
};

export function currentOwner(sandboxUid: number): SandboxOwner {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? { kind: "switch", uid: sandboxUid } : { kind: "self", uid };
}

/** Start of a command line that gives up root. */
export function switchUser(owner: SandboxOwner): readonly string[] {
  if (owner.kind === "self") return [];
  const id = String(owner.uid);
  return [programPath("setpriv"), "--reuid", id, "--regid", id, "--clear-groups", "--"];
}

/** The first directory on the way to `path`, itself included, that is closed to the owner; or null. */
export function closedDirectory(path: string, owner: SandboxOwner): string | null {
  if (owner.kind === "self") return null;
  const parent = dirname(path);
  const above = parent === path ? null : closedDirectory(parent, owner);
  if (above !== null) return above;
  const { gid, mode, uid } = statSync(path);
  const bit = uid === owner.uid ? 0o100 : gid === owner.uid ? 0o010 : 0o001;
  return (mode & bit) === 0 ? path : null;
}

/** util-linux and coreutils live in one of two places. */
export function programPath(name: string): string {
  return (
    ["/usr/bin", "/bin", "/usr/local/bin"].map((bin) => `${bin}/${name}`).find(existsSync) ??
    `/usr/bin/${name}`
  );
}
