/** What the supervisor and its two children tell each other. */
import type { Failure } from "#core/errors.ts";
import type { Config } from "./config.ts";

export type ChildRole = "gateway" | "control";

export type ToChild =
  | { readonly kind: "start"; readonly config: Config; readonly gatewayUrl: string | null }
  | { readonly kind: "stop" };

export type FromChild =
  /** The gateway listens; control follows with its address. */
  | { readonly kind: "listening"; readonly url: string }
  /** The control plane has adopted what exists and answers. */
  | { readonly kind: "serving" }
  /** Something takes long, for the person at the terminal. */
  | { readonly kind: "progress"; readonly line: string }
  /** It cannot serve, and starting it again would not help. */
  | { readonly kind: "failed"; readonly failure: Failure };
