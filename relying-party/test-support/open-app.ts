// Owns: an application opened in a fake tab, for the tests of sign-in. Does not own: the tab and the provider.
import { createSignIn, SignInError, type SignInOptions } from '../src/browser.ts';
import { createFakeBrowser } from './fake-browser.ts';
import { createFakeProvider } from './fake-provider.ts';
import { CLIENT_ID, ISSUER } from './signing-provider.ts';

/** A provider, a browser, and how an application is opened and signed in there. */
export async function createWorld() {
  const provider = await createFakeProvider();
  const browser = createFakeBrowser(provider);

  function open(path = '/', options: Partial<SignInOptions> = {}) {
    const tab = browser.openTab(path);
    const app = createSignIn({ issuer: ISSUER, clientId: CLIENT_ID, ...options }, tab.page);
    const heard: string[] = [];
    const reasons: SignInError[] = [];
    app.on('changed', ({ user, session }) => heard.push(`changed ${user?.subject ?? 'nobody'} ${session?.obtainedBy}`));
    app.on('expired', ({ reason }) => {
      heard.push('expired');
      reasons.push(reason);
    });
    app.on('error', ({ error }) => heard.push(`error ${error.code}`));
    return { tab, app, heard, reasons };
  }

  async function signedIn(path?: string, options?: Partial<SignInOptions>) {
    const opened = open(path, options);
    await opened.app.signIn();
    opened.tab.comeBack();
    await opened.app.handleCallback();
    return opened;
  }

  return { provider, open, signedIn };
}

export async function failure(task: Promise<unknown>): Promise<SignInError> {
  const outcome = await task.then(
    () => 'no failure',
    (error: unknown) => error,
  );
  if (!(outcome instanceof SignInError)) throw new Error(`expected a SignInError, got ${String(outcome)}`);
  return outcome;
}
