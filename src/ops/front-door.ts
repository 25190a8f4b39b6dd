/** The door in front of several members: each launch to one of them, and at once to another when it fails. */
import { MINUTE_MS, formatDuration } from "#base/units.ts";
import { decideMembers, takeOut, type MemberTurn } from "#core/federation/decide-members.ts";
import { decideShares, type SharesState } from "#core/federation/decide-shares.ts";
import { NO_MEMBERS, type MemberOutcome, type MembersState } from "#core/federation/member.ts";
import { placeLaunch } from "#core/federation/rendezvous.ts";
import { failureOf } from "#core/errors.ts";
import { findingKey, type Finding } from "#core/incident/finding.ts";
import type { AuditRecord, CommandOutcome, OperatorCommand } from "#core/operations/command.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type {
  DoorWish,
  MemberAnswer,
  MemberDoor,
  MemberObservation,
  Members,
} from "#ports/platform.ts";
import type { OpsPart } from "./ops-ports.ts";
import { RecentLoads } from "./recent-loads.ts";

export interface FrontDoorDeps {
  readonly members: Members;
  readonly doors: readonly MemberDoor[];
  readonly audit: (record: AuditRecord) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
}

export type DoorAnswer = MemberAnswer & {
  /** Who gave it; null: nobody could be asked. */
  readonly member: string | null;
  readonly attempts: number;
};

export const FRONT_DOOR_INTERVAL_MS = 5_000;
const CANARY_LIMIT_MS = 1 * MINUTE_MS;

export class FrontDoor implements OpsPart {
  readonly #deps: FrontDoorDeps;
  readonly #doors: ReadonlyMap<string, MemberDoor>;
  readonly #loads: RecentLoads;
  /** When each member's last canary began; infinite while it runs. */
  readonly #canaryAtMs = new Map<string, number>();
  #state: MembersState = NO_MEMBERS;
  #shares: SharesState = {};
  #shareFindings: readonly Finding[] = [];
  #looks: readonly MemberObservation[] = [];
  #declaredRelease: string | null = null;
  #outcomes: MemberOutcome[] = [];
  #findings: readonly Finding[] = [];

  constructor(deps: FrontDoorDeps) {
    this.#deps = deps;
    this.#doors = new Map(deps.doors.map((door) => [door.name, door]));
    this.#loads = new RecentLoads(deps.clock);
  }

  get weights(): Readonly<Record<string, number>> {
    return this.#state.weights;
  }

  get state(): MembersState {
    return this.#state;
  }

  async findings(): Promise<readonly Finding[]> {
    return this.#findings;
  }

