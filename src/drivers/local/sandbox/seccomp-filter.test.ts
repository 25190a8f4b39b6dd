/** The filter is judged by running it: a small interpreter of classic BPF over tables of calls. */
import { describe, expect, it } from "vitest";
import {
  type Instruction,
  OPERATION,
  seccompFilterBytes,
  seccompProgram,
  VERDICT,
} from "./seccomp-filter.ts";
import {
  type Architecture,
  AUDIT_ARCHITECTURE,
  CLONE,
  CLONE3,
  IOCTL,
  numberOn,
  REFUSED_CALLS,
  SOCKET,
  UNSHARE,
} from "./seccomp-syscalls.ts";

interface Call {
  readonly number: number;
  readonly architecture?: number;
  readonly arguments?: readonly bigint[];
}

function judge(program: readonly Instruction[], call: Call, native: Architecture): string {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call.number, true);
  data.setUint32(4, call.architecture ?? AUDIT_ARCHITECTURE[native], true);
  for (const [index, value] of (call.arguments ?? []).entries()) {
    data.setBigUint64(16 + index * 8, value, true);
  }
  let accumulator = 0;
  let at = 0;
  for (;;) {
    const step = program[at];
    if (step === undefined) throw new Error("the program ran off its end");
    at += 1;
    if (step.code === OPERATION.finish) {
      const verdict = Object.entries(VERDICT).find(([, value]) => value >>> 0 === step.operand);
      return verdict?.[0] ?? "unknown";
    }
    if (step.code === OPERATION.load) accumulator = data.getUint32(step.operand, true);
    else at += holds(step, accumulator) ? step.jumpTrue : step.jumpFalse;
  }
}

function holds(step: Instruction, accumulator: number): boolean {
  if (step.code === OPERATION.jumpIfEqual) return accumulator === step.operand;
  if (step.code === OPERATION.jumpIfAtLeast) return accumulator >= step.operand;
  if (step.code === OPERATION.jumpIfAnyBit) return (accumulator & step.operand) !== 0;
  throw new Error(`operation ${step.code} is not known`);
}

const NEW_USER = 0x10000000n;
const NEW_NET = 0x40000000n;
const NEW_TIME = 0x80n;
const THREAD = 0x3d0f00n;
const FORK = 0x1200011n;

describe.each(["x64", "arm64"] as const)("the system call filter on %s", (architecture) => {
  const program = seccompProgram(architecture);
  const on = (numbers: readonly [number | null, number | null]): number =>
    numberOn(architecture, numbers) ?? -1;
  const verdictOf = (call: Call): string => judge(program, call, architecture);

  it("refuses every dangerous call whatever its arguments", () => {
    const numbers = Object.values(REFUSED_CALLS).map((each) => numberOn(architecture, each));
    const known = numbers.filter((number) => number !== null);
    const verdicts = known.flatMap((number) => [
      verdictOf({ number }),
      verdictOf({ number, arguments: [1n, 2n, 3n, 4n, 5n, 6n] }),
    ]);
    expect(known.length).toBeGreaterThan(40);
    expect(new Set(verdicts)).toEqual(new Set(["refuse"]));
  });

  it("allows every other call", () => {
    const named = new Set([
      ...Object.values(REFUSED_CALLS).map((numbers) => numberOn(architecture, numbers)),
      on(SOCKET),
      on(CLONE3),
    ]);
    const others = Array.from({ length: 600 }, (_, number) => number).filter(
      (number) => !named.has(number),
    );
    expect(others.filter((number) => verdictOf({ number }) !== "allow")).toEqual([]);
  });

  it.each([
    ["a fork", CLONE, [FORK], "allow"],
    ["a thread", CLONE, [THREAD], "allow"],
    ["a clone into a user namespace", CLONE, [FORK | NEW_USER], "refuse"],
    ["a clone into a network namespace", CLONE, [NEW_NET], "refuse"],
    ["clone3", CLONE3, [0n], "absent"],
    ["unshare of files", UNSHARE, [0x400n], "allow"],
    ["unshare of the user namespace", UNSHARE, [NEW_USER], "refuse"],
    ["unshare of the time namespace", UNSHARE, [NEW_TIME], "refuse"],
    ["unshare with bits that the kernel cuts off", UNSHARE, [NEW_USER | (1n << 40n)], "refuse"],
    ["TIOCSTI", IOCTL, [0n, 0x5412n], "refuse"],
    ["TIOCSTI with bits that the kernel cuts off", IOCTL, [0n, 0x5412n | (1n << 32n)], "refuse"],
    ["TIOCLINUX", IOCTL, [0n, 0x541cn], "refuse"],
    ["TIOCGWINSZ", IOCTL, [0x5412n, 0x5413n], "allow"],
    ["a UNIX socket", SOCKET, [1n], "allow"],
    ["an IPv4 socket", SOCKET, [2n], "allow"],
    ["an IPv6 socket", SOCKET, [10n], "allow"],
    ["a netlink socket", SOCKET, [16n], "allow"],
    ["a packet socket", SOCKET, [17n], "noSuchFamily"],
    ["a crypto socket", SOCKET, [38n], "noSuchFamily"],
    ["a socket to the hypervisor", SOCKET, [40n], "noSuchFamily"],
  ] as const)("answers %s", (_name, numbers, args, verdict) => {
    expect(verdictOf({ number: on(numbers), arguments: args })).toBe(verdict);
  });

  it("kills what comes with another architecture's numbers", () => {
    const other = architecture === "x64" ? 0x40000003 : 0x40000028;
    expect(verdictOf({ number: 1, architecture: other })).toBe("kill");
    const second = AUDIT_ARCHITECTURE[architecture === "x64" ? "arm64" : "x64"];
    expect(verdictOf({ number: 1, architecture: second })).toBe("kill");
  });

  it("is written as the kernel reads it, eight bytes an instruction", () => {
    const bytes = seccompFilterBytes(architecture);
    expect(bytes.length).toBe(program.length * 8);
    expect([...bytes.slice(0, 8)]).toEqual([0x20, 0, 0, 0, 4, 0, 0, 0]);
    expect(program.length).toBeLessThan(160);
  });
});

it("knows no x32 calls on x64", () => {
  const program = seccompProgram("x64");
  expect(judge(program, { number: 0x40000000 | 59 }, "x64")).toBe("absent");
  expect(judge(program, { number: 0x40000000 | 101 }, "x64")).toBe("absent");
});
