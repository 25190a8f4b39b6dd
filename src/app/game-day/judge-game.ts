/** What a game day came to: the person's score, and what the drill demands of the system. */
import { AppError } from "#core/errors.ts";
import type { Drill } from "#sim/drill/drill.ts";
import type { DrillRun } from "#sim/drill/drill-run.ts";
import { judge, type Verdict } from "#sim/drill/verdict.ts";
import type { GameRecord } from "#sim/game/game-record.ts";
import { replay } from "#sim/game/play.ts";
import { type GameScore, scoreGame } from "#sim/game/score.ts";
import { withoutReality } from "../forbid-reality.ts";

export { type GameRecord, readGameRecord } from "#sim/game/game-record.ts";
export {
  type FaultScore,
  PAR_MS,
  type Stage,
  STAGES,
  type StageScore,
} from "#sim/game/score.ts";

export interface GameOutcome {
  readonly drill: Drill;
  readonly record: GameRecord;
  readonly run: DrillRun;
  readonly score: GameScore;
  readonly verdict: Verdict;
  /** It was played to its end. */
  readonly isWhole: boolean;
}

export function judgeGame(drill: Drill, run: DrillRun, record: GameRecord): GameOutcome {
  const played: Drill = {
    ...drill,
    lastsMs: record.playedMs,
    except: { ...drill.except, H: "a game day is played by hand" },
  };
  return {
    ...{ drill, record, run },
    score: scoreGame(drill, run, record),
    verdict: judge(played, run, null),
    isWhole: record.playedMs === drill.lastsMs,
  };
}

/** As fast as it goes. Errors: command-invalid. */
export async function replayGame(drill: Drill, record: GameRecord): Promise<GameOutcome> {
  if (record.drill !== drill.name)
    throw new AppError("command-invalid", `That was the drill ${record.drill}, not ${drill.name}.`);
  if (record.playedMs > drill.lastsMs)
    throw new AppError("command-invalid", `The drill ${drill.name} has become shorter since.`);
  return judgeGame(drill, await withoutReality(() => replay(drill, record)), record);
}
