/** Seats: exact under whatever happens at once, fair between repositories, honest about the wait. */
import { describe, expect, it } from "vitest";
import { Prng } from "#base/prng.ts";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { SeatLedger } from "#control/seat-ledger.ts";
import { names, Room, sessionOf } from "./seats-in-tests.ts";

describe("limits", () => {
  it.each(Array.from({ length: 10 }, (_, seed) => seed))(
    "hold exactly whatever happens, and the count is that of a full look (seed %i)",
    (seed) => {
      const prng = new Prng(`seats-${seed}`);
      const limits = { sessionsMax: 20, sessionsPerRepoMax: 8, sessionsPerClientMax: 5 };
      const room = new Room({ ...limits, canarySeats: 1 });
      const asked: string[] = [];
      for (let step = 0; step < 600; step += 1) {
        const launch = asked.length === 0 ? "" : prng.pick(asked);
        const what = prng.fraction();
        if (what < 0.4) {
          asked.push(`l${step}`);
          const client = `c${prng.integer(0, 6)}`;
          room.ask(`l${step}`, `r${prng.integer(0, 4)}`, {
            client,
            isCanary: prng.fraction() < 0.1,
          });
        } else if (what < 0.65) {
          if (room.isSeated(launch)) room.start(launch, `n${prng.integer(0, 3)}`);
        } else if (what < 0.9) room.end(launch);
        else room.seats.release(launch);
        const counted = countByHand(room);
        expect(room.seats.taken).toBeLessThanOrEqual(20);
        expect(counted.people).toBeLessThanOrEqual(20);
        for (const count of counted.repos.values()) expect(count).toBeLessThanOrEqual(8);
        for (const count of counted.clients.values()) expect(count).toBeLessThanOrEqual(5);
      }
      room.seats.recount();
      expect(room.warnings).toEqual([]);
    },
  );

  it("repair a count that a lost change made wrong", async () => {
    const room = new Room({ sessionsMax: 2 });
    for (const id of ["a", "b", "c"]) room.ask(id, "r");
    room.start("a");
    room.start("b");
    room.sessions.delete("a");
    await room.clock.run(11 * MINUTE_MS);
    expect(room.isSeated("c")).toBe(false);
    room.seats.recount();
    expect(room.isSeated("c")).toBe(true);
    expect(room.warnings).toHaveLength(1);
  });

  it("count a launch with two servers as two", () => {
    const ledger = new SeatLedger(() => "r");
    const first = sessionOf("l", "r", "a", false);
    ledger.reserve({ launchId: "l", repoKey: "r", client: null, isCanary: false, sinceMs: 0 });
    ledger.note(null, first);
    expect(ledger.people).toBe(1);
    ledger.note(null, { ...first, record: { ...first.record, id: "second" } });
    expect([ledger.people, ledger.ofRepo("r"), ledger.onNode("a")]).toEqual([2, 2, 2]);
    ledger.note(first, null);
    expect([ledger.people, ledger.onNode("a")]).toEqual([1, 1]);
    ledger.unreserve("l");
    expect(ledger.people).toBe(1);
  });

  it("keep a second seat for a rival that is on its way, as long as it is", () => {
    const ledger = new SeatLedger(() => "r");
    const first = sessionOf("l", "r", "a", false);
    ledger.reserve({ launchId: "l", repoKey: "r", client: null, isCanary: false, sinceMs: 0 });
    ledger.note(null, first);
    expect([ledger.keep("l", 2), ledger.people]).toEqual([false, 2]);
    ledger.recount([first]);
    expect(ledger.people).toBe(2);
    expect([ledger.keep("l", 1), ledger.people]).toEqual([true, 1]);
    expect(ledger.keep("unknown", 2)).toBe(false);
  });

  it("follow a warm server that is given to a person, and a session that gets a machine", () => {
    const ledger = new SeatLedger(() => "r");
    const claimed = sessionOf("l", "r", null, false);
    const warm = { ...claimed, record: { ...claimed.record, purpose: null } };
    expect(ledger.note(null, warm)).toBe(false);
    expect(ledger.note(warm, claimed)).toBe(false);
    const placed = { ...claimed, node: "a" };
    expect(ledger.note(claimed, placed)).toBe(false);
    expect([ledger.people, ledger.onNode("a")]).toEqual([1, 1]);
    expect(ledger.note(placed, null)).toBe(true);
    expect([ledger.people, ledger.onNode("a")]).toEqual([0, 0]);
  });
});

/** Sessions that are there, by a full look; the launches that ended with them hold nothing else. */
function countByHand(room: Room) {
  const repos = new Map<string, number>();
  const clients = new Map<string, number>();
  let people = 0;
  for (const { record, state } of room.sessions.values()) {
    const { purpose } = record;
    if (purpose === null || state.kind === "ended" || purpose.isCanary) continue;
    people += 1;
    repos.set(purpose.repo.url, (repos.get(purpose.repo.url) ?? 0) + 1);
    const client = purpose.clientAddress ?? "";
    clients.set(client, (clients.get(client) ?? 0) + 1);
  }
  return { people, repos, clients };
}

