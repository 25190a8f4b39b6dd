/** A machine whose memory is used up: the kernel ends processes of Bindery's own on it, one after the other. */
import { SECOND_MS } from "#base/units.ts";
import type { WorldContext } from "./context.ts";
import type { Pod, PretendNode } from "./node.ts";

interface Parts {
  readonly context: WorldContext;
  /** The process in this pod ends and is started again where it is; false: there is none. */
  readonly crash: (pod: Pod) => boolean;
}

/** What is asked for in the end is had after this long. */
export const GROWTH_MS = 20 * SECOND_MS;
/** Between two processes that the kernel ends. */
const KILL_EACH_MS = 20 * SECOND_MS;
/** The agent of the machine writes down so often what it sees there. */
const REPORT_MS = 10 * SECOND_MS;
const USED_UP = 0.01;

/** Something on the machine takes this share of its memory; it goes on until the returned function is called. */
export function pressOn({ context, crash }: Parts, node: PretendNode, share: number): () => void {
  const { clock, recorder } = context;
  const before = node.memoryFreeRatio;
  let turn = 0;
  const setFree = (ratio: number) => {
    node.memoryFreeRatio = ratio;
    clock.setTimer(REPORT_MS, () => node.writeReport());
  };
  const kill = () => {
    const own = [...node.pods].filter(({ role }) => role === "edge" || role === "core");
    const victim = own[turn % Math.max(1, own.length)];
    turn += 1;
    if (victim !== undefined && crash(victim)) {
      const what = `The kernel ends ${victim.name}: ${node.name} is out of memory.`;
      recorder.add({ kind: "event", atMs: clock.nowMs(), what });
    }
    cancel = clock.setTimer(KILL_EACH_MS, kill);
  };
  if (share < before) return () => undefined;
  let cancel = clock.setTimer(Math.round((GROWTH_MS * before) / share), () => {
    setFree(USED_UP);
    kill();
  });
  return () => {
    cancel();
    setFree(before);
  };
}
