/** Gives every repository its own order of members: images stay warm, and one change moves few. */

export interface Weighted {
  readonly name: string;
  readonly weight: number;
}

/** Members with weight, the best place for this key first (weighted rendezvous hashing). */
export function rankMembers(key: string, members: readonly Weighted[]): readonly Weighted[] {
  return members
    .filter(({ weight }) => weight > 0)
    .map((member) => ({ member, score: scoreOf(key, member) }))
    .sort((a, b) => b.score - a.score || (a.member.name < b.member.name ? -1 : 1))
    .map(({ member }) => member);
}

function scoreOf(key: string, { name, weight }: Weighted): number {
  return -weight / Math.log(fractionOf(`${name}\n${key}`));
}

/** More than 0, less than 1: FNV-1a, then the end of MurmurHash3 (Austin Appleby) to mix. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash ^= hash >>> 16;
  return ((hash >>> 0) + 0.5) / 0x1_0000_0000;
}

/** How much more than its share of the launches a member may get for the sake of warm images. */
const LOAD_FACTOR = 1.25;
const LOAD_MIN = 3;
/** Launches lately of one repository that make it hot: only hot ones are spread. */
const HOT_MIN = 3;

export interface Loads {
  /** Launches lately, per member. */
  readonly ofMembers: ReadonlyMap<string, number>;
  /** Launches lately of this key, anywhere. */
  readonly ofKey: number;
}

/**
 * The place for this key among members that are not tried yet: always the same for most, and for
 * those that are hot within bounds (consistent hashing with bounded loads).
 */
export function placeLaunch(
  key: string,
  members: readonly Weighted[],
  { ofMembers, ofKey }: Loads,
  tried: ReadonlySet<string>,
): string | null {
  const ranked = rankMembers(
    key,
    members.filter(({ name }) => !tried.has(name)),
  );
  const best = ranked[0]?.name ?? null;
  if (ofKey < HOT_MIN) return best;
  let weight = 0;
  let load = 1;
  for (const member of ranked) {
    weight += member.weight;
    load += ofMembers.get(member.name) ?? 0;
  }
  const free = ranked.find((member) => {
    const bound = Math.ceil((LOAD_FACTOR * load * member.weight) / weight);
    return (ofMembers.get(member.name) ?? 0) < Math.max(LOAD_MIN, bound);
  });
  return free?.name ?? best;
}
