/** What the supervisor and its two children tell each other. */
import type { Failure } from "#core/errors.ts";
import type { Actor, CommandOutcome, OperatorCommand } from "#core/operations/command.ts";
import type { WatchRecords } from "./watch/watch-records.ts";
import type { Config } from "./config.ts";

export type ChildRole = "gateway" | "control";

export type ToChild =
  | { readonly kind: "start"; readonly config: Config; readonly gatewayUrl: string | null }
  | { readonly kind: "stop" }
  /** How late is your event loop? */
  | { readonly kind: "ask-lag" }
  /** What the watch knows now. */
  | { readonly kind: "watched"; readonly records: WatchRecords }
  /** What came of a command. */
  | { readonly kind: "outcome"; readonly id: number; readonly outcome: CommandOutcome };

export type FromChild =
  /** The gateway listens; control follows with its address. */
  | { readonly kind: "listening"; readonly url: string }
  /** The control plane has adopted what exists and answers. */
  | { readonly kind: "serving" }
  /** Something takes long, for the person at the terminal. */
  | { readonly kind: "progress"; readonly line: string }
  /** 99th percentile since it was asked last. */
  | { readonly kind: "lag"; readonly lagMs: number }
  /** A person's command that only the watch can carry out. */
  | {
      readonly kind: "command";
      readonly id: number;
      readonly command: OperatorCommand;
      readonly actor: Actor;
      readonly evidence: string;
    }
  /** It cannot serve, and starting it again would not help. */
  | { readonly kind: "failed"; readonly failure: Failure };
