// Owns the answer that sends a browser on after a form: 303, so that the next request is a GET and carries no password.

/** `location`: a path of this server or a place that safe-target.ts allowed. */
export function seeOther(location: string, cookies: readonly string[] = []): Response {
  const headers = new Headers({ location, 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  return new Response(null, { status: 303, headers });
}
