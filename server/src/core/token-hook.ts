// Owns the token inline hook: what a service is told of tokens that are about to be issued, and what its answer changes in them. When
// it cannot be reached, or its answer does not fit, the tokens are issued as they were and the System Log says so; when it answers
// with an error, none are (Okta documents both). Not here: the call (call-inline-hook.ts) and keeping hooks (inline-hooks.ts).

import { toIso, toIsoOrNull } from '../base/time.ts';
import { newUuid } from '../base/uuid.ts';
import { clientActor } from './actors.ts';
import type { Authorization } from './authorization.ts';
import { callInlineHook } from './call-inline-hook.ts';
import { type Env, transact } from './env.ts';
import { whoVouchedFor } from './identity-providers.ts';
import { findInlineHook, type InlineHook, inlineHookTarget, TOKEN_HOOK } from './inline-hooks.ts';
import { dated, type PreparedToken, type PreparedTokens } from './issue-tokens.ts';
import { issuerOf } from './issuers.ts';
import type { DecidingRule } from './policies/access-policy.ts';
import { listScopes } from './scopes.ts';
import { record } from './system-log.ts';
import { applyCommands } from './token-hook-commands.ts';
import { displayNameOf } from './user-profile.ts';

/** The request for tokens, as far as it is told: never a code, a verifier, an assertion or a secret. */
export type HookRequest = { endpoint: 'authorize' | 'token'; parameters: ReadonlyMap<string, string> };

export type HookOutcome =
  | { kind: 'tokens'; tokens: PreparedTokens }
  /** The service wants no tokens to be issued. */
  | { kind: 'error'; summary: string };

const TOLD_PARAMETERS = [
  'client_id',
  'grant_type',
  'scope',
  'redirect_uri',
  'response_type',
  'response_mode',
  'state',
  'nonce',
  'acr_values',
];
const DEFAULT_SUMMARY = 'The callback service returned an error';
const LONGEST_SUMMARY = 500;
const LONGEST_DEBUG_TEXT = 2000;

/** The tokens after the hook of the rule that granted them, if it has one. Never inside a transaction. */
export async function transformTokens(
  env: Env,
  authorization: Authorization,
  tokens: PreparedTokens,
  request: HookRequest,
): Promise<HookOutcome> {
  const { rule } = authorization;
  if (rule === null || rule.inlineHookId === null) return { kind: 'tokens', tokens };
  if (!tokens.access && !tokens.identity) return { kind: 'tokens', tokens };
  const hook = await findInlineHook(env, rule.inlineHookId);
  if (hook?.status !== 'ACTIVE' || hook.type !== TOKEN_HOOK) {
    await log(env, authorization, rule, hook, {
      what: 'executed',
      result: 'SKIPPED',
      reason: 'The hook is not active',
    });
    return { kind: 'tokens', tokens };
  }
  const answer = await callInlineHook(env, hook, await payloadOf(env, { authorization, tokens, request, rule }));
  const { attempts } = answer;
  if (answer.kind === 'failure') {
    await log(env, authorization, rule, hook, { what: 'executed', result: 'FAILURE', reason: answer.why, attempts });
    return { kind: 'tokens', tokens };
  }
  const { error, commands, debugContext } = answer.body ?? {};
  const told = { attempts, debugContext: textOf(debugContext) };
  if (error !== undefined && error !== null) {
    const summary = summaryOf(error);
    await log(env, authorization, rule, hook, {
      what: 'response.processed',
      result: 'FAILURE',
      reason: summary,
      ...told,
    });
    return { kind: 'error', summary };
  }
  const applied = applyCommands(tokens, commands);
  const outcome =
    applied.kind === 'done' ? { result: 'SUCCESS' as const } : { result: 'FAILURE' as const, reason: applied.why };
  await log(env, authorization, rule, hook, { what: 'response.processed', ...outcome, ...told });
  return { kind: 'tokens', tokens: applied.kind === 'done' ? applied.tokens : tokens };
}

type Told = {
  authorization: Authorization;
  tokens: PreparedTokens;
  request: HookRequest;
  rule: DecidingRule;
};

async function payloadOf(env: Env, told: Told): Promise<object> {
  const { authorization, tokens } = told;
  const now = env.now();
  return {
    eventId: newUuid(env.random),
    eventTime: toIso(now),
    eventType: TOKEN_HOOK,
    eventTypeVersion: '1.0',
    cloudEventVersion: '0.1',
    contentType: 'application/json',
    source: urlOf(env, told),
    data: {
      context: await contextOf(env, told),
      ...(tokens.identity ? { identity: tokenOf(env, tokens.identity) } : {}),
      ...(tokens.access
        ? { access: { ...tokenOf(env, tokens.access), scopes: await scopesOf(env, authorization) } }
        : {}),
    },
  };
}

