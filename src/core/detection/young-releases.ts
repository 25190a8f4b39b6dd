/** Releases that began while we watched: what goes wrong soon after is rather theirs. */
import type { Policy } from "../policy.ts";
import type { ComponentLook } from "./observed.ts";

interface KnownRelease {
  readonly release: string;
  /** Null: it ran when the watch began, or it is the one that was returned to. */
  readonly sinceMs: number | null;
  readonly before: string | null;
}

/** By role. */
export type ReleaseMemory = ReadonlyMap<ComponentLook["role"], KnownRelease>;

const NONE: ReadonlyMap<string, string> = new Map();

export function noteReleases(
  memory: ReleaseMemory,
  components: readonly ComponentLook[],
  nowMs: number,
): ReleaseMemory {
  let next: Map<ComponentLook["role"], KnownRelease> | null = null;
  for (const { release, role } of newestByRole(components).values()) {
    const before = memory.get(role);
    if (before?.release === release) continue;
    next ??= new Map(memory);
    const isNew = before !== undefined && before.before !== release;
    next.set(role, { release, sinceMs: isNew ? nowMs : null, before: before?.release ?? null });
  }
  return next ?? memory;
}

/** Component → its release. */
export function youngReleases(
  memory: ReleaseMemory,
  components: readonly ComponentLook[],
  policy: Pick<Policy, "releaseYoungMs">,
  nowMs: number,
): ReadonlyMap<string, string> {
  let young: Map<string, string> | null = null;
  for (const { name, release, role } of components) {
    const known = memory.get(role);
    if (known?.release !== release || known.sinceMs === null) continue;
    if (nowMs - known.sinceMs >= policy.releaseYoungMs) continue;
    young ??= new Map();
    young.set(name, release);
  }
  return young ?? NONE;
}

/** While a release is taken in, replicas of two run beside each other. */
function newestByRole(
  components: readonly ComponentLook[],
): ReadonlyMap<ComponentLook["role"], ComponentLook> {
  const newest = new Map<ComponentLook["role"], ComponentLook>();
  for (const component of components) {
    const before = newest.get(component.role);
    if (before === undefined || component.startedAtMs > before.startedAtMs)
      newest.set(component.role, component);
  }
  return newest;
}
