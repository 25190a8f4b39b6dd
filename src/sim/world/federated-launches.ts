/** Launches behind the door of several clusters: one row of events, wherever they come from. */
import { type ErrorCode, ERRORS, type Failure, failure } from "#core/errors.ts";
import type { LaunchEvent, LaunchPhase, LaunchWish } from "#core/launch/launch.ts";
import type { DoorAnswer } from "#ops/front-door.ts";
import type { DoorWish, MemberAnswer } from "#ports/platform.ts";
import type { PeoplesDoor } from "../people/person.ts";
import type { WorldContext } from "./context.ts";
import type { MemberCluster } from "./member.ts";

interface Run {
  readonly wish: LaunchWish;
  readonly submittedAtMs: number;
  events: LaunchEvent[];
  readonly watchers: Set<(event: LaunchEvent) => void>;
  result: LaunchEvent["result"] | null;
  failure: Failure | null;
  /** Asks this world's cluster anew; null while the launch is elsewhere. */
  again: (() => void) | null;
}

type Clock = WorldContext["clock"];
const LIMITS_OF_A_MEMBER: readonly ErrorCode[] = ["queue-full", "queue-too-long", "rate-limited"];

export class FederatedLaunches {
  readonly #clock: Clock;
  readonly #own: PeoplesDoor;
  readonly #send: (wish: DoorWish) => Promise<DoorAnswer>;
  readonly #runs = new Map<string, Run>();

  constructor(clock: Clock, own: PeoplesDoor, send: (wish: DoorWish) => Promise<DoorAnswer>) {
    this.#clock = clock;
    this.#own = own;
    this.#send = send;
  }

  readonly door: PeoplesDoor = {
    submit: (wish) => {
      if (wish.isCanary) return this.#own.submit(wish);
      const known = this.#runs.get(wish.id);
      if (known !== undefined) {
        known.events = [];
        this.#tell(known, { phase: "waiting", message: "The launch goes on" });
        known.again?.();
      }
      const run = known ?? this.#begin(wish);
      return { kind: "accepted", launch: viewOf(run), isNew: known === undefined };
    },
    watch: (id, after, watcher) => {
      const run = this.#runs.get(id);
      if (run === undefined) return this.#own.watch(id, after, watcher);
      for (const event of run.events) if (event.number > after) watcher(event);
      run.watchers.add(watcher);
      return () => void run.watchers.delete(watcher);
    },
    cancel: (id) => {
      this.#runs.delete(id);
      this.#own.cancel(id);
    },
    attempts: (id) => this.#own.attempts(id),
  };

  /** At this world's own cluster: the same launch, its events passed on. */
  atOwn({ launchId }: DoorWish): Promise<MemberAnswer> {
    const run = this.#runs.get(launchId);
    if (run === undefined)
      return Promise.resolve({
        ...{ kind: "failed", code: "launch-cancelled", isPlatformFault: false },
        because: "the person left",
      });
    return new Promise((resolve) => {
      let unwatch: (() => void) | null = null;
      let isOver = false;
      const end = (answer: MemberAnswer): void => {
        isOver = true;
        unwatch?.();
        run.again = null;
        resolve(answer);
      };
      run.again = () => {
        unwatch?.();
        const outcome = this.#own.submit(run.wish);
        if (outcome === null) end(answerOf(failure("server-restarting")));
        else if (outcome.kind === "refused") end(this.#failed(run, outcome.failure));
        else unwatch = this.#own.watch(launchId, 0, (event) => this.#passOn(run, event, end));
        if (isOver) unwatch?.();
      };
      run.again();
    });
  }

  /** A fellow whose launches are told to people as those of this cluster are. */
  told(fellow: MemberCluster): MemberCluster {
    return {
      ...{ name: fellow.name, isFull: fellow.isFull, canary: fellow.canary },
      launch: async (wish) => {
        const run = this.#runs.get(wish.launchId);
        if (run !== undefined)
          this.#tell(run, { phase: "launching", message: `Starting at ${fellow.name}` });
        return fellow.launch(wish);
      },
    };
  }

  #begin(wish: LaunchWish): Run {
    const run: Run = {
      ...{ wish, submittedAtMs: this.#clock.nowMs(), events: [], watchers: new Set() },
      ...{ result: null, failure: null, again: null },
    };
    this.#runs.set(wish.id, run);
    this.#tell(run, { phase: "waiting", message: "The launch is accepted" });
    void this.#send({ repoKey: wish.repo.url, launchId: wish.id }).then((answer) =>
      this.#finish(run, answer),
    );
    return run;
  }

  #finish(run: Run, answer: DoorAnswer): void {
    if (answer.kind === "ready") {
      const result = run.result ?? {
        ...{ sessionId: null, path: answer.url, token: null },
        ...{ commit: "", environmentKey: "" },
      };
      this.#tell(run, { phase: "ready", message: "Ready", result });
    } else {
      const why = answer.kind === "full" ? failure("queue-full") : failureOfAnswer(answer);
      const told = run.failure?.message === why.message ? run.failure : why;
      this.#tell(run, { phase: "failed", message: told.message, failure: told });
    }
    this.#runs.delete(run.wish.id);
  }

  #passOn(run: Run, event: LaunchEvent, end: (answer: MemberAnswer) => void): void {
    if (event.phase === "ready") {
      run.result = event.result ?? null;
      end({ kind: "ready", url: event.result?.path ?? "" });
    } else if (event.phase === "failed")
      end(this.#failed(run, event.failure ?? failure("internal")));
    else this.#tell(run, event);
  }

  #failed(run: Run, why: Failure): MemberAnswer {
    run.failure = why;
    return answerOf(why);
  }

  #tell(
    run: Run,
    event: Partial<LaunchEvent> & { readonly phase: LaunchPhase; readonly message: string },
  ): void {
    const told: LaunchEvent = {
      ...event,
      number: run.events.length + 1,
      atMs: this.#clock.nowMs(),
    };
    run.events.push(told);
    for (const watcher of [...run.watchers]) watcher(told);
  }
}

function answerOf(why: Failure): MemberAnswer {
  if (LIMITS_OF_A_MEMBER.includes(why.code)) return { kind: "full" };
  const isPlatformFault = why.fault === "platform";
  return { kind: "failed", code: why.code, isPlatformFault, because: why.message };
}

function failureOfAnswer({ code, because }: Extract<DoorAnswer, { kind: "failed" }>): Failure {
  return failure(Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : "internal", because);
}

function viewOf({ wish, submittedAtMs }: Run) {
  return {
    ...{ id: wish.id, repo: wish.repo, phase: "waiting" as const, submittedAtMs },
    ...{ endedAtMs: null, commit: null, environmentKey: null, result: null, failure: null },
    attempts: 0,
  };
}
