/** Who may call a route: tokens are compared in constant time, and a refusal says which one is needed. */
import { type Failure, failure } from "#core/errors.ts";
import type { ApiContext } from "../api-context.ts";
import type { RequestFacts } from "./request-facts.ts";
import type { Access } from "./route.ts";
import { isSameSecret } from "./signed-token.ts";

export function isAdmin(facts: RequestFacts, context: ApiContext): boolean {
  return facts.bearer !== null && isSameSecret(facts.bearer, context.options.adminToken);
}

/** Null when the request may; otherwise why not. `id` is the path's parameter of that name. */
export function refuseAccess(
  access: Access,
  facts: RequestFacts,
  id: string | null,
  context: ApiContext,
): Failure | null {
  switch (access) {
    case "anyone":
    case "launch":
      return null;
    case "admin":
      return isAdmin(facts, context) ? null : failure("token-required");
    case "page":
      return isAdmin(facts, context) || isPage(facts, context) ? null : failure("token-required");
    case "session":
      return isAdmin(facts, context) ? null : refuseSession(facts, id, context);
  }
}

function isPage(facts: RequestFacts, context: ApiContext): boolean {
  return facts.bearer !== null && context.tokens.isPage(facts.bearer);
}

function refuseSession(
  facts: RequestFacts,
  id: string | null,
  context: ApiContext,
): Failure | null {
  if (facts.bearer === null) return failure("token-required");
  const session = context.controlPlane.sessions.get(id ?? "");
  if (session === null) return failure("session-not-found");
  const isOwn = session.record.purpose !== null && isSameSecret(facts.bearer, session.record.token);
  return isOwn ? null : failure("token-required", "The token is not the one of this session.");
}
