/** Several clusters behind one door, as people see them: a launch goes where the door sends it. */
import type { LoopSpec } from "#base/loops.ts";
import type { AuditRecord } from "#core/operations/command.ts";
import type { Policy } from "#core/policy.ts";
import { FRONT_DOOR_INTERVAL_MS, FrontDoor } from "#ops/front-door.ts";
import { memberQuotas } from "#ops/member-quotas.ts";
import type { Log } from "#ports/log.ts";
import type { CanaryDoor } from "#ports/operator.ts";
import type { DoorWish, MemberAnswer, Quotas } from "#ports/platform.ts";
import type { MemberSpec } from "../drill/drill.ts";
import type { PeoplesDoor } from "../people/person.ts";
import type { WorldContext } from "./context.ts";
import { FederatedLaunches } from "./federated-launches.ts";
import { PretendMember } from "./member.ts";
import { PretendMembers } from "./members.ts";

export interface FederationParts {
  /** The first is the cluster of this world. */
  readonly specs: readonly [MemberSpec, ...MemberSpec[]];
  readonly release: string;
  /** Of each fellow. */
  readonly seats: number;
  readonly running: number;
  readonly startMs: number;
  readonly stayMeanMs: number;
  readonly own: PeoplesDoor;
  readonly ownCanary: CanaryDoor;
  readonly ownQuotas: Quotas;
  readonly isOwnFull: () => boolean;
  readonly audit: (record: AuditRecord) => void;
  readonly policy: Policy;
  readonly log: Log;
}

export class Federation {
  readonly members: PretendMembers;
  /** By name; the cluster of this world is not among them. */
  readonly fellows: ReadonlyMap<string, PretendMember>;
  readonly frontDoor: FrontDoor;
  /** The door as a browser knows it. */
  readonly door: PeoplesDoor;
  /** Of all members, that of this world's cluster included. */
  readonly quotas: Quotas;
  readonly #context: WorldContext;
  /** Members that got no launches when it was looked last. */
  readonly #out = new Set<string>();

  constructor(context: WorldContext, parts: FederationParts) {
    const { audit, log, policy, specs } = parts;
    const { clock } = context;
    const [ownSpec, ...fellowSpecs] = specs;
    this.#context = context;
    const { seats, running, startMs, stayMeanMs } = parts;
    this.fellows = new Map(
      fellowSpecs.map(({ name }) => [
        name,
        new PretendMember(context, { name, seats, running, startMs, stayMeanMs }),
      ]),
    );
    const launches = new FederatedLaunches(clock, parts.own, (wish) => this.frontDoor.launch(wish));
    const own = {
      name: ownSpec.name,
      isFull: parts.isOwnFull,
      launch: (wish: DoorWish) => launches.atOwn(wish),
      canary: () => ownCanary(parts.ownCanary),
    };
    const fellows = fellowSpecs.flatMap(({ name, weight }) => {
      const fellow = this.fellows.get(name);
      return fellow === undefined ? [] : [{ cluster: launches.told(fellow), weight }];
    });
    const all = [{ cluster: own, weight: ownSpec.weight }, ...fellows];
    this.members = new PretendMembers(context, parts.release, all);
    for (const { name, isFull } of specs) if (isFull) this.members.setFull(name, true);
    const { doors } = this.members;
    this.frontDoor = new FrontDoor({ members: this.members, doors, audit, clock, log, policy });
    const fellowQuotas = [...this.fellows].map(([name, { quotas }]) => [name, quotas] as const);
    this.quotas = memberQuotas({
      members: new Map([[ownSpec.name, parts.ownQuotas], ...fellowQuotas]),
      takeOut: (member, because) => this.frontDoor.takeOut(member, because),
    });
    this.door = launches.door;
  }

  readonly loops: readonly LoopSpec[] = [
    {
      name: "front-door",
      intervalMs: FRONT_DOOR_INTERVAL_MS,
      round: async (isCurrent) => {
        await this.frontDoor.round(isCurrent);
        this.#measure();
      },
    },
  ];

  /**
   * `door.members`: how many get launches; `door.weight.NAME`: the part of each;
   * `member.greens.NAME`: its green canaries in a row when it got launches again.
   */
  #measure(): void {
    const { clock, recorder } = this.#context;
    const weights = Object.entries(this.frontDoor.weights);
    const sum = weights.reduce((before, [, weight]) => before + weight, 0);
    const measured = (what: string, value: number) =>
      recorder.add({ kind: "measured", atMs: clock.nowMs(), what, value });
    measured("door.members", weights.filter(([, weight]) => weight > 0).length);
    for (const [name, weight] of weights) {
      measured(`door.weight.${name}`, sum === 0 ? 0 : weight / sum);
      if (weight === 0) this.#out.add(name);
      else if (this.#out.delete(name))
        measured(`member.greens.${name}`, this.members.greensOf(name));
    }
    for (const [name, fellow] of this.fellows) measured(`member.repairs.${name}`, fellow.repairs);
  }
}

async function ownCanary(door: CanaryDoor): Promise<MemberAnswer> {
  const { isGreen, because } = await door.run("launch", () => undefined);
  if (isGreen) return { kind: "ready", url: "" };
  return { kind: "failed", code: "internal", isPlatformFault: true, because: because ?? "" };
}
