/** Tabs with the page's own text sync against the real server; run by tests/wire/test_text_sync.py, with a seed. */
import { mock } from "node:test";
import { RealServer } from "./realServer";
import { play, RELOADS, USUAL } from "./tabsAtWork";

async function pass(ms: number): Promise<void> {
  mock.timers.tick(ms);
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

mock.timers.enable({ apis: ["setTimeout"] });
const server = new RealServer();
const seed = Number(process.argv[2]);
const clients = await play({ server, seed, acts: [...USUAL, ...RELOADS], steps: 250, pass });
server.tell(Object.fromEntries(clients.map((each) => [each.name, [...each.shown]])));
