import { MantineProvider } from "@mantine/core";
import { act, fireEvent, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { Provider } from "react-redux";
import { beforeEach, expect, it, vi } from "vitest";
import { useAppSelector } from "../../app/hooks";
import { createStore, type Store } from "../../app/store";
import { ChatContext, type ChatView } from "./ChatContext";
import { emptyChat } from "./chat";
import { selectMessage, snapshotLoaded, textEdited } from "./chatsSlice";
import { MessageHead } from "./MessageHead";

const MESSAGE = {
  id: 5,
  role: "user",
  content: "Low water",
  author: null,
  model: null,
  createdAt: 1,
  editedAt: null,
  hidden: false,
  parts: [],
  siblings: [],
} as const;
const drawn = vi.fn();
/** Whose words they are is asked each time that the head is drawn. */
const VIEW = {
  chatId: 1,
  platform: null,
  mayEdit: true,
  get asker() {
    drawn();
    return "You";
  },
} as unknown as ChatView;

let store: Store;

beforeEach(() => {
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  store = createStore();
  const page = { ...emptyChat(1), id: 1, next: null, messages: [{ ...MESSAGE }] };
  store.dispatch(snapshotLoaded({ page: page as never, since: [], pending: [], texts: [] }));
});

function Head() {
  const message = useAppSelector((state) => selectMessage(state, 1, 5));
  return message && <MessageHead message={message} position={1} count={1} isEditing isContinued={false} />;
}

function show(children: ReactNode): void {
  render(
    <MantineProvider>
      <Provider store={store}>
        <ChatContext value={VIEW}>{children}</ChatContext>
      </Provider>
    </MantineProvider>,
  );
}

const type = (insert: string) => {
  const { length } = selectMessage(store.getState(), 1, 5)?.content ?? "";
  act(() => void store.dispatch(textEdited({ chatId: 1, messageId: 5, changes: [length, [0, insert]] })));
};

it("is not drawn again for each key, and copies the newest text all the same", async () => {
  const copied = vi.fn(() => Promise.resolve());
  vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText: copied } });
  show(<Head />);
  const before = drawn.mock.calls.length;
  for (const key of " at 9") type(key);
  expect(drawn).toHaveBeenCalledTimes(before);
  await act(async () => void fireEvent.click(screen.getByRole("button", { name: "Copy the text" })));
  expect(copied).toHaveBeenCalledWith("Low water at 9");
});
