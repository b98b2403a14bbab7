/** What one tab's live connection is and does for each thing that happens. Pure: no clock, no socket, no chance. */
import type { Limits, LogEntry, Position, PushedFrame } from "../api/wire";
import { afterDrainMs, fullJitterMs } from "./backoff";
import { isEntry } from "./frames";

export const PROTOCOL_VERSION = 1;
const GREETING_TIMEOUT_MS = 10_000;
const PROBE_TIMEOUT_MS = 4_000;
/** A connection that has lasted this long was a good one: the next trouble starts a new count. */
const SETTLED_MS = 10_000;

export type Link =
  | { kind: "idle" }
  | { kind: "connecting"; sinceMs: number; attempt: number }
  | { kind: "greeting"; sinceMs: number; attempt: number }
  | Live
  | { kind: "waiting"; untilMs: number; attempt: number }
  | { kind: "away"; code: number; reason: string };

interface Live {
  kind: "live";
  session: string;
  limits: Limits;
  sinceMs: number;
  attempt: number;
  /** When a heartbeat is due, and when the connection counts as dead because nothing has answered one. */
  beatAtMs: number;
  deadAtMs: number;
}

export interface Following {
  /** What this tab has. */
  position: Position;
  /** `wanted`: to be asked for; `asked`: waits for `subscribed`; `repairing`: the same after a gap; `lost`: only a
   * snapshot helps. */
  phase: "wanted" | "asked" | "following" | "repairing" | "lost";
  head: number;
  /** The offset that a heartbeat found to be behind; still there at the next one means that something was lost. */
  doubtedAt: number | null;
}

export interface Session {
  link: Link;
  channels: Readonly<Record<string, Following>>;
  /** Set by `draining`: when the server wants this client back. */
  comeBackAfterMs: number | null;
}

export type SessionEvent =
  | { type: "start" }
  | { type: "stop" }
  | { type: "opened" }
  | { type: "closed"; code: number; reason: string }
  | { type: "frame"; frame: PushedFrame }
  | { type: "tick" }
  /** The network is back, the tab is visible again, the machine has woken up. */
  | { type: "wake" }
  | { type: "follow"; position: Position }
  | { type: "leave"; channel: string };

export type Effect =
  | { type: "open" }
  | { type: "close" }
  | { type: "send"; frame: object }
  | { type: "deliver"; frame: PushedFrame }
  /** Load the snapshot of this channel and follow it from there. */
  | { type: "lost"; channel: string }
  /** All that was known to be missing in this channel has been delivered. */
  | { type: "caught_up"; channel: string };

export interface Moment {
  nowMs: number;
  /** From 0 to below 1. */
  random: number;
}

export interface Step {
  session: Session;
  effects: Effect[];
}

export const newSession = (): Session => ({ link: { kind: "idle" }, channels: {}, comeBackAfterMs: null });

export function step(session: Session, event: SessionEvent, moment: Moment): Step {
  switch (event.type) {
    case "start":
      return session.link.kind === "idle" || session.link.kind === "away"
        ? connect(session, 0, moment)
        : same(session);
    case "stop":
      return {
        session: { ...session, link: { kind: "idle" } },
        effects: hasSocket(session) ? [{ type: "close" }] : [],
      };
    case "opened":
      return greet(session, moment);
    case "closed":
      return closed(session, event.code, event.reason, moment);
    case "frame":
      return received(session, event.frame, moment);
    case "tick":
      return tick(session, moment);
    case "wake":
      return wake(session, moment);
    case "follow":
      return follow(session, event.position);
    case "leave":
      return leave(session, event.channel);
  }
}

const same = (session: Session, ...effects: Effect[]): Step => ({ session, effects });

const hasSocket = ({ link }: Session) =>
  link.kind === "connecting" || link.kind === "greeting" || link.kind === "live";

function connect(session: Session, attempt: number, { nowMs }: Moment): Step {
  const link: Link = { kind: "connecting", sinceMs: nowMs, attempt };
  return { session: { ...session, link, comeBackAfterMs: null }, effects: [{ type: "open" }] };
}

function greet(session: Session, { nowMs }: Moment): Step {
  if (session.link.kind !== "connecting") return same(session);
  const channels = mapChannels(session, (each) => (each.phase === "lost" ? each : asked(each)));
  const positions = Object.values(channels)
    .filter((each) => each.phase === "asked")
    .map((each) => each.position);
  const hello = { type: "hello", v: PROTOCOL_VERSION, client: "page", channels: positions };
  const link: Link = { kind: "greeting", sinceMs: nowMs, attempt: session.link.attempt };
  return { session: { ...session, link, channels }, effects: [{ type: "send", frame: hello }] };
}

const asked = (each: Following): Following => ({ ...each, phase: "asked", doubtedAt: null });

function mapChannels(session: Session, change: (each: Following) => Following): Record<string, Following> {
  return Object.fromEntries(Object.entries(session.channels).map(([name, each]) => [name, change(each)]));
}

// Ends ---------------------------------------------------------------------------------------------

const isStayAway = (code: number) => code >= 4500 && code <= 4999;

