/**
 * The door of every npm script: installs what is missing, then runs the script on the Node that the
 * project brings. It runs before anything is installed, on Node 20 or newer: plain JavaScript, no
 * packages.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants as osConstants, homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SELF = fileURLToPath(import.meta.url);
const NODE_MAJOR_MIN = 20;
const MODULES = join(ROOT, "node_modules");
const STAMP = join(MODULES, ".bindery-stamp");
const NODE = join(MODULES, `node-linux-${process.arch}`, "bin", "node");

/**
 * What each npm script runs. `isForPerson`: started where the person stands and with a compile
 * cache; the others work on the checkout itself.
 */
const COMMANDS = {
  start: { script: "src/cli/main.ts", isForPerson: true, needs: ["git", "python3"] },
  bindery: { script: "src/cli/main.ts", isForPerson: true, needs: ["git", "python3"] },
  check: { script: "tools/check.ts", isForPerson: false, needs: ["git"] },
  bench: { script: "tools/bench/main.ts", isForPerson: false, needs: ["git", "python3"] },
  docs: { script: "tools/docs/main.ts", isForPerson: false, needs: [] },
  package: { script: "tools/pack.ts", isForPerson: false, needs: [] },
  // tools/test.ts installs what the tests need, or says how.
  test: { script: "tools/test.ts", isForPerson: false, needs: [] },
};

const START_FLAGS_WITH_VALUE = ["--port", "--host", "--data-dir"];

/**
 * The arguments of `npm start` as arguments of the command line: the first word that is no flag is
 * the repository to open; flags may stand on both sides of it.
 * @param {readonly string[]} words
 * @returns {string[]}
 */
export function startArguments(words) {
  const at = words.findIndex(
    (word, i) => !word.startsWith("-") && !START_FLAGS_WITH_VALUE.includes(words[i - 1] ?? ""),
  );
  const repo = words[at];
  if (repo === undefined) return ["serve", ...words];
  return ["serve", "--open", repo, ...words.slice(0, at), ...words.slice(at + 1)];
}

/**
 * The programs of `names` that are not on the PATH.
 * @param {readonly string[]} names
 * @param {string} path
 */
