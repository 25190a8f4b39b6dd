/** A repository in few words, for tables. */
import type { Repo } from "#core/repo/repo.ts";

export function repoName({ provider, spec, url }: Repo): string {
  switch (provider) {
    case "gh":
    case "gist":
      return `${provider}/${spec}`;
    case "gl":
      return `gl/${decodeURIComponent(spec)}`;
    case "git":
    case "local":
      return url;
  }
}
