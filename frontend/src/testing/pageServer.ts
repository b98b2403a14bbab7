/** A real server that has one build of a page at a time, and what a test does to it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export class PageServer {
  build = "one";
  /** Instead of the page, as a gateway says it. */
  status = 200;
  /** Between two builds: the page is there before what it names. */
  hasAssets = true;
  /** Takes requests, and answers none. */
  isSilent = false;
  readonly asked: string[] = [];
  private readonly http: Server = createServer((request, response) => this.answer(request, response));
  private port = 0;

  static async start(): Promise<PageServer> {
    const server = new PageServer();
    await server.goOn();
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get page(): string {
    return `<script src="/assets/${this.build}.js"></script><link href="/assets/all.css">`;
  }

  goOn(): Promise<void> {
    return new Promise((done) => {
      this.http.listen(this.port, "127.0.0.1", () => {
        this.port = (this.http.address() as AddressInfo).port;
        done();
      });
    });
  }

  stop(): Promise<void> {
    const stopped = new Promise<void>((done) => this.http.close(() => done()));
    this.http.closeAllConnections();
    return stopped;
  }

  private answer({ url = "" }: IncomingMessage, response: ServerResponse): void {
    this.asked.push(url);
    if (this.isSilent) return;
    response.setHeader("Connection", "close");
    if (url.startsWith("/assets/")) this.answerAsset(url, response);
    else if (url === "/notes.json") response.setHeader("Content-Type", "application/json").end("{}");
    else response.writeHead(this.status, { "Content-Type": "text/html" }).end(this.page);
  }

  /** A server that was updated has no assets of the build before. */
  private answerAsset(url: string, response: ServerResponse): void {
    const ofThisBuild = [`/assets/${this.build}.js`, "/assets/all.css"];
    const isThere = this.hasAssets && ofThisBuild.includes(url);
    response.writeHead(isThere ? 200 : 404).end(`content of ${url}`);
  }
}
