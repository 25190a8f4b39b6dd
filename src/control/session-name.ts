/** How a session is called where people see it: like its repository. */
import { sha256 } from "#core/environment/sha256.ts";
import type { LaunchWish } from "#core/launch/launch.ts";
import type { Repo } from "#core/repo/repo.ts";
import type { SessionId } from "#core/session/session.ts";

const DIGITS = 32;

/**
 * The same for the same start of a launch: what a process asked for before it ended, and what the next one
 * asks for, is one session, whichever comes first. Who knows the name may not enter: that takes its token.
 */
export function sessionIdOf(
  { id, repo }: Pick<LaunchWish, "id" | "repo">,
  start: number,
): SessionId {
  return `${sessionName(repo)}-${sha256(`${id}/${start}`).slice(0, DIGITS)}`;
}

/** The readable part of a session's id. */
function sessionName(repo: Repo): string {
  const last = decodeURIComponent(repo.spec).split("/").at(-1) ?? "";
  const name = last
    .toLowerCase()
    .replace(/\.git$/, "")
    .replace(/[^a-z0-9]+/g, "-");
  return (
    name
      .replace(/^-+|-+$/g, "")
      .slice(0, 24)
      .replace(/-+$/, "") || "session"
  );
}
