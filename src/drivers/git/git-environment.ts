/** The environment and the configuration that every Git process of ours runs with. */

/** What Git may see of the operator's environment: credentials helpers, proxies and certificates work. */
const PASSED_ON = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "TMPDIR",
  "XDG_CONFIG_HOME",
  "XDG_RUNTIME_DIR",
  "DBUS_SESSION_BUS_ADDRESS",
  "SSH_AUTH_SOCK",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "GIT_SSL_CAPATH",
  "GIT_SSH",
  "GIT_SSH_COMMAND",
  "GIT_SSH_VARIANT",
  "GIT_CONFIG_SYSTEM",
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_NOSYSTEM",
  "GIT_EXEC_PATH",
  "http_proxy",
  "https_proxy",
  "HTTPS_PROXY",
  "all_proxy",
  "ALL_PROXY",
  "no_proxy",
  "NO_PROXY",
];

export type Environment = Readonly<Record<string, string | undefined>>;

/** Nothing asks questions, nothing runs a helper that a repository named. */
export function gitEnvironment(
  env: Environment,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const passed: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = env[name];
    if (value !== undefined) passed[name] = value;
  }
  return {
    ...passed,
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    // Empty is neutral: neither the editor's nor the desktop's dialog appears.
    GIT_ASKPASS: "",
    SSH_ASKPASS_REQUIRE: "never",
    GCM_INTERACTIVE: "never",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_ALLOW_PROTOCOL: "https:http:git:ssh",
    ...more,
  };
}

const CONFIGURATION: readonly string[] = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.askPass=",
  "core.symlinks=true",
  "core.autocrlf=false",
  "core.quotePath=false",
  "credential.interactive=false",
  "protocol.ext.allow=never",
  "submodule.recurse=false",
  "fetch.recurseSubmodules=false",
  "fetch.writeCommitGraph=false",
  // One pack for each fetch, so that a first fetch can be handed on as it is.
  "fetch.unpackLimit=1",
  "gc.auto=0",
  "maintenance.auto=false",
  "transfer.bundleURI=false",
  "http.lowSpeedLimit=1000",
  "http.lowSpeedTime=60",
  // Refuses what attacks Git: `.git` in paths, `..`, evil .gitmodules. Old but harmless defects pass.
  "fetch.fsckObjects=true",
  ...[
    "zeroPaddedFilemode",
    "badTimezone",
    "badDate",
    "badDateOverflow",
    "badEmail",
    "badName",
    "missingEmail",
    "missingSpaceBeforeDate",
    "missingSpaceBeforeEmail",
    "missingNameBeforeEmail",
    "missingTaggerEntry",
    "multipleAuthors",
    "nulInCommit",
    "zeroPaddedDate",
    "gitmodulesParse",
  ].map((defect) => `fetch.fsck.${defect}=ignore`),
];

/** `-c` arguments: ours, then the caller's. */
export function gitConfig(more: readonly string[] = []): string[] {
  return [...CONFIGURATION, ...more].flatMap((setting) => ["-c", setting]);
}