function closed(session: Session, code: number, reason: string, moment: Moment): Step {
  if (!hasSocket(session)) return same(session);
  if (isStayAway(code)) return same({ ...session, link: { kind: "away", code, reason } });
  const { comeBackAfterMs } = session;
  const attempt = nextAttempt(session.link, moment.nowMs);
  const delayMs =
    comeBackAfterMs === null
      ? fullJitterMs(attempt, moment.random)
      : afterDrainMs(comeBackAfterMs, moment.random);
  return same({ ...session, link: { kind: "waiting", untilMs: moment.nowMs + delayMs, attempt } });
}

function nextAttempt(link: Link, nowMs: number): number {
  if (link.kind === "live" && nowMs - link.sinceMs >= SETTLED_MS) return 0;
  return "attempt" in link ? link.attempt + 1 : 0;
}

function giveUp(session: Session, moment: Moment): Step {
  const { session: waiting } = closed(session, 1006, "No answer came.", moment);
  return { session: waiting, effects: [{ type: "close" }] };
}

// Time ---------------------------------------------------------------------------------------------

function tick(session: Session, moment: Moment): Step {
  const { link } = session;
  switch (link.kind) {
    case "idle":
    case "away":
      return same(session);
    case "waiting":
      return moment.nowMs >= link.untilMs ? connect(session, link.attempt, moment) : same(session);
    case "connecting":
    case "greeting":
      return moment.nowMs - link.sinceMs >= GREETING_TIMEOUT_MS ? giveUp(session, moment) : same(session);
    case "live":
      if (moment.nowMs >= link.deadAtMs) return giveUp(session, moment);
      return moment.nowMs >= link.beatAtMs ? beat(session, link, moment, answerTimeMs(link)) : same(session);
  }
}

/** A heartbeat goes out every interval; with one and a half more for its answer a silence lasts 2.5 intervals at most. */
const answerTimeMs = (link: Live) => link.limits.heartbeatIntervalMs * 1.5;

function beat(session: Session, link: Live, { nowMs }: Moment, withinMs: number): Step {
  const beaten: Live = {
    ...link,
    beatAtMs: nowMs + link.limits.heartbeatIntervalMs,
    deadAtMs: Math.min(link.deadAtMs, nowMs + withinMs),
  };
  return { session: { ...session, link: beaten }, effects: [{ type: "send", frame: { type: "heartbeat" } }] };
}

function wake(session: Session, moment: Moment): Step {
  const { link } = session;
  if (link.kind === "waiting") return connect(session, link.attempt, moment);
  if (link.kind === "live") return beat(session, link, moment, PROBE_TIMEOUT_MS);
  const isStuck = hasSocket(session) && "sinceMs" in link && moment.nowMs - link.sinceMs > PROBE_TIMEOUT_MS;
  if (!isStuck) return same(session);
  const again = connect(session, "attempt" in link ? link.attempt : 0, moment);
  return { session: again.session, effects: [{ type: "close" }, ...again.effects] };
}

/** When `tick` has something to do next; null when nothing is to be waited for. */
export function nextTickMs({ link }: Session): number | null {
  switch (link.kind) {
    case "idle":
    case "away":
      return null;
    case "waiting":
      return link.untilMs;
    case "connecting":
    case "greeting":
      return link.sinceMs + GREETING_TIMEOUT_MS;
    case "live":
      return Math.min(link.beatAtMs, link.deadAtMs);
  }
}

// Frames -------------------------------------------------------------------------------------------

function received(session: Session, frame: PushedFrame, moment: Moment): Step {
  if (frame.type === "welcome") return welcomed(session, frame, moment);
  if (session.link.kind !== "live") return same(session); // before the welcome: the plain forms, not meant for us
  const heard: Session = { ...session, link: { ...session.link, deadAtMs: Number.POSITIVE_INFINITY } };
  return isEntry(frame) ? entry(heard, frame) : engineFrame(heard, frame, moment);
}

type Frame<T extends PushedFrame["type"]> = Extract<PushedFrame, { type: T }>;

function welcomed(session: Session, frame: Frame<"welcome">, { nowMs }: Moment): Step {
  if (session.link.kind !== "greeting") return same(session);
  const link: Live = {
    kind: "live",
    session: frame.session,
    limits: frame.limits,
    sinceMs: nowMs,
    attempt: session.link.attempt,
    beatAtMs: nowMs + frame.limits.heartbeatIntervalMs,
    deadAtMs: Number.POSITIVE_INFINITY,
  };
  const wanted = Object.values(session.channels).filter((each) => each.phase === "wanted");
  const channels = mapChannels(session, (each) => (each.phase === "wanted" ? asked(each) : each));
  const effects = wanted.map(({ position }): Effect => ({ type: "send", frame: subscribeTo(position) }));
  return same({ ...session, link, channels }, { type: "deliver", frame }, ...effects);
}

const subscribeTo = (position: Position) => ({ type: "subscribe", ...position });

