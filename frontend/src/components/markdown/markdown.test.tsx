import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { MarkdownView } from "./MarkdownView";

beforeAll(() => {
  vi.stubGlobal("matchMedia", (query: string) => ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
});

afterEach(cleanup);

function show(text: string): HTMLElement {
  return render(
    <MantineProvider>
      <main>
        <MarkdownView text={text} idPrefix="m1" />
      </main>
    </MantineProvider>,
  ).getByRole("main");
}

const HOSTILE = [
  "<script>globalThis.pwned = 1</script>",
  "<img src=x onerror=globalThis.pwned=1>",
  "<svg onload=globalThis.pwned=1><circle/></svg>",
  '<iframe src="https://evil.example"></iframe>',
  '<a href="javascript:globalThis.pwned=1">click</a>',
  "<style>body{display:none}</style>",
  "<form action=https://evil.example><input name=password></form>",
  "<details open ontoggle=globalThis.pwned=1>x</details>",
  "<math><mtext><script>globalThis.pwned=1</script></mtext></math>",
  "<object data=javascript:1></object><embed src=//evil.example>",
  "text <b onclick=globalThis.pwned=1>bold</b> text",
  "[x](javascript:globalThis.pwned=1)",
  "[x](JaVaScRiPt:globalThis.pwned=1)",
  "[x](java\tscript:globalThis.pwned=1)",
  "[x](&#106;avascript:globalThis.pwned=1)",
  "[x](vbscript:msgbox)",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "[x](file:///etc/passwd)",
  "[x](blob:https://a/b)",
  "[x](//evil.example)",
  "[x](/api/logout)",
  "[x][1]\n\n[1]: javascript:globalThis.pwned=1",
  "<javascript:globalThis.pwned=1>",
  "![x](javascript:globalThis.pwned=1)",
  "![x](data:image/svg+xml;base64,PHN2Zy8+)",
  "![x](https://tracker.example/pixel.gif)",
  "[![x](https://tracker.example/pixel.gif)](javascript:globalThis.pwned=1)",
  '![x](https://a.example/" onerror="globalThis.pwned=1)',
  "```html\n<script>globalThis.pwned=1</script>\n```",
  '```"><script>globalThis.pwned=1</script>\ncode\n```',
  "\\(\\href{javascript:globalThis.pwned=1}{x}\\)",
  "$$\\includegraphics{https://tracker.example/a.png}$$",
  "$$\\htmlStyle{background:url(https://tracker.example)}{x}$$",
  "| a |\n|-|\n| <script>globalThis.pwned=1</script> |",
  "[^1]\n\n[^1]: [x](javascript:globalThis.pwned=1)",
];

const FORBIDDEN =
  "script, iframe, object, embed, form, style, link, base, meta, img, video, audio, [src], [srcset]";

describe("hostile Markdown", () => {
  test.each(HOSTILE)("%s does nothing", async (text) => {
    const page = show(text);
    await waitFor(() => expect(page.textContent).not.toBe(""));
    expect(page.querySelector(FORBIDDEN)).toBeNull();
    for (const element of page.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^on/);
        if (name === "href") expect(value).toMatch(/^(https?:|mailto:|#m1-)/);
      }
    }
    expect(globalThis).not.toHaveProperty("pwned");
  });

  test("raw HTML is shown as the text that it is", () => {
    expect(show("a <b>bold</b> word").textContent).toContain("a <b>bold</b> word");
  });
});

describe("links and pictures", () => {
  test("a web link opens elsewhere and tells nothing about this page", () => {
    show("[site](https://example.org/a)");
    const link = screen.getByRole("link", { name: "site" });
    expect(link.getAttribute("href")).toBe("https://example.org/a");
    expect(link.getAttribute("target")).toBe("_blank");
    expect(link.getAttribute("rel")).toContain("noopener");
    expect(link.getAttribute("rel")).toContain("noreferrer");
  });

  test("a refused link keeps its words", () => {
    expect(show("[the words](javascript:1)").textContent).toBe("the words");
    expect(screen.queryByRole("link")).toBeNull();
  });

  test("a picture is loaded only after the reader asks", () => {
    const page = show("![A cat](https://pictures.example/cat.png)");
    expect(page.querySelector("img")).toBeNull();
    fireEvent.click(screen.getByRole("button", { name: /A cat.*pictures\.example/ }));
    expect(page.querySelector("img")?.getAttribute("src")).toBe("https://pictures.example/cat.png");
  });
});

describe("what chats contain", () => {
  test("tables, task lists and struck text are rendered", () => {
    const page = show("| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n\n~~no~~");
    expect(screen.getByRole("table")).toBeTruthy();
    expect(page.querySelector("del")?.textContent).toBe("no");
    expect(screen.getByRole<HTMLInputElement>("checkbox").checked).toBe(true);
  });

  test.each(["\\(x^2\\)", "\\[\nx^2\n\\]", "$$x^2$$", "so $x^2$ it is"])(
    "maths is rendered: %s",
    async (text) => {
      const page = show(text);
      await waitFor(() => expect(page.querySelector(".katex")).not.toBeNull(), { timeout: 5000 });
    },
  );

  test("broken maths stays readable", async () => {
    const page = show("$$\\frac{1$$ and after");
    await waitFor(() => expect(page.querySelector(".katex-error")).not.toBeNull(), { timeout: 5000 });
    expect(page.textContent).toContain("and after");
  });

  test("code is coloured and can be copied", async () => {
    const page = show("```python\ndef f(): return 1\n```");
    await waitFor(() => expect(page.querySelector(".hljs-keyword")?.textContent).toBe("def"), {
      timeout: 5000,
    });
    expect(screen.getByRole("button", { name: "Copy code" })).toBeTruthy();
    expect(page.textContent).toContain("python");
  });
});
