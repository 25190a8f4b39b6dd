/** What Git's words mean for the person. The texts are those of LC_ALL=C, Git 2.30 to 2.50. */
import { AppError, type ErrorCode } from "#core/errors.ts";

interface Meaning {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
}

/** In this order: the first that matches says it best. */
const MEANINGS: readonly Meaning[] = [
  {
    pattern: /No space left on device|Disk quota exceeded/i,
    code: "disk-full",
    message: "The disk of this machine is full.",
  },
  {
    pattern: /Host key verification failed/i,
    code: "repo-unreachable",
    message:
      "The host's SSH key is not known on this machine: connect once by hand to check and keep it.",
  },
  {
    pattern:
      /could not read (?:Username|Password)|terminal prompts disabled|Authentication failed|Permission denied \(|HTTP Basic: Access denied|requested URL returned error: 40[13]|Unable to find (?:remote )?credentials/i,
    code: "repo-not-found",
    message:
      "The host asks for credentials: the repository is private, or there is none at this address.",
  },
  {
    pattern:
      /requested URL returned error: (?:404|410)|repository '.*' not found|Repository not found|remote: Not Found|access denied or repository not exported|could not be found or you don't have permission/i,
    code: "repo-not-found",
    message: "The host says that there is no such repository, or that it is private.",
  },
  {
    pattern:
      /not valid: (?:is this a git repository|could not determine hash)|does not appear to be a git repository|not a git repository|No such file or directory|invalid server response|protocol error: bad line length|is not a smart/i,
    code: "repo-not-found",
    message: "What is at this address is not a Git repository.",
  },
  {
    pattern:
      /Could not resolve host|Name or service not known|Temporary failure in name resolution/i,
    code: "repo-unreachable",
    message: "The host's name is not known. Check the address.",
  },
  {
    pattern: /requested URL returned error: 429/i,
    code: "repo-unreachable",
    message: "The host says that it gets too many requests from here.",
  },
  {
    pattern: /SSL|certificate/i,
    code: "repo-unreachable",
    message: "The host's certificate cannot be verified from here.",
  },
  {
    pattern: /fsck|hasDot|fullPathname|invalid path|unsafe/i,
    code: "repo-unsafe",
    message: "The repository holds objects that Git refuses as unsafe.",
  },
  {
    pattern: /transport '.*' not allowed|not supported/i,
    code: "host-refused",
    message: "This kind of address is not allowed here.",
  },
  {
    pattern:
      /Failed to connect|Couldn't connect|Connection (?:refused|reset|timed out|closed)|Operation (?:too slow|timed out)|timed out|No route to host|Network is unreachable|hung up unexpectedly|early EOF|RPC failed|Empty reply|requested URL returned error: 5\d\d|unable to connect|Recv failure|transfer closed/i,
    code: "repo-unreachable",
    message: "The host does not answer.",
  },
];

const PROGRESS = /^(?:remote: )?(?:Enumerating|Counting|Compressing|Receiving|Resolving|Total) /;

/** The fault that Git's stderr tells of. `cause` keeps Git's words for the operator's log. */
export function gitFault(stderr: string): AppError {
  const meaning = MEANINGS.find(({ pattern }) => pattern.test(stderr));
  const said = stderr.split(/[\r\n]+/).filter((line) => line !== "" && !PROGRESS.test(line));
  const cause = new Error(withoutSecrets(said.slice(-8).join("\n")));
  if (meaning === undefined) {
    return new AppError("repo-unreachable", "Git could not get the repository.", { cause });
  }
  return new AppError(meaning.code, meaning.message, { cause });
}

/** The host does not give commits by their hash (or does not have this one). */
export function isHashRefused(stderr: string): boolean {
  return /not our ref|unadvertised object|couldn't find remote ref|remote did not send all|no such remote ref/i.test(
    stderr,
  );
}

/** The host cannot give a part of the history. */
export function isDepthRefused(stderr: string): boolean {
  return /shallow capabilities|does not support (?:--depth|shallow)/i.test(stderr);
}

/** The host sends people elsewhere, which Git was told not to follow by itself. */
export function isRedirect(stderr: string): boolean {
  return /requested URL returned error: 30[12378]/.test(stderr);
}

/** Credentials that a redirect or a rewritten address may have put into Git's words. */
export function withoutSecrets(text: string): string {
  return text.replaceAll(/(:\/\/)[^/@\s']*@/g, "$1…@");
}
