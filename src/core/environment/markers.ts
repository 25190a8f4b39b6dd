/** PEP 508 markers in which some of the terms are already known to be true or false. */

type Known = boolean | string;

/**
 * The rest of `marker` where `known` tells the terms that it can: true, false, or a marker. Terms are
 * given as `left operator right`, in the form that `parseMarker` writes.
 */
export function simplifyMarker(marker: string, known: (term: string) => boolean | null): Known {
  const tokens = marker.match(/"[^"]*"|'[^']*'|[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const or = (): Known => {
    let value = and();
    while (tokens[at] === "or") {
      at += 1;
      value = either(value, and());
    }
    return value;
  };
  const and = (): Known => {
    let value = term();
    while (tokens[at] === "and") {
      at += 1;
      value = both(value, term());
    }
    return value;
  };
  const term = (): Known => {
    if (tokens[at] === "(") {
      at += 1;
      const value = or();
      at += 1;
      return typeof value === "string" && / or /.test(value) ? `(${value})` : value;
    }
    const length = tokens[at + 1] === "not" ? 4 : 3;
    const text = tokens.slice(at, at + length).join(" ");
    at += length;
    return known(text) ?? text;
  };
  return or();
}

function either(a: Known, b: Known): Known {
  if (a === true || b === true) return true;
  if (a === false) return b;
  return b === false ? a : `${a} or ${b}`;
}

function both(a: Known, b: Known): Known {
  if (a === false || b === false) return false;
  if (a === true) return b;
  return b === true ? a : `${a} and ${b}`;
}

/** One marker that holds when each does; null for always. */
export function allOf(markers: readonly (string | null)[]): string | null {
  const once = [...new Set(markers.filter((one) => one !== null))];
  if (once.length < 2) return once[0] ?? null;
  return once.map((one) => `(${one})`).join(" and ");
}
