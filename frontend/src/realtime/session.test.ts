import { describe, expect, it } from "vitest";
import type { LogEntry, PushedFrame } from "../api/wire";
import { type Effect, newSession, nextTickMs, type Session, type SessionEvent, step } from "./session";
import { isCurrent, statusOf } from "./sessionStatus";

const LIMITS = {
  maxFrameBytes: 1000,
  maxFrameValues: 1000,
  maxSubscriptions: 10,
  maxTextUnits: 1000,
  maxPresenceBytes: 100,
  heartbeatIntervalMs: 10_000,
};
const POSITION = { channel: "chat:1", epoch: "e", offset: 5 };

/** A session that things happen to at given times. */
class Play {
  session: Session = newSession();
  nowMs = 1_000_000;
  random = 0.5;
  effects: Effect[] = [];

  do(...events: SessionEvent[]): this {
    for (const event of events) {
      const { session, effects } = step(this.session, event, { nowMs: this.nowMs, random: this.random });
      this.session = session;
      this.effects.push(...effects);
    }
    return this;
  }

  frame(frame: PushedFrame): this {
    return this.do({ type: "frame", frame });
  }

  later(ms: number): this {
    this.nowMs += ms;
    return this.do({ type: "tick" });
  }

  /** The effects since the last look. */
  seen(): Effect[] {
    const seen = this.effects;
    this.effects = [];
    return seen;
  }

  sent(): object[] {
    return this.seen().flatMap((each) => (each.type === "send" ? [each.frame] : []));
  }

  delivered(): number[] {
    return this.seen().flatMap((each) =>
      each.type === "deliver" && "offset" in each.frame ? [each.frame.offset as number] : [],
    );
  }
}

const welcome: PushedFrame = {
  type: "welcome",
  session: "s1",
  userId: 1,
  heads: {},
  limits: LIMITS,
  serverTime: 0,
};
const subscribed = (head: number): PushedFrame => ({
  type: "subscribed",
  channel: "chat:1",
  epoch: "e",
  head,
});
const heads = (head: number): PushedFrame => ({
  type: "heartbeat",
  heads: { "chat:1": head },
  serverTime: 0,
});

function entry(offset: number): LogEntry {
  return {
    channel: "chat:1",
    offset,
    op: null,
    by: 1,
    at: 0,
    type: "chat_retitled",
    title: `title ${offset}`,
  };
}

const greeted = () => new Play().do({ type: "start" }, { type: "opened" });
const live = () => greeted().frame(welcome);
/** Follows chat:1 and has all of it, up to offset 5. */
function following() {
  const play = new Play().do({ type: "follow", position: POSITION }, { type: "start" }, { type: "opened" });
  play.frame(welcome).frame(subscribed(5)).seen();
  return play;
}

describe("resuming", () => {
  it("says hello with the positions of all channels", () => {
    const play = new Play().do({ type: "follow", position: POSITION }, { type: "start" }, { type: "opened" });
    expect(play.sent()).toEqual([{ type: "hello", v: 1, client: "page", channels: [POSITION] }]);
  });

  it("resumes from what it has got meanwhile", () => {
    const play = following().frame(entry(6)).do({ type: "closed", code: 1006, reason: "" });
    play.later(60_000).do({ type: "opened" });
    expect(play.sent().at(-1)).toMatchObject({ channels: [{ ...POSITION, offset: 6 }] });
  });

  it("asks after the welcome for a channel that came up during the greeting", () => {
    const play = greeted().do({ type: "follow", position: POSITION });
    play.seen();
    expect(play.frame(welcome).sent()).toEqual([{ type: "subscribe", ...POSITION }]);
  });

  it("ignores what comes before the welcome", () => {
    expect(greeted().frame(entry(1)).delivered()).toEqual([]);
  });

  it("is catching up until the head of the channel has come", () => {
    const play = new Play().do({ type: "follow", position: POSITION }, { type: "start" }, { type: "opened" });
    play.frame(welcome).frame(subscribed(7));
    expect(statusOf(play.session)).toEqual({ kind: "catching_up" });
    play.frame(entry(6));
    expect(isCurrent(play.session, "chat:1")).toBe(false);
    play.seen();
    play.frame(entry(7));
    expect(play.seen().at(-1)).toEqual({ type: "caught_up", channel: "chat:1" });
    expect(statusOf(play.session)).toEqual({ kind: "live" });
  });
});

describe("P4: in order, without gaps", () => {
  it("drops what it has already", () => {
    const play = following().frame(entry(5)).frame(entry(6)).frame(entry(6)).frame(entry(3));
    expect(play.delivered()).toEqual([6]);
  });

  it("comes again after a gap, and delivers nothing behind it", () => {
    const play = following().frame(entry(8));
    expect(play.seen()).toEqual([
      { type: "send", frame: { type: "unsubscribe", channel: "chat:1" } },
      { type: "send", frame: { type: "subscribe", ...POSITION } },
    ]);
    play.frame(entry(9));
    expect(play.seen()).toEqual([]);
    play.frame({ type: "unsubscribed", channel: "chat:1" }).frame(subscribed(9));
    for (const offset of [6, 7, 8, 9]) play.frame(entry(offset));
    expect(play.delivered()).toEqual([6, 7, 8, 9]);
  });

  it("begins again with a snapshot when the log cannot continue", () => {
    const needed: PushedFrame = {
      type: "snapshot_needed",
      channel: "chat:1",
      reason: "pruned",
      epoch: "e",
      head: 9,
    };
    const play = following().frame(needed);
    expect(play.seen()).toEqual([{ type: "lost", channel: "chat:1" }]);
    play.do({ type: "follow", position: { ...POSITION, offset: 9 } });
    expect(play.sent()).toEqual([{ type: "subscribe", ...POSITION, offset: 9 }]);
  });

  it("does not resume a lost channel before its snapshot is there", () => {
    const needed: PushedFrame = {
      type: "snapshot_needed",
      channel: "chat:1",
      reason: "epoch",
      epoch: "f",
      head: 1,
    };
    const play = following().frame(needed).do({ type: "closed", code: 1006, reason: "" }).later(60_000);
    play.seen();
    expect(play.do({ type: "opened" }).sent()).toMatchObject([{ type: "hello", channels: [] }]);
  });

  it("finds a silent loss with two heartbeats, and only asks at the first", () => {
    const play = following().frame(heads(6));
    expect(play.sent()).toEqual([{ type: "heartbeat" }]);
    expect(play.frame(heads(6)).sent()).toContainEqual({ type: "subscribe", ...POSITION });
  });

  it("takes an entry that was only late for no loss", () => {
    const play = following().frame(heads(6)).frame(entry(6)).frame(heads(6));
    expect(play.sent()).toEqual([{ type: "heartbeat" }]);
  });

  it("comes again when the server has forgotten the subscription", () => {
    const play = following().frame({ type: "heartbeat", heads: {}, serverTime: 0 });
    expect(play.sent()).toContainEqual({ type: "subscribe", ...POSITION });
  });
});

