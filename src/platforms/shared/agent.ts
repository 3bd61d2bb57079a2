import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type CallState, calls } from './call.ts';
import { idleSocketMs } from './http.ts';

type AddRequest = (request: ClientRequest, ...rest: unknown[]) => void;

/**
 * An agent for clients built on Node's own `http`, which keeps connections but uses none again that has idled. It tells
 * the running call whether its request could leave, and the status of the answer: things that the SDKs keep to themselves.
 */
export function createAgent(apiRoot: string): http.Agent {
  const agent = apiRoot.startsWith('https:')
    ? new https.Agent({ keepAlive: true })
    : new http.Agent({ keepAlive: true });
  const idleSince = new WeakMap<object, number>();
  agent.on('free', (socket: Socket) => {
    idleSince.set(socket, performance.now());
    setTimeout(() => {
      if (isFree(agent, socket) && isIdle(socket)) socket.destroy();
    }, idleSocketMs + 1).unref();
  });
  const isIdle = (socket: object) => performance.now() - (idleSince.get(socket) ?? 0) > idleSocketMs;
  // Every request of an agent comes through this method; there is no public hook that names the request.
  const inner = agent as unknown as { addRequest: AddRequest };
  const add = inner.addRequest.bind(agent);
  inner.addRequest = (request, ...rest) => {
    const call = calls.getStore();
    if (call) watch(request, call);
    // Timers are late where the process was busy.
    for (const socket of Object.values(agent.freeSockets).flat()) if (socket && isIdle(socket)) socket.destroy();
    add(request, ...rest);
  };
  return agent;
}

function isFree(agent: http.Agent, socket: Socket): boolean {
  return Object.values(agent.freeSockets).some((list) => list?.includes(socket));
}

function watch(request: ClientRequest, call: CallState): void {
  request.once('socket', (socket) => {
    if (request.reusedSocket) call.written = true;
    else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => (call.written = true));
  });
  request.once('response', (response: IncomingMessage) => {
    call.status = response.statusCode;
    response.once('close', () => {
      if (!response.complete) call.onBroken?.();
    });
  });
}
