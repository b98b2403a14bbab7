/** The server's HTTP interface, one function for each thing that the page asks of it. */
import { request } from "./client";
import type {
  Chat,
  ChatPage,
  CreatedInvitation,
  CreatedToken,
  ImportJob,
  IntegrityCheck,
  Invitation,
  Message,
  NotificationPage,
  SearchPage,
  ServerHealth,
  Setup,
  Token,
  User,
} from "./wire";

export type LibraryView = "library" | "archived" | "trash";

export type { Invitation, Token } from "./wire";

export const accounts = {
  setup: () => request<Setup>("GET", "/api/setup"),
  me: () => request<User>("GET", "/api/me"),
  rename: (name: string) => request<User>("PATCH", "/api/me", { json: { name } }),
  changePassword: (form: { current: string; new: string }) =>
    request<void>("POST", "/api/me/password", { json: form }),
  signIn: (form: { email: string; password: string }) => request<User>("POST", "/api/login", { json: form }),
  signUp: (form: { email: string; name: string; password: string; invitation?: string }) =>
    request<User>("POST", "/api/accounts", { json: form }),
  signOut: () => request<void>("POST", "/api/logout"),
  signOutEverywhere: () => request<void>("POST", "/api/logout-everywhere"),
  tokens: () => request<{ items: Token[] }>("GET", "/api/tokens"),
  createToken: (form: { name: string; days: number | null }) =>
    request<CreatedToken>("POST", "/api/tokens", { json: form }),
  deleteToken: (id: number) => request<void>("DELETE", `/api/tokens/${id}`),
  invitations: () => request<{ items: Invitation[] }>("GET", "/api/invitations"),
  checkInvitation: (invitation: string) =>
    request<{ isOpen: boolean }>("POST", "/api/invitation-checks", { json: { invitation } }),
  invite: () => request<CreatedInvitation>("POST", "/api/invitations"),
};

export const chats = {
  list: (view: LibraryView, cursor: string | null, limit = 200) =>
    request<ChatPage>("GET", "/api/chats", { query: { view, cursor, limit } }),
  page: (id: number, cursor: string | null, limit: number, signal?: AbortSignal) =>
    request<Chat>("GET", `/api/chats/${id}`, { query: { cursor, limit }, ...(signal ? { signal } : {}) }),
  removed: (id: number) => request<{ items: Message[] }>("GET", `/api/chats/${id}/removed`),
  search: (q: string, cursor: string | null = null, signal?: AbortSignal) =>
    request<SearchPage>("GET", "/api/search", { query: { q, cursor }, ...(signal ? { signal } : {}) }),
};

export const notifications = {
  list: (cursor: string | null, limit = 50) =>
    request<NotificationPage>("GET", "/api/notifications", { query: { cursor, limit } }),
};

export const server = {
  health: () => request<ServerHealth>("GET", "/api/admin/health"),
  checkIntegrity: () => request<IntegrityCheck>("POST", "/api/admin/integrity-check"),
};

export const imports = {
  list: () => request<{ items: ImportJob[] }>("GET", "/api/imports"),
  get: (id: number) => request<ImportJob>("GET", `/api/imports/${id}`),
  cancel: (id: number) => request<ImportJob>("POST", `/api/imports/${id}/cancel`),
  demo: () => request<ImportJob>("POST", "/api/demo"),
};
