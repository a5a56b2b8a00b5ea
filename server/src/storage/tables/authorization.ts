// Owns the tables of authorization servers, their policies and keys, and OAuth in flight. Not here: the others (tables.ts names all).
import { bigint, json, jsonOrNull, table, text, textOrNull, time, timeOrNull } from '../schema.ts';

type Json = unknown;
type JsonObject = Record<string, unknown>;

export const authorizationTables = {
  // Authorization servers.
  authorization_servers: table(
    {
      id: text(),
      name: text(),
      description: textOrNull(),
      audiences: json<string[]>(),
      issuer_mode: text(),
      status: text(),
      rotation_mode: text(),
      signing_alg: text(),
      conformance: text(),
      is_default: bigint(),
      created: time(),
      last_updated: time(),
      last_rotated: time(),
    },
    { primaryKey: ['id'], unique: [['name']] },
  ),
  scopes: table(
    {
      id: text(),
      authorization_server_id: text(),
      name: text(),
      display_name: textOrNull(),
      description: textOrNull(),
      system: bigint(),
      metadata_publish: text(),
      consent: text(),
      optional: bigint(),
      is_default: bigint(),
    },
    { primaryKey: ['id'], unique: [['authorization_server_id', 'name']] },
  ),
  claims: table(
    {
      id: text(),
      authorization_server_id: text(),
      name: text(),
      status: text(),
      claim_type: text(),
      value_type: text(),
      value: textOrNull(),
      group_filter_type: textOrNull(),
      scopes: json<string[]>(),
      system: bigint(),
      always_include_in_token: bigint(),
    },
    { primaryKey: ['id'], unique: [['authorization_server_id', 'claim_type', 'name']] },
  ),
  // Policies of every type; authorization_server_id is set for OAUTH_AUTHORIZATION_POLICY only.
  policies: table(
    {
      id: text(),
      authorization_server_id: textOrNull(),
      type: text(),
      name: text(),
      description: textOrNull(),
      status: text(),
      priority: bigint(),
      system: bigint(),
      conditions: jsonOrNull<Json>(),
      settings: jsonOrNull<Json>(),
      created: time(),
      last_updated: time(),
    },
    {
      primaryKey: ['id'],
      indexes: [
        ['authorization_server_id', 'priority'],
        ['type', 'priority'],
      ],
    },
  ),
  policy_rules: table(
    {
      id: text(),
      policy_id: text(),
      type: text(),
      name: text(),
      status: text(),
      priority: bigint(),
      system: bigint(),
      conditions: jsonOrNull<Json>(),
      actions: json<Json>(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], indexes: [['policy_id', 'priority']] },
  ),
  // owner: an authorization server's id, or `org` for the org server. purpose: `sig` (published) or `org-access-token` (not).
  signing_keys: table(
    {
      kid: text(),
      owner: text(),
      purpose: text(),
      status: text(),
      alg: text(),
      public_jwk: json<JsonObject>(),
      sealed_private_jwk: text(),
      created: time(),
      signs_from: time(),
      status_changed: time(),
    },
    {
      primaryKey: ['kid'],
      indexes: [
        ['owner', 'purpose', 'status'],
        ['status', 'status_changed'],
      ],
    },
  ),

  // OAuth 2.0 in flight. Handles and codes are stored as hashes only.
  authorization_requests: table(
    {
      handle_hash: text(),
      authorization_server_id: text(),
      client_id: text(),
      parameters: json<JsonObject>(),
      browser_hash: text(),
      consented_session_id: textOrNull(),
      created: time(),
      expires_at: time(),
      consumed_at: timeOrNull(),
    },
    { primaryKey: ['handle_hash'], indexes: [['expires_at']] },
  ),
  // Requests that clients pushed to /par, by their request_uri.
  pushed_authorization_requests: table(
    {
      request_uri_hash: text(),
      authorization_server_id: text(),
      client_id: text(),
      parameters: json<JsonObject>(),
      created: time(),
      expires_at: time(),
      consumed_at: timeOrNull(),
    },
    { primaryKey: ['request_uri_hash'], indexes: [['expires_at'], ['client_id']] },
  ),
  authorization_codes: table(
    {
      code_hash: text(),
      authorization_server_id: text(),
      client_id: text(),
      user_id: text(),
      session_id: text(),
      redirect_uri: text(),
      code_challenge: textOrNull(),
      grant: json<JsonObject>(),
      access_token_jti: textOrNull(),
      refresh_token_id: textOrNull(),
      created: time(),
      expires_at: time(),
      consumed_at: timeOrNull(),
    },
    { primaryKey: ['code_hash'], longRows: true, indexes: [['expires_at']] },
  ),
  // One row a grant: the family of refresh tokens that rotation makes of one authorization.
  refresh_tokens: table(
    {
      id: text(),
      authorization_server_id: text(),
      client_id: text(),
      user_id: text(),
      session_id: textOrNull(),
      scopes: json<string[]>(),
      grant: json<JsonObject>(),
      status: text(),
      created: time(),
      last_updated: time(),
      idle_expires_at: timeOrNull(),
      expires_at: timeOrNull(),
    },
    {
      primaryKey: ['id'],
      longRows: true,
      indexes: [
        ['authorization_server_id', 'client_id'],
        ['client_id', 'user_id'],
        ['user_id'],
        ['session_id'],
        ['idle_expires_at'],
      ],
    },
  ),
  // The secrets of a family: the newest, and those rotated out, kept to notice their reuse.
  refresh_token_secrets: table(
    { secret_hash: text(), refresh_token_id: text(), created: time(), rotated_at: timeOrNull() },
    { primaryKey: ['secret_hash'], indexes: [['refresh_token_id']] },
  ),
  revoked_access_tokens: table({ jti: text(), expires_at: time() }, { primaryKey: ['jti'], indexes: [['expires_at']] }),
  // One-time ids of JWTs that others signed, by issuer.
  used_jtis: table({ id_hash: text(), expires_at: time() }, { primaryKey: ['id_hash'], indexes: [['expires_at']] }),
  // Device flow: what a device waits for, and what a person decided about it.
  device_codes: table(
    {
      device_code_hash: text(),
      user_code: text(),
      authorization_server_id: text(),
      client_id: text(),
      scopes: jsonOrNull<string[]>(),
      status: text(),
      user_id: textOrNull(),
      session_id: textOrNull(),
      grant: jsonOrNull<JsonObject>(),
      interval_seconds: bigint(),
      last_polled: timeOrNull(),
      created: time(),
      expires_at: time(),
      consumed_at: timeOrNull(),
    },
    {
      primaryKey: ['device_code_hash'],
      unique: [['user_code']],
      indexes: [['client_id', 'created'], ['expires_at']],
    },
  ),
  // Whose access tokens a server takes as subject tokens of a token exchange.
  trusted_servers: table(
    { authorization_server_id: text(), trusted_server_id: text(), created: time() },
    { primaryKey: ['authorization_server_id', 'trusted_server_id'], indexes: [['trusted_server_id']] },
  ),
  consents: table(
    {
      id: text(),
      user_id: text(),
      client_id: text(),
      authorization_server_id: text(),
      scope: text(),
      status: text(),
      created: time(),
      last_updated: time(),
    },
    {
      primaryKey: ['id'],
      unique: [['user_id', 'client_id', 'authorization_server_id', 'scope']],
      indexes: [['client_id']],
    },
  ),

  // Which clients a session signed a person in to, for those that want to hear of its end; `sid` is the session's name to them all.
  session_clients: table(
    {
      session_id: text(),
      client_id: text(),
      authorization_server_id: text(),
      user_id: text(),
      issuer: text(),
      created: time(),
    },
    {
      primaryKey: ['session_id', 'client_id', 'authorization_server_id'],
      indexes: [['client_id'], ['user_id'], ['created']],
    },
  ),
  // Logout tokens on their way to clients. Signed when they are sent, so that no token waits here.
  logout_notices: table(
    {
      id: text(),
      client_id: text(),
      authorization_server_id: text(),
      user_id: text(),
      session_id: textOrNull(),
      issuer: text(),
      attempts: bigint(),
      created: time(),
      next_attempt: time(),
    },
    { primaryKey: ['id'], indexes: [['next_attempt'], ['client_id']] },
  ),
};
