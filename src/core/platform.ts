import type { z } from 'zod';
import type { ApprovedTemplate, UsedTemplate } from './approved-template.ts';
import type { Article } from './article.ts';
import type { Account, Channel, CorrectionWay } from './channel.ts';
import type { RateRule, Usage } from './limits.ts';
import type { PictureRules } from './picture.ts';
import type { LengthUnit, Media, Post, PostPart, Receipt } from './post.ts';
import type { Subscriptions } from './subscriber.ts';
import type { TokenStore } from './tokens.ts';
import type { PlatformEvent } from './told.ts';

export type {
  InboundMessage,
  PlatformEvent,
  Preference,
  StatusReport,
} from './told.ts';

/** Limits of one outgoing call. */
export interface Call {
  /** Aborts the call; the request must end, and its socket with it, when this fires. */
  signal: AbortSignal;
  /** Called once, synchronously, right before the first byte of the request leaves. May throw: then nothing is sent. */
  beforeWrite?: () => void;
  /** A connection may be used that served another request moments ago: one of thousands of messages, a list's say. */
  reuse?: boolean;
  /** Told what the answer to an accepted request says of the platform's limits. */
  onUsage?: (usage: Usage) => void;
}

/** Everything needed to send one part of a composed post. */
export interface SendRequest<ChannelSettings = Record<string, unknown>> {
  deliveryId: string;
  post: Post;
  /** Index into `post.parts`. */
  part: number;
  channel: Channel<ChannelSettings>;
  /** WhatsApp: the one person this goes to. */
  recipient?: string;
  /** The part's pictures, fetched; empty where it has none. */
  media: Media[];
  /** What `upload` returned for `media`, in order; empty where the platform has no `upload`. */
  uploads: string[];
  /** Receipts of the parts before this one. */
  earlier: Receipt[];
  /** A message of ours that the first part is a reply to, where the platform has replies. */
  replyTo?: Receipt;
}

/** A live message that is to show something else. */
export interface EditRequest<ChannelSettings = Record<string, unknown>> {
  channel: Channel<ChannelSettings>;
  recipient?: string;
  /** The message, as the platform told of it when it was sent. */
  live: Receipt;
  /** What it was sent as: whether it has a picture decides how it can be changed. */
  before: PostPart;
  post: Post;
  /** Index into `post.parts`: what it is to show. Its pictures are those it has. */
  part: number;
}

/** A live message that is to go. */
export interface RemoveRequest<ChannelSettings = Record<string, unknown>> {
  channel: Channel<ChannelSettings>;
  recipient?: string;
  /** The message, as the platform told of it when it was sent. */
  live: Receipt;
}

/** A part of a post that may be live: what to look for. */
export interface FindRequest<ChannelSettings = Record<string, unknown>> {
  /** The post as it was when the part was sent. */
  post: Post;
  /** Index into `post.parts`. */
  part: number;
  channel: Channel<ChannelSettings>;
  /** Receipts of the parts before this one. */
  earlier: Receipt[];
  /** The message that the first part is a reply to. */
  replyTo?: Receipt;
  /** When the first attempt at this part began whose end nobody knows (epoch ms). */
  sinceMs: number;
}

/** How a platform calls us. */
export interface Webhook<AccountSettings = Record<string, unknown>> {
  /** Keys that the account lacks, without which nothing can come in for it. */
  missing(account: Account<AccountSettings>): string[];
  /** The answer to the platform's handshake (a GET with this query); undefined where it is to be refused. */
  challenge(
    query: Readonly<Record<string, unknown>>,
    accounts: readonly Account<AccountSettings>[],
  ): string | undefined;
  /** True where the raw body is signed by one of the accounts. In a time that tells nothing. */
  isAuthentic(
    body: Uint8Array,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    accounts: readonly Account<AccountSettings>[],
  ): boolean;
  /** What events call the account's number; undefined where it has none. */
  numberOf(account: Account<AccountSettings>): string | undefined;
  /** The events in a parsed body, in its order; what is of no use to us is left out. Never throws. */
  events(body: unknown): PlatformEvent[];
}

/** What a person is answered. */
export interface Answer {
  text: string;
  /** What the person may say next: `id` comes back as `choice` of the message. */
  choices?: readonly { id: string; title: string }[];
}

