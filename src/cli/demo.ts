import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/config.ts';
import type { Image } from '../core/article.ts';
import type { Delivery } from '../core/delivery.ts';
import { InputError } from '../core/errors.ts';
import { ingest } from '../pipeline/ingest.ts';
import { openRuntime, type Runtime } from '../runtime/open.ts';
import { listenForStop } from '../runtime/shutdown.ts';
import { renderAllPosts, type SandboxPost } from '../sandbox/index.ts';
import { readArticle } from '../sources/index.ts';
import { clearPrefix } from '../store/redis.ts';
import type { Command } from './command.ts';
import { follow } from './follow.ts';
import { openConfig, parseOptions } from './options.ts';
import { lengthBar, placeOf, print, printError, printJson } from './print.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));
const timeoutMs = 60_000;

interface Picture {
  bytes: Buffer;
  mimeType: string;
}

export const command: Command = {
  summary: 'Posts the sample articles on all four simulated platforms, shows them, and ends.',
  usage: 'demo [--json]',

  async run(args) {
    const { values } = parseOptions(args, {});
    const own = openConfig(values.config, { mode: 'sandbox' });
    const stop = listenForStop();
    const folder = await mkdtemp(join(tmpdir(), 'munadi-demo-'));
    const server = await servePictures();
    const close = async (runtime?: Runtime) => {
      await runtime?.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    };
    const runtime = await openDemo(own, folder).catch(async (error) => {
      await close();
      throw error;
    });
    try {
      printError('Redis and the four simulated platforms are running; publishing the sample articles …');
      const started = performance.now();
      const ids: string[] = [];
      for (const file of await sampleFiles()) {
        const draft = readArticle({ bytes: await readFile(file), name: basename(file) });
        const images = await pictureOf(file, server.root);
        const { article, deliveries } = await ingest(runtime.ingest, { ...draft, images });
        printError(`  accepted: ${article.title}`);
        ids.push(...deliveries.map(({ id }) => id));
      }
      const deliveries = await follow(runtime, ids, { timeoutMs, stop });
      const ms = performance.now() - started;
      const { posts, pictures } = await sandboxRecord(runtime);
      const page = await writePage(own.dataDir, posts, pictures);
      const ok = deliveries.length > 0 && deliveries.every(({ state }) => state === 'published');
      if (values.json)
        printJson({
          ok,
          ms: Math.round(ms),
          deliveries: deliveries.map((one) => ({ ...one, post: postOf(one, posts) })),
          page,
        });
      else show(deliveries, posts, ms, page);
      return ok ? 0 : 1;
    } finally {
      await close(runtime);
    }
  },
};

/** The reader's own channels, but everything simulated and in a folder that goes away. */
async function openDemo(own: Config, dataDir: string): Promise<Runtime> {
  const { url, ...redis } = own.redis;
  const config = { ...own, dataDir, redis, fetch: { ...own.fetch, allow: [...own.fetch.allow, '127.0.0.1/32'] } };
  try {
    return await openRuntime(config, { logLevel: 'error' });
  } catch (error) {
    if (url === undefined || !(error instanceof InputError) || error.code !== 'no-redis') throw error;
  }
  // No server program here, but a Redis elsewhere: a corner of it that is cleared afterwards.
  const prefix = `munadi-demo-${randomBytes(6).toString('hex')}`;
  const runtime = await openRuntime({ ...config, redis: { url, prefix } }, { logLevel: 'error' });
  return {
    ...runtime,
    async close() {
      await runtime.close();
      // A connection of its own: the others are gone by now.
      const redis = runtime.connect('fail');
      await clearPrefix(redis, prefix);
      redis.disconnect();
    },
  };
}

async function sampleFiles(): Promise<string[]> {
  const names = await readdir(examples);
  return names
    .filter((name) => /\.(txt|json)$/.test(name))
    .sort()
    .map((name) => join(examples, name));
}

/** A sample's picture and its description, where `images` holds one of its name. */
async function pictureOf(file: string, root: string): Promise<Image[]> {
  const name = parse(file).name;
  const alt = await readFile(join(examples, 'images', `${name}.alt.txt`), 'utf8').catch(() => undefined);
  return alt === undefined ? [] : [{ url: `${root}/images/${name}.png`, alt: alt.trim() }];
}

/** The samples' pictures come over HTTP, through the same guards as anybody's. */
async function servePictures(): Promise<{ root: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const name = request.url?.match(/^\/images\/([\w-]+\.png)$/)?.[1];
    const bytes = name ? await readFile(join(examples, 'images', name)).catch(() => undefined) : undefined;
    response.writeHead(bytes ? 200 : 404, { 'content-type': 'image/png' }).end(bytes);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    root: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** What the platforms themselves say they received, and the pictures that came with it, by hash. */
async function sandboxRecord(runtime: Runtime): Promise<{ posts: SandboxPost[]; pictures: Map<string, Picture> }> {
  const roots = (await runtime.sandbox())?.roots() ?? {};
  const lists = await Promise.all(
    Object.values(roots).map(async (root) => (await (await fetch(`${root}/_sandbox/posts`)).json()) as SandboxPost[]),
  );
  const posts = lists.flat();
  const pictures = new Map<string, Picture>();
  for (const { platform, media } of posts) {
    for (const { sha256, mimeType } of media) {
      if (!sha256 || pictures.has(sha256)) continue;
      const answer = await fetch(`${roots[platform]}/_sandbox/media/${sha256}`);
      if (answer.ok) pictures.set(sha256, { bytes: Buffer.from(await answer.arrayBuffer()), mimeType });
    }
  }
  return { posts, pictures };
}

/** One page that needs nothing beside it. */
async function writePage(folder: string, posts: SandboxPost[], pictures: Map<string, Picture>): Promise<string> {
  await mkdir(folder, { recursive: true });
  const page = join(folder, 'demo.html');
  await writeFile(
    page,
    renderAllPosts(posts, (_platform, sha256) => pictures.get(sha256)),
  );
  return page;
}

function postOf(
  { remoteId, platform }: Delivery,
  posts: SandboxPost[],
): Omit<SandboxPost, 'raw' | 'media'> | undefined {
  const found = posts.find((post) => post.platform === platform && post.id === remoteId);
  if (!found) return undefined;
  const { raw: _raw, media: _media, ...post } = found;
  return post;
}

function show(deliveries: Delivery[], posts: SandboxPost[], ms: number, page: string): void {
  for (const delivery of deliveries) {
    const post = postOf(delivery, posts);
    print(`\n── ${delivery.channel} · ${placeOf(delivery.sandbox)} · ${delivery.state}`);
    if (!post) print(`   ${delivery.failure?.reason ?? 'the sandbox has no such post'}`);
    else print(`${post.text}\n   ${lengthBar(post.length, post.limit)} · receipt ${post.id}`);
  }
  const live = deliveries.filter(({ state }) => state === 'published').length;
  print(
    `\n${live} of ${deliveries.length} posts are live on ${new Set(deliveries.map(({ platform }) => platform)).size} simulated platforms, ${(ms / 1000).toFixed(1)} s after the first article came in.`,
  );
  print('Nothing left this machine. All posts, as readers see them:');
  print(page);
}
