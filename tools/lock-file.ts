/**
 * Keeps package-lock.json fit for `npm ci` on every machine. A registry that carries only some
 * platforms lets npm write a lock file without the optional packages of the others, and `npm ci`
 * then refuses it; so they are entered by name and version, as not for Linux.
 */

interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Record<string, LockEntry>;
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** What is wrong with the two files of npm, given their texts. */
export function lockComplaints(manifestText: string, lockText: string): readonly string[] {
  const manifest: Manifest = JSON.parse(manifestText);
  const lock: Lock = JSON.parse(lockText);
  const wanted = {
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.optionalDependencies,
  };
  const inexact = Object.entries(wanted).filter(([, version]) => !/^\d+\.\d+\.\d+/.test(version));
  const resolved = Object.keys(lock.packages).filter((path) => lock.packages[path]?.resolved);
  return [
    ...inexact.map(([name, version]) => `${name} has the version ${version}, not an exact one.`),
    ...resolved.map((path) => `${path} names a registry; keep .npmrc as it is and install again.`),
    ...[...missing(lock)].map(([path]) => `${path} is missing: run \`npm run check -- --fix\`.`),
  ];
}

/** The lock file with every optional package in it. */
export function completeLock(lockText: string): string {
  const lock: Lock = JSON.parse(lockText);
  const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(missing(lock)) });
  packages.sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`;
}

function missing(lock: Lock): ReadonlyMap<string, LockEntry> {
  const found = new Map<string, LockEntry>();
  for (const [parent, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      if (path in lock.packages || `${parent}/${path}` in lock.packages) continue;
      const isDev = entry.dev === true ? { dev: true } : {};
      found.set(path, { version, ...isDev, optional: true, os: ["!linux"] });
    }
  }
  return found;
}