describe("the watchdog", () => {
  it("sends a heartbeat every interval", () => {
    const play = live();
    play.seen();
    expect(play.later(9_999).sent()).toEqual([]);
    expect(play.later(1).sent()).toEqual([{ type: "heartbeat" }]);
  });

  it("gives up a connection that is silent for two and a half intervals", () => {
    const play = live().later(10_000).later(14_999);
    expect(play.session.link.kind).toBe("live");
    play.seen();
    play.later(1);
    expect(play.seen()).toEqual([{ type: "close" }]);
    expect(play.session.link.kind).toBe("waiting");
  });

  it("is calmed by any frame", () => {
    const play = live().later(10_000).frame(heads(0)).later(9_999).later(14_000);
    expect(play.session.link.kind).toBe("live");
  });

  it("does not blame the server for its own sleep: it asks first", () => {
    const play = live();
    play.seen();
    play.later(3_600_000);
    expect(play.sent()).toEqual([{ type: "heartbeat" }]);
    expect(play.session.link.kind).toBe("live");
  });

  it("gives up a greeting that nobody answers", () => {
    expect(greeted().later(10_000).session.link.kind).toBe("waiting");
  });
});

describe("coming back", () => {
  const closed = (code: number): SessionEvent => ({ type: "closed", code, reason: "why" });

  it("never stops trying", () => {
    const play = live();
    for (let attempt = 0; attempt < 200; attempt++) {
      play.do(closed(1006));
      expect(play.session.link.kind).toBe("waiting");
      play.later(30_000);
      expect(play.session.link.kind).toBe("connecting");
    }
  });

  it("begins anew after a connection that has lasted", () => {
    const play = live();
    for (let attempt = 0; attempt < 8; attempt++) play.do(closed(1006)).later(30_000);
    play.do({ type: "opened" }).frame(welcome).later(10_000).do(closed(1006));
    expect(nextTickMs(play.session)).toBe(play.nowMs + 500);
  });

  it("tries at once when the network or the tab is back", () => {
    const play = live().do(closed(1006));
    play.seen();
    play.do({ type: "wake" });
    expect(play.seen()).toEqual([{ type: "open" }]);
  });

  it("probes a connection at once when the tab is back, with little patience", () => {
    const play = live();
    play.seen();
    expect(play.do({ type: "wake" }).sent()).toEqual([{ type: "heartbeat" }]);
    expect(play.later(4_000).session.link.kind).toBe("waiting");
  });

  it("DRN1: comes back when the server said, and not all at once", () => {
    for (const random of [0, 0.999]) {
      const play = live().frame({ type: "draining", retryAfterMs: 3_000 });
      play.random = random;
      play.do(closed(4000));
      const waitsMs = (nextTickMs(play.session) ?? 0) - play.nowMs;
      expect(waitsMs).toBeGreaterThanOrEqual(3_000);
      expect(waitsMs).toBeLessThanOrEqual(6_000);
    }
  });

  it.each([4500, 4503, 4999])("stays away after %i, also when woken", (code) => {
    const play = live().do(closed(code));
    play.seen();
    play.do({ type: "wake" }).later(3_600_000);
    expect(play.seen()).toEqual([]);
    expect(statusOf(play.session)).toEqual({ kind: "signed_out", reason: "why" });
  });

  it.each([1000, 1006, 1011, 4000, 4001, 4499])("comes back after %i", (code) => {
    expect(live().do(closed(code)).session.link.kind).toBe("waiting");
  });
});

describe("losing a right", () => {
  it("leaves a channel that is revoked", () => {
    const play = following().frame({ type: "revoked", channel: "chat:1", reason: "Not shared any more." });
    play.seen();
    expect(play.frame(entry(6)).delivered()).toEqual([]);
    expect(play.session.channels).toEqual({});
  });

  it("leaves a channel that may not be opened, and can ask again", () => {
    const play = live().do({ type: "follow", position: POSITION });
    play.frame({ type: "error", op: null, channel: "chat:1", code: "forbidden", message: "No." });
    play.seen();
    expect(play.do({ type: "follow", position: POSITION }).sent()).toHaveLength(1);
  });

  it("keeps a channel when only a message in it was refused", () => {
    const play = following().frame({
      type: "error",
      op: null,
      channel: "chat:1",
      code: "too_large",
      message: "No.",
    });
    expect(isCurrent(play.session, "chat:1")).toBe(true);
  });
});
