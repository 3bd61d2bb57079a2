import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { z } from 'zod';
import { readBody } from './body.ts';
import { putBounded } from './bounded.ts';
import { type Controls, control, isControl } from './control.ts';
import { createFaults, type FaultPlanInput, faultPlan, type RequestKind } from './faults.ts';
import { createLimits, type LimitsPlan } from './limits.ts';
import { misbehave, send } from './misbehave.ts';
import { stopSignal } from './pause.ts';
import type { SandboxPost } from './post.ts';
import { openRecord, type SandboxRecord } from './record.ts';
import { createRequestLog } from './request-log.ts';
import type { SandboxAnswer, SandboxRequest, SandboxSite, Simulation } from './simulation.ts';

export interface SandboxServer {
  root: string;
  record: SandboxRecord;
  /** Throws a `ZodError` where the plan is not one. */
  setFaults(plan: FaultPlanInput): void;
  /** The platform's own switches; throws where there are no such. */
  setSettings(settings: unknown): void;
  /** As `PUT /_sandbox/limits` takes them; throws where they are none. */
  setLimits(limits: LimitsPlan): void;
  /** Forgets posts, requests, faults, limits and switches. */
  reset(): void;
  close(): Promise<void>;
}

/** Serves one simulated platform on a port (0: a free one). `file` keeps what it accepted. */
export async function serve(
  simulate: (site: SandboxSite) => Simulation,
  { host, port, file }: { host: string; port: number; file?: string | undefined },
): Promise<SandboxServer> {
  const record = openRecord(file);
  const log = createRequestLog();
  const sockets = new Map<Socket, NodeJS.Timeout | undefined>();
  let root = '';
  let plan = faultPlan.parse({});
  let faultFor = createFaults(plan);
  let waiting = stopSignal();

  const site: SandboxSite = {
    record,
    root: () => root,
    plan: () => plan,
    isListed: ({ at }) => Date.now() - Date.parse(at) >= (plan.readLagMs ?? 0),
    accept(post) {
      const full: SandboxPost = {
        platform: simulation.platform,
        url: `${root}/p/${post.id.split('/').map(encodeURIComponent).join('/')}`,
        at: new Date().toISOString(),
        ...post,
      };
      record.add(full);
      return full;
    },
    settings: {},
  };
  const simulation = simulate(site);

  const limits = createLimits(simulation.limits);
  const addresses = createAddresses();

  const controls: Controls = {
    limits,
    platform: simulation.platform,
    record,
    log,
    plan: () => plan,
    setFaults(next) {
      plan = next;
      faultFor = createFaults(plan);
    },
    door: (request) => simulation.door?.(request),
    putSettings(next) {
      const result = (simulation.settings ?? z.strictObject({})).safeParse(next);
      if (!result.success) return result.error.issues;
      Object.assign(site.settings, result.data);
      return undefined;
    },
    reset() {
      waiting.abort();
      waiting = stopSignal();
      record.clear();
      log.clear();
      simulation.reset?.();
      limits.reset();
      controls.setFaults(faultPlan.parse({}));
      for (const key of Object.keys(site.settings)) delete site.settings[key];
    },
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    closeWhenIdle(request.socket, response);
    answer(request, response).catch((error: Error) => {
      if (!response.headersSent) send(response, { status: 500, json: { sandbox: 'broken', reason: error.message } });
      else response.destroy();
    });
  });
  server.on('connection', (socket) => {
    sockets.set(socket, undefined);
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(sockets.get(socket));
      sockets.delete(socket);
    });
  });

  /** Not by `keepAliveTimeout`: that one announces itself to the client, which real servers seldom do. */
  function closeWhenIdle(socket: Socket, response: ServerResponse): void {
    clearTimeout(sockets.get(socket));
    response.once('finish', () => {
      const { idleCloseMs } = plan;
      if (idleCloseMs === undefined || socket.destroyed) return;
      sockets.set(
        socket,
        setTimeout(() => socket.destroy(), idleCloseMs),
      );
    });
  }

  /** What comes too early never reaches the platform's rules, and so neither the record. */
  function respond(request: SandboxRequest, kind: RequestKind): { result: SandboxAnswer; accepted: boolean } {
    const now = Date.now();
    const counted = kind === 'publish' || kind === 'change' ? simulation.counted(request) : undefined;
    const early = counted && limits.check(counted, now);
    if (early) return { result: simulation.tooEarly(early), accepted: false };
    const result = simulation.handle(request);
    const isTaken = counted !== undefined && result.status < 300;
    if (isTaken) limits.grant(counted, now);
    const accepted = isTaken && kind === 'publish';
    const headers = { ...result.headers, ...simulation.usage?.(request, limits) };
    return { result: { ...result, headers }, accepted };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: target = '/', method = 'GET' } = request;
    const url = addresses.read(target);
    if (url && isControl(url.pathname)) return control(url, request, response, controls);
    const body = await readBody(request);
    if (body === undefined) return void response.destroy();
    if (body === 'too-large') return send(response, simulation.refusal({ status: 413 }));
    if (!url) return send(response, simulation.refusal({ status: 400 }));
    const parsed: SandboxRequest = {
      ...body,
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
    };
    const { kind, target: to, endpoint } = simulation.classify(parsed);
    const note = (status: number | null, accepted: boolean) => log.add({ method, endpoint, status, accepted });
    const handle = () => {
      const { result, accepted } = respond(parsed, kind);
      note(result.status, accepted);
      return result;
    };
    const fault = faultFor({ kind, path: parsed.path, target: to });
    if (!fault) return send(response, handle());
    await misbehave(fault, { request, response, handle, note, simulation, signal: waiting.signal });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  root = `http://${host}:${(server.address() as AddressInfo).port}`;
  return {
    root,
    record,
    setFaults: (next) => controls.setFaults(faultPlan.parse(next)),
    setSettings(next) {
      const problems = controls.putSettings(next);
      if (problems) throw new Error(`Not settings of the ${simulation.platform} sandbox: ${JSON.stringify(problems)}`);
    },
    setLimits(next) {
      const problems = limits.put(next);
      if (problems) throw new Error(`Not limits of the ${simulation.platform} sandbox: ${JSON.stringify(problems)}`);
    },
    reset: controls.reset,
    close: () =>
      new Promise((resolve) => {
        waiting.abort();
        simulation.close?.();
        record.close();
        server.close(() => resolve());
        for (const socket of sockets.keys()) socket.destroy();
      }),
  };
}

/** Reads addresses; those that come again and again are read once. */
function createAddresses() {
  const known = new Map<string, URL | undefined>();
  return {
    /** Undefined where it is none. What it gives is not to be changed. */
    read(target: string): URL | undefined {
      if (known.has(target)) return known.get(target);
      const url = URL.canParse(target, 'http://sandbox') ? new URL(target, 'http://sandbox') : undefined;
      putBounded(known, target, url, 100);
      return url;
    },
  };
}
