/** Every setting by name, with its meaning: flags, variables and the configuration file share them. */
import type { LogLevel } from "#drivers/system/log.ts";
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";

export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly isolation: "bubblewrap" | "none";
  readonly sandboxUid: number;
  readonly publicUrl: string;
  readonly allowedHosts: string;
  readonly trustedProxies: string;
  readonly corsAllowOrigin: string;
  readonly rateLimitPerHour: number;
  readonly logLevel: LogLevel;
}

export const DEFAULT_SERVER_SETTINGS: ServerSettings = {
  host: "127.0.0.1",
  port: 8585,
  dataDir: "",
  isolation: "bubblewrap",
  sandboxUid: 61_000,
  publicUrl: "",
  allowedHosts: "",
  trustedProxies: "",
  corsAllowOrigin: "",
  rateLimitPerHour: 0,
  logLevel: "warn",
};

export const SERVER_SETTING_MEANINGS: Readonly<Record<keyof ServerSettings, string>> = {
  host: "Address on which the gateway listens.",
  port: "Port on which the gateway listens; 0 takes a free one.",
  dataDir:
    "The one directory that holds all state. Empty: `$XDG_DATA_HOME/bindery`, and for root without that variable `/var/lib/bindery`, because sandboxes run as another user who could not reach into root's home.",
  isolation:
    "`bubblewrap` runs repository code in a sandbox and refuses to run any without one; `none` runs it unprotected, as the user who runs Bindery.",
  sandboxUid:
    "When Bindery runs as root: the user and group id under which repository code runs outside its namespace.",
  publicUrl: "Where people find this Bindery, when that is not the address it listens on.",
  allowedHosts:
    "Further host names, separated by commas, under which requests are answered; all others are refused (DNS rebinding).",
  trustedProxies:
    "Addresses or networks, separated by commas, of reverse proxies in front, whose `X-Forwarded-*` headers are believed.",
  corsAllowOrigin: "Origin of other sites' pages that may launch here; `*` for all. Empty: none.",
  rateLimitPerHour: "Launches per hour and address without a build token; 0 for no limit.",
  logLevel: "`debug`, `info`, `warn`, `error` or `silent`.",
};

export const POLICY_MEANINGS: Readonly<Record<keyof Policy, string>> = {
  allowPrivateHosts: "Repositories on loopback, private and link-local addresses.",
  allowLocalRepos: "Local folders and `file://` addresses as repositories.",
  maxRepoBytes: "Largest repository: objects of one commit, and its content.",
  maxRepoFiles: "Most files in a repository.",
  maxConfigFileBytes: "Largest configuration file that is read.",
  mirrorsMaxBytes: "Size at which the least recently used mirrors of repositories are pruned.",
  resolveTimeoutMs: "Time to find the commit of a ref.",
  fetchTimeoutMs: "Time to fetch one commit.",
  buildsMax: "Builds at the same time.",
  buildTimeoutMs: "Time for one build.",
  buildMemoryBytes: "Memory for one build.",
  buildDiskBytes: "Disk for one environment.",
  buildLogBytes: "Kept end of a build's log.",
  buildLogLinesMax: "Lines of a build's log that are shown live.",
  buildLogLineMax: "Longest line of a build's log, in characters.",
  buildGraceMs: "How long a build goes on after the last person who wanted it has gone.",
  environmentsMaxBytes: "Size at which the least recently used environments are pruned.",
  freeDiskMinBytes: "Free disk under which nothing is built.",
  pruneIntervalMs: "Time between two looks at the size of the environments.",
  launchTimeoutMs: "Time for a launch, its build and queue included.",
  launchAttemptsMax: "Starts of a session's server when the platform fails, the first included.",
  queueMax: "Launches under way at the same time, those that wait included.",
  queueTimeoutMs: "Longest wait for a seat.",
  launchEventsMax: "Events kept of one launch, besides the lines of its build.",
  launchesKeptMax: "Launches kept in memory, ended ones included.",
  launchKeptMs: "How long an ended launch can still be looked at.",
  launchGraceMs: "How long a launch goes on without anybody who watches it.",
  probeIntervalMs: "Time between two looks at a session that starts.",
  launchesPerClientMax: "Launches under way from one address.",
  sessionsMax: "Sessions at the same time.",
  sessionsPerRepoMax: "Sessions of one repository at the same time.",
  sessionStartTimeoutMs: "Time for a session's server to answer.",
  sessionMemoryBytes: "Memory of one session.",
  sessionProcessesMax: "Processes and threads of one session.",
  sessionCpus: "Processor cores of one session.",
  sessionDiskBytes: "Disk of one session's home.",
  sessionLogBytes: "Kept end of a session's log.",
  sessionKeptMs: "How long an ended session's record and log are kept.",
  sessionIdleMs: "Time without activity after which a session ends.",
  sessionAgeMs: "Age at which a session ends.",
  noticeBeforeEndMs: "How long before a session's end its person is told.",
  sessionNetwork:
    "What sessions reach: `public` (HTTP and HTTPS to public addresses), `none`, or `host` (all that this machine reaches, its own services included).",
  warmServersMax: "Servers that are started before anybody asks.",
  warmServerAgeMs: "Age at which a warm server is replaced.",
  warmFreeMemoryMinBytes: "Free memory under which no warm server is started.",
  resyncIntervalMs: "Time between two full looks at what exists.",
  cullIntervalMs: "Time between two looks for idle and old sessions.",
  loopLeaseMs: "Time without progress after which a loop is restarted.",
  requestBodyMaxBytes: "Largest request body to a session.",
  apiBodyMaxBytes: "Largest request body to Bindery itself.",
  watchersMax: "Open event streams.",
  watchersPerClientMax: "Open event streams from one address.",
  keepAliveIntervalMs: "Time between two keep-alive comments on an event stream.",
};

export const DEFAULTS = { ...DEFAULT_SERVER_SETTINGS, ...DEFAULT_POLICY };
export type SettingName = keyof typeof DEFAULTS;
export type SettingValue = string | number | boolean;