  /** Members without launches: what is wrong there hurts nobody. */
  aside(): readonly string[] {
    return Object.entries(this.#state.members)
      .filter(([, { standing }]) => standing === "out")
      .map(([name]) => `member:${name}`);
  }

  execute(command: OperatorCommand): Promise<CommandOutcome> | null {
    return command.kind === "shift-member" ? this.#shift(command.member, command.weight) : null;
  }

  async round(isCurrent: () => boolean): Promise<void> {
    const { clock, members, policy } = this.#deps;
    const [looks, declared] = await Promise.allSettled([members.list(), members.declaredRelease()]);
    if (!isCurrent()) return;
    if (looks.status === "fulfilled") this.#looks = looks.value;
    this.#declaredRelease = declared.status === "fulfilled" ? declared.value : null;
    const { next, findings } = decideShares(
      this.#shares,
      this.#state.weights,
      this.#loads.ofMembers(),
      policy,
      clock.nowMs(),
    );
    this.#shares = next;
    this.#shareFindings = findings;
    this.#decide();
    for (const door of this.#doors.values()) this.#canaryWhenDue(door);
  }

  async launch(wish: DoorWish): Promise<DoorAnswer> {
    const tried = new Set<string>();
    let answer: DoorAnswer = { kind: "full", member: null, attempts: 0 };
    while (tried.size < this.#deps.policy.memberAttemptsMax) {
      const door = this.#choose(wish.repoKey, tried);
      if (door === null) return answer;
      tried.add(door.name);
      const given = await this.#ask(door, wish);
      answer = { ...given, member: door.name, attempts: tried.size };
      if (given.kind === "ready") return answer;
      if (given.kind === "failed" && !given.isPlatformFault) return answer;
    }
    return answer;
  }

  /** Its launches go elsewhere from now on, until its canaries are green again. */
  takeOut(member: string, because: string): CommandOutcome {
    const next = takeOut(this.#state, member, because, this.#deps.clock.nowMs());
    if (next === this.#state)
      return { kind: "refused", because: `${member} has no launches, or no other member has any` };
    this.#state = next;
    this.#audit({ member, to: "out", evidence: because });
    return { kind: "done", message: `${member} gets no launches` };
  }

  async #shift(member: string, weight: number): Promise<CommandOutcome> {
    if (!this.#doors.has(member)) return { kind: "refused", because: `there is no ${member}` };
    if (!(weight >= 0)) return { kind: "refused", because: `${weight} is no weight` };
    await this.#deps.members.setWeight(member, weight);
    return { kind: "done", message: `${member} has the weight ${weight}` };
  }

  #choose(repoKey: string, tried: ReadonlySet<string>): MemberDoor | null {
    // Before the first look all are the same.
    const isKnown = Object.keys(this.#state.weights).length > 0;
    const weighted = [...this.#doors.keys()].map((name) => ({
      name,
      weight: isKnown ? (this.#state.weights[name] ?? 0) : 1,
    }));
    const loads = { ofMembers: this.#loads.ofMembers(), ofKey: this.#loads.ofKey(repoKey) };
    const name = placeLaunch(repoKey, weighted, loads, tried);
    return name === null ? null : (this.#doors.get(name) ?? null);
  }

  async #ask(door: MemberDoor, wish: DoorWish): Promise<MemberAnswer> {
    this.#loads.add(door.name, wish.repoKey);
    const answer = await this.#within(this.#deps.policy.memberLaunchTimeoutMs, door.launch(wish));
    this.#note(door.name, wish.repoKey, answer);
    return answer;
  }

  #canaryWhenDue(door: MemberDoor): void {
    const { clock, policy } = this.#deps;
    const lastMs = this.#canaryAtMs.get(door.name) ?? Number.NEGATIVE_INFINITY;
    if (clock.monotonicMs() - lastMs < policy.memberCanaryIntervalMs) return;
    this.#canaryAtMs.set(door.name, Number.POSITIVE_INFINITY);
    const beganAtMs = clock.monotonicMs();
    void this.#within(CANARY_LIMIT_MS, door.canary()).then((answer) => {
      this.#canaryAtMs.set(door.name, beganAtMs);
      this.#note(door.name, null, answer);
    });
  }

  #note(member: string, repoKey: string | null, answer: MemberAnswer): void {
    if (answer.kind === "full") return;
    const isGood = answer.kind === "ready";
    if (!isGood && !answer.isPlatformFault) return;
    const because = isGood ? null : answer.because;
    const atMs = this.#deps.clock.nowMs();
    this.#outcomes.push({ member, repoKey, atMs, isGood, because });
    // The next person must not be sent there while a round is being waited for.
    if (!isGood) this.#decide();
  }

  #decide(): void {
    const { clock, policy } = this.#deps;
    if (this.#looks.length === 0) return;
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    const observed = { members: this.#looks, declaredRelease: this.#declaredRelease, outcomes };
    const decision = decideMembers(this.#state, observed, policy, clock.nowMs());
    this.#state = decision.next;
    const known = new Set(decision.findings.map(findingKey));
    const others = this.#shareFindings.filter((finding) => !known.has(findingKey(finding)));
    this.#findings = [...decision.findings, ...others];
    for (const turn of decision.turns) this.#audit(turn);
  }

  #audit({ member, to, evidence }: MemberTurn): void {
    const { audit, clock, log, policy } = this.#deps;
    const weight = this.#state.weights[member] ?? 0;
    log.warn("a member's weight changes", { member, weight, because: evidence });
    audit({
      atMs: clock.nowMs(),
      command: { kind: "shift-member", member, weight },
      actor: { kind: "machine", incident: `member-failing:member:${member}` },
      evidence,
      limit: `at most ${Math.round(policy.memberEjectedShareMax * 100)} % of the members without launches`,
      outcome: {
        kind: "done",
        message:
          to === "out" ? `${member} gets no launches` : `${member} gets a few launches again`,
      },
    });
  }

  #within(limitMs: number, asked: Promise<MemberAnswer>): Promise<MemberAnswer> {
    const failed = (code: string, because: string): MemberAnswer => ({
      kind: "failed",
      code,
      isPlatformFault: true,
      because,
    });
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.setTimer(limitMs, () =>
        resolve(failed("launch-too-long", `no answer within ${formatDuration(limitMs)}`)),
      );
      asked.then(
        (answer) => {
          cancel();
          resolve(answer);
        },
        (error: unknown) => {
          cancel();
          const { code, message } = failureOf(error);
          resolve(failed(code, message));
        },
      );
    });
  }
}
