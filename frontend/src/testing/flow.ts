import { vi } from "vitest";
import type { LiveServer } from "./liveServer";
import type { Writer } from "./writer";

/** All that is on its way arrives, and the page is drawn. */
export async function flow(server: LiveServer, writer: Writer): Promise<void> {
  for (let round = 0; round < 100; round++) {
    server.openSockets();
    server.takeFrame();
    server.deliverAnswer();
    server.deliverEntry();
    server.readPage();
    server.deliverPage();
    writer.redraw();
    await vi.advanceTimersByTimeAsync(20);
  }
}
