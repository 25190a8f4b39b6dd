/** What a session opens: the path behind `/user/<id>/`, from the flags of a command. */
import { urlPathOf, urlPathOfQuery } from "#core/repo/url-path.ts";
import { invalid } from "../arguments/parse-arguments.ts";
import type { GivenFlags } from "../command.ts";

type LandingPage = "lab" | "notebook";

/** Where a session goes when neither a flag nor the repository's address names anything. */
export const START_PAGE = "lab";

/**
 * Null leaves it to what the repository's address names; `addressPath` is the path in it, if any.
 * Errors: command-invalid when flags contradict each other or a path leads out of the session.
 */
export function landingOf(flags: GivenFlags, addressPath: string | null): string | null {
  const url = flags.text("url");
  const path = flags.text("path");
  const chosen = ["lab", "notebook", "url"].filter((name) => flags.has(name));
  if (chosen.length > 1) throw invalid(`--${chosen.join(" and --")} exclude each other.`);
  if (url !== null && path !== null) throw invalid("--url and --path exclude each other.");
  const page = flags.has("notebook") ? "notebook" : "lab";
  if (url !== null) return inside("--url", url);
  if (path !== null) return pathIn(page, inside("--path", path));
  if (!flags.has(page)) return null;
  if (addressPath !== null) return pathIn(page, addressPath);
  return page === "lab" ? START_PAGE : "tree";
}

function pathIn(page: LandingPage, path: string): string {
  const inLab = urlPathOf(path);
  if (page === "lab") return inLab;
  const encoded = inLab.slice("lab/tree/".length);
  return path.endsWith(".ipynb") ? `notebooks/${encoded}` : `tree/${encoded}`;
}

/** Relative to the session or the repository, and without a way out of it. */
function inside(flag: string, path: string): string {
  const isAddress = path.startsWith("//") || /^[a-z][a-z0-9+.-]*:\/\//i.test(path);
  const reading = urlPathOfQuery(`urlpath=${encodeURIComponent(path.toWellFormed())}`);
  if (isAddress || reading.kind === "failed" || reading.urlPath === null) {
    throw invalid(`${flag} needs a relative path that stays inside, not ${JSON.stringify(path)}.`);
  }
  return reading.urlPath;
}
