import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { patiently } from "./patientImport";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const missing = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));

it("waits for the network, and asks again", async () => {
  const load = vi.fn<() => Promise<string>>(missing);
  const loaded = patiently(load, async () => false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(load.mock.calls.length).toBeGreaterThan(10);
  load.mockResolvedValue("the editor");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await loaded).toBe("the editor");
});

it("asks at once when the network is back", async () => {
  const load = vi.fn<() => Promise<string>>(missing);
  const loaded = patiently(load, async () => false);
  await vi.advanceTimersByTimeAsync(1);
  load.mockResolvedValue("the editor");
  window.dispatchEvent(new Event("online"));
  expect(await loaded).toBe("the editor");
  expect(vi.getTimerCount()).toBe(0);
});

it("does not wait for what a server that answers does not have", async () => {
  const load = vi.fn(missing);
  await expect(patiently(load, async () => true)).rejects.toThrow("Failed to fetch");
  expect(load).toHaveBeenCalledTimes(2);
});
