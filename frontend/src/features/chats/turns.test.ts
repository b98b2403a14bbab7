import { expect, test } from "vitest";
import type { Part, Role } from "../../api/wire";
import type { ChatMessage } from "./chatsSlice";
import { continuesTurn, isStep } from "./turns";

const NOTHING = { at: 0, author: null, model: null, createdAt: null, editedAt: null };
const CODE = { type: "tool_call", at: 0, name: "python", text: "1 + 1" } as Part;

function message(role: Role, content: string, parts: Part[] = [], hidden = false): ChatMessage {
  return { id: 1, key: 1, role, content, parts, hidden, siblings: [], ...NOTHING };
}

const asked = message("user", "How much?");
const code = message("assistant", "", [CODE]);
const output = message("tool", "", [{ ...CODE, type: "tool_result" }]);
const answer = message("assistant", "It is 2.");

test("a step has parts and no text", () => {
  expect([code, output].map(isStep)).toEqual([true, true]);
  expect([asked, answer, message("assistant", ""), message("user", "", [CODE])].map(isStep)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test("steps and the answer they lead to are one turn", () => {
  expect(continuesTurn(asked, code)).toBe(false);
  expect(continuesTurn(code, output)).toBe(true);
  expect(continuesTurn(output, answer)).toBe(true);
  expect(continuesTurn(answer, code)).toBe(true);
  expect(continuesTurn(answer, answer)).toBe(false);
  expect(continuesTurn(undefined, answer)).toBe(false);
  expect(continuesTurn(message("assistant", "", [CODE], true), answer)).toBe(false);
});
