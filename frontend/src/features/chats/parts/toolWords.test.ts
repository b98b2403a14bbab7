import { expect, test } from "vitest";
import type { Part } from "../../../api/wire";
import { wordsOfCall, wordsOfResult } from "./toolWords";

function call(name: string, text: string): Part {
  return { type: "tool_call", at: 0, name, text } as Part;
}

test.each([
  ["python", "x = 1\nprint(x)", "Ran code", "x = 1"],
  ["web.run", '{"search_query":[{"q":"tides"},{"q":"moon"}]}', "Searched the web", "tides · moon"],
  ["web_search", '{"query":"tides"}', "Searched the web", "tides"],
  ["browser", 'search("tides")', "Searched the web", 'search("tides")'],
  ["dalle.text2im", '{"size":"1024x1024","prompt":"A lamp"}', "Asked for a picture", "A lamp"],
  ["canmore.update_textdoc", '{"updates":[]}', "Changed the document", null],
  ["bio", "Likes tea.", "Noted about you", "Likes tea."],
  ["weather.getWeather", '{"city":"Porto"}', "Used weather.getWeather", null],
  ["web.run", '{"search_query":', "Searched the web", null],
  ["web.run", "", "Searched the web", null],
])("a call of %s with %s", (name, text, title, detail) => {
  expect(wordsOfCall(call(name, text))).toEqual({ title, detail });
});

test("what was asked is cut to a line", () => {
  const { detail } = wordsOfCall(call("bio", "tea ".repeat(100)));
  expect(detail).toHaveLength(120);
  expect(wordsOfCall(call("web.run", JSON.stringify({ q: "x".repeat(50_000) }))).detail).toBeNull();
});

test("results are named by what they are", () => {
  const result = { type: "tool_result", at: 0, name: "python", text: "45" } as Part;
  expect(wordsOfResult(result).title).toBe("Output");
  expect(wordsOfResult({ ...result, name: "x.y" }).title).toBe("Result of x.y");
  expect(wordsOfResult({ ...result, isError: true }).title).toBe("Error of python");
});
