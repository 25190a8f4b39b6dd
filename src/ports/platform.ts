/** The platform around the cluster: quotas, certificates, releases, fellow members, the pager. */
import type { CommandOutcome } from "#core/operations/command.ts";
import type { GateCanary, ReleaseStage } from "#core/release/release.ts";

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

/** Where releases of Bindery itself are put to work. */
export interface ReleaseTarget {
  /** Names of what the release refers to and what does not exist. */
  missingArtifacts(release: string): Promise<readonly string[]>;
  current(stage: ReleaseStage): Promise<string>;
  /** Idempotent. Rejects with a retriable failure for a fault of the moment, else for good. */
  deploy(release: string, stage: ReleaseStage): Promise<void>;
}

/** The gate's own launches on staging, on seats that are kept for canaries. */
export interface StagingGate {
  /** Follows a launch to its session's own URL; `cold`: an image that no node has. */
  canary(kind: GateCanary["kind"], signal: AbortSignal): Promise<GateCanary>;
}

/** Takes releases in and back: what the commands of an operator reach. */
export interface ReleaseDesk {
  submit(release: string, isEmergency: boolean): CommandOutcome;
  rollBack(stage: ReleaseStage, because: string): CommandOutcome;
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

export interface DoorWish {
  /** The same for every launch of one repository, whoever asks. */
  readonly repoKey: string;
  readonly launchId: string;
}

export type MemberAnswer =
  | { readonly kind: "ready"; readonly url: string }
  /** Nothing was started; nobody is to blame. */
  | { readonly kind: "full" }
  | {
      readonly kind: "failed";
      readonly code: string;
      /** Another member may do better. */
      readonly isPlatformFault: boolean;
      readonly because: string;
    };

/** One member as the door in front of it uses it. */
export interface MemberDoor {
  readonly name: string;
  /** Follows the launch to its end. A rejection is a failure of the platform. */
  launch(wish: DoorWish): Promise<MemberAnswer>;
  canary(): Promise<MemberAnswer>;
}

/** Hosts that builds download from, and what stands in for them. */
export interface Upstreams {
  /** Builds ask another place instead, or the host again. Rejects when nothing stands in. Idempotent. */
  useFallback(host: string, isOn: boolean): Promise<void>;
}

export interface Pager {
  /** Wakes somebody. Never throws. */
  page(incident: string, text: string): void;
}
