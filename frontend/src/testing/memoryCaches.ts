/** The browser's cache storage, as far as the service worker uses it. */

type Asked = Request | string;

export class MemoryCaches {
  isFull = false;
  private readonly caches = new Map<string, MemoryCache>();

  constructor(private readonly load: (url: string) => Promise<Response>) {}

  async open(name: string): Promise<MemoryCache> {
    const cache = this.caches.get(name) ?? new MemoryCache(this.load, () => this.isFull);
    this.caches.set(name, cache);
    return cache;
  }

  async match(asked: Asked): Promise<Response | undefined> {
    for (const cache of this.caches.values()) {
      const found = await cache.match(asked);
      if (found) return found;
    }
    return undefined;
  }

  async keys(): Promise<string[]> {
    return [...this.caches.keys()];
  }

  async delete(name: string): Promise<boolean> {
    return this.caches.delete(name);
  }
}

export class MemoryCache {
  private readonly kept = new Map<string, Response>();

  constructor(
    private readonly load: (url: string) => Promise<Response>,
    private readonly isFull: () => boolean,
  ) {}

  async match(asked: Asked): Promise<Response | undefined> {
    return this.kept.get(pathOf(asked))?.clone();
  }

  async put(asked: Asked, response: Response): Promise<void> {
    if (response.bodyUsed) throw new TypeError("The answer has been read already.");
    if (this.isFull()) throw new DOMException("No room is left.", "QuotaExceededError");
    this.kept.set(pathOf(asked), response);
  }

  async add(url: string): Promise<void> {
    const response = await this.load(url);
    if (!response.ok) throw new TypeError(`${url}: ${response.status}`);
    await this.put(url, response);
  }

  async keys(): Promise<{ url: string }[]> {
    return [...this.kept.keys()].map((path) => ({ url: `http://page.example${path}` }));
  }

  async delete(asked: { url: string }): Promise<boolean> {
    return this.kept.delete(new URL(asked.url).pathname);
  }
}

const pathOf = (asked: Asked): string => (typeof asked === "string" ? asked : new URL(asked.url).pathname);
