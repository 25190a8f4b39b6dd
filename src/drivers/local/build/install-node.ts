/** JavaScript packages by the machine's npm, where code may run: their install scripts do run. */
import { AppError } from "#core/errors.ts";
import type { NodeStep } from "#core/environment/plan.ts";
import { INSIDE } from "./build-places.ts";
import { untrustedRequest } from "./build-request.ts";
import { type Installation, untrustedNetwork } from "./install-packages.ts";
import { isInRange } from "./node-range.ts";

const NODE = "/usr/bin/node";
const NPM = "/usr/bin/npm";
const REASON_CHARACTERS_MAX = 600;

/** Into `node_modules` of the home. Throws `config-unsupported`, `resolve-failed`, `index-unreachable`, `install-failed`. */
export async function installNode(step: NodeStep, installation: Installation): Promise<void> {
  const { ground, name, runner } = installation;
  const file = step.files[0] ?? "package.json";
  await assertVersion(step, installation);
  const request = untrustedRequest(ground, {
    name: `${name}-node`,
    command: [
      ...[
        NPM,
        step.command,
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        "--foreground-scripts",
      ],
      ...(step.asOf === null ? [] : [`--before=${step.asOf}T23:59:59Z`]),
    ],
    network: untrustedNetwork(ground),
    environment: "read-write",
    hasHome: true,
    variables: { npm_config_cache: "/tmp/npm-cache", npm_config_progress: "false", CI: "1" },
  });
  const workingDirectory = step.directory === "" ? INSIDE.home : `${INSIDE.home}/${step.directory}`;
  const outcome = await runner.run("node", { ...request, workingDirectory, overlays: [] });
  if (outcome.exitCode === 0) return;
  throw explainNpm(outcome.output, file);
}

async function assertVersion(step: NodeStep, installation: Installation): Promise<void> {
  if (step.version === null) return;
  const { ground, log, name, runner } = installation;
  const request = untrustedRequest(ground, {
    name: `${name}-node-version`,
    command: [NODE, "--version"],
    network: "none",
    environment: "none",
    hasHome: false,
  });
  const { output } = await runner.run("node", request, { isQuiet: true });
  const version = output.trim().replace(/^v/, "");
  if (isInRange(version, step.version)) return log.say(`Node ${version}`);
  const file = step.files.find((path) => /\.(?:nvmrc|node-version)$/.test(path)) ?? step.files[0];
  const message = `${file} asks for Node ${step.version}; this machine has ${version}. Another one needs the container builder.`;
  throw new AppError("config-unsupported", message, {
    detail: { step: "node", ...(file === undefined ? {} : { file }) },
  });
}

/** npm says `npm error code E404` and then why, line by line. */
export function explainNpm(output: string, file: string): AppError {
  const lines = [...output.matchAll(/^npm (?:error|ERR!) ?(.*)$/gm)].map(([, text = ""]) => text);
  const code = lines.find((line) => line.startsWith("code "))?.slice("code ".length) ?? "";
  const reason = lines
    .filter((line) => line !== "" && !/^(?:code|errno|syscall|A complete log)/.test(line))
    .slice(0, 6)
    .join(" ")
    .slice(0, REASON_CHARACTERS_MAX);
  const named =
    /'([@a-z0-9][^'@]*)@[^']*' is not in this registry|No matching version found for (@?[^@\s]+)@/.exec(
      reason,
    );
  const name = named?.[1] ?? named?.[2];
  const detail = { step: "node", file, ...(name === undefined ? {} : { package: name }) };
  if (/^(?:ENOTFOUND|ECONN|ETIMEDOUT|EAI_AGAIN|ERR_SOCKET|E5\d\d)/.test(code)) {
    return new AppError("index-unreachable", `npm's registry did not answer: ${reason}`, {
      detail,
    });
  }
  if (/^(?:E404|ETARGET|ERESOLVE|EUSAGE|EJSONPARSE|ELOCKVERIFY|EINTEGRITY)/.test(code)) {
    return new AppError("resolve-failed", `${file}: ${reason}`, { detail });
  }
  return new AppError("install-failed", `npm failed: ${reason || "see the log"}`, { detail });
}
