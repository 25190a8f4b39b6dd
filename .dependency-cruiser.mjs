/** The architecture as a table: which layer may import which, and what may touch the outside. */
import { builtinModules } from "node:module";

const CHAIN = ["base", "core", "ports", "control", "api", "app"];

/** Layer → the layers that it may import, besides itself. */
const MAY_IMPORT = {
  base: [],
  core: ["base"],
  ports: ["base", "core"],
  control: ["base", "core", "ports"],
  gateway: ["base", "core", "ports"],
  api: ["base", "core", "ports", "control"],
  ops: ["base", "core", "ports", "client"],
  drivers: ["base", "core", "ports"],
  sim: ["base", "core", "ports", "control", "ops", "client"],
  client: ["base", "core"],
  app: [...CHAIN.slice(0, -1), "gateway", "ops", "drivers", "sim", "client"],
  cli: [...CHAIN, "client"],
};
const LAYERS = Object.keys(MAY_IMPORT);

/** What a simulated run reaches: these layers may not be able to do real I/O. */
const REACHED_BY_SIM = ["base", "core", "ports", "control", "ops", "client", "sim"];

/** Modules of Node that compute and touch nothing. */
const NODE_HARMLESS = [
  "assert",
  "buffer",
  "crypto",
  "events",
  "path",
  "string_decoder",
  "url",
  "util",
];

/** Packages that compute and touch nothing. */
const PACKAGES_HARMLESS = [
  "@renovatebot/pep440",
  "@sinclair/typebox",
  "ipaddr.js",
  "smol-toml",
  "yaml",
];

const TEST_FILE = "[.]test[.]ts$";
const either = (names) => `(${names.join("|")})`;
const layer = (names) => `^src/${either([names].flat())}/`;
const nodeModules = builtinModules.map((name) => name.replace("node:", ""));
const nodeModuleOtherThan = (names) =>
  `^(node:)?${either(nodeModules.filter((name) => !names.includes(name)))}$`;
const packageOtherThan = (names) => `(^|/)node_modules/(?!${either(names)}/)`;

const layerRules = LAYERS.map((name) => ({
  name: `layer-${name}`,
  comment: `${name} may import: ${[name, ...MAY_IMPORT[name]].join(", ")}.`,
  severity: "error",
  from: { path: layer(name), pathNot: TEST_FILE },
  to: { path: "^(src|web|test|tools|bench)/", pathNot: layer([name, ...MAY_IMPORT[name]]) },
}));

const shapeRules = [
  {
    name: "layer-unknown",
    comment: "A folder under src/ is a layer, and every layer stands in the table.",
    severity: "error",
    from: { path: "^src/", pathNot: layer(LAYERS) },
    to: {},
  },
  {
    name: "layer-unknown-orphan",
    comment: "A folder under src/ is a layer, and every layer stands in the table.",
    severity: "error",
    from: { orphan: true, path: "^src/", pathNot: layer(LAYERS) },
    to: {},
  },
  {
    name: "layer-web",
    comment: "The pages may import: client, base, and the types of core.",
    severity: "error",
    from: { path: "^web/", pathNot: TEST_FILE },
    to: { path: "^(src|test|tools|bench)/", pathNot: layer(["base", "core", "client"]) },
  },
  {
    name: "core-types-only",
    comment: "The client and the pages know the words of core, not its decisions.",
    severity: "error",
    from: { path: "^(src/client|web)/", pathNot: TEST_FILE },
    to: { path: layer("core"), dependencyTypesNot: ["type-only"] },
  },
  {
    name: "driver-to-driver",
    comment: "A driver knows one outside thing and never another driver.",
    severity: "error",
    from: { path: "^src/drivers/([^/]+)/", pathNot: TEST_FILE },
    to: { path: "^src/drivers/", pathNot: "^src/drivers/$1/" },
  },
  {
    name: "no-cycle",
    comment: "Two files that need each other are one file or three (types count too).",
    severity: "error",
    from: {},
    to: { circular: true },
  },
  {
    name: "no-test-import",
    comment: "Nothing depends on a test.",
    severity: "error",
    from: {},
    to: { path: TEST_FILE },
  },
];

const importRules = [
  {
    name: "cross-layer-by-name",
    comment: "Across layers import #layer/file.ts, so that a reader sees the arrow.",
    severity: "error",
    from: { path: "^src/([^/]+)/" },
    to: {
      path: "^src/",
      pathNot: "^src/$1/",
      dependencyTypesNot: ["aliased-subpath-import"],
    },
  },
  {
    name: "web-to-src-by-name",
    comment: "The pages import #layer/file.ts.",
    severity: "error",
    from: { path: "^web/" },
    to: { path: "^src/", dependencyTypesNot: ["aliased-subpath-import"] },
  },
  {
    name: "same-layer-relative",
    comment: "Inside a layer import a relative path.",
    severity: "error",
    from: { path: "^src/([^/]+)/" },
    to: { path: "^src/$1/", dependencyTypes: ["aliased-subpath-import"] },
  },
  {
    name: "resolvable",
    comment: "An import leads somewhere.",
    severity: "error",
    from: {},
    // The server puts these files of packages beside the pages.
    to: { couldNotResolve: true, pathNot: "^[.]/(xterm|addon-fit)[.]mjs$" },
  },
  {
    name: "no-dev-dependency",
    comment: "What runs in production may not need a package that only development installs.",
    severity: "error",
    from: { path: "^(src|web)/", pathNot: TEST_FILE },
    to: {
      dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown", "undetermined"],
      dependencyTypesNot: ["type-only"],
    },
  },
];

const outsideRules = [
  {
    name: "pure-no-node",
    comment: "base and core run anywhere: they import nothing of Node.",
    severity: "error",
    from: { path: layer(["base", "core"]), pathNot: TEST_FILE },
    to: { dependencyTypes: ["core"] },
  },
  {
    name: "simulated-no-io",
    comment: "What a simulated run reaches imports no module of Node that touches the outside.",
    severity: "error",
    from: { path: layer(REACHED_BY_SIM), pathNot: TEST_FILE },
    to: {
      dependencyTypes: ["core"],
      dependencyTypesNot: ["type-only"],
      path: nodeModuleOtherThan(NODE_HARMLESS),
    },
  },
  {
    name: "simulated-no-io-package",
    comment: "What a simulated run reaches imports only packages that compute.",
    severity: "error",
    from: { path: layer(REACHED_BY_SIM), pathNot: TEST_FILE },
    to: { path: packageOtherThan(PACKAGES_HARMLESS), dependencyTypesNot: ["type-only"] },
  },
  {
    name: "sim-reaches-no-io",
    comment: "No chain of imports from sim ends at real files, sockets, processes or timers.",
    severity: "error",
    from: { path: layer("sim"), pathNot: TEST_FILE },
    to: { reachable: true, path: nodeModuleOtherThan(NODE_HARMLESS) },
  },
  {
    name: "sim-reaches-no-driver",
    comment: "No chain of imports from sim ends at a driver or at app.",
    severity: "error",
    from: { path: layer("sim"), pathNot: TEST_FILE },
    to: { reachable: true, path: layer(["drivers", "app"]) },
  },
];

export default {
  forbidden: [...layerRules, ...shapeRules, ...importRules, ...outsideRules],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(build|coverage)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".mts", ".js", ".mjs", ".cjs", ".json", ".d.ts"],
    },
  },
};
