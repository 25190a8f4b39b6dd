/** What the actions of a launch are given of it. */
import type { LaunchWish } from "#core/launch/launch.ts";
import type { LaunchLog } from "./launch-log.ts";

export interface LaunchRun {
  readonly wish: LaunchWish;
  readonly log: LaunchLog;
  /** Aborted when the wish is given up. */
  readonly abort: AbortController;
  /** A session that was asked for without an answer: asked for again it is the same one. */
  draft: { readonly id: string; readonly token: string } | null;
}
