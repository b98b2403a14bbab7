import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CommandQueue, type QueuedCommand } from "./commandQueue";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function open() {
  const disk = new Map<string, QueuedCommand>();
  const sent: string[] = [];
  const told: string[] = [];
  const line = { isUp: true };
  const queue = new CommandQueue({
    keep: async (record) => {
      disk.set(record.key, record);
      return "device";
    },
    drop: async (key) => void disk.delete(key),
    send: (frame) => line.isUp && sent.push((frame as { op: string }).op) > 0,
    acked: async ({ op }) => void told.push(`acked ${op}`),
    refused: ({ op }, code) => told.push(`refused ${op} ${code}`),
    changed: () => {},
    random: () => 0.5,
  });
  const ack = (op: string) => queue.acked({ type: "ack", op, channel: "chat:1", offset: 1, result: {} });
  return { queue, disk, sent, told, line, ack };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe("CommandQueue", () => {
  it("sends a command only when it is kept", async () => {
    const { queue, sent, disk } = open();
    queue.add("a", "1", { type: "x" }, 1);
    expect(sent).toEqual([]);
    await settle();
    expect(disk.size).toBe(1);
    expect(sent).toEqual(["a"]);
  });

  it("sends those of one lane one after the other, and lanes side by side", async () => {
    const { queue, sent, ack, disk } = open();
    for (const [op, lane] of [
      ["a", "1"],
      ["b", "1"],
      ["c", "2"],
    ] as const)
      queue.add(op, lane, {}, 1);
    await settle();
    expect(sent).toEqual(["a", "c"]);
    ack("a");
    expect(sent).toEqual(["a", "c", "b"]);
    await settle();
    expect(disk.size).toBe(2);
  });

  it("sends again by the same name after a lost connection", async () => {
    const { queue, sent, line, ack, told } = open();
    line.isUp = false;
    queue.add("a", "1", {}, 1);
    await settle();
    expect(sent).toEqual([]);
    line.isUp = true;
    queue.reconnected();
    queue.reconnected();
    expect(sent).toEqual(["a", "a"]);
    ack("a");
    expect(ack("a")).toBe(false);
    expect(told).toEqual(["acked a"]);
  });

  it("tries again later what the server cannot do just now", async () => {
    const { queue, sent, told } = open();
    queue.add("a", "1", {}, 1);
    await settle();
    queue.refused("a", "unavailable", "Later.");
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent).toEqual(["a", "a"]);
  });

  it("tells a refusal and goes on with the next", async () => {
    const { queue, sent, told } = open();
    queue.add("a", "1", {}, 1);
    queue.add("b", "1", {}, 1);
    await settle();
    queue.refused("a", "forbidden", "No.");
    expect(told).toEqual(["refused a forbidden"]);
    expect(sent).toEqual(["a", "b"]);
  });

  it("sends adopted commands in the order in which they were given", async () => {
    const { queue, sent, ack } = open();
    const record = (op: string, seq: number): QueuedCommand => ({
      kind: "command",
      key: op,
      op,
      lane: "1",
      seq,
      madeAt: seq,
      command: {},
    });
    queue.adopt([record("b", 2), record("a", 1)]);
    ack("a");
    expect(sent).toEqual(["a", "b"]);
  });
});
