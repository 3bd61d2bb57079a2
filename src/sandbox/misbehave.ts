import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from './faults.ts';
import { pause } from './pause.ts';
import type { SandboxAnswer, Simulation } from './simulation.ts';

/** One request that a fault strikes. */
export interface Turn {
  request: IncomingMessage;
  response: ServerResponse;
  /** Runs the platform's rules; accepts what they allow. */
  handle(): SandboxAnswer;
  note(status: number | null, accepted: boolean): void;
  simulation: Simulation;
  /** Aborts where the sandbox is reset or closed: what waits is dropped. */
  signal: AbortSignal;
}

/** Answers in a fault's way, or not at all. */
export async function misbehave(fault: Fault, turn: Turn): Promise<void> {
  const { request, response, handle, note, simulation, signal } = turn;
  switch (fault.kind) {
    case 'delay':
      if (await pause(fault.ms, signal)) return send(response, handle());
      return void response.destroy();
    case 'refuse':
      return refuse(fault, turn);
    case 'expired-token': {
      const own = simulation.expiredToken();
      note(own.status, false);
      return send(response, own);
    }
    case 'reset-before':
      note(null, false);
      return void request.socket.resetAndDestroy();
    case 'reset-after':
      handle();
      return void request.socket.resetAndDestroy();
    case 'error-before':
    case 'error-after':
      if (fault.kind === 'error-after') handle();
      else note(fault.status, false);
      return sendPage(response, fault.status, 'Bad gateway');
    case 'garbage':
      return garbage(fault, turn);
    case 'hang':
      if (fault.accept) handle();
      else note(null, false);
      return;
    case 'slow-drip': {
      if (fault.accept) handle();
      else note(200, false);
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => (response.destroyed ? clearInterval(drip) : response.write(' ')), fault.ms);
      return;
    }
    case 'late-accept':
      if (await pause(fault.ms, signal)) handle();
      return;
  }
}

function refuse(fault: Extract<Fault, { kind: 'refuse' }>, { response, note, simulation }: Turn): void {
  const own = simulation.refusal(fault);
  const status = fault.body === undefined ? own.status : fault.status;
  note(status, false);
  const headers = { ...own.headers, ...fault.headers };
  if (typeof fault.body !== 'string') send(response, { status, headers, json: fault.body ?? own.json });
  else response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(fault.body);
}

function garbage({ accept, form }: Extract<Fault, { kind: 'garbage' }>, { response, handle, note }: Turn): void {
  const good = accept ? handle() : undefined;
  if (!good) note(200, false);
  if (form === 'html') {
    sendPage(response, 200, 'Welcome to the hotel');
    return;
  }
  const json = JSON.stringify(good?.json ?? { ok: true, result: {} });
  const torn = form === 'empty' ? '' : json.slice(0, Math.ceil(json.length / 2));
  response.writeHead(200, { 'content-type': 'application/json' }).end(torn);
}

function sendPage(response: ServerResponse, status: number, title: string): void {
  response.writeHead(status, { 'content-type': 'text/html' }).end(`<html><body>${title}</body></html>`);
}

/** Sends an answer as JSON. */
export function send(response: ServerResponse, { status, headers, json }: SandboxAnswer): void {
  const body = JSON.stringify(json);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers })
    .end(body);
}