/** An open account: sends posts. Throws only `PublishError`s on purpose; anything else is read as "maybe posted". */
export interface Publisher<ChannelSettings = Record<string, unknown>> {
  /** Uploads pictures ahead of the publishing request. May be repeated. Absent where pictures travel in the request. */
  upload?(request: Omit<SendRequest<ChannelSettings>, 'uploads'>, call: Call): Promise<string[]>;
  /** Exactly one publishing request; resolves once the platform has accepted it, with the id it gave. */
  send(request: SendRequest<ChannelSettings>, call: Call): Promise<Receipt>;
  /**
   * Posts of ours on the platform that are this part, as far as it shows them: same text (links expanded, white space
   * and forms of characters aside), same place in the thread, created since the attempt (within a minute, as clocks
   * differ). Oldest first; `at` is the platform's time. Publishes nothing. Absent where a platform cannot be asked.
   */
  find?(request: FindRequest<ChannelSettings>, call: Call): Promise<Receipt[]>;
  /**
   * Makes a live message show another text, with one request. May be repeated: one that shows it already is a success.
   * Throws `RejectedError` with code `gone` where the message is not there any more, `too-late` where the platform does
   * not let it be changed any more, and `text-too-long`, with nothing sent, where it cannot hold the text. Absent where a platform has no edits worth relying on.
   */
  edit?(request: EditRequest<ChannelSettings>, call: Call): Promise<Receipt>;
  /**
   * Takes a live message away, with one request. May be repeated: one that is gone is a success. Throws `RejectedError`
   * with code `too-late` where the platform does not let it be removed any more. Absent where nothing can be removed.
   */
  remove?(request: RemoveRequest<ChannelSettings>, call: Call): Promise<Receipt>;
  /**
   * Writes plain text for operators into a chat, as `chat` of a channel names it. May be repeated. Absent where nobody
   * can be told that way.
   */
  notify?(chat: string, text: string, call: Call): Promise<void>;
  /** The forms that the platform keeps for the account, whatever their state. Absent where there are none. */
  templates?(call: Call): Promise<ApprovedTemplate[]>;
  /**
   * Answers a person who wrote a moment ago with free text; `choices` become buttons where the platform has room for them.
   * Exactly one request. Absent where people do not write to us.
   */
  answer?(to: string, answer: Answer, call: Call): Promise<void>;
  /** Asks the platform who we are; resolves to a name for people. Publishes nothing. */
  identify(call: Call): Promise<string>;
  /** Frees sockets. */
  close(): Promise<void>;
}

/** People who are named in the configuration, or those who subscribed to the account. */
export type Audience = { people: readonly string[] } | 'subscribers';

/** The same channel as different people see it. */
export interface AudienceForms<ChannelSettings = Record<string, unknown>> {
  /**
   * `template`: an approved template to everybody; `text`: free text to everybody; `window`: free text to whoever wrote
   * within the platform's window, the template to the others.
   */
  mode: 'template' | 'text' | 'window';
  /** As free text; absent with `template`. */
  text?: Channel<ChannelSettings>;
  /** With the template for everybody whose language has none. */
  template: Channel<ChannelSettings>;
  /** With templates by language code, such as `ar`. */
  languages: Readonly<Record<string, Channel<ChannelSettings>>>;
}

/** What an open account may use of ours. */
export interface Tools {
  tokens: TokenStore;
}

