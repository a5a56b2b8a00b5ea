// Owns the way from node:http to the server and back: a request is read, its answer written. Not here: what is answered.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { writtenForm } from './answer.ts';
import { BadRequest, receivedRequest } from './received.ts';

type Fetch = (request: Request, peerAddress: string) => Promise<Response>;

/** How long the rest of a body that nobody wants may still come in, so that the client can read its answer. */
const UNREAD_BODY_MS = 500;

/** `isEnding`: whether a connection must not be kept for a next request. `onBug`: told of what is no answer. */
export function createListener(
  fetch: Fetch,
  { isEnding, onBug }: { isEnding: () => boolean; onBug: (error: unknown) => void },
): RequestListener {
  return async (incoming, outgoing) => {
    try {
      const request = receivedRequest(incoming);
      const response = await fetch(request, incoming.socket.remoteAddress ?? '');
      if (isEnding()) response.headers.set('connection', 'close');
      await write(outgoing, response);
    } catch (error) {
      if (!(error instanceof BadRequest)) onBug(error);
      giveUp(outgoing, error instanceof BadRequest ? 400 : 500);
    }
    if (!incoming.complete) endOfUnread(incoming);
  };
}

async function write(outgoing: ServerResponse, response: Response): Promise<void> {
  const written = writtenForm(response);
  if (!written) return writeWebResponse(outgoing, response);
  const { lines, content } = written;
  if (content !== null) lines.push('content-length', String(Buffer.byteLength(content)));
  else if (mayHaveContent(response.status)) lines.push('content-length', '0');
  outgoing.writeHead(response.status, lines);
  outgoing.end(content ?? undefined);
}

async function writeWebResponse(outgoing: ServerResponse, response: Response): Promise<void> {
  // Set-Cookie alone may stand on several lines here: the web's headers join all others.
  const lines = [...response.headers].flat();
  const content = Buffer.from(await response.arrayBuffer());
  if (mayHaveContent(response.status)) lines.push('content-length', String(content.length));
  outgoing.writeHead(response.status, lines);
  outgoing.end(content);
}

/** RFC 9110 sections 15.3.5 and 15.4.5: these have none, and no length of it. */
function mayHaveContent(status: number): boolean {
  return status !== 204 && status !== 304;
}

function giveUp(outgoing: ServerResponse, status: number): void {
  if (outgoing.headersSent) outgoing.destroy();
  else outgoing.writeHead(status, ['content-length', '0']).end();
}

/** The answer is on its way, and the client is still sending. */
function endOfUnread(incoming: IncomingMessage): void {
  incoming.resume();
  const timer = setTimeout(() => incoming.socket.destroySoon(), UNREAD_BODY_MS).unref();
  incoming.once('close', () => clearTimeout(timer));
}