function engineFrame(session: Session, frame: PushedFrame, moment: Moment): Step {
  switch (frame.type) {
    case "subscribed":
      return subscribed(session, frame);
    case "unsubscribed":
      return same(session);
    case "snapshot_needed":
      return with_(session, frame.channel, (each) => ({ ...each, phase: "lost" }), {
        type: "lost",
        channel: frame.channel,
      });
    case "heartbeat":
      return compareHeads(session, frame.heads, moment);
    case "revoked":
      return { session: without(session, frame.channel), effects: [{ type: "deliver", frame }] };
    case "draining":
      return same({ ...session, comeBackAfterMs: frame.retryAfterMs }, { type: "deliver", frame });
    case "error":
      return refused(session, frame);
    default:
      return same(session, { type: "deliver", frame });
  }
}

function with_(
  session: Session,
  channel: string,
  change: (each: Following) => Following,
  ...effects: Effect[]
): Step {
  const known = session.channels[channel];
  if (!known) return same(session);
  return { session: { ...session, channels: { ...session.channels, [channel]: change(known) } }, effects };
}

function without(session: Session, channel: string): Session {
  const { [channel]: _gone, ...channels } = session.channels;
  return { ...session, channels };
}

/** A channel that could not be opened is left; the one who follows it hears why and may follow it again. */
function refused(session: Session, frame: Frame<"error">): Step {
  const known = frame.channel ? session.channels[frame.channel] : undefined;
  const isOpening = known?.phase === "asked" || known?.phase === "repairing";
  const left = frame.channel && isOpening ? without(session, frame.channel) : session;
  return same(left, { type: "deliver", frame });
}

// Channels -----------------------------------------------------------------------------------------

function follow(session: Session, position: Position): Step {
  const known = session.channels[position.channel];
  if (known && known.phase !== "lost") return same(session);
  const isLive = session.link.kind === "live";
  const phase = isLive ? "asked" : "wanted";
  const following: Following = { position, phase, head: position.offset, doubtedAt: null };
  const channels = { ...session.channels, [position.channel]: following };
  const effects: Effect[] = isLive ? [{ type: "send", frame: subscribeTo(position) }] : [];
  return { session: { ...session, channels }, effects };
}

function leave(session: Session, channel: string): Step {
  if (!session.channels[channel]) return same(session);
  const isGreeted = session.link.kind === "live" || session.link.kind === "greeting";
  const effects: Effect[] = isGreeted ? [{ type: "send", frame: { type: "unsubscribe", channel } }] : [];
  return { session: without(session, channel), effects };
}

function subscribed(session: Session, frame: Frame<"subscribed">): Step {
  const known = session.channels[frame.channel];
  if (!known || known.phase === "lost") return same(session);
  const position = { ...known.position, epoch: frame.epoch };
  const effects: Effect[] = [{ type: "deliver", frame }];
  if (position.offset >= frame.head) effects.push({ type: "caught_up", channel: frame.channel });
  return with_(
    session,
    frame.channel,
    (each) => ({ ...each, position, phase: "following", head: frame.head }),
    ...effects,
  );
}

function entry(session: Session, frame: LogEntry): Step {
  const known = session.channels[frame.channel];
  if (!known || known.phase === "lost" || frame.offset <= known.position.offset) return same(session);
  if (frame.offset > known.position.offset + 1) return gap(session, known);
  const position = { ...known.position, offset: frame.offset };
  const effects: Effect[] = [{ type: "deliver", frame }];
  if (frame.offset === known.head) effects.push({ type: "caught_up", channel: frame.channel });
  const head = Math.max(known.head, frame.offset);
  return with_(session, frame.channel, (each) => ({ ...each, position, head, doubtedAt: null }), ...effects);
}

function gap(session: Session, known: Following): Step {
  return known.phase === "following" ? repair(session, known) : same(session);
}

/** Leaves and comes again: a second subscribe alone would change nothing (rule SUB4). */
function repair(session: Session, { position }: Following): Step {
  return with_(
    session,
    position.channel,
    (each) => ({ ...each, phase: "repairing", doubtedAt: null }),
    { type: "send", frame: { type: "unsubscribe", channel: position.channel } },
    { type: "send", frame: subscribeTo(position) },
  );
}

/** Finds what was lost in silence. Entries may still be on their way, so a first difference is only asked about. */
function compareHeads(session: Session, heads: Record<string, number>, moment: Moment): Step {
  let result = same(session);
  let isInDoubt = false;
  for (const known of Object.values(session.channels)) {
    if (known.phase !== "following") continue;
    const head = heads[known.position.channel];
    if (head === known.position.offset) continue;
    const isStuck = head === undefined || known.doubtedAt === known.position.offset;
    const next = isStuck ? repair(result.session, known) : doubt(result.session, known);
    isInDoubt ||= !isStuck;
    result = { session: next.session, effects: [...result.effects, ...next.effects] };
  }
  return isInDoubt ? askAgain(result, moment) : result;
}

function doubt(session: Session, known: Following): Step {
  return with_(session, known.position.channel, (each) => ({ ...each, doubtedAt: each.position.offset }));
}

function askAgain({ session, effects }: Step, moment: Moment): Step {
  if (session.link.kind !== "live") return { session, effects };
  const asked = beat(session, session.link, moment, answerTimeMs(session.link));
  return { session: asked.session, effects: [...effects, ...asked.effects] };
}
