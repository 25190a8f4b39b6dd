/** Pretend releases of Bindery: what is wrong with each is known here and nowhere else. */
import { SECOND_MS } from "#base/units.ts";
import type { Prng } from "#base/prng.ts";
import { AppError } from "#core/errors.ts";
import type { OperatorStatus } from "#core/operations/status.ts";
import type { ReleaseStage } from "#core/release/release.ts";
import type { ReleaseTarget } from "#ports/platform.ts";
import type { WorldContext } from "./context.ts";

export interface ReleaseTraits {
  /** It says ready after a while, whether the session answers or not. */
  readonly readyBeforePoll: boolean;
  /** What it refers to and does not exist. */
  readonly missing: readonly string[];
  readonly leakMemoryBytes: number;
  /** Launches after which it stalls; 0: never. */
  readonly stallsAt: number;
  /** Useless stops that its culler asks for. */
  readonly cullerFloodPerHour: number;
  /** It cannot be put to work, however often it is tried. */
  readonly isUnfit: boolean;
}

const GOOD_RELEASE: ReleaseTraits = {
  readyBeforePoll: false,
  missing: [],
  leakMemoryBytes: 0,
  stallsAt: 0,
  cullerFloodPerHour: 0,
  isUnfit: false,
};

export interface PretendReleasesParts {
  /** What runs on both stages at the start. */
  readonly initial: string;
  /** Asked once per call: whether the cluster's API refuses this one. */
  readonly isRefusing: () => boolean;
  /** It runs now. */
  readonly deployed: (release: string, stage: ReleaseStage, traits: ReleaseTraits) => void;
}

const LOOK_MS = 1 * SECOND_MS;
const DEPLOY_MS = 20 * SECOND_MS;

export class PretendReleases implements ReleaseTarget {
  readonly #clock: WorldContext["clock"];
  readonly #prng: Prng;
  readonly #parts: PretendReleasesParts;
  readonly #traits = new Map<string, ReleaseTraits>();
  readonly #current: Record<ReleaseStage, string>;
  /** Deployments that changed anything, those that were interrupted included. */
  touched = 0;

  constructor({ clock, prng }: Pick<WorldContext, "clock" | "prng">, parts: PretendReleasesParts) {
    this.#clock = clock;
    this.#prng = prng.fork("releases");
    this.#parts = parts;
    this.#current = { staging: parts.initial, production: parts.initial };
  }

  define(release: string, traits: Partial<ReleaseTraits>): void {
    this.#traits.set(release, { ...GOOD_RELEASE, ...traits });
  }

  running(stage: ReleaseStage): { readonly release: string; readonly traits: ReleaseTraits } {
    const release = this.#current[stage];
    return { release, traits: this.#traitsOf(release) };
  }

  async missingArtifacts(release: string): Promise<readonly string[]> {
    await this.#call(LOOK_MS);
    return this.#traitsOf(release).missing;
  }

  async current(stage: ReleaseStage): Promise<string> {
    await this.#call(LOOK_MS / 10);
    return this.#current[stage];
  }

  async deploy(release: string, stage: ReleaseStage): Promise<void> {
    await this.#call(LOOK_MS);
    const traits = this.#traitsOf(release);
    this.touched += 1;
    await this.#clock.sleep(this.#prng.jitter(DEPLOY_MS, 0.3));
    const [missing] = traits.missing;
    if (missing !== undefined)
      throw new AppError("release-step-failed", `${missing} cannot be pulled`);
    if (traits.isUnfit) throw new AppError("release-step-failed", `${release} does not start`);
    this.#current[stage] = release;
    this.#parts.deployed(release, stage, traits);
  }

  #traitsOf(release: string): ReleaseTraits {
    return this.#traits.get(release) ?? GOOD_RELEASE;
  }

  async #call(takesMs: number): Promise<void> {
    await this.#clock.sleep(this.#prng.jitter(takesMs, 0.3));
    if (this.#parts.isRefusing())
      throw new AppError("release-step-interrupted", "the cluster's API refused a connection");
  }
}

/** Stops for servers that do not run: the cluster answers each with an error. */
export class CullerFlood {
  readonly #clock: WorldContext["clock"];
  #perHour = 0;
  #sinceMs = 0;
  #before = 0;

  constructor({ clock }: Pick<WorldContext, "clock">) {
    this.#clock = clock;
  }

  set(perHour: number): void {
    this.#before = this.asked;
    this.#perHour = perHour;
    this.#sinceMs = this.#clock.nowMs();
  }

  get isOn(): boolean {
    return this.#perHour > 0;
  }

  /** So far. */
  get asked(): number {
    const hours = (this.#clock.nowMs() - this.#sinceMs) / (3_600 * SECOND_MS);
    return Math.floor(this.#before + this.#perHour * hours);
  }

  /** As the control plane that does it counts it. */
  poison(status: OperatorStatus): OperatorStatus {
    const { asked } = this;
    if (asked === 0) return status;
    const { culler } = status;
    return { ...status, culler: { asked: culler.asked + asked, refused: culler.refused + asked } };
  }
}
