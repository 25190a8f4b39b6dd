/** Which R: what the files ask for, and what there is. */
import type { PlanSource } from "./plan.ts";
import { quote } from "./requirement.ts";
import { unsupported } from "./requirement-lines.ts";

export interface RWish {
  readonly source: PlanSource;
  /** Exactly this, `4.3` or `4.3.1`; null where only `minimum` is given. */
  readonly version: string | null;
  readonly minimum: string | null;
}

/** The default of repo2docker too. */
const DEFAULT = "4.4";
const KNOWN = "3.3 3.4 3.5 3.6 4.0 4.1 4.2 4.3 4.4 4.5 4.6".split(" ");

export interface ChosenR {
  readonly version: string;
  readonly because: string;
}

/**
 * The first exact wish decides; without one the R of this machine (`installed`, null for none) is taken
 * if it is new enough. Throws `config-unsupported`.
 */
export function chooseR(wishes: readonly RWish[], installed: string | null): ChosenR {
  const exact = wishes.find(({ version }) => version !== null);
  if (exact?.version !== undefined && exact.version !== null) {
    const minor = exact.version.split(".").slice(0, 2).join(".");
    if (!KNOWN.includes(minor) || !/^\d+\.\d+(?:\.\d+)?$/.test(exact.version)) {
      const here = `here are ${KNOWN[0]} to ${KNOWN.at(-1)}`;
      throw unsupported(exact.source, `there is no R ${quote(exact.version)}; ${here}`);
    }
    return { version: exact.version, because: `${exact.source.file} asks for ${exact.version}` };
  }
  const lowest = wishes.find(({ minimum }) => minimum !== null);
  const minimum = lowest?.minimum ?? "0";
  if (installed !== null && isAtLeast(installed, minimum)) {
    return { version: installed, because: "no file asks for another version than this machine's" };
  }
  if (lowest === undefined || isAtLeast(DEFAULT, minimum)) {
    return { version: DEFAULT, because: "no file asks for another version: the default" };
  }
  const version = KNOWN.find((one) => isAtLeast(one, minimum));
  if (version === undefined)
    throw unsupported(lowest.source, `there is no R of at least ${minimum}`);
  return { version, because: `${lowest.source.file} needs at least ${minimum}` };
}

/** `4.3` is whatever 4.3 there is. */
export function isR(installed: string | null, version: string): boolean {
  return installed === version || (installed ?? "").startsWith(`${version}.`);
}

/** A minor version stands for its newest release. */
function isAtLeast(minor: string, minimum: string): boolean {
  const [a = 0, b = 0] = minor.split(".").map(Number);
  const [c = 0, d = 0] = minimum.split(".").map(Number);
  return a > c || (a === c && b >= d);
}
