/** The address of a session, with what to open in it; never one outside the session. */

/**
 * `path` is `/user/<id>/`; `urlPath` is appended to it and may bring a query and a fragment. What
 * leads out of the session is left away.
 * @param {{ origin: string, path: string, urlPath: string | null, token: string }} session
 * @returns {string}
 */
export function sessionAddress({ origin, path, urlPath, token }) {
  const home = new URL(path, origin);
  const inside = (urlPath ?? "").replace(/^[/\\\s]+/, "");
  let address = URL.canParse(`./${inside}`, home) ? new URL(`./${inside}`, home) : home;
  if (address.origin !== home.origin || !address.pathname.startsWith(home.pathname)) address = home;
  address.searchParams.set("token", token);
  return address.href;
}
