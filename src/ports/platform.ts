/** The platform around the cluster: quotas, certificates, releases, fellow members, the pager. */

export interface QuotaObservation {
  readonly name: string;
  readonly used: number;
  readonly hard: number;
  /** Counted by listing, to hold against what the quota object says. */
  readonly listed: number;
  /** Creates refused because of it since the last look. */
  readonly refusals: number;
}

export interface Quotas {
  list(): Promise<readonly QuotaObservation[]>;
  /** Deletes the object that the provider keeps and will make again, with the right count. */
  repair(name: string): Promise<void>;
}

export interface Certificates {
  /** As served now to a client, per host name. */
  served(): Promise<readonly { readonly host: string; readonly notAfterMs: number }[]>;
  /** Rejects with the reason when the authority refuses. */
  renew(host: string): Promise<void>;
}

export type ReleaseStage = "staging" | "production";

/** Where releases of Bindery itself are put to work. */
export interface ReleaseTarget {
  /** Names of what the release refers to and what does not exist. */
  missingArtifacts(release: string): Promise<readonly string[]>;
  current(stage: ReleaseStage): Promise<string>;
  /** Rejects for a fault of the moment; may be repeated. */
  deploy(release: string, stage: ReleaseStage): Promise<void>;
}

export interface MemberObservation {
  readonly name: string;
  readonly weight: number;
  readonly release: string;
  readonly isFull: boolean;
  readonly isAnswering: boolean;
}

/** The clusters behind one door. */
export interface Members {
  list(): Promise<readonly MemberObservation[]>;
  /** The release that all should have, as declared; never read from a member. */
  declaredRelease(): Promise<string>;
  setWeight(member: string, weight: number): Promise<void>;
}

export interface Pager {
  /** Wakes somebody. Never throws. */
  page(incident: string, text: string): void;
}
