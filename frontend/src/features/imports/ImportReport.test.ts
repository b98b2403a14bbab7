import { expect, test } from "vitest";
import type { Report } from "../../api/wire";
import { platformWords } from "./ImportReport";

function report(platform: string | null, platforms: Record<string, number>): Report {
  return { platform, platforms } as Report;
}

test("a report names the platform, and counts the chats of each when there are several", () => {
  expect(platformWords(report("chatgpt", { claude: 1, chatgpt: 7 }))).toEqual([
    "ChatGPT: 7 chats",
    "Claude: 1 chat",
  ]);
  expect(platformWords(report("chatgpt", { claude: 3 }))).toEqual(["Claude"]);
  expect(platformWords(report("chatgpt", {}))).toEqual(["ChatGPT"]);
  expect(platformWords(report(null, {}))).toEqual([]);
});
