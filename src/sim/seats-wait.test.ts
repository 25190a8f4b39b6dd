/** The wait for a seat: estimated from what is known, measured, and never made up. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS } from "#base/units.ts";
import { names, Room } from "./seats-in-tests.ts";

describe("the wait", () => {
  it("is not guessed before anything is known", () => {
    const room = new Room({ sessionsMax: 1 });
    for (const id of ["a", "b"]) room.ask(id, "r");
    expect(room.seats.of("b")).toEqual({
      kind: "waiting",
      position: 1,
      waitMs: null,
      because: "all seats are taken",
    });
    expect(room.seats.waitErrorMedian).toBeNull();
    expect(room.shorts).toBe(1);
  });

  it("comes true when seats become free as before, and is measured", async () => {
    const room = new Room({ sessionsMax: 30 });
    const people = names("p", 30);
    for (const id of people) {
      room.ask(id, "r");
      room.start(id);
    }
    for (const id of people.slice(0, 10)) {
      await room.clock.run(MINUTE_MS);
      room.end(id);
    }
    for (const id of names("w", 20)) room.ask(id, "r");
    for (const id of people.slice(10)) {
      await room.clock.run(MINUTE_MS);
      room.end(id);
      const arrived = room.seatedInOrder.at(-1);
      if (arrived !== undefined) room.start(arrived);
    }
    expect(room.seats.waiting).toBe(0);
    expect(room.seats.waitErrorMedian).toBeLessThan(0.2);
  });

  it("is that of the machine that comes", () => {
    const room = new Room();
    const nowMs = room.clock.nowMs();
    room.seats.setSupply({
      peopleMax: 20,
      peopleNow: 1,
      barred: [],
      coming: [{ atMs: nowMs + 4 * MINUTE_MS, seats: 10 }],
    });
    for (const id of ["a", "b"]) room.ask(id, "r");
    expect(room.seats.of("b")).toMatchObject({
      position: 1,
      waitMs: 4 * MINUTE_MS,
      because: "a new machine is being started",
    });
    room.seats.setSupply({ peopleMax: 20, peopleNow: 11, barred: [], coming: [] });
    expect(room.isSeated("b")).toBe(true);
  });

  it("of a repository that has its share depends on its own seats", async () => {
    const room = new Room({ sessionsMax: 10, sessionsPerRepoMax: 1 });
    for (const id of ["a", "b", "c"]) {
      room.ask(id, id);
      room.start(id);
    }
    room.ask("a2", "a");
    expect(room.seats.of("a2")).toMatchObject({
      because: "this repository has all the seats that it may have",
    });
    await room.clock.run(MINUTE_MS);
    room.end("b");
    await room.clock.run(MINUTE_MS);
    room.end("c");
    expect(room.place("a2")).toBe(1);
    room.end("a");
    expect(room.isSeated("a2")).toBe(true);
  });

  it("is told to those who are refused, from how quickly people are served", async () => {
    const room = new Room({ sessionsMax: 2 });
    for (const id of names("w", 102)) room.ask(id, "r");
    expect(room.seats.retryAfterSeconds()).toBe(60);
    for (const id of names("w", 2)) {
      room.start(id);
      await room.clock.run(MINUTE_MS);
      room.end(id);
    }
    // 98 wait, two were served in the last minute: a tenth is served in five minutes.
    expect(room.seats.retryAfterSeconds()).toBe(300);
  });
});
