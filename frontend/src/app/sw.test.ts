// @vitest-environment node
/** The service worker itself (public/sw.js), before a real server. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryCaches } from "../testing/memoryCaches";
import { PageServer } from "../testing/pageServer";

const SCRIPT = readFileSync("public/sw.js", "utf8");
const PATIENCE_MS = 4_000;

interface Happening {
  request?: Request;
  data?: unknown;
  waitUntil(work: Promise<unknown>): void;
  respondWith?(answer: Promise<Response>): void;
}

/** A browser's side of the worker: what happens to it, and what it answers. */
class Worker {
  readonly caches: MemoryCaches;
  hasClaimed = false;
  private readonly listeners = new Map<string, (event: Happening) => void>();
  private work: Promise<unknown>[] = [];

  constructor(private readonly origin: string) {
    const load = (asked: Request | string, init?: RequestInit) =>
      fetch(typeof asked === "string" ? `${origin}${asked}` : asked, init);
    this.caches = new MemoryCaches(load);
    const self = {
      addEventListener: (type: string, listener: (event: Happening) => void) =>
        this.listeners.set(type, listener),
      skipWaiting: () => Promise.resolve(),
      clients: {
        claim: async () => {
          this.hasClaimed = true;
        },
      },
      location: { origin },
    };
    new Function("self", "caches", "fetch", SCRIPT)(self, this.caches, load);
  }

  async install(): Promise<void> {
    this.happen("install", {});
    await this.rest();
    this.happen("activate", {});
    await this.rest();
  }

  async keep(...urls: string[]): Promise<void> {
    this.happen("message", { data: { type: "keep", urls } });
    await this.rest();
  }

  /** What it answers; null when it leaves the request to the browser. */
  ask(request: Request): Promise<Response> | null {
    let answer: Promise<Response> | null = null;
    this.happen("fetch", {
      request,
      respondWith: (given) => {
        answer = given;
      },
    });
    return answer;
  }

  /** The text of the page that is shown at this address. */
  async open(path = "/chats/1"): Promise<string> {
    return (await this.navigate(path)).text();
  }

  navigate(path = "/chats/1"): Promise<Response> {
    const request = new Request(`${this.origin}${path}`);
    Object.defineProperty(request, "mode", { value: "navigate" });
    return this.ask(request) ?? Promise.reject(new Error("The worker leaves it to the browser."));
  }

  get(path: string): Promise<Response> | null {
    return this.ask(new Request(`${this.origin}${path}`));
  }

  async rest(): Promise<void> {
    while (this.work.length > 0) await Promise.all(this.work.splice(0));
  }

  private happen(type: string, event: Partial<Happening>): void {
    this.listeners.get(type)?.({ waitUntil: (work) => this.work.push(work), ...event });
  }
}

let server: PageServer;
let worker: Worker;

beforeEach(async () => {
  server = await PageServer.start();
  worker = new Worker(server.origin);
  await worker.install();
});
afterEach(async () => {
  vi.useRealTimers();
  await server.stop();
});

describe("the page", () => {
  it("is the server's newest, although an older one is kept", async () => {
    server.build = "two";
    expect(await worker.open()).toBe(server.page);
  });

  it("is the newest that ever came, with what it names, when there is no network", async () => {
    server.build = "two";
    await worker.open();
    await worker.rest();
    await server.stop();
    expect(await worker.open("/settings")).toBe(server.page);
    expect(await (await worker.get("/assets/two.js"))?.text()).toBe("content of /assets/two.js");
    expect((await worker.caches.match("/assets/one.js")) ?? null).toBeNull();
  });

  it("that is kept is whole: it stays until all that the next one names has come", async () => {
    const before = server.page;
    server.build = "two";
    server.hasAssets = false;
    await worker.open();
    await worker.rest();
    await server.stop();
    expect(await worker.open()).toBe(before);
    expect(await (await worker.get("/assets/one.js"))?.text()).toBe("content of /assets/one.js");
  });

  it.each([502, 503, 504])(
    "is the kept one when a gateway answers %i in the server's place",
    async (status) => {
      const before = server.page;
      server.build = "a gateway's words";
      server.status = status;
      expect(await worker.open()).toBe(before);
    },
  );

  it("is what the server says when that is no gateway's answer, which is not kept", async () => {
    const before = server.page;
    server.build = "error";
    server.status = 500;
    expect(await worker.open()).toBe(server.page);
    await worker.rest();
    await server.stop();
    expect(await worker.open()).toBe(before);
  });

  it("is not taken for what is no page", async () => {
    const before = server.page;
    expect(await worker.open("/notes.json")).toBe("{}");
    await worker.rest();
    await server.stop();
    expect(await worker.open()).toBe(before);
  });

  it("is the kept one when the network is silent, after a moment", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    server.isSilent = true;
    let shown: string | null = null;
    const opened = worker.open().then((text) => {
      shown = text;
    });
    while (server.asked.at(-1) !== "/chats/1") await new Promise((turn) => setImmediate(turn));
    await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1);
    expect(shown).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    await opened;
    expect(shown).toBe(server.page);
  });
});

describe("an asset", () => {
  it("is asked for once", async () => {
    server.asked.length = 0;
    for (let time = 0; time < 2; time++) await worker.get("/assets/one.js");
    expect(server.asked).toEqual([]);
  });

  it("that came before the worker was there is kept when the page says so", async () => {
    server.build = "two";
    await worker.keep("/assets/two.js", "/assets/gone.js");
    await server.stop();
    expect(await (await worker.get("/assets/two.js"))?.text()).toBe("content of /assets/two.js");
  });

  it("that is not there is asked for again", async () => {
    expect((await worker.get("/assets/two.js"))?.status).toBe(404);
    server.build = "two";
    expect((await worker.get("/assets/two.js"))?.status).toBe(200);
  });
});

describe("a device that is full", () => {
  beforeEach(() => {
    worker.caches.isFull = true;
  });

  it("shows the page and its parts all the same", async () => {
    server.build = "two";
    expect(await worker.open()).toBe(server.page);
    expect(await (await worker.get("/assets/two.js"))?.text()).toBe("content of /assets/two.js");
  });
});

describe("what is not the worker's", () => {
  it.each(["/api", "/api/chats?view=library", "/ws/1", "/healthz", "/readyz", "/metrics"])(
    "%s goes to the server as if there was none",
    (path) => {
      expect(worker.get(path)).toBeNull();
    },
  );

  it("is a request that changes something, and one to somebody else", () => {
    expect(worker.ask(new Request(`${server.origin}/`, { method: "POST", body: "x" }))).toBeNull();
    expect(worker.ask(new Request("https://elsewhere.example/assets/one.js"))).toBeNull();
  });
});

it("takes over at once, and drops what an older worker has kept", async () => {
  const next = new Worker(server.origin);
  await next.caches.open("chatsynth-page-0");
  await next.install();
  expect(next.hasClaimed).toBe(true);
  expect(await next.caches.keys()).toEqual(["chatsynth-page-1"]);
});
