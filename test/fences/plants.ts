/** One violation of each rule of the architecture, and a small checkout in which nothing is wrong. */

/** Path → source; a first line that says the file's reason is added. */
export type Tree = Readonly<Record<string, string>>;

/** Small modules for the others to import; nothing is wrong with them. */
export const CLEAN: Tree = {
  "src/base/units.ts": "export const SECOND_MS = 1000;",
  "src/core/plan.ts":
    'import { SECOND_MS } from "#base/units.ts";\nexport interface Plan {\n  a: number;\n}\nexport const plan: Plan = { a: SECOND_MS };',
  "src/ports/clock.ts": 'export type { Plan } from "#core/plan.ts";',
  "src/control/loop.ts":
    'import { plan } from "#core/plan.ts";\nimport type { Plan } from "#ports/clock.ts";\nexport const loop: Plan = plan;',
  "src/gateway/relay.ts":
    'import { createServer } from "node:http";\nexport const server = createServer();\nexport const timer = setTimeout(() => server.close(), 1);',
  "src/api/route.ts": 'export { loop as route } from "#control/loop.ts";',
  "src/client/client.ts":
    'import type { Plan } from "#core/plan.ts";\nexport const client = (plan: Plan) => plan;',
  "src/ops/canary.ts": 'export { client as canary } from "#client/client.ts";',
  "src/drivers/clock/clock.ts": "export const nowMs = () => Date.now() + Math.random();",
  "src/drivers/git/git.ts": 'export { readFileSync } from "node:fs";',
  "src/sim/world.ts":
    'import { createHash } from "node:crypto";\nimport { loop } from "#control/loop.ts";\nimport { canary } from "#ops/canary.ts";\nexport const world = [loop, canary, createHash("sha256")];',
  "src/app/embedded.ts":
    'import { nowMs } from "#drivers/clock/clock.ts";\nimport { world } from "#sim/world.ts";\nexport const app = [nowMs, world, process.env["HOME"]];',
  "src/cli/command.ts": 'export { app as command } from "#app/embedded.ts";',
};

export interface Plant {
  readonly what: string;
  readonly file: string;
  readonly source: string;
  readonly check: string;
  /** What the check must say; `FILE` stands for the path of the planted file. */
  readonly says: string;
}

const importing = (specifier: string) => `import { x } from "${specifier}";\nexport { x };`;

/** An arrow that the table of layers does not have. */
function arrow(from: string, to: string): Plant {
  const [layer = ""] = from.split("/");
  return {
    what: `${layer} imports ${to.split("/")[0]}`,
    file: `src/${from}`,
    source: importing(`#${to}`),
    check: "layers",
    says: `layer-${layer}: FILE → src/${to}`,
  };
}

function layered(what: string, rule: string, file: string, specifier: string): Plant {
  return { what, file, source: importing(specifier), check: "layers", says: `${rule}: FILE →` };
}

function linted(what: string, rule: string, file: string, source: string): Plant {
  return { what, file, source, check: "lint", says: `FILE:.*\\(${rule}\\)` };
}

const LONG_FUNCTION = `export function long(): void {\n${"  // A line.\n".repeat(70)}}`;
const SWITCH = `export function area(kind: "circle" | "square"): number {
  switch (kind) {
    case "circle":
      return 1;
    default:
      return 2;
  }
}`;

