/** The address of a session, with what to open in it; never one outside the session. */

/**
 * `path` is `/user/<id>/`; `urlPath` is appended to it and may bring a query and a fragment. What
 * leads out of the session is left away. The page has the same function in its own language.
 */
export function sessionAddress(session: {
  readonly origin: string;
  readonly path: string;
  readonly urlPath: string | null;
  readonly token: string;
}): string {
  const home = new URL(session.path, session.origin);
  const inside = (session.urlPath ?? "").replace(/^[/\\\s]+/, "");
  let address = URL.canParse(`./${inside}`, home.href) ? new URL(`./${inside}`, home) : home;
  const isInside = address.origin === home.origin && address.pathname.startsWith(home.pathname);
  if (!isInside) address = home;
  address.searchParams.set("token", session.token);
  return address.href;
}
