/** While a simulated run goes on, whoever asks the real clock, timers or chance is told no. */
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";

const TIMERS = ["setTimeout", "setInterval", "setImmediate"] as const;
const CHANCE = ["randomBytes", "randomFillSync", "randomInt", "randomUUID"] as const;

/** Only for a process or worker that does nothing else meanwhile. */
export async function withoutReality<T>(run: () => Promise<T>): Promise<T> {
  const undo = forbid();
  try {
    return await run();
  } finally {
    undo();
  }
}

function forbid(): () => void {
  const undos = [
    ...TIMERS.map((name) => replace(globalThis, name, refusalOf(name))),
    replace(globalThis, "Date", forbiddenDate()),
    replace(Math, "random", refusalOf("Math.random")),
    replace(performance, "now", refusalOf("performance.now")),
    replace(process, "hrtime", refusalOf("process.hrtime")),
    replace(globalThis.crypto, "getRandomValues", refusalOf("crypto.getRandomValues")),
    replace(globalThis.crypto, "randomUUID", refusalOf("crypto.randomUUID")),
    ...CHANCE.map((name) => replace(crypto, name, refusalOf(`crypto.${name}`))),
  ];
  syncBuiltinESMExports();
  return () => {
    for (const undo of undos.reverse()) undo();
    syncBuiltinESMExports();
  };
}

/** Times can be written down; what time it is cannot be asked. */
function forbiddenDate(): DateConstructor {
  return new Proxy(Date, {
    construct(target, given) {
      if (given.length === 0) throw refused("new Date()");
      return Reflect.construct(target, given) as object;
    },
    apply() {
      throw refused("Date()");
    },
    get(target, name) {
      return name === "now" ? refusalOf("Date.now") : Reflect.get(target, name);
    },
  });
}

function replace(owner: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(owner, name);
    else Object.defineProperty(owner, name, before);
  };
}

function refusalOf(what: string): () => never {
  return () => {
    throw refused(what);
  };
}

function refused(what: string): Error {
  return new Error(`${what} was asked in a simulated run: it has a clock and a chance of its own`);
}
