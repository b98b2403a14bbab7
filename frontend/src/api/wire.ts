/** What crosses the wire, by the names that the page uses. Times are ms since 1970 UTC. */
import type { components } from "./http.gen";
import type * as wire from "./wire.gen";

export type {
  Ack,
  ChatEntry,
  ChatSummary,
  Counts,
  ErrorCode,
  ImportJob,
  Json,
  JsonObject,
  Limits,
  LogEntry,
  Member,
  Message,
  Notification,
  Part,
  Position,
  ProductCommand,
  Progress,
  PushedFrame,
  Report,
  ServerFrame,
  Skip,
  StatePush,
  UserEntry,
} from "./wire.gen";

export type Role = wire.Message["role"];
export type MemberRole = wire.Member["role"];
export type Level = wire.Notification["level"];
/** A change set in CodeMirror's JSON form. */
export type ChangeJson = wire.TextChange["changes"];
/** A number that the server gave, or the `op` of the command that makes the thing. */
export type ChatId = number | string;
export type MessageId = number | string;
export type Command = wire.ProductCommand;

/** A snapshot of a chat: a page of its active branch, read at `offset` of its channel. */
export interface Chat {
  id: number;
  title: string;
  platform: string | null;
  role: MemberRole;
  channel: string;
  epoch: string;
  offset: number;
  createdAt: number;
  updatedAt: number;
  archivedAt: number | null;
  deletedAt: number | null;
  members: wire.Member[];
  messages: wire.Message[];
  messageCount: number;
  next: string | null;
}

type Http = components["schemas"];

export type User = Http["Me"];
export type Setup = Http["SetUp"];
/** An access token for programs, without its secret. */
export type Token = Http["Token"];
export type CreatedToken = Http["CreatedToken"];
export type Invitation = Http["Invitation"];
export type CreatedInvitation = Http["CreatedInvitation"];
export type ChatPage = Http["ChatList"];
export type NotificationPage = Http["NotificationList"];
/** `snippet` is plain text with U+E000 … U+E001 around what was found. */
export type SearchHit = Http["Hit"];
export type SearchPage = Http["Hits"];
export type ServerHealth = Http["ServerHealth"];
export type IntegrityCheck = Http["IntegrityCheck"];