/** One publishing platform: everything the rest of the program knows of it. */
export interface Platform<AccountSettings = Record<string, unknown>, ChannelSettings = Record<string, unknown>> {
  /** Equal to the file's name in `src/platforms`. */
  id: string;
  /** For people. */
  name: string;
  /** What the platform counts, and up to how many. */
  limits: { text: number; caption: number; unit: LengthUnit };
  /** What this platform takes as a picture. */
  media: PictureRules;
  /** Keys of an account beside `platform` and `apiRoot`. Every credential is optional here; `credentials` says what makes a full set. */
  account: z.ZodType<AccountSettings> & { shape: Record<string, z.ZodType> };
  /** Account keys that are secrets: kept out of logs, and the sign that an account is meant to be live. */
  secrets: readonly string[];
  /** Sets of account keys, any one of which is enough to be live. */
  credentials: readonly (readonly string[])[];
  /** Keys of a channel beside the common ones. */
  channel: z.ZodType<ChannelSettings> & { shape: Record<string, z.ZodType> };
  /** A working example, used for the sandbox's accounts, the docs and the contract tests. */
  example: { account: AccountSettings; channel: ChannelSettings };
  /** Channel keys that say where a post goes, not what it says: channels that differ only in these share one composed post. */
  targetKeys: readonly string[];
  /** The people a channel writes to one by one; undefined (or absent) where it is one wall, or has an audience. */
  recipients?(channel: Channel<ChannelSettings>): readonly string[] | undefined;
  /** The people a channel writes to by a fan-out; undefined (or absent): it has none. */
  audience?(channel: Channel<ChannelSettings>): Audience | undefined;
  /** What a channel with an audience says to whom. */
  forms?(channel: Channel<ChannelSettings>): AudienceForms<ChannelSettings>;
  /** The limits that it sets to posting. */
  rates: readonly RateRule[];
  /**
   * Whose limit of the rule `rule` a delivery counts against: the same text for the same bot, chat, user or person, in
   * all processes. Undefined where the rule does not hold for it. Holds no secret.
   */
  rateKey(
    rule: string,
    of: { account: Account<AccountSettings>; channel: Channel<ChannelSettings>; recipient: string | undefined },
  ): string | undefined;
  /** How a live post can be corrected here, best first: the first is the default of its channels. */
  corrections: readonly CorrectionWay[];
  /** What posts cost; absent where they cost nothing. */
  pricing?: {
    /** Whether the config may name a price so. */
    isName(name: string): boolean;
    /**
     * Price of one part, in the currency of `prices`; what is not set there is as published. By the final text.
     * `template`: it fills an approved form.
     */
    priceOf(
      part: PostPart,
      of: { recipient: string | undefined; template: boolean; prices: Readonly<Record<string, number>> },
    ): number;
    /** Price of taking one message away; absent: nothing. */
    removal?(prices: Readonly<Record<string, number>>): number;
    /** The same channel without links, where that is cheaper. */
    cheaper?(channel: Channel<ChannelSettings>): Channel<ChannelSettings>;
  };
  /** The visible length of a text by the platform's own rule. */
  measure(text: string): { length: number; limit: number; unit: LengthUnit; valid: boolean };
  /** The built-in post template (LiquidJS). */
  layout: string;
  /** Channels with these settings fill an approved form instead, and use no post template; absent: all use one. */
  usesLayout?(settings: ChannelSettings): boolean;
  /** The approved forms that a channel fills, the usual one first; absent: channels fill none. */
  templatesOf?(channel: Channel<ChannelSettings>): readonly UsedTemplate[];
  /** The account's key that says where the platform keeps its forms; what it tells of these names that value. */
  businessKey?: keyof AccountSettings & string;
  /** Where templates are written in a markup that is checked: how a value is made harmless in it, and what is seen of it. */
  markup?: { escape(value: string): string; visible(markup: string): { text: string; problem?: string; tag?: string } };
  /** Whether a post of this channel cannot be sent without a picture; absent: none of them needs one. */
  needsPicture?(channel: Channel<ChannelSettings>): boolean;
  /** The post this platform would show. Pure: same input, same post. An article without images gives a post without media. */
  compose(article: Article, channel: Channel<ChannelSettings>): Post;
  /** How the platform calls us with what became of a message; absent where it does not. */
  webhook?: Webhook<AccountSettings>;
  /** What people can subscribe to at an account by message; undefined: nobody can. Absent where a platform has no lists. */
  subscriptions?(account: Account<AccountSettings>): Subscriptions | undefined;
  /** What is understood of people at accounts where nobody can subscribe: that they want nothing. */
  unsubscribing?: Subscriptions;
  /** The remote id in the address of a post, or in what a person may paste for it; undefined where it is none. */
  remoteIdOf?(text: string): string | undefined;
  /**
   * How long a live account goes on with what is configured, where that is not for ever: whether its tokens are renewed,
   * and a sentence for an operator.
   */
  renewal?(settings: AccountSettings): { renewed: boolean; detail: string } | undefined;
  /** Opens an account. `account.apiRoot` is set for the sandbox. Opens no socket yet. Without `tools` no token is renewed. */
  open(account: Account<AccountSettings>, tools?: Tools): Publisher<ChannelSettings>;
}
