/** What Bindery finds on this machine, part by part: what it means, and what to do about it. */
import type { Config, Environment } from "./config.ts";
import { examineBrowser } from "./doctor/browser-part.ts";
import { examineDataDir } from "./doctor/data-dir-part.ts";
import type { Examination, Finding } from "./doctor/finding.ts";
import { examineGit } from "./doctor/git-part.ts";
import { examineIndexes } from "./doctor/index-part.ts";
import { examineMemory, examineStorage } from "./doctor/machine-part.ts";
import { examinePort } from "./doctor/port-part.ts";
import { examinePythons } from "./doctor/python-part.ts";
import { examineSandbox } from "./doctor/sandbox-part.ts";
import { examineServerEnvironment, examineUv } from "./doctor/tools-part.ts";

export interface Report {
  /** False when Bindery cannot run code of repositories here. */
  readonly canRun: boolean;
  readonly findings: readonly Finding[];
}

/** In the order in which they are told. */
const PARTS: readonly ((examination: Examination) => Promise<readonly Finding[]>)[] = [
  examineGit,
  examineSandbox,
  examinePythons,
  examineUv,
  examineServerEnvironment,
  examineIndexes,
  examineMemory,
  examineStorage,
  examineDataDir,
  examinePort,
  examineBrowser,
];

/** Looks and tries out; installs nothing and leaves nothing behind. Never throws. */
export async function examineMachine(config: Config, environment: Environment): Promise<Report> {
  const examination = { config, environment };
  const findings: Finding[] = [];
  // One after the other: they measure the machine, and would measure each other.
  for (const examine of PARTS) findings.push(...(await examine(examination)));
  return { canRun: findings.every(({ state }) => state !== "bad"), findings };
}