export const PLANTS: readonly Plant[] = [
  arrow("base/bad-core.ts", "core/plan.ts"),
  arrow("core/bad-ports.ts", "ports/clock.ts"),
  arrow("ports/bad-control.ts", "control/loop.ts"),
  arrow("control/bad-api.ts", "api/route.ts"),
  arrow("control/bad-driver.ts", "drivers/git/git.ts"),
  arrow("gateway/bad-control.ts", "control/loop.ts"),
  arrow("ops/bad-control.ts", "control/loop.ts"),
  arrow("ops/bad-driver.ts", "drivers/git/git.ts"),
  arrow("drivers/git/bad-control.ts", "control/loop.ts"),
  arrow("drivers/git/bad-app.ts", "app/embedded.ts"),
  arrow("api/bad-driver.ts", "drivers/git/git.ts"),
  arrow("api/bad-gateway.ts", "gateway/relay.ts"),
  arrow("api/bad-app.ts", "app/embedded.ts"),
  arrow("sim/bad-driver.ts", "drivers/git/git.ts"),
  arrow("sim/bad-app.ts", "app/embedded.ts"),
  arrow("client/bad-ports.ts", "ports/clock.ts"),
  arrow("app/bad-cli.ts", "cli/command.ts"),
  arrow("cli/bad-driver.ts", "drivers/git/git.ts"),
  layered(
    "a driver imports another",
    "driver-to-driver",
    "src/drivers/git/bad-clock.ts",
    "#drivers/clock/clock.ts",
  ),
  layered(
    "the client imports a decision",
    "core-types-only",
    "src/client/bad-core.ts",
    "#core/plan.ts",
  ),
  layered("a page imports a driver", "layer-web", "web/bad-driver.ts", "#drivers/git/git.ts"),
  layered("a folder is no layer", "layer-unknown", "src/extra/bad-layer.ts", "#core/plan.ts"),
  {
    what: "two files need each other",
    file: "src/core/bad-cycle.ts",
    source: importing("./bad-cycle-back.ts"),
    check: "layers",
    says: "no-cycle: src/core/bad-cycle",
  },
  layered(
    "a layer is crossed by a relative path",
    "cross-layer-by-name",
    "src/core/bad-relative.ts",
    "../base/units.ts",
  ),
  layered(
    "a layer imports itself by name",
    "same-layer-relative",
    "src/core/bad-name.ts",
    "#core/plan.ts",
  ),
  layered("an import leads nowhere", "resolvable", "src/core/bad-nowhere.ts", "./nowhere.ts"),
  layered(
    "the product needs a development package",
    "no-dev-dependency",
    "src/app/bad-package.ts",
    "fast-check",
  ),
  layered("core imports Node", "pure-no-node", "src/core/bad-node.ts", "node:crypto"),
  layered(
    "control imports files",
    "simulated-no-io",
    "src/control/bad-files.ts",
    "node:fs/promises",
  ),
  layered("control imports timers", "simulated-no-io", "src/control/bad-timers.ts", "node:timers"),
  layered(
    "control imports a server",
    "simulated-no-io-package",
    "src/control/bad-server.ts",
    "fastify",
  ),
  layered(
    "sim reaches files through control",
    "sim-reaches-no-io",
    "src/sim/bad-reach.ts",
    "#control/bad-files.ts",
  ),
  layered(
    "sim reaches a driver through control",
    "sim-reaches-no-driver",
    "src/sim/bad-chain.ts",
    "#control/bad-driver.ts",
  ),
  linted(
    "the environment by import",
    "no-restricted-imports",
    "src/drivers/git/bad-process.ts",
    'export { env } from "node:process";',
  ),
  layered(
    "something imports a test",
    "no-test-import",
    "src/core/bad-test-import.ts",
    "./plan.test.ts",
  ),
  {
    what: "a cycle of types",
    file: "src/ports/bad-types.ts",
    source: 'import type { B } from "./bad-types-back.ts";\nexport type A = B | 1;',
    check: "layers",
    says: "no-cycle: src/ports/bad-types",
  },
  linted(
    "Date.now",
    "no-restricted-globals",
    "src/control/bad-now.ts",
    "export const x = Date.now();",
  ),
  linted(
    "new Date",
    "no-restricted-globals",
    "src/api/bad-date.ts",
    "export const x = new Date();",
  ),
  linted(
    "globalThis",
    "no-restricted-globals",
    "src/core/bad-global.ts",
    "export const x = globalThis.Date;",
  ),
  linted(
    "Math.random",
    "no-restricted-properties",
    "src/gateway/bad-random.ts",
    "export const x = Math.random();",
  ),
  linted(
    "crypto",
    "no-restricted-globals",
    "src/ops/bad-crypto.ts",
    "export const x = crypto.randomUUID();",
  ),
  linted(
    "performance",
    "no-restricted-globals",
    "src/gateway/bad-perf.ts",
    "export const x = performance.now();",
  ),
  linted(
    "a timer in control",
    "no-restricted-globals",
    "src/control/bad-timer.ts",
    "export const x = setTimeout(() => {}, 1);",
  ),
  linted(
    "fetch in the client",
    "no-restricted-globals",
    "src/client/bad-fetch.ts",
    'export const x = await fetch("/");',
  ),
  linted(
    "the environment in a driver",
    "no-restricted-properties",
    "src/drivers/git/bad-env.ts",
    'export const x = process.env["HOME"];',
  ),
  linted(
    "the environment in the API",
    "no-restricted-globals",
    "src/api/bad-env.ts",
    'export const x = process.env["HOME"];',
  ),
  linted(
    "a floating promise",
    "no-floating-promises",
    "src/app/bad-promise.ts",
    "export const x = () => {\n  Promise.resolve(1);\n};",
  ),
  linted("a switch with a hole", "switch-exhaustiveness-check", "src/core/bad-switch.ts", SWITCH),
  linted("any", "no-explicit-any", "src/core/build/bad-any.ts", "export const x: any = 1;"),
  linted("a default export", "no-default-export", "src/core/bad-default.ts", "export default 1;"),
  linted("a barrel", "no-barrel-file", "src/core/bad-barrel.ts", 'export * from "./plan.ts";'),
  linted("a long function", "max-lines-per-function", "src/core/bad-long.ts", LONG_FUNCTION),
  linted("a long file", "max-lines", "src/core/bad-file.ts", "// A line.\n".repeat(300)),
  linted(
    "a file name in another case",
    "filename-case",
    "src/core/badCase.ts",
    "export const x = 1;",
  ),
  {
    what: "Node's types in core",
    file: "src/core/bad-buffer.ts",
    source: "export const x = Buffer.alloc(1);",
    check: "types: src/core/tsconfig.json",
    says: "FILE.*Buffer",
  },
  {
    what: "an index that may be missing",
    file: "src/app/bad-index.ts",
    source: "export const first = (words: string[]): string => words[0];",
    check: "types: tsconfig.json",
    says: "FILE.*TS2322",
  },
  {
    what: "a file without a reason to exist",
    file: "src/core/utils.ts",
    source: "export const x = 1;",
    check: "house rules",
    says: "FILE: This name says nothing",
  },
  {
    what: "a file that is not formatted",
    file: "src/core/build/bad-format.ts",
    source: "export   const x = 1",
    check: "format",
    says: "- FILE",
  },
];

/** The other halves of planted violations. */
export const PLANTED_TOO: Tree = {
  "src/core/bad-cycle-back.ts": importing("./bad-cycle.ts"),
  "src/core/plan.test.ts": "export const x = 1;",
  "src/ports/bad-types-back.ts": 'import type { A } from "./bad-types.ts";\nexport type B = A | 2;',
};
