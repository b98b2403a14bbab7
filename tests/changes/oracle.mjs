// Answers what CodeMirror itself makes of change sets: JSON lines in, JSON lines out.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const fromPage = createRequire(new URL("../../frontend/package.json", import.meta.url));
const { ChangeSet, EditorState, Text } = fromPage("@codemirror/state");
const { collab, getSyncedVersion, receiveUpdates, sendableUpdates } = fromPage("@codemirror/collab");

const textOf = (string) => Text.of(string.split("\n"));
const clients = new Map();

const answers = {
  /** Everything there is to know of `a` and `b`, both made in `doc`, and of `next`, made in what `a` leaves. */
  study({ doc, a, b, next }) {
    const [first, second, third] = [a, b, next].map((json) => ChangeSet.fromJSON(json));
    const mapped = (assoc) => Array.from({ length: doc.length + 1 }, (_, pos) => first.mapPos(pos, assoc));
    return {
      json: first.toJSON(),
      lengths: [first.length, first.newLength],
      applied: first.apply(textOf(doc)).toString(),
      aOverB: first.map(second).toJSON(),
      aOverBBefore: first.map(second, true).toJSON(),
      bOverA: second.map(first).toJSON(),
      bOverABefore: second.map(first, true).toJSON(),
      composed: first.compose(third).toJSON(),
      inverted: first.invert(textOf(doc)).toJSON(),
      positionsBefore: mapped(-1),
      positionsAfter: mapped(1),
    };
  },

  studyAll({ cases }) {
    return cases.map(answers.study);
  },

  apply({ doc, changes }) {
    return ChangeSet.fromJSON(changes).apply(textOf(doc)).toString();
  },

  /** Start an editor with the collaboration plugin of the page. */
  open({ client, doc }) {
    clients.set(client, EditorState.create({ doc: textOf(doc), extensions: collab({ clientID: client }) }));
    return null;
  },

  type({ client, changes }) {
    const state = clients.get(client);
    clients.set(client, state.update({ changes: ChangeSet.fromJSON(changes) }).state);
    return null;
  },

  /** The version that an editor is at, and what it has not had confirmed yet. */
  sendable({ client }) {
    const state = clients.get(client);
    return {
      version: getSyncedVersion(state),
      changes: sendableUpdates(state).map((update) => update.changes.toJSON()),
    };
  },

  receive({ client, entry }) {
    const update = { clientID: entry.client, changes: ChangeSet.fromJSON(entry.changes) };
    clients.set(client, receiveUpdates(clients.get(client), [update]).state);
    return null;
  },

  text({ client }) {
    return clients.get(client).doc.toString();
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { ask, ...details } = JSON.parse(line);
  let reply;
  try {
    reply = { answer: answers[ask](details) };
  } catch (error) {
    reply = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
