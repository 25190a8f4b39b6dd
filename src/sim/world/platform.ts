/** What is around the pretend cluster: releases, certificates, fellow members, with the real ops for each. */
import { Loops } from "#base/loops.ts";
import type { Incident } from "#core/incident/incident.ts";
import type { AuditRecord } from "#core/operations/command.ts";
import type { OperatorStatus } from "#core/operations/status.ts";
import type { Policy } from "#core/policy.ts";
import { releaseHold } from "#core/release/shedding.ts";
import {
  CERTIFICATE_INTERVAL_MS,
  CERTIFICATE_LEASE_MS,
  CertificateWatch,
} from "#ops/certificates.ts";
import type { OpsPart } from "#ops/ops-ports.ts";
import { ROLLOUT_INTERVAL_MS, Rollouts } from "#ops/rollout.ts";
import type { Components } from "#ports/components.ts";
import type { Log } from "#ports/log.ts";
import type { CertificateSpec } from "../drill/drill.ts";
import { PretendCertificates } from "./certificates.ts";
import type { WorldContext } from "./context.ts";
import type { Federation } from "./federation.ts";
import { recordReleases } from "./release-records.ts";
import { CullerFlood, PretendReleases, type ReleaseTraits } from "./releases.ts";
import { PretendStaging } from "./staging.ts";

export interface PlatformParts {
  readonly release: string;
  readonly certificates: readonly CertificateSpec[];
  /** Null: one cluster without fellows. */
  readonly federation: Federation | null;
  readonly imagePullMs: number;
  readonly sessionStartMs: number;
  readonly canarySeats: () => number;
  readonly isFull: () => boolean;
  /** Asked once per call to the cluster's API. */
  readonly isRefusing: () => boolean;
  readonly components: Components;
  /** Of the control plane that decides; hangs while it does. */
  readonly status: () => Promise<OperatorStatus>;
  readonly incidents: () => readonly Incident[];
  /** The release runs in production now: its processes were started anew. */
  readonly started: (release: string, traits: ReleaseTraits) => void;
  readonly audit: (record: AuditRecord) => void;
  readonly policy: Policy;
  readonly log: Log;
}

export class Platform {
  readonly releases: PretendReleases;
  readonly certificates: PretendCertificates;
  readonly federation: Federation | null;
  /** Useless stops of the culler; the status that others see counts them. */
  readonly flood: CullerFlood;
  readonly rollouts: Rollouts;
  /** For the watch: their findings and commands. */
  readonly extra: readonly OpsPart[];
  readonly #loops: Loops;
  readonly #watch: CertificateWatch;
  readonly #hasCertificates: boolean;
  #hasRollouts = false;

  constructor(context: WorldContext, parts: PlatformParts) {
    const { audit, components, federation, log, policy } = parts;
    const { clock } = context;
    this.federation = federation;
    this.flood = new CullerFlood(context);
    const records = recordReleases(context);
    this.releases = new PretendReleases(context, {
      initial: parts.release,
      isRefusing: parts.isRefusing,
      deployed: (release, stage, traits) => {
        records.deployed(release, stage, this.releases.touched);
        if (stage !== "production") return;
        this.flood.set(traits.cullerFloodPerHour);
        parts.started(release, traits);
        federation?.members.declare(release);
      },
    });
    const staging = new PretendStaging(context, {
      releases: this.releases,
      imagePullMs: parts.imagePullMs,
      sessionStartMs: parts.sessionStartMs,
      isFull: parts.isFull,
      seats: parts.canarySeats,
      told: (isTooEarly) => records.canary(this.releases.running("staging").release, isTooEarly),
    });
    this.rollouts = new Rollouts({
      target: this.releases,
      gate: staging,
      status: async () => this.flood.poison(await parts.status()),
      hold: () => releaseHold(parts.incidents()),
      onChange: (state) => records.changed(state, this.releases.touched),
      ...{ components, audit, clock, log, policy },
    });
    this.certificates = new PretendCertificates(context, parts.certificates);
    this.#hasCertificates = parts.certificates.length > 0;
    const { certificates } = this;
    this.#watch = new CertificateWatch({ certificates, audit, clock, log, policy });
    const door = federation === null ? [] : [federation.frontDoor];
    this.extra = [this.rollouts, this.#watch, ...door];
    this.#loops = new Loops({ clock, log, leaseMs: policy.loopLeaseMs });
  }

  /** Loops without anything to look at are not started: a week of nothing costs nothing. */
  start(): void {
    for (const loop of this.federation?.loops ?? []) this.#loops.start(loop);
    if (!this.#hasCertificates) return;
    this.#loops.start({
      name: "certificates",
      intervalMs: CERTIFICATE_INTERVAL_MS,
      leaseMs: CERTIFICATE_LEASE_MS,
      round: (isCurrent) => this.#watch.round(isCurrent),
    });
  }

  /** With members: all of them should run it, those that are named are reached. */
  submit(
    release: string,
    traits: Partial<ReleaseTraits>,
    { isUrgent, members }: { readonly isUrgent: boolean; readonly members: readonly string[] },
  ): readonly string[] {
    this.releases.define(release, traits);
    if (this.federation !== null) {
      this.federation.members.declare(release, members);
      return [release, ...this.federation.members.missed(members)];
    }
    if (!this.#hasRollouts) {
      this.#hasRollouts = true;
      const round = () => this.rollouts.round();
      this.#loops.start({ name: "rollouts", intervalMs: ROLLOUT_INTERVAL_MS, round });
    }
    this.rollouts.submit(release, isUrgent);
    return [release];
  }
}
