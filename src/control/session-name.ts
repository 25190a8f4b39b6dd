/** How a session is called where people see it: like its repository. */
import type { Repo } from "#core/repo/repo.ts";

/** The readable part of a session's id. */
export function sessionName(repo: Repo): string {
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
