import { resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { readAlarms } from './alarms.ts';
import type { Config } from './config.ts';
import { readLimits } from './limits.ts';
import { assemble, environment } from './load.ts';
import { readConfigFile } from './read-file.ts';
import { createReport } from './report.ts';
import { settings } from './schema.ts';
import { readSource } from './source.ts';
import { type Environment, substitute } from './substitute.ts';

/** Where a process finds the others: what a configuration says of its own machine. */
export type OwnSettings = Pick<Config, 'file' | 'dataDir' | 'redis' | 'http'>;

/**
 * What a file that cannot be used as a whole says of store and folder, for whoever wants to know what runs there.
 * Undefined where even that cannot be read.
 */
export function findOwnSettings(file: string): OwnSettings | undefined {
  const [text, env] = [readConfigFile(file), environment()];
  if (typeof text !== 'string' || typeof env.line === 'number') return undefined;
  const given = valuesOf(text, env as Environment);
  if (typeof given !== 'object' || given === null) return undefined;
  const { data, redis, http } = given as Record<string, unknown>;
  const parts = {
    data: settings.shape.data.safeParse(data),
    redis: settings.shape.redis.safeParse(redis),
    http: settings.shape.http.safeParse(http),
  };
  if (!parts.data.success || !parts.redis.success) return undefined;
  const { url, prefix } = parts.redis.data;
  return {
    file: resolve(file),
    dataDir: resolve(parts.data.data),
    redis: { prefix, ...(url === undefined ? {} : { url }) },
    http: { host: '127.0.0.1', port: 0 },
  };
}

/** Also of a text that is not quite YAML: as far as it can be understood. */
function valuesOf(text: string, env: Environment): unknown {
  try {
    const document = parseDocument(text, { logLevel: 'silent', prettyErrors: false, schema: 'core', merge: true });
    return substitute(document.toJS({ maxAliasCount: 100 }), env).value;
  } catch {
    return undefined;
  }
}

/** A configuration without accounts and channels, which posts nothing. */
export function bareConfig(own: OwnSettings): Config {
  const bare = settings.parse({ accounts: {}, channels: [undefined] });
  const report = createReport(readSource('{}', own.file), substitute({}, {}));
  const limits = readLimits(bare.limits, {}, report);
  const alarms = readAlarms(bare.alarms, { accounts: {}, mode: undefined }, report);
  const nothing = { accounts: {}, channels: [], budgets: {}, schedules: [], feeds: {}, sources: {} };
  return { ...assemble(own.file, bare, { ...nothing, limits, alarms }), ...own };
}
