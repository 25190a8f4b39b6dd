/** What the door in front of several members remembers of each. */

/** How one launch or canary at a member went; only what the member is to blame for is bad. */
export interface MemberOutcome {
  readonly member: string;
  /** Null: a canary. */
  readonly repoKey: string | null;
  readonly atMs: number;
  readonly isGood: boolean;
  readonly because: string | null;
}

/** `out`: no launches because of what came of them. `returning`: a part of its weight. */
export type MemberStanding = "in" | "out" | "returning";

export interface MemberHealth {
  readonly standing: MemberStanding;
  readonly sinceMs: number;
  readonly because: string | null;
  /** Oldest first; a few. */
  readonly outcomes: readonly MemberOutcome[];
  /** Since when it runs another release than the declared one. */
  readonly skewedSinceMs: number | null;
  readonly fullSinceMs: number | null;
}

export interface MembersState {
  readonly members: Readonly<Record<string, MemberHealth>>;
  /** What the door goes by; kept as it is while too many members look bad. */
  readonly weights: Readonly<Record<string, number>>;
  readonly staticSinceMs: number | null;
}

export interface MemberLook {
  readonly name: string;
  /** As an operator set it. */
  readonly weight: number;
  readonly release: string;
  readonly isFull: boolean;
}

export interface MembersObservation {
  readonly members: readonly MemberLook[];
  /** Null: it cannot be read now, and nobody is judged by it. */
  readonly declaredRelease: string | null;
  /** Since the last decision, oldest first. */
  readonly outcomes: readonly MemberOutcome[];
}

export const NO_MEMBERS: MembersState = { members: {}, weights: {}, staticSinceMs: null };

export const OUTCOMES_KEPT_MAX = 40;
