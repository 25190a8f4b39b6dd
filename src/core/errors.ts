/** The catalogue of everything that can go wrong: one stable code each, never reused. */

/** Whose fault a failure is: it decides what the person is told, and what is counted against whom. */
export type Fault = "person" | "repository" | "limits" | "platform";

interface CatalogueEntry {
  /** HTTP status when the failure ends a request. */
  readonly status: number;
  readonly fault: Fault;
  /** One sentence: what this code means. */
  readonly meaning: string;
  /** What the reader can do next. */
  readonly next: string;
  /** True when the same wish may succeed later without any change. */
  readonly retriable: boolean;
}

function entry(
  status: number,
  fault: Fault,
  retriable: boolean,
  meaning: string,
  next: string,
): CatalogueEntry {
  return { status, fault, retriable, meaning, next };
}

// biome-ignore format: a table, one row a code
export const ERRORS = {
  // What was asked for.
  "repo-spec-invalid": entry(400, "person", false, "The repository's address is not understood.", "Paste the address of the repository's page, a Git URL, a local folder, or gh/owner/name/ref."),
  "provider-unknown": entry(404, "person", false, "No provider has this prefix.", "Use one of gh, gl, gist, git or local."),
  "repo-not-found": entry(404, "person", false, "The repository does not exist, or it is private.", "Check the address; for a private repository give Git credentials on the machine that runs Bindery."),
  "repo-empty": entry(422, "repository", false, "The repository has no commits.", "Push a first commit, then launch again."),
  "ref-not-found": entry(404, "person", false, "The branch, tag or commit does not exist in the repository.", "Pick one of the refs that exist, or leave the ref out for the default branch."),
  "ref-ambiguous": entry(400, "person", false, "The ref names more than one thing.", "Use the full name: refs/heads/NAME or refs/tags/NAME."),
  "default-branch-missing": entry(422, "repository", false, "The repository has no default branch.", "Name a branch, tag or commit."),
  "host-refused": entry(403, "limits", false, "This address is not allowed as a source of repositories.", "Use a repository on a public host, or ask the operator to allow the host."),
  "repo-not-allowed": entry(403, "limits", false, "The operator does not allow this repository here.", "Ask the operator."),
  "repo-too-large": entry(413, "limits", false, "The repository is larger than the limit.", "Make the repository smaller (Git LFS, fewer data files) or ask the operator to raise maxRepoBytes."),
  "repo-unreachable": entry(502, "platform", true, "The host of the repository did not answer.", "Try again in a minute; if it stays, check that the host is up."),
  "repo-unsafe": entry(422, "repository", false, "The repository contains something that cannot be checked out safely.", "Remove what the message names."),

  // What the repository describes.
  "config-conflict": entry(422, "repository", false, "Two configuration files contradict each other.", "Remove one of the two that the message names."),
  "config-invalid": entry(422, "repository", false, "A configuration file is malformed.", "Correct the line that the message names."),
  "config-unsupported": entry(422, "repository", false, "A configuration file is recognised, but nothing here can build it.", "Describe the environment by one of the supported files."),
  "python-unavailable": entry(422, "limits", false, "No interpreter of the wanted Python version can be had here.", "Ask for one of the versions that the message lists, or install it on this machine."),
  "resolve-failed": entry(422, "repository", false, "The requirements cannot be resolved.", "Change the requirement that the message names."),
  "install-failed": entry(422, "repository", false, "A package could not be installed.", "Read the log: the package's own build failed."),
  "post-build-failed": entry(422, "repository", false, "postBuild ended with an error.", "Read the log and correct postBuild."),
  "index-unreachable": entry(502, "platform", true, "The package index did not answer.", "Try again in a minute."),
  "upstream-unavailable": entry(502, "platform", true, "A host that the build needs does not answer or no longer has what it needs.", "Try again later; environments that are built already are not affected."),

  // Builds and sessions.
  "build-too-long": entry(504, "limits", false, "The build took longer than the limit.", "Make the environment smaller, or ask the operator to raise buildTimeoutMs."),
  "build-out-of-memory": entry(507, "limits", false, "The build needed more memory than the limit.", "Make the environment smaller, or ask the operator to raise buildMemoryBytes."),
  "build-out-of-disk": entry(507, "limits", false, "The build needed more disk than the limit.", "Make the environment smaller, or ask the operator to raise buildDiskBytes."),
  "build-interrupted": entry(503, "platform", true, "The build was interrupted.", "Launch again: what was downloaded is kept."),
  "disk-full": entry(507, "platform", true, "The disk of this machine is full.", "Free some space: `bindery prune` removes environments that are not in use."),
  "cluster-refused": entry(503, "platform", true, "The cluster refused to make the session.", "Launch again; the operator has been told."),
  "session-exited": entry(502, "repository", false, "The session's server ended before it was ready.", "Read the session's log: often a package in the environment breaks the server."),
  "session-lost": entry(503, "platform", true, "The session's server was lost before it was ready.", "Launch again."),
  "session-start-timeout": entry(504, "platform", true, "The session's server did not answer in time.", "Launch again; if it stays, read the session's log."),
  "session-starting": entry(503, "platform", true, "The session's server is being started.", "Wait: the page goes on by itself."),
  "session-silent": entry(503, "repository", true, "The session's server does not answer.", "Wait a moment; if it stays, launch the repository again."),
  "session-broke-off": entry(502, "repository", true, "The session's server ended the connection before it answered.", "Try again; if it stays, read the session's log."),
  "session-connections-exceeded": entry(503, "limits", true, "The session has too many open connections.", "Close some of its pages."),
  "session-not-found": entry(404, "person", false, "There is no such session.", "It has ended; launch the repository again."),
  "environment-not-found": entry(404, "person", false, "There is no such environment.", "It was pruned or never built; launching the repository makes it."),
  "sandbox-unavailable": entry(503, "platform", false, "No sandbox can be made on this machine, so that repository code would not be contained.", "Run `bindery doctor`: it names the remedy. `--isolation none` runs repository code unprotected."),

  // Limits.
  "queue-full": entry(429, "limits", true, "Too many people are waiting.", "Try again after the time in Retry-After."),
  "queue-too-long": entry(503, "limits", true, "No seat became free in time.", "Try again later."),
  "no-capacity": entry(503, "limits", true, "No machine had room for the session in time.", "Try again later."),
  "rate-limited": entry(429, "limits", true, "Too many launches from one address.", "Try again after the time in Retry-After."),
  "watchers-exceeded": entry(429, "limits", true, "Too many event streams are open.", "Close some of them, or try again in a minute."),
  "launch-too-long": entry(504, "platform", true, "The launch did not finish within its deadline.", "Launch again."),
  "launch-cancelled": entry(410, "person", false, "The launch was cancelled.", "Launch again."),
  "launch-not-found": entry(404, "person", false, "There is no such launch.", "Submit it again with the same id: submitting twice is the same as once."),
  "launch-conflict": entry(409, "person", false, "This launch id is in use for another repository.", "Use a new id."),
  "extend-refused": entry(403, "limits", false, "The session cannot live longer than the age limit.", "Save your work and launch again."),

  // Requests.
  "request-invalid": entry(400, "person", false, "The request is malformed.", "Compare it with the API reference."),
  "token-required": entry(401, "person", false, "This needs a token.", "Send the header `Authorization: Bearer TOKEN`; the server's own token is in the file admin-token of the data directory."),
  "origin-refused": entry(403, "person", false, "A page of another site may not do this.", "Ask the operator to allow the origin."),
  "host-name-unknown": entry(421, "person", false, "Bindery is not known under this host name.", "Use the address that Bindery printed at its start, or add the name to allowedHosts."),
  "build-token-invalid": entry(403, "person", false, "The build token is expired, or it is for something else.", "Reload the page: it then has a new token."),
  "not-found": entry(404, "person", false, "Nothing is here.", "Go back to the start page."),
  "body-too-large": entry(413, "limits", false, "The request's body is larger than the limit.", "Send less."),
  "server-restarting": entry(503, "platform", true, "Bindery's own server is being restarted; running sessions go on.", "Wait a moment: the page goes on by itself."),
  "internal": entry(500, "platform", true, "Bindery has a bug.", "Launch again, and report the message with the id."),

  // Operating.
  "incident-not-found": entry(404, "person", false, "There is no such incident.", "`bindery incidents` lists those that are known."),
  "command-refused": entry(409, "limits", false, "An operator's command was refused.", "Read what the message names: a limit or a guard, or nothing here has that name."),
  "command-failed": entry(502, "platform", true, "An operator's command could not be carried out.", "Look at `bindery status`, and give it again."),

  // This machine.
  "port-taken": entry(500, "person", false, "The port is in use.", "Stop the process that the message names, or use another port with --port."),
  "data-dir-taken": entry(500, "person", false, "Another Bindery serves this data directory.", "Use that one, stop it, or give another --data-dir."),
  "data-dir-unusable": entry(500, "person", false, "The data directory cannot be used.", "Give another one with --data-dir."),
  "server-unreachable": entry(500, "person", true, "No Bindery serves at this address.", "Start one: `bindery serve`."),
  "command-invalid": entry(500, "person", false, "The command line is not understood.", "`bindery help` lists the commands, `bindery help COMMAND` what each takes."),
  "config-setting-invalid": entry(500, "person", false, "A setting is malformed.", "Correct the setting that the message names."),
  "drill-not-found": entry(404, "person", false, "There is no such drill.", "`bindery drill --list` names those that exist; a file of your own is given by its path."),
  "drill-invalid": entry(422, "person", false, "A drill's file is malformed.", "Correct the lines that the message names; docs/reference/drills.md describes the file."),
  "tool-missing": entry(500, "platform", false, "A program that Bindery needs is not on this machine.", "Run `bindery doctor`: it names the command that installs it."),

  // Around the cluster.
  "release-step-interrupted": entry(503, "platform", true, "A step of a release was interrupted by a fault of the moment.", "Nothing: it is tried again by itself."),
  "release-step-failed": entry(500, "platform", false, "A release could not be put to work.", "Read what the message names, correct the release and submit it again."),
  "certificate-refused": entry(502, "platform", true, "The authority did not renew a certificate.", "Read what the message names; it is tried again by itself."),
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** Facts about a failure that a person can act on; every field is public. */
export interface FailureDetail {
  /** The step of the plan that failed. */
  readonly step?: string;
  /** Path inside the repository. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly package?: string;
  /** The other side that did not answer. */
  readonly host?: string;
  /** Seconds until it makes sense to try again. */
  readonly retryAfterSeconds?: number;
  /** What exists and is close to what was asked for. */
  readonly suggestions?: readonly string[];
}

/** A failure as a value: what leaves the server. No stack, no path of this machine, no token. */
export interface Failure {
  readonly code: ErrorCode;
  readonly fault: Fault;
  readonly message: string;
  readonly next: string;
  readonly retriable: boolean;
  readonly detail?: FailureDetail;
}

/** Makes a failure; `message` says what was expected and what came, the catalogue gives the rest. */
export function failure(code: ErrorCode, message?: string, detail?: FailureDetail): Failure {
  const { fault, meaning, next, retriable } = ERRORS[code];
  const base = { code, fault, message: message ?? meaning, next, retriable };
  return detail === undefined ? base : { ...base, detail };
}

/** A fault that is thrown. `failure` is public; `cause` stays in the server's log. */
export class AppError extends Error {
  readonly failure: Failure;

  constructor(
    code: ErrorCode,
    message?: string,
    options?: { cause?: unknown; detail?: FailureDetail },
  ) {
    super(message ?? ERRORS[code].meaning, { cause: options?.cause });
    this.name = "AppError";
    this.failure = failure(code, message, options?.detail);
  }

  get status(): number {
    return ERRORS[this.failure.code].status;
  }
}

/** The failure that a thrown value stands for; what is not an `AppError` is a bug of ours. */
export function failureOf(thrown: unknown): Failure {
  return thrown instanceof AppError ? thrown.failure : failure("internal");
}