async function contextOf(env: Env, told: Told): Promise<object> {
  const { authorization, request, rule } = told;
  const { server, application, user } = authorization;
  const parameters = TOLD_PARAMETERS.flatMap((name): [string, string][] => {
    const value = request.parameters.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  const isPublic = application.credentials.oauthClient.token_endpoint_auth_method === 'none';
  return {
    request: {
      id: env.request.id,
      method: request.endpoint === 'token' ? 'POST' : 'GET',
      url: { value: urlOf(env, told) },
      ipAddress: env.request.ip,
    },
    protocol: {
      type: 'OAUTH2.0',
      request: Object.fromEntries(parameters),
      issuer: { uri: issuerOf(env, server) },
      client: { id: application.client_id, name: application.label, type: isPublic ? 'PUBLIC' : 'CONFIDENTIAL' },
    },
    ...(user ? { session: await sessionOf(env, authorization), user: personOf(env, user) } : {}),
    policy: { id: rule.policyId, rule: { id: rule.ruleId } },
  };
}

async function sessionOf(env: Env, { user, authentication }: Authorization): Promise<object | null> {
  if (!user || !authentication) return null;
  return {
    id: authentication.sessionId,
    userId: user.id,
    login: user.login,
    status: 'ACTIVE',
    lastPasswordVerification: toIso(authentication.authenticatedAt),
    amr: authentication.amr,
    idp: await whoVouchedFor(env, authentication.identityProviderId ?? null),
    mfaActive: authentication.amr.includes('mfa'),
  };
}

function personOf(env: Env, { id, login, profile, password_changed }: NonNullable<Authorization['user']>): object {
  const { firstName, lastName, locale, timezone } = profile;
  return {
    id,
    passwordChanged: toIsoOrNull(password_changed),
    profile: { login, firstName, lastName, locale: locale ?? 'en', timeZone: timezone ?? 'America/Los_Angeles' },
    _links: {
      groups: { href: `${env.request.origin}/api/v1/users/${id}/groups` },
      factors: { href: `${env.request.origin}/api/v1/users/${id}/factors` },
    },
  };
}

function tokenOf(env: Env, token: PreparedToken): object {
  return { claims: dated(env, token), token: { lifetime: { expiration: token.lifetime } } };
}

async function scopesOf(env: Env, { server, scopes }: Authorization): Promise<object> {
  const known = new Map((await listScopes(env, server)).map(({ id, name }) => [name, id]));
  return Object.fromEntries(scopes.map((name) => [name, { id: known.get(name) ?? name, action: 'GRANT' }]));
}

function urlOf(env: Env, { authorization, request }: Told): string {
  return `${issuerOf(env, authorization.server)}/v1/${request.endpoint}`;
}

/** The service's own words reach the client, so they are brief and of the characters that RFC 6749 section 5.2 allows. */
function summaryOf(error: unknown): string {
  const summary = typeof error === 'object' && error !== null && 'errorSummary' in error ? error.errorSummary : null;
  const text = typeof summary === 'string' ? summary.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, ' ').trim() : '';
  return text === '' ? DEFAULT_SUMMARY : text.slice(0, LONGEST_SUMMARY);
}

function textOf(debugContext: unknown): string | null {
  return debugContext === undefined ? null : JSON.stringify(debugContext).slice(0, LONGEST_DEBUG_TEXT);
}

async function log(
  env: Env,
  { server, application, user }: Authorization,
  rule: DecidingRule,
  hook: InlineHook | null,
  facts: {
    what: 'executed' | 'response.processed';
    result: 'SUCCESS' | 'FAILURE' | 'SKIPPED';
    reason?: string;
    attempts?: number;
    debugContext?: string | null;
  },
): Promise<void> {
  const { what, result, reason, ...debugData } = facts;
  const person = user ? [{ id: user.id, type: 'User', alternateId: user.login, displayName: displayNameOf(user) }] : [];
  const { policyId, policyName, ruleId, ruleName } = rule;
  await transact(env, (env) =>
    record(env, {
      eventType: `inline_hook.${what}`,
      displayMessage: what === 'executed' ? 'Inline hook is executed' : 'Inline hook response is processed',
      outcome: { result, ...(reason === undefined ? {} : { reason }) },
      actor: clientActor(application),
      target: [...(hook ? [inlineHookTarget(hook)] : []), ...person],
      debugData: {
        ...debugData,
        inlineHookId: rule.inlineHookId,
        authorizationServerId: server.id,
        policyId,
        policyName,
        ruleId,
        ruleName,
      },
    }),
  );
}
