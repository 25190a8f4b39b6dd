/** The numbered events of one launch; the lines of a build are shared by all who wait for it. */
import type { LaunchEvent, LaunchPhase } from "#core/launch/launch.ts";
import type { NewLaunchEvent } from "#core/launch/launch-stage.ts";
import type { LaunchWatcher } from "./control-plane-api.ts";

export interface BuildLine {
  readonly atMs: number;
  readonly phase: Extract<LaunchPhase, "fetching" | "building" | "pushing">;
  readonly message: string;
}

type Segment =
  | { readonly kind: "event"; readonly first: number; readonly event: LaunchEvent }
  /** A stretch of a shared array: it grows with it until `count` is fixed. */
  | {
      readonly kind: "lines";
      readonly first: number;
      readonly from: number;
      readonly lines: readonly BuildLine[];
      /** Made once where several watch: whoever writes them can recognise them. */
      readonly events: LaunchEvent[];
      count: number | null;
    };

export class LaunchLog {
  readonly #eventsMax: number;
  readonly #segments: Segment[] = [];
  readonly #watchers = new Set<LaunchWatcher>();
  #next = 1;
  #catchingUp = 0;

  /** After `eventsMax` events of its own only those that end the launch or move it on are kept. */
  constructor(eventsMax: number) {
    this.#eventsMax = eventsMax;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  get phase(): LaunchPhase {
    const last = this.#segments.at(-1);
    if (last === undefined) return "waiting";
    if (last.kind === "event") return last.event.phase;
    return (
      last.lines.at(last.from + (last.count ?? last.lines.length - last.from) - 1)?.phase ??
      "building"
    );
  }

  append(event: NewLaunchEvent, atMs: number): void {
    const isNews = event.phase !== this.phase || event.queue !== undefined;
    if (!isNews && this.#segments.length >= this.#eventsMax) return;
    this.detach();
    const numbered: LaunchEvent = { ...event, number: this.#next, atMs };
    this.#segments.push({ kind: "event", first: this.#next, event: numbered });
    this.#next += 1;
    for (const watcher of this.#watchers) watcher(numbered);
  }

  /** From now on the lines of `lines`, those that are there already included, are this launch's. */
  attach(lines: readonly BuildLine[]): void {
    this.detach();
    const segment: Segment = {
      kind: "lines",
      first: this.#next,
      from: 0,
      lines,
      events: [],
      count: null,
    };
    this.#segments.push(segment);
    for (let index = 0; index < lines.length; index += 1) this.#tell(segment, index);
  }

  /** One line was added to the attached array. */
  lineAdded(): void {
    const segment = this.#segments.at(-1);
    if (segment?.kind !== "lines" || segment.count !== null) return;
    this.#tell(segment, segment.lines.length - 1);
  }

  /** Later lines of the attached array are not this launch's. */
  detach(): void {
    const segment = this.#segments.at(-1);
    if (segment?.kind !== "lines" || segment.count !== null) return;
    segment.count = segment.lines.length - segment.from;
    this.#next = segment.first + segment.count;
  }

  watch(after: number, watcher: LaunchWatcher): () => void {
    this.#catchingUp += 1;
    try {
      for (const event of this.#after(after)) watcher(event);
    } finally {
      this.#catchingUp -= 1;
    }
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  #tell(segment: Extract<Segment, { kind: "lines" }>, index: number): void {
    if (this.#watchers.size === 0) return;
    const event = this.#lineEvent(segment, index);
    if (event !== null) for (const watcher of this.#watchers) watcher(event);
  }

  *#after(after: number): Generator<LaunchEvent> {
    for (const segment of this.#segments) {
      if (segment.kind === "event") {
        if (segment.first > after) yield segment.event;
        continue;
      }
      const end = segment.from + (segment.count ?? segment.lines.length - segment.from);
      const start = segment.from + Math.max(0, after + 1 - segment.first);
      for (let index = start; index < end; index += 1) {
        const event = this.#lineEvent(segment, index);
        if (event !== null) yield event;
      }
    }
  }

  /** While somebody catches up he is not among the watchers yet. */
  #isShared(): boolean {
    return this.#watchers.size + this.#catchingUp > 1;
  }

  /** A launch with one watcher keeps none: thousands may wait for one build. */
  #lineEvent(segment: Extract<Segment, { kind: "lines" }>, index: number): LaunchEvent | null {
    const known = segment.events[index];
    if (known !== undefined) return known;
    const line = segment.lines[index];
    if (line === undefined) return null;
    const event = { ...line, number: segment.first + index - segment.from };
    if (this.#isShared()) segment.events[index] = event;
    return event;
  }
}