describe("the queue", () => {
  /** One seat becomes free at a time; returns who got it. */
  function serveAll(room: Room): string[] {
    const before = room.seatedInOrder.length;
    for (let i = 0; i < room.seatedInOrder.length; i += 1) {
      const id = room.seatedInOrder[i] ?? "";
      room.start(id);
      room.end(id);
    }
    return room.seatedInOrder.slice(before);
  }

  it("does not let one viral repository starve the others", () => {
    const room = new Room({ sessionsMax: 10 });
    for (const id of names("viral", 200)) room.ask(id, "viral");
    const told = names("quiet", 3).map((id) => {
      room.ask(id, id);
      return room.place(id);
    });
    expect(told).toEqual([1, 2, 3]);
    expect(serveAll(room).slice(0, 4)).toEqual([...names("quiet", 3), "viral0010"]);
  });

  it("lets the viral repository starve the others without the protection", () => {
    const room = new Room({ sessionsMax: 10, isQueueFair: false });
    for (const id of names("viral", 200)) room.ask(id, "viral");
    room.ask("quiet", "quiet");
    expect(room.place("quiet")).toBe(191);
  });

  it("does not starve the viral repository when new ones keep coming", () => {
    const room = new Room({ sessionsMax: 1 });
    for (const id of names("viral", 20)) room.ask(id, "viral");
    for (const [i, id] of names("new", 40).entries()) {
      room.ask(id, id);
      const seated = room.seatedInOrder[i] ?? "";
      room.start(seated);
      room.end(seated);
    }
    const viral = room.seatedInOrder.filter((id) => id.startsWith("viral"));
    // With as many repositories that wait as seats that become free, each has its turn in its round.
    expect(viral.length).toBeGreaterThanOrEqual(7);
    expect(room.seatedInOrder.length - viral.length).toBeGreaterThanOrEqual(20);
  });

  it("serves in the order of the places that people were told", () => {
    const room = new Room({ sessionsMax: 1 });
    room.ask("first", "x");
    const prng = new Prng("places");
    const waiting = names("l", 40);
    for (const id of waiting)
      room.ask(id, `r${prng.integer(0, 5)}`, { client: `c${prng.integer(0, 9)}` });
    const told = [...waiting].sort((a, b) => (room.place(a) ?? 0) - (room.place(b) ?? 0));
    // Whoever has ended does not hold a seat any more, so that only turns and ages decide.
    expect(serveAll(room)).toEqual(told);
  });

  it("moves people up, and tells it to those whose place has changed", () => {
    const room = new Room({ sessionsMax: 1 });
    for (const id of ["a", "b", "c"]) room.ask(id, "r");
    expect(["b", "c"].map((id) => room.place(id))).toEqual([1, 2]);
    room.wakes = 0;
    room.seats.release("b");
    expect(room.wakes).toBe(1);
    expect(room.place("c")).toBe(1);
  });

  it("keeps canaries out of it: they have seats of their own", () => {
    const room = new Room({ sessionsMax: 2, canarySeats: 1 });
    for (const id of ["a", "b", "c"]) room.ask(id, "r");
    room.ask("canary", "r", { isCanary: true });
    expect(room.isSeated("canary")).toBe(true);
    expect(room.seats.taken).toBe(2);
    room.ask("second", "r", { isCanary: true });
    expect(room.isSeated("second")).toBe(false);
    room.seats.release("canary");
    expect(room.isSeated("second")).toBe(true);
    expect(room.isSeated("c")).toBe(false);
  });

  it("stays cheap with thousands: no list of sessions, and places are told by the second", async () => {
    const room = new Room({ sessionsMax: 10, sessionsPerRepoMax: 5_000 });
    for (const id of names("l", 5_000)) room.ask(id, `r${id.at(-1) ?? ""}`, { client: id });
    expect(room.seats.waiting).toBe(4_990);
    expect(room.wakes).toBe(0);
    for (const id of room.seatedInOrder.slice(0, 10)) {
      room.start(id);
      room.end(id);
    }
    expect(room.wakes).toBe(10);
    expect(room.lists).toBe(0);
    await room.clock.run(2 * SECOND_MS);
    // Ten places are news only for the first few hundred.
    expect(room.wakes).toBeLessThan(400);
    expect(room.place("l4999")).toBe(4_980);
  });
});

describe("machines", () => {
  it("that take no sessions count as no capacity, and their sessions against nobody", () => {
    const room = new Room();
    const supply = { peopleMax: 2, peopleNow: Number.POSITIVE_INFINITY, coming: [] };
    room.seats.setSupply({ ...supply, barred: [] });
    for (const id of ["a", "b", "c", "d"]) room.ask(id, "r");
    room.start("a", "bad");
    room.start("b", "good");
    expect(["c", "d"].map((id) => room.isSeated(id))).toEqual([false, false]);
    room.seats.setSupply({ ...supply, barred: ["bad"] });
    expect(["c", "d"].map((id) => room.isSeated(id))).toEqual([true, false]);
    room.end("a");
    expect(room.isSeated("d")).toBe(false);
    room.end("b");
    expect(room.isSeated("d")).toBe(true);
  });

  it("never make more than the limit that the operator set", () => {
    const room = new Room({ sessionsMax: 1 });
    const supply = { peopleMax: 50, peopleNow: 50, barred: ["bad"], coming: [] };
    room.seats.setSupply(supply);
    for (const id of ["a", "b"]) room.ask(id, "r");
    room.start("a", "bad");
    expect(room.isSeated("b")).toBe(false);
  });
});
