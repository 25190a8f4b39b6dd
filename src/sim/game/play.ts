/** A drill that somebody plays: the same run, step by step, with commands of a person between the steps. */
import { AppError } from "#core/errors.ts";
import type { Incident } from "#core/incident/incident.ts";
import type { AuditRecord, CommandOutcome, OperatorCommand } from "#core/operations/command.ts";
import type { OperatorStatus } from "#core/operations/status.ts";
import type { ControlPlane } from "#control/control-plane-api.ts";
import type { Drill } from "../drill/drill.ts";
import type { DrillRun } from "../drill/drill-run.ts";
import { openDrill, runOf } from "../drill/run-drill.ts";
import type { World } from "../world/world.ts";
import type { GameRecord, Look, Move } from "./game-record.ts";

export interface GameWish {
  readonly drill: Drill;
  readonly seed: number;
  readonly without: readonly string[];
}

interface Waiting {
  readonly command: OperatorCommand;
  readonly person: string;
  readonly evidence: string;
  readonly settle: (outcome: CommandOutcome) => void;
}

/** What stands in the audit for whoever says nothing. */
const JUDGEMENT = "a person's judgement";
/** Who looks without end sees nothing new most of the time: only what is new is kept. */
const LOOKS_MAX = 10_000;

export class Play {
  readonly #wish: GameWish;
  readonly #world: World;
  readonly #moves: Move[] = [];
  readonly #looks: Look[] = [];
  #waiting: Waiting[] = [];
  #ranMs = 0;

  private constructor(wish: GameWish, world: World) {
    this.#wish = wish;
    this.#world = world;
  }

  static async open(wish: GameWish): Promise<Play> {
    return new Play(wish, await openDrill(wish.drill, wish));
  }

  get ranMs(): number {
    return this.#ranMs;
  }

  get leftMs(): number {
    return this.#wish.drill.lastsMs - this.#ranMs;
  }

  /** The virtual wall clock. */
  nowMs(): number {
    return this.#world.context.clock.nowMs();
  }

  /** Null while none decides, or the one that does answers nothing. */
  get plane(): ControlPlane | null {
    return this.#world.control.isStuck ? null : this.#world.plane;
  }

  get policy(): World["policy"] {
    return this.#world.policy;
  }

  /**
   * First what was commanded since the last step, then this much time: so a command stands between
   * two moments, and the same one at the same time does the same again.
   */
  async step(forMs: number): Promise<void> {
    for (const { command, evidence, person, settle } of this.#waiting.splice(0)) {
      this.#moves.push({ atMs: this.#ranMs, command, person, evidence });
      void this.#world.ops
        .execute(command, { kind: "person", name: person }, evidence)
        .then(settle);
    }
    await this.#world.context.clock.run(forMs);
    this.#ranMs += forMs;
  }

  /** Carried out at the next step. */
  command(command: OperatorCommand, person: string, evidence: string): Promise<CommandOutcome> {
    const why = evidence.trim() === "" ? JUDGEMENT : evidence;
    return new Promise((settle) => this.#waiting.push({ command, person, evidence: why, settle }));
  }

  /** Hangs where the control plane does. Errors: server-restarting. */
  async status(): Promise<OperatorStatus> {
    this.#look(this.plane === null);
    if (this.#world.plane === null)
      throw new AppError("server-restarting", "No control plane answers.");
    return await this.#world.operator.status();
  }

  incidents(): readonly Incident[] {
    this.#look(false);
    return this.#world.ops.incidents();
  }

  /** Of the control plane and of the watch, newest first. */
  async audit(limit: number): Promise<readonly AuditRecord[]> {
    const { ops } = this.#world;
    const records = [...ops.audit(limit), ...((await this.plane?.operations.audit(limit)) ?? [])];
    return records.toSorted((a, b) => b.atMs - a.atMs).slice(0, limit);
  }

  #look(isSilent: boolean): void {
    const open = this.#world.ops.incidents().filter(({ state }) => state !== "resolved");
    const look = { atMs: this.#ranMs, incidents: open.map(({ id }) => id), isSilent };
    const last = this.#looks.at(-1);
    const isNew =
      last === undefined ||
      last.isSilent !== isSilent ||
      last.incidents.join() !== look.incidents.join();
    if (isNew && this.#looks.length < LOOKS_MAX) this.#looks.push(look);
  }

  record(): GameRecord {
    const { drill, seed, without } = this.#wish;
    const [moves, looks] = [[...this.#moves], [...this.#looks]];
    return { version: 1, drill: drill.name, seed, without, playedMs: this.#ranMs, moves, looks };
  }

  run(): DrillRun {
    return runOf(this.#world, this.#ranMs);
  }
}

/** The same game once more, as fast as it goes. */
export async function replay(drill: Drill, record: GameRecord): Promise<DrillRun> {
  const { moves, playedMs, seed, without } = record;
  const play = await Play.open({ drill, seed, without });
  for (const { atMs, command, evidence, person } of moves) {
    if (atMs > play.ranMs) await play.step(atMs - play.ranMs);
    void play.command(command, person, evidence);
  }
  await play.step(playedMs - play.ranMs);
  return play.run();
}
