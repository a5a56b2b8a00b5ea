// Owns the pages of the device flow: type the code, decide, done. Not here: what they lead to (activate.ts).
import { html } from 'hono/html';
import type { Env } from '../core/env.ts';
import { type Markup, page } from '../http/page.ts';

export function userCodePage(
  env: Env,
  parts: {
    typed: string;
    csrf: string;
    problem?: string;
    status?: number;
    headers?: Record<string, string>;
    cookies: readonly string[];
  },
): Response {
  const { typed, csrf, problem, status, headers, cookies } = parts;
  const title = 'Connect a device';
  return page(env, {
    title: problem === undefined ? title : `Error: ${title}`,
    status: status ?? 200,
    headers: headers ?? {},
    cookies,
    body: html`<h1>${title}</h1>
${
  typed === '' || problem !== undefined
    ? html`<p class="lead">Type the code that your device shows.</p>`
    : html`<p class="lead">Continue only if your device shows exactly this code.</p>`
}
${problem && html`<p class="alarm" role="alert">${problem}</p>`}
<form method="post" action="/activate">
<input type="hidden" name="csrf" value="${csrf}">
<div class="field">
<label for="user_code">Code</label>
<input id="user_code" name="user_code" type="text" value="${typed}" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="20" required autofocus>
</div>
<button type="submit">Continue</button>
</form>`,
  });
}

export function confirmPage(
  env: Env,
  parts: {
    application: string;
    login: string;
    userCode: string;
    scopes: Markup;
    csrf: string;
    otherAccount: string;
  },
): Response {
  const { application, login, userCode, scopes, csrf, otherAccount } = parts;
  return page(env, {
    title: `Connect ${application}?`,
    body: html`<h1>Connect ${application}?</h1>
<p>A device that shows the code <strong>${userCode}</strong> asks to use <strong>${application}</strong> as <strong>${login}</strong>. It will be able to:</p>
<form method="post" action="/activate/confirm">
${scopes}
<input type="hidden" name="user_code" value="${userCode}">
<input type="hidden" name="csrf" value="${csrf}">
<p class="note">Allow this only if you started it yourself, on a device that you have before you. Whoever sent you this code or link gets in as you.</p>
<p class="actions"><button type="submit" name="answer" value="allow">Allow access</button>
<button type="submit" name="answer" value="deny" class="quiet">Do not allow</button></p>
</form>
<p class="aside"><a href="${otherAccount}">Use another account</a></p>`,
  });
}

export function decidedPage(env: Env, { allowed, application }: { allowed: boolean; application: string }): Response {
  const title = allowed ? 'Your device is connected' : 'Your device was not connected';
  return page(env, {
    title,
    body: html`<h1>${title}</h1>
<p>${
      allowed
        ? html`<strong>${application}</strong> goes on by itself in a moment. You can close this page.`
        : html`<strong>${application}</strong> was told that you did not allow it. You can close this page.`
    }</p>`,
  });
}
