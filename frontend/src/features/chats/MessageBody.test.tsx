import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Part } from "../../api/wire";
import type { ChatMessage } from "./chatsSlice";
import { MessageBody } from "./MessageBody";
import { sourceLines } from "./parts/Sources";

beforeAll(() => {
  vi.stubGlobal("matchMedia", (media: string) => ({
    matches: false,
    media,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
});

afterEach(cleanup);

const MESSAGE: ChatMessage = {
  id: 1,
  key: 1,
  at: 0,
  role: "assistant",
  author: null,
  model: null,
  content: "",
  parts: [],
  hidden: false,
  createdAt: null,
  editedAt: null,
  siblings: [],
};

function part(type: Part["type"], at: number, fields: Partial<Part> = {}): Part {
  return { type, at, ...fields } as Part;
}

async function show(content: string, parts: Part[]): Promise<HTMLElement> {
  render(
    <MantineProvider>
      <main>
        <MessageBody message={{ ...MESSAGE, content, parts }} isScrolling={() => false} />
      </main>
    </MantineProvider>,
  );
  return screen.findByRole("main");
}

describe("parts stand where they were", () => {
  test("between the texts around them", async () => {
    const page = await show("before\n\nafter", [part("tool_call", 8, { name: "search", text: "{}" })]);
    await screen.findByText("after", { selector: "p" });
    expect(page.textContent).toMatch(/before.*Used search.*after/s);
  });

  test("what is folded is not rendered before it is opened", async () => {
    await show("", [part("thinking", 0, { text: "a secret thought" })]);
    expect(screen.queryByText("a secret thought")).toBeNull();
    const fold = screen.getByText("Thinking").closest("details");
    if (!fold) throw new Error("there is nothing to open");
    fold.open = true;
    fireEvent(fold, new Event("toggle"));
    expect(await screen.findByText("a secret thought")).toBeTruthy();
  });

  test("an artifact shows its source and never runs it", async () => {
    const page = await show("", [
      part("artifact", 0, { title: "App", kind: "text/html", text: "<script>globalThis.pwned = 1</script>" }),
    ]);
    const fold = screen.getByText("App").closest("details");
    if (!fold) throw new Error("there is nothing to open");
    fold.open = true;
    fireEvent(fold, new Event("toggle"));
    expect(await screen.findByText(/globalThis\.pwned/)).toBeTruthy();
    expect(page.querySelector("script, iframe")).toBeNull();
    expect(globalThis).not.toHaveProperty("pwned");
  });

  test("content of an unknown kind is named", async () => {
    await show("", [part("unknown", 0, { kind: "hologram", json: { a: 1 } })]);
    expect(screen.getByText(/hologram/)).toBeTruthy();
  });

  test("a message without anything says so", async () => {
    expect((await show("", [])).textContent).toBe("Empty message");
  });
});

describe("sources", () => {
  test("each once, by address or else by title", () => {
    const lines = sourceLines([
      part("citation", 1, { url: "https://a.example/", title: "A" }),
      part("citation", 9, { url: "https://a.example/", title: "A again" }),
      part("citation", 2, { title: "Book" }),
    ]);
    expect(lines.map(({ title }) => title)).toEqual(["A", "Book"]);
  });

  test("a dangerous address is no link", async () => {
    await show("text", [part("citation", 0, { url: "javascript:globalThis.pwned=1", title: "Trap" })]);
    const fold = screen.getByText("1 source").closest("details");
    if (!fold) throw new Error("there is nothing to open");
    fold.open = true;
    fireEvent(fold, new Event("toggle"));
    expect(await screen.findByText("Trap")).toBeTruthy();
    expect(screen.queryByRole("link")).toBeNull();
  });
});