export function missingPrograms(names, path) {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  return names.filter((name) => !folders.some((folder) => isExecutable(join(folder, name))));
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The command that installs `names` on this machine.
 * @param {readonly string[]} names
 * @param {string} path
 */
export function installCommand(names, path) {
  const packages = names.join(" ");
  const sudo = process.getuid?.() === 0 ? "" : "sudo ";
  /** @type {[string, string][]} */
  const managers = [
    ["apt-get", `${sudo}apt-get update && ${sudo}apt-get install -y ${packages}`],
    ["dnf", `${sudo}dnf install -y ${packages}`],
    ["zypper", `${sudo}zypper install -y ${packages}`],
    ["pacman", `${sudo}pacman -S --noconfirm ${packages.replace("python3", "python")}`],
  ];
  const found = managers.find(([program]) => missingPrograms([program], path).length === 0);
  return found?.[1] ?? `install ${packages} with your package manager`;
}

/** @param {readonly string[]} needs */
function checkMachine(needs) {
  const path = process.env.PATH ?? "";
  if (process.platform !== "linux") {
    fail(
      `This needs Linux; here is ${process.platform}. Run it in a Linux machine, WSL or a container.`,
    );
  }
  const major = Number(process.versions.node.split(".")[0]);
  if (major < NODE_MAJOR_MIN) {
    fail(`This needs Node ${NODE_MAJOR_MIN} or newer to start; here is ${process.version}.`);
  }
  const missing = missingPrograms(needs, path);
  if (missing.length > 0) {
    fail(`Not on this machine: ${missing.join(", ")}. Run:\n  ${installCommand(missing, path)}`);
  }
}

/**
 * What node_modules was installed from: another lock file, or another kind of machine, gives
 * another stamp. The lock file names the version of Node too.
 * @param {string | Buffer} lockFile
 */
export function stampOf(lockFile) {
  const kind = `\n${process.platform}-${process.arch}\n`;
  return createHash("sha256").update(lockFile).update(kind).digest("hex");
}

/** @param {string} stamp */
function isInstalled(stamp) {
  return existsSync(STAMP) && readFileSync(STAMP, "utf8") === stamp && isExecutable(NODE);
}

/**
 * Whether npm itself has already put there what the lock file names (a person ran `npm install`).
 * `hidden` is npm's own record of what it installed.
 * @param {string} lockFile
 * @param {string} hidden
 */
export function hasSamePackages(lockFile, hidden) {
  const wanted = JSON.parse(lockFile).packages;
  const found = JSON.parse(hidden).packages;
  return Object.entries(wanted).every(([path, { integrity, optional }]) => {
    if (path === "") return true;
    const there = found[path];
    return there === undefined ? optional === true : there.integrity === integrity;
  });
}

function install() {
  const lockFile = readFileSync(join(ROOT, "package-lock.json"), "utf8");
  const stamp = stampOf(lockFile);
  if (isInstalled(stamp)) return;
  const hiddenLock = join(MODULES, ".package-lock.json");
  const isAlreadyThere =
    isExecutable(NODE) &&
    existsSync(hiddenLock) &&
    hasSamePackages(lockFile, readFileSync(hiddenLock, "utf8"));
  if (!isAlreadyThere) installByNpm();
  if (!isExecutable(NODE)) {
    fail(
      `No Node for ${process.platform}-${process.arch} came with the packages (x64 and arm64 do).`,
    );
  }
  writeFileSync(STAMP, stamp);
}

function installByNpm() {
  process.stderr.write("Installing packages: once, and again when package-lock.json changes …\n");
  // The Node in node_modules/.bin is about to be replaced: npm must run on the machine's own.
  const folders = (process.env.PATH ?? "").split(delimiter);
  const path = folders.filter((folder) => resolve(folder) !== join(MODULES, ".bin"));
  const { status, error } = spawnSync("npm", ["ci", "--loglevel=error"], {
    cwd: ROOT,
    env: { ...process.env, PATH: path.join(delimiter) },
    stdio: ["ignore", 2, 2],
  });
  if (error !== undefined) fail(`npm could not be started: ${error.message}`);
  if (status !== 0) fail("`npm ci` failed (see above). Is the package registry reachable?");
}

/** Two scripts may start at once; one of them installs, the other waits and finds it done. */
function installOnce() {
  const build = join(ROOT, "build");
  mkdirSync(build, { recursive: true });
  const command = [join(build, "install.lock"), process.execPath, SELF, "install"];
  const { status, error } = spawnSync("flock", command, { stdio: "inherit" });
  if (error !== undefined) install();
  else if (status !== 0) process.exit(status ?? 1);
}

/** @param {string} name @param {readonly string[]} words */
function run(name, words) {
  const { script, isForPerson } = COMMANDS[/** @type {keyof typeof COMMANDS} */ (name)];
  const args = name === "start" ? startArguments(words) : words;
  const cacheHome = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const compileCache = join(cacheHome, "bindery", "compile-cache");
  // Listening starts before the child does: a signal in between would leave the child alone.
  // A terminal sends its interrupt to the child itself; a second one would mean "at once".
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP"])) {
    process.on(signal, () => child.kill(signal));
  }
  const flags = ["--disable-warning=ExperimentalWarning"];
  const child = spawn(NODE, [...flags, join(ROOT, script), ...args], {
    cwd: isForPerson ? (process.env.INIT_CWD ?? process.cwd()) : ROOT,
    env: isForPerson ? { NODE_COMPILE_CACHE: compileCache, ...process.env } : process.env,
    stdio: "inherit",
  });
  child.on("error", (error) => fail(`${NODE} could not be started: ${error.message}`));
  child.on("exit", (code, signal) => {
    process.exit(signal === null ? (code ?? 1) : 128 + osConstants.signals[signal]);
  });
}

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function main() {
  const [name = "", ...words] = process.argv.slice(2);
  if (name === "install") return install();
  const command = COMMANDS[/** @type {keyof typeof COMMANDS} */ (name)];
  if (command === undefined)
    fail(`Usage: node tools/bootstrap.mjs ${Object.keys(COMMANDS).join("|")}`);
  checkMachine(command.needs);
  if (!isInstalled(stampOf(readFileSync(join(ROOT, "package-lock.json"))))) installOnce();
  return run(name, words);
}

if (process.argv[1] === SELF) main();
