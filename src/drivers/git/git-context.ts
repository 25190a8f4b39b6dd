/** What the parts of the driver share. */
import type { Policy } from "#core/policy.ts";
import type { Log } from "#ports/log.ts";
import type { GitTool } from "./git-tool.ts";
import type { Lookup } from "./open-remote.ts";
import type { createKeyedSlots } from "./slots.ts";

export interface GitContext {
  readonly dataDir: string;
  readonly policy: Policy;
  readonly log: Log;
  readonly git: GitTool;
  readonly lookup: Lookup;
  /** One at a time works in a mirror; the key is its path. */
  readonly mirrorSlots: ReturnType<typeof createKeyedSlots>;
}
