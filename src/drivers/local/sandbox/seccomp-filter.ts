/** The system call filter of every sandbox, as a classic BPF program in the kernel's own form. */
import { assert } from "#base/assert.ts";
import {
  ALLOWED_SOCKET_FAMILIES,
  type Architecture,
  AUDIT_ARCHITECTURE,
  CLONE,
  CLONE3,
  CLONE_NAMESPACE_FLAGS,
  IOCTL,
  NAMESPACE_FLAGS,
  numberOn,
  REFUSED_CALLS,
  REFUSED_IOCTLS,
  SOCKET,
  UNSHARE,
} from "./seccomp-syscalls.ts";

/** One `struct sock_filter` of linux/filter.h. */
export interface Instruction {
  readonly code: number;
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly operand: number;
}

export const OPERATION = {
  /** BPF_LD | BPF_W | BPF_ABS: the accumulator becomes the word at an offset of seccomp_data. */
  load: 0x20,
  /** BPF_JMP | BPF_JEQ | BPF_K */
  jumpIfEqual: 0x15,
  /** BPF_JMP | BPF_JGE | BPF_K */
  jumpIfAtLeast: 0x35,
  /** BPF_JMP | BPF_JSET | BPF_K */
  jumpIfAnyBit: 0x45,
  /** BPF_RET | BPF_K */
  finish: 0x06,
} as const;

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** What the filter answers; values of SECCOMP_RET_* in linux/seccomp.h. */
export const VERDICT = {
  allow: 0x7fff0000,
  kill: 0x80000000,
  refuse: 0x00050000 | EPERM,
  absent: 0x00050000 | ENOSYS,
  noSuchFamily: 0x00050000 | EAFNOSUPPORT,
} as const;

type Label = keyof typeof VERDICT;

/** Offsets in struct seccomp_data; arguments are 64 bits wide, little-endian: the low word is first. */
const OFFSET_NUMBER = 0;
const OFFSET_ARCHITECTURE = 4;
const offsetOfArgument = (index: number): number => 16 + 8 * index;

/** x32 calls come with the x64 architecture and this bit in their number. */
const X32_BIT = 0x40000000;

type Draft =
  | { readonly kind: "load"; readonly offset: number }
  | {
      readonly kind: "jump";
      readonly code: number;
      readonly operand: number;
      readonly whenTrue: Label | "next";
      readonly whenFalse: Label | "next" | { readonly skip: number };
    };

/** The program for one architecture. */
export function seccompProgram(architecture: Architecture): readonly Instruction[] {
  const draft: Draft[] = [
    { kind: "load", offset: OFFSET_ARCHITECTURE },
    jump(OPERATION.jumpIfEqual, AUDIT_ARCHITECTURE[architecture], "next", "kill"),
    { kind: "load", offset: OFFSET_NUMBER },
  ];
  if (architecture === "x64") draft.push(jump(OPERATION.jumpIfAtLeast, X32_BIT, "absent", "next"));
  for (const numbers of Object.values(REFUSED_CALLS)) {
    const number = numberOn(architecture, numbers);
    if (number !== null) draft.push(jump(OPERATION.jumpIfEqual, number, "refuse", "next"));
  }
  // glibc and others fall back to clone, whose flags can be looked at: those of clone3 are in memory.
  draft.push(jump(OPERATION.jumpIfEqual, need(architecture, CLONE3), "absent", "next"));
  draft.push(
    ...whenCalled(need(architecture, CLONE), 0, [
      jump(OPERATION.jumpIfAnyBit, CLONE_NAMESPACE_FLAGS, "refuse", "allow"),
    ]),
    ...whenCalled(need(architecture, UNSHARE), 0, [
      jump(OPERATION.jumpIfAnyBit, NAMESPACE_FLAGS, "refuse", "allow"),
    ]),
    ...whenCalled(need(architecture, IOCTL), 1, [
      ...Object.values(REFUSED_IOCTLS).map((request) =>
        jump(OPERATION.jumpIfEqual, request, "refuse", "next"),
      ),
      jump(OPERATION.jumpIfAtLeast, 0, "allow", "allow"),
    ]),
    ...whenCalled(need(architecture, SOCKET), 0, [
      ...ALLOWED_SOCKET_FAMILIES.map((family) =>
        jump(OPERATION.jumpIfEqual, family, "allow", "next"),
      ),
      jump(OPERATION.jumpIfAtLeast, 0, "noSuchFamily", "noSuchFamily"),
    ]),
  );
  return assemble(draft);
}

/** The bytes that `bwrap --seccomp FD` reads. */
export function seccompFilterBytes(architecture: Architecture): Uint8Array {
  const program = seccompProgram(architecture);
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, instruction] of program.entries()) {
    view.setUint16(index * 8, instruction.code, true);
    view.setUint8(index * 8 + 2, instruction.jumpTrue);
    view.setUint8(index * 8 + 3, instruction.jumpFalse);
    view.setUint32(index * 8 + 4, instruction.operand, true);
  }
  return bytes;
}

function jump(code: number, operand: number, yes: Label | "next", no: Label | "next"): Draft {
  return { kind: "jump", code, operand: operand >>> 0, whenTrue: yes, whenFalse: no };
}

/** `body` looks at the low word of one argument and decides; it is skipped for other calls. */
function whenCalled(number: number, argument: number, body: readonly Draft[]): Draft[] {
  const skip = body.length + 1;
  return [
    {
      kind: "jump",
      code: OPERATION.jumpIfEqual,
      operand: number,
      whenTrue: "next",
      whenFalse: { skip },
    },
    { kind: "load", offset: offsetOfArgument(argument) },
    ...body,
  ];
}

/** The verdicts stand at the end, `allow` first: what no rule names falls into it. */
function assemble(draft: readonly Draft[]): readonly Instruction[] {
  const labels = Object.keys(VERDICT) as Label[];
  assert(labels[0] === "allow", "what falls through must be allowed");
  const body = draft.map((step, index): Instruction => {
    if (step.kind === "load") {
      return { code: OPERATION.load, jumpTrue: 0, jumpFalse: 0, operand: step.offset };
    }
    const distance = (target: Label | "next" | { readonly skip: number }): number => {
      if (target === "next") return 0;
      if (typeof target === "object") return target.skip;
      const jumped = draft.length + labels.indexOf(target) - index - 1;
      assert(jumped < 256, "a jump of classic BPF has eight bits");
      return jumped;
    };
    const { code, operand } = step;
    return {
      code,
      operand,
      jumpTrue: distance(step.whenTrue),
      jumpFalse: distance(step.whenFalse),
    };
  });
  const ends = labels.map(
    (label): Instruction => ({
      code: OPERATION.finish,
      jumpTrue: 0,
      jumpFalse: 0,
      operand: VERDICT[label] >>> 0,
    }),
  );
  return [...body, ...ends];
}

function need(
  architecture: Architecture,
  numbers: readonly [number | null, number | null],
): number {
  const number = numberOn(architecture, numbers);
  assert(number !== null, "both architectures have this call");
  return number;
}
