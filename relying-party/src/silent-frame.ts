// Owns: the hidden frame that asks the provider without showing anything, and the answer of the silent callback in it.
// Does not own: what is asked and what the answer means (protocol.ts, browser.ts).
import { SignInError } from './sign-in-error.ts';

const MESSAGE_TYPE = 'gatehouse-silent-callback';
// A page that has loaded without answering is an error page: the silent callback answers while it loads.
const PATIENCE_AFTER_LOAD_MS = 3_000;

/** Loads the URL in a hidden frame and resolves with the query that the silent callback received. */
export function askInHiddenFrame(url: string, timeoutMs: number): Promise<URLSearchParams> {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.title = 'Session renewal';
  // Scripts and its own origin it needs; navigating this page or opening windows it must not.
  frame.setAttribute('sandbox', 'allow-scripts allow-same-origin');

  return new Promise((resolve, reject) => {
    const giveUp = (detail: string) => () => {
      finish();
      reject(new SignInError('silent_timeout', { detail }));
    };
    let timer = setTimeout(giveUp(`The hidden frame gave no answer within ${timeoutMs / 1000} s.`), timeoutMs);
    const onLoad = () => {
      clearTimeout(timer);
      timer = setTimeout(
        giveUp('The hidden frame loaded a page that is not the silent callback.'),
        PATIENCE_AFTER_LOAD_MS,
      );
    };
    const finish = () => {
      clearTimeout(timer);
      removeEventListener('message', onMessage);
      frame.remove();
    };
    const onMessage = (event: MessageEvent) => {
      if (event.source !== frame.contentWindow || event.origin !== location.origin) return;
      const data = event.data as { type?: unknown; query?: unknown } | null;
      if (data?.type !== MESSAGE_TYPE || typeof data.query !== 'string') return;
      finish();
      resolve(new URLSearchParams(data.query));
    };
    addEventListener('message', onMessage);
    frame.addEventListener('load', onLoad);
    frame.src = url;
    document.body.append(frame);
  });
}

/** Called by the silent callback's page: hands its query to the page that opened the frame, and to no other origin. */
export function answerFromHiddenFrame(): void {
  if (window.parent === window) return;
  window.parent.postMessage({ type: MESSAGE_TYPE, query: location.search }, location.origin);
}
