/** The pretend world of members: what each says of itself, and what a drill does to it. */
import { SECOND_MS } from "#base/units.ts";
import type { Prng } from "#base/prng.ts";
import type {
  DoorWish,
  MemberAnswer,
  MemberDoor,
  MemberObservation,
  Members,
} from "#ports/platform.ts";
import type { WorldContext } from "./context.ts";
import type { MemberCluster } from "./member.ts";

interface MemberNow {
  readonly cluster: MemberCluster;
  weight: number;
  release: string;
  /** It says so, whatever is true. */
  isFullSaid: boolean;
  isFastFailing: boolean;
  isDeployFailing: boolean;
  /** Canaries that were green there, in a row. */
  greens: number;
}

const LOOK_MS = 100;
const FAST_FAILURE_MS = 2 * SECOND_MS;
const DEPLOY_MS = 15 * SECOND_MS;

export class PretendMembers implements Members {
  readonly #clock: WorldContext["clock"];
  readonly #prng: Prng;
  readonly #members = new Map<string, MemberNow>();
  #declared: string;

  constructor(
    { clock, prng }: Pick<WorldContext, "clock" | "prng">,
    release: string,
    members: readonly { readonly cluster: MemberCluster; readonly weight: number }[],
  ) {
    this.#clock = clock;
    this.#prng = prng.fork("members");
    this.#declared = release;
    for (const { cluster, weight } of members) {
      this.#members.set(cluster.name, {
        ...{ cluster, weight, release },
        ...{ isFullSaid: false, isFastFailing: false, isDeployFailing: false, greens: 0 },
      });
    }
  }

  get doors(): readonly MemberDoor[] {
    return [...this.#members.values()].map((member) => ({
      name: member.cluster.name,
      launch: (wish) => this.#launch(member, wish),
      canary: () => this.#canary(member),
    }));
  }

  /** All should run it; those who are reached do so soon. Without names: all are. */
  declare(release: string, reached: readonly string[] = []): void {
    this.#declared = release;
    for (const [name, member] of this.#members) {
      if (reached.length > 0 && !reached.includes(name)) continue;
      const delayMs = this.#prng.jitter(DEPLOY_MS, 0.5);
      this.#clock.setTimer(delayMs, () => {
        if (!member.isDeployFailing) member.release = release;
      });
    }
  }

  /** Those whom a release with these names does not reach. */
  missed(reached: readonly string[]): readonly string[] {
    return [...this.#members.values()]
      .filter(
        ({ cluster, isDeployFailing }) =>
          isDeployFailing || (reached.length > 0 && !reached.includes(cluster.name)),
      )
      .map(({ cluster }) => cluster.name);
  }

  skew(name: string, release: string): void {
    this.#of(name).release = release;
  }

  setFull(name: string, isFull: boolean): void {
    this.#of(name).isFullSaid = isFull;
  }

  setFastFail(name: string, isFailing: boolean): void {
    this.#of(name).isFastFailing = isFailing;
  }

  setDeployFails(name: string, isFailing: boolean): void {
    this.#of(name).isDeployFailing = isFailing;
  }

  async list(): Promise<readonly MemberObservation[]> {
    await this.#clock.sleep(this.#prng.jitter(LOOK_MS, 0.5));
    return [...this.#members.values()].map((member) => ({
      name: member.cluster.name,
      weight: member.weight,
      release: member.release,
      isFull: isFull(member),
      isAnswering: true,
    }));
  }

  async declaredRelease(): Promise<string> {
    await this.#clock.sleep(this.#prng.jitter(LOOK_MS, 0.5));
    return this.#declared;
  }

  async setWeight(name: string, weight: number): Promise<void> {
    this.#of(name).weight = weight;
  }

  async #launch(member: MemberNow, wish: DoorWish): Promise<MemberAnswer> {
    if (member.isFastFailing) return this.#fail(member);
    return isFull(member) ? { kind: "full" } : member.cluster.launch(wish);
  }

  /** Canaries have seats of their own. */
  async #canary(member: MemberNow): Promise<MemberAnswer> {
    const answer = await (member.isFastFailing ? this.#fail(member) : member.cluster.canary());
    member.greens = answer.kind === "ready" ? member.greens + 1 : 0;
    return answer;
  }

  greensOf(name: string): number {
    return this.#of(name).greens;
  }

  async #fail({ cluster }: MemberNow): Promise<MemberAnswer> {
    await this.#clock.sleep(this.#prng.jitter(FAST_FAILURE_MS, 0.5));
    const because = `${cluster.name} could not start the server`;
    return { kind: "failed", code: "internal", isPlatformFault: true, because };
  }

  #of(name: string): MemberNow {
    const member = this.#members.get(name);
    if (member === undefined) throw new Error(`there is no member ${name}`);
    return member;
  }
}

function isFull(member: MemberNow): boolean {
  return member.isFullSaid || member.cluster.isFull();
}
