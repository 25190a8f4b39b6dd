/** A game day: a drill at a pace that a person can follow, behind the real API. */
import { join } from "node:path";
import { createApi } from "#api/create-api.ts";
import { Metrics } from "#api/metrics/metrics.ts";
import { AppError } from "#core/errors.ts";
import { systemClock } from "#drivers/system/clock.ts";
import { systemSecrets } from "#drivers/system/secrets.ts";
import type { Log } from "#ports/log.ts";
import type { GameRecord } from "#sim/game/game-record.ts";
import { nextStepMs } from "#sim/game/pace.ts";
import { type GameWish, Play } from "#sim/game/play.ts";
import { describePortOwner } from "../port-owner.ts";
import { binderyVersion } from "../version.ts";
import { type GameOutcome, judgeGame } from "./judge-game.ts";
import { gameControlPlane, gameDesk } from "./game-control-plane.ts";

export interface GamePlace {
  readonly url: string;
  readonly token: string;
}

export interface GameDay extends GameWish {
  /** Virtual seconds in a real one. */
  readonly pace: number;
  /** 0 takes a free one. */
  readonly port: number;
  /** Ends the game early. */
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly onServing: (place: GamePlace) => void;
  /** After each command of the person, and at the end. */
  readonly onRecord: (record: GameRecord) => void;
}

/** A person's eye is no faster. */
const STEP_REAL_MS = 50;

/** Resolves when the drill is over, or was ended. Errors: port-taken. */
export async function serveGame(day: GameDay): Promise<GameOutcome> {
  const play = await Play.open(day);
  const token = systemSecrets.token();
  const api = createGameApi(play, token, day.log);
  const port = await listen(api, day.port);
  try {
    day.onServing({ url: `http://127.0.0.1:${port}/`, token });
    await playThrough(play, day);
  } finally {
    await api.close();
  }
  const record = play.record();
  day.onRecord(record);
  return judgeGame(day.drill, play.run(), record);
}

type GameApi = ReturnType<typeof createGameApi>;

function createGameApi(play: Play, adminToken: string, log: Log) {
  return createApi({
    controlPlane: gameControlPlane(play),
    operator: gameDesk(play),
    policy: play.policy,
    // Times are the drill's; how long an answer is waited for is not.
    clock: { ...systemClock, nowMs: () => play.nowMs() },
    secrets: systemSecrets,
    log,
    metrics: new Metrics({ withProcess: false }),
    options: {
      adminToken,
      pageTokenSecret: adminToken,
      corsAllowOrigin: null,
      publicUrl: null,
      baseUrl: "/",
      version: binderyVersion(),
      serverVersions: {},
      webDirectory: join(import.meta.dirname, "../../../web"),
      preloadPaths: [],
      rateLimit: null,
      confirmForeignLinks: false,
      gatewayMetrics: null,
      bannerHtml: "",
      aboutMessage: "",
    },
  });
}

async function listen(api: GameApi, port: number): Promise<number> {
  try {
    return await api.listenHere(port);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    throw new AppError("port-taken", await describePortOwner(port), { cause });
  }
}

async function playThrough(play: Play, { onRecord, pace, signal }: GameDay): Promise<void> {
  let beganMs = performance.now();
  let moves = 0;
  while (play.leftMs > 0 && !signal.aborted) {
    const restMs = STEP_REAL_MS - (performance.now() - beganMs);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, restMs)));
    const nowMs = performance.now();
    const passedMs = nowMs - beganMs;
    beganMs = nowMs;
    await play.step(nextStepMs(passedMs, pace, play.leftMs));
    const record = play.record();
    if (record.moves.length > moves) onRecord(record);
    moves = record.moves.length;
  }
}
