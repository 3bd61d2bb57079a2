/** Limits to what a channel takes; an absent list takes all. */
export interface ChannelFilters {
  language?: string[];
  section?: string[];
  tag?: string[];
  priority?: string[];
}

/** A named place to publish to. `settings` are the platform's own keys, already validated by its channel schema. */
export interface Channel<Settings = Record<string, unknown>> {
  id: string;
  platform: string;
  /** Id of the account it posts with. */
  account: string;
  /** Language of the template and digits; absent: the article's own. */
  language?: string;
  filters: ChannelFilters;
  /** Deliveries older than this are discarded rather than sent late; absent: never. */
  staleAfterMs?: number;
  /** What happens to a delivery that may or may not be live: wait for a person, or send again. */
  unconfirmed: 'hold' | 'resend';
  settings: Settings;
}

/** A set of credentials for one platform. */
export interface Account<Settings = Record<string, unknown>> {
  id: string;
  platform: string;
  /** Base address of the platform's API, without a trailing slash; absent: the real one (or, in the sandbox, its own). */
  apiRoot?: string;
  /** True where posts go to the built-in sandbox. */
  sandbox: boolean;
  /** The platform's own keys, already validated by its account schema. For a sandbox account: the example's. */
  settings: Settings;
}
