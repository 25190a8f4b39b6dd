/** What a sandbox needs on disk beside bubblewrap: written once per version, whole or not at all. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { INSIDE_HOME, INSIDE_UID } from "./bubblewrap-arguments.ts";
import { BOUND_ENVIRONMENT, programPath } from "./owner.ts";
import { seccompFilterBytes } from "./seccomp-filter.ts";
import type { Architecture } from "./seccomp-syscalls.ts";

const INIT_MODULES = ["bindery_init.py", "bindery_loop.py", "bindery_log.py", "bindery_forward.py"];
const COMPILE_TIMEOUT_MS = 10_000;

export interface SandboxAssets {
  /** Directory of the init's module. */
  readonly init: string;
  readonly join: string;
  readonly keeper: string;
  readonly seccomp: string;
  readonly etc: string;
  /** Directories of the host's /etc that are shown at their place. */
  readonly etcDirectories: readonly string[];
}

/** Programs find certificates, fonts, alternatives and interpreters' settings here; no secrets. */
const SHOWN_DIRECTORIES = [
  "/etc/ssl/certs",
  "/etc/ca-certificates",
  "/etc/pki/tls/certs",
  "/etc/pki/ca-trust/extracted",
  "/etc/crypto-policies",
  "/etc/alternatives",
  "/etc/fonts",
  "/etc/ld.so.conf.d",
  "/etc/profile.d",
  "/etc/bash_completion.d",
  "/etc/terminfo",
  "/etc/R",
  "/etc/ImageMagick-6",
  "/etc/ImageMagick-7",
  "/etc/OpenCL",
];

/** Copied when they exist: small, the same for everyone on the machine, no secrets. */
const SHOWN_FILES = [
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/localtime",
  "/etc/timezone",
  "/etc/mime.types",
  "/etc/bash.bashrc",
  "/etc/bashrc",
  "/etc/profile",
  "/etc/inputrc",
  "/etc/magic",
  "/etc/protocols",
  "/etc/services",
  "/etc/os-release",
  "/etc/debian_version",
  "/etc/ssl/openssl.cnf",
];

const GENERATED: Readonly<Record<string, string>> = {
  "/etc/passwd": `root:x:0:0:root:/root:/usr/sbin/nologin
jovyan:x:${INSIDE_UID}:${INSIDE_UID}:Jovyan:${INSIDE_HOME}:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`,
  "/etc/group": `root:x:0:
jovyan:x:${INSIDE_UID}:
nogroup:x:65534:
`,
  "/etc/hosts": `127.0.0.1 localhost bindery
::1 localhost ip6-localhost ip6-loopback
`,
  "/etc/hostname": "bindery\n",
  "/etc/resolv.conf": "",
  "/etc/nsswitch.conf": `passwd: files
group: files
hosts: files dns
services: files
protocols: files
`,
};

/** Writes them below `toolsDirectory` unless this version is there already. */
export function installAssets(toolsDirectory: string, architecture: Architecture): SandboxAssets {
  const etcDirectories = [...SHOWN_DIRECTORIES, ...pythonDirectories()].filter(isDirectory);
  const asset = (name: string): Uint8Array =>
    readFileSync(new URL(`./assets/${name}`, import.meta.url));
  const files = new Map<string, Uint8Array>([
    ...INIT_MODULES.map((name) => [`init/${name}`, asset(`init/${name}`)] as const),
    ["join.sh", asset("join.sh")],
    ["keeper.sh", asset("keeper.sh")],
  ]);
  files.set("seccomp.bpf", seccompFilterBytes(architecture));
  for (const [path, text] of Object.entries(GENERATED)) files.set(path.slice(1), Buffer.from(text));
  const links = new Map<string, string>();
  for (const path of SHOWN_FILES) collect(path, { files, links });

  const version = digest(files, links, etcDirectories);
  const directory = join(toolsDirectory, `sandbox-${version}`);
  if (!existsSync(directory)) write(directory, { files, links, etcDirectories });
  return {
    init: join(directory, "init"),
    join: join(directory, "join.sh"),
    keeper: join(directory, "keeper.sh"),
    seccomp: join(directory, "seccomp.bpf"),
    etc: join(directory, "etc"),
    etcDirectories,
  };
}

/** Distributions keep a file there that their interpreter imports at every start. */
function pythonDirectories(): readonly string[] {
  return readdirSync("/etc")
    .filter((name) => /^python3(\.\d+)?$/.test(name))
    .map((name) => `/etc/${name}`);
}

interface Content {
  readonly files: Map<string, Uint8Array>;
  readonly links: Map<string, string>;
}

/** Links into /usr stay links (zone files); all else is copied as what it is now. */
function collect(path: string, { files, links }: Content): void {
  try {
    if (lstatSync(path).isSymbolicLink() && readlinkSync(path).startsWith("/usr/")) {
      links.set(path.slice(1), readlinkSync(path));
    } else {
      files.set(path.slice(1), readFileSync(path));
    }
  } catch {
    // Not on this machine, or not readable for us: then it is not shown.
  }
}

function write(
  directory: string,
  content: Content & { readonly etcDirectories: readonly string[] },
): void {
  mkdirSync(join(directory, ".."), { recursive: true, mode: 0o755 });
  const half = mkdtempSync(`${directory}.`);
  for (const path of content.etcDirectories) mkdirSync(join(half, path), { recursive: true });
  for (const [name, bytes] of content.files) {
    mkdirSync(join(half, name, ".."), { recursive: true });
    writeFileSync(join(half, name), bytes, { mode: 0o644 });
  }
  for (const [name, target] of content.links) {
    mkdirSync(join(half, name, ".."), { recursive: true });
    symlinkSync(target, join(half, name));
  }
  compileInit(INIT_MODULES.map((name) => join(half, "init", name)));
  openToReaders(half);
  try {
    renameSync(half, directory);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    // Another process was faster: what it wrote is the same.
    if (!existsSync(directory)) throw error;
  }
}

/** Half of a short program's start is its compilation; without bytecode it runs from its source. */
function compileInit(paths: readonly string[]): void {
  const mode = "py_compile.PycInvalidationMode.UNCHECKED_HASH";
  const program = `import py_compile, sys\nfor path in sys.argv[1:]: py_compile.compile(path, invalidation_mode=${mode})`;
  try {
    execFileSync(programPath("python3"), ["-I", "-S", "-c", program, ...paths], {
      env: { ...BOUND_ENVIRONMENT },
      stdio: "ignore",
      timeout: COMPILE_TIMEOUT_MS,
    });
  } catch {
    // No py_compile in this distribution's minimal Python, or no time: the source does as well.
  }
}

/** Whatever the umask: the sandbox's uid reads this. */
function openToReaders(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) openToReaders(path);
    else if (entry.isFile()) chmodSync(path, 0o644);
  }
}

function digest(
  files: ReadonlyMap<string, Uint8Array>,
  links: ReadonlyMap<string, string>,
  directories: readonly string[],
): string {
  const hash = createHash("sha256");
  for (const name of [...files.keys()].sort()) {
    hash.update(`file ${name}\0`).update(files.get(name) ?? new Uint8Array());
  }
  for (const [name, target] of links) hash.update(`link ${name} ${target}\0`);
  hash.update(directories.join("\0"));
  return hash.digest("hex").slice(0, 16);
}

function isDirectory(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}
