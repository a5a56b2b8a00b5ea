// Owns the tables of hooks, networks, other identity providers, and operation. Not here: the others (tables.ts names all).
import { bigint, json, jsonOrNull, table, text, textOrNull, time } from '../schema.ts';

type JsonObject = Record<string, unknown>;

/** Types of events that begin with `user.`, in the words of an index. */
export const EVENTS_OF_PEOPLE = `event_type >= 'user.' and event_type < 'user/'`;

export const surroundingTables = {
  // Services of others that are asked while something is done here. The channel is without its secret.
  inline_hooks: table(
    {
      id: text(),
      name: text(),
      name_key: text(),
      type: text(),
      version: text(),
      status: text(),
      channel: json<JsonObject>(),
      sealed_secret: textOrNull(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], unique: [['name_key']] },
  ),

  // Services of others that are told what happened, and what they have still to be told.
  event_hooks: table(
    {
      id: text(),
      name: text(),
      name_key: text(),
      description: textOrNull(),
      status: text(),
      verification_status: text(),
      events: json<string[]>(),
      channel: json<JsonObject>(),
      sealed_secret: textOrNull(),
      created: time(),
      created_by: textOrNull(),
      last_updated: time(),
    },
    { primaryKey: ['id'], unique: [['name_key']] },
  ),
  event_deliveries: table(
    {
      id: text(),
      event_hook_id: text(),
      event: json<JsonObject>(),
      attempts: bigint(),
      created: time(),
      next_attempt: time(),
    },
    { primaryKey: ['id'], indexes: [['next_attempt'], ['event_hook_id']] },
  ),

  // Where requests come from, how people prove who they are, and who else vouches for them.
  network_zones: table(
    {
      id: text(),
      name: text(),
      name_key: text(),
      type: text(),
      status: text(),
      usage: text(),
      system: bigint(),
      settings: json<JsonObject>(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], unique: [['name_key']] },
  ),
  // What is unusual about a sign-in, and from where people have signed in lately, by which that is judged.
  behaviors: table(
    {
      id: text(),
      name: text(),
      name_key: text(),
      type: text(),
      status: text(),
      settings: json<JsonObject>(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], unique: [['name_key']] },
  ),
  recent_sign_ins: table(
    { id: text(), user_id: text(), ip_address: text(), created: time() },
    { primaryKey: ['id'], indexes: [['user_id', 'id'], ['created']] },
  ),
  authenticators: table(
    {
      id: text(),
      key: text(),
      status: text(),
      settings: jsonOrNull<JsonObject>(),
      method_settings: json<JsonObject>(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], unique: [['key']] },
  ),
  identity_providers: table(
    {
      id: text(),
      name: text(),
      name_key: text(),
      type: text(),
      status: text(),
      issuer_mode: text(),
      protocol: json<JsonObject>(),
      policy: json<JsonObject>(),
      sealed_secrets: textOrNull(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], unique: [['name_key']], indexes: [['type', 'id']] },
  ),
  identity_provider_keys: table(
    { kid: text(), jwk: json<JsonObject>(), created: time(), last_updated: time(), expires_at: time() },
    { primaryKey: ['kid'] },
  ),
  // By which keys this server is known to a provider, and requests for certificates of such keys.
  identity_provider_signing_keys: table(
    {
      identity_provider_id: text(),
      kid: text(),
      jwk: json<JsonObject>(),
      sealed_private_jwk: text(),
      created: time(),
      last_updated: time(),
      expires_at: time(),
    },
    { primaryKey: ['identity_provider_id', 'kid'] },
  ),
  identity_provider_csrs: table(
    {
      id: text(),
      identity_provider_id: text(),
      csr: text(),
      public_jwk: json<JsonObject>(),
      sealed_private_jwk: text(),
      created: time(),
    },
    { primaryKey: ['id'], indexes: [['identity_provider_id']] },
  ),
  // Who is known to an identity provider by which name of its own.
  identity_provider_users: table(
    {
      identity_provider_id: text(),
      user_id: text(),
      external_id: text(),
      profile: json<JsonObject>(),
      created: time(),
      last_updated: time(),
    },
    {
      primaryKey: ['identity_provider_id', 'user_id'],
      unique: [['identity_provider_id', 'external_id']],
      indexes: [['user_id']],
    },
  ),

  // Operation.
  trusted_origins: table(
    {
      id: text(),
      name: text(),
      origin: text(),
      scopes: json<{ type: string }[]>(),
      status: text(),
      created: time(),
      created_by: text(),
      last_updated: time(),
      last_updated_by: text(),
    },
    { primaryKey: ['id'], unique: [['origin'], ['name']] },
  ),
  api_tokens: table(
    {
      id: text(),
      name: text(),
      user_id: text(),
      token_hash: text(),
      created: time(),
      last_updated: time(),
      expires_at: time(),
    },
    { primaryKey: ['id'], unique: [['token_hash']], indexes: [['user_id']] },
  ),
  system_log: table(
    {
      uuid: text(),
      sequence: text(),
      published: time(),
      event_type: text(),
      outcome_result: text(),
      severity: text(),
      actor_id: textOrNull(),
      event: json<JsonObject>(),
    },
    {
      // In order of time: an event is appended, whatever else is written beside it.
      primaryKey: ['sequence'],
      longRows: true,
      indexes: [['event_type', 'sequence']],
      // What people see of their own doings. Events of tokens, which are most of them, stay out of it.
      partialIndexes: [{ name: 'system_log_of_people', columns: ['actor_id', 'sequence'], where: EVENTS_OF_PEOPLE }],
    },
  ),
};
