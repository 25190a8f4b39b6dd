/** How a session looks from where people are: through the gateway. */
import type { SessionId } from "#core/session/session.ts";

export interface Edge {
  /**
   * GET of the session's own URL through the gateway, with its token. `answers` when it said 200
   * (a redirect within the session is followed). Never throws for what the session does.
   */
  probe(
    id: SessionId,
    token: string,
  ): Promise<{ readonly kind: "answers" } | { readonly kind: "silent"; readonly because: string }>;
}
