import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { type CallState, calls } from './call.ts';

type AddRequest = (request: ClientRequest, ...rest: unknown[]) => void;

/**
 * An agent for clients built on Node's own `http`. Each request has a connection of its own: one on a connection that the
 * server is closing at that moment would be a "maybe". It tells the running call whether its request could leave, and the
 * status of the answer: things that the SDKs keep to themselves.
 */
export function createAgent(apiRoot: string): Agent {
  // An `import` of these would have Node load its own `fetch` with them, at the start of every process.
  const https = process.getBuiltinModule('node:https');
  const http = process.getBuiltinModule('node:http');
  const agent = apiRoot.startsWith('https:') ? new https.Agent({ keepAlive: false }) : new http.Agent();
  // Every request of an agent comes through this method; there is no public hook that names the request.
  const inner = agent as unknown as { addRequest: AddRequest };
  const add = inner.addRequest.bind(agent);
  inner.addRequest = (request, ...rest) => {
    const call = calls.getStore();
    if (call) watch(request, call);
    add(request, ...rest);
  };
  return agent;
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
