/** `bindery drill NAME --serve` and `--replay FILE`: a drill with a person on duty. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  type GameOutcome,
  type GameRecord,
  readGameRecord,
  replayGame,
} from "#app/game-day/judge-game.ts";
import { createLineLog } from "#app/line-log.ts";
import { loadDrill } from "#app/simulated.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { catchInterrupts } from "../progress/interrupts.ts";
import { numberOf, seedsOf, withoutOf, wrong } from "./drill-options.ts";
import { gameJson, showBeginning, showGame } from "./game-text.ts";

const PACE_DEFAULT = "60";
const PACE_MAX = 100_000;
const PORT_MAX = 65_535;
const ALONE = ["all", "chaos", "seeds", "ablation", "report", "trace", "twice"];

export async function run(call: Call): Promise<ExitName> {
  const { flags, operands } = call;
  const [given] = operands;
  if (given === undefined) throw wrong("Give the name of a drill or the path of its file.");
  for (const name of ALONE)
    if (flags.has(name)) throw wrong(`--${name} does not go with a game day.`);
  if (flags.has("serve") && flags.has("replay")) throw wrong("Give --serve or --replay.");
  return flags.has("serve") ? await serve(given, call) : await again(given, call);
}

async function serve(given: string, call: Call): Promise<ExitName> {
  const { flags, terminal, workingDirectory } = call;
  const drill = loadDrill(given, workingDirectory);
  const pace = within(flags.text("pace") ?? PACE_DEFAULT, "--pace", 1, PACE_MAX);
  const port = within(flags.text("port") ?? "0", "--port", 0, PORT_MAX);
  const [seed = 1] = seedsOf(flags);
  const without = withoutOf(flags);
  const named = flags.text("record") ?? `game-day-${drill.name}-${stamp()}.json`;
  const file = resolve(workingDirectory, named);
  const interrupts = catchInterrupts(() => terminal.note("The game day ends."));
  // Loaded only here: no other drill serves anything.
  const { serveGame } = await import("#app/game-day/serve-game.ts");
  const outcome = await serveGame({
    ...{ drill, seed, without, pace, port },
    signal: interrupts.signal,
    log: createLineLog("game-day", "warn"),
    onServing: (place) => showBeginning({ drill, seed, without, pace, ...place }, terminal),
    onRecord: (record) => writeFileSync(file, `${JSON.stringify(record, null, 1)}\n`),
  });
  interrupts.release();
  show(outcome, { given, file: named }, call);
  return exitOf(outcome);
}

async function again(given: string, call: Call): Promise<ExitName> {
  const { flags, workingDirectory } = call;
  for (const name of ["seed", "without", "pace", "port", "record"])
    if (flags.has(name)) throw wrong(`--${name} does not go with --replay: the record says it.`);
  const named = flags.text("replay") ?? "";
  const record = recordIn(resolve(workingDirectory, named), named);
  const outcome = await replayGame(loadDrill(given, workingDirectory), record);
  show(outcome, { given, file: named }, call);
  return exitOf(outcome);
}

function recordIn(file: string, named: string): GameRecord {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw wrong(`${named} cannot be read.`);
  }
  const record = readGameRecord(text);
  if (record === null) throw wrong(`${named} is no record of a game day.`);
  return record;
}

function show(
  outcome: GameOutcome,
  named: { readonly given: string; readonly file: string },
  { terminal }: Call,
): void {
  if (terminal.isJson) terminal.json(gameJson(outcome, named.file));
  else showGame(outcome, named, terminal);
}

function exitOf({ isWhole, verdict }: GameOutcome): ExitName {
  if (!isWhole) return "interrupted";
  return verdict.isPassed ? "ok" : "failed";
}

function within(text: string, flag: string, least: number, most: number): number {
  const value = numberOf(text, flag);
  if (value < least || value > most) throw wrong(`${flag} goes from ${least} to ${most}.`);
  return value;
}

/** `20261123-120501`: each game day has its own file. */
function stamp(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
}
