/** What the tabs of three people do to the texts of one server, and how they come to rest. */
import { Chance } from "./chance";
import { ModelClient } from "./modelClient";
import type { TextServer } from "./modelServer";

export type Act = (client: ModelClient, server: TextServer) => void;
/** Time goes on, and everything that waited for it has happened. */
export type Pass = (ms: number) => Promise<void>;

const MOST_ROUNDS = 2_000;

const TYPING: Act[] = [(client) => client.typeSomewhere(), (client) => client.typeSomewhere()];
/** What is on its way arrives, in whatever order. */
export const TRAFFIC: Act[] = [
  (client) => client.receiveEntry(),
  (client) => client.receiveEntry(),
  (client) => client.deliverOne(),
  (client) => client.deliverOne(),
  (client) => client.receiveAck(),
  (_client, server) => server.other(),
];
export const USUAL: Act[] = [...TYPING, ...TRAFFIC];
export const TROUBLE: Act[] = [(client) => client.drop(), (client) => client.comeBack()];
export const RELOADS: Act[] = [...TROUBLE, (client) => client.reload()];

interface Play {
  server: TextServer;
  seed: number;
  acts: Act[];
  steps: number;
  pass: Pass;
}

/** The tabs at the end, when all is quiet. */
export async function play({ server, seed, acts, steps, pass }: Play): Promise<ModelClient[]> {
  const chance = new Chance(seed);
  // So little that what is typed without a connection takes several changes.
  const mostBytes = seed % 2 === 0 ? 100 : undefined;
  const clients = ["ann", "ben", "cyd"].map((name) => new ModelClient(name, server, chance, mostBytes));
  for (let step = 0; step < steps; step++) {
    chance.pick(acts)(chance.pick(clients), server);
    if (chance.below(3) === 0) await pass(10);
  }
  await settle(clients, server, pass);
  return clients;
}

export async function settle(clients: ModelClient[], server: TextServer, pass: Pass): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    await pass(50);
    for (const client of clients) {
      client.comeBack();
      client.deliverOne();
      client.receiveAck();
      for (let entry = 0; entry < 5; entry++) client.receiveEntry();
    }
    if (clients.every((each) => each.isSaved && each.offset === server.head && each.kept === 0)) return;
  }
  throw new Error("The tabs never came to rest.");
}
