import type { Platform } from '../core/platform.ts';
import { facebook } from './facebook.ts';
import { telegram } from './telegram.ts';
import { whatsapp } from './whatsapp.ts';
import { x } from './x.ts';

/** Every platform, by id. A new one is a file beside this and a line here; settings are checked by its own schemas. */
export const platforms: Record<string, Platform> = Object.fromEntries(
  ([telegram, x, whatsapp, facebook] as unknown as Platform[]).map((platform) => [platform.id, platform]),
);
