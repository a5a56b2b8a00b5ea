// Owns the shape of the whole database, on one page. Row types, the creation of a fresh database and the test that holds every
// migrated database against this page all read it. A change here needs a migration beside it (migrations/).
// Not here: meaning. What a column is for beyond its name is said by the module of core/ that owns the table.
import type { Selectable } from 'kysely';
import { bigint, type DatabaseOf, json, jsonOrNull, table, text, textOrNull, time, timeOrNull } from './schema.ts';

type Json = unknown;
type JsonObject = Record<string, unknown>;

/** Types of events that begin with `user.`, in the words of an index. */
export const EVENTS_OF_PEOPLE = `event_type >= 'user.' and event_type < 'user/'`;

export const tables = {
  // The organisation: one row.
  org: table(
    {
      id: text(),
      subdomain: text(),
      company_name: text(),
      status: text(),
      details: json<JsonObject>(),
      default_user_type_id: text(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'] },
  ),

  // Whom to turn to about bills (BILLING) and technology (TECHNICAL).
  org_contacts: table({ contact_type: text(), user_id: text() }, { primaryKey: ['contact_type'] }),

  // People.
  users: table(
    {
      id: text(),
      status: text(),
      login: text(),
      login_key: text(),
      email_key: text(),
      profile: json<JsonObject>(),
      type_id: text(),
      realm_id: text(),
      password_hash: textOrNull(),
      credential_provider: json<{ type: string; name: string }>(),
      recovery_question: textOrNull(),
      recovery_answer_hash: textOrNull(),
      created: time(),
      activated: timeOrNull(),
      status_changed: timeOrNull(),
      last_login: timeOrNull(),
      last_updated: time(),
      password_changed: timeOrNull(),
    },
    {
      primaryKey: ['id'],
      unique: [['login_key']],
      indexes: [['email_key'], ['status', 'id'], ['last_updated'], ['type_id'], ['realm_id']],
    },
  ),
  // The parts that people are divided into. Everybody is in one, at first in the default one.
  realms: table(
    {
      id: text(),
      name: text(),
      name_key: text(),
      realm_type: text(),
      domains: json<string[]>(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], unique: [['name_key']] },
  ),
  // What kinds of people there are.
  user_types: table(
    {
      id: text(),
      name: text(),
      display_name: text(),
      description: textOrNull(),
      created: time(),
      created_by: text(),
      last_updated: time(),
      last_updated_by: text(),
    },
    { primaryKey: ['id'], unique: [['name']] },
  ),
  // Attributes that an administrator changed (base) or added (custom). owner: a user type's id, `group`, an application's id.
  profile_schemas: table(
    {
      owner: text(),
      kind: text(),
      base: json<JsonObject>(),
      custom: json<JsonObject>(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['owner'], indexes: [['kind']] },
  ),
  // What an administrator changed of how profiles become those of an application, or those of an identity provider ours.
  // id: `prm` and the end of the application's or provider's id. properties: by attribute; null: mapped from nothing.
  profile_mappings: table(
    { id: text(), properties: json<Record<string, string | null>>(), created: time(), last_updated: time() },
    { primaryKey: ['id'] },
  ),
  // Values of attributes that no two people of a type may share.
  unique_profile_values: table(
    { user_id: text(), attribute: text(), type_id: text(), value_key: text() },
    { primaryKey: ['user_id', 'attribute'], unique: [['type_id', 'attribute', 'value_key']] },
  ),
  // How people can be linked: a definition is two names, of side `primary` (a manager) and `associated` (who has that manager).
  linked_object_names: table(
    { name: text(), definition_id: text(), side: text(), title: text(), description: textOrNull() },
    { primaryKey: ['name'], unique: [['definition_id', 'side']] },
  ),
  linked_objects: table(
    { definition_id: text(), associated_user_id: text(), primary_user_id: text(), created: time() },
    { primaryKey: ['definition_id', 'associated_user_id'], indexes: [['primary_user_id'], ['associated_user_id']] },
  ),
  // Texts of profiles, by which people are found.
  profile_words: table(
    { attribute: text(), value_key: text(), user_id: text() },
    { primaryKey: ['attribute', 'value_key', 'user_id'], indexes: [['user_id']] },
  ),
  // Failed sign-ins by login key, whether or not such a user exists: both must look and cost the same.
  sign_in_failures: table(
    { login_key: text(), failures: bigint(), last_failure: time(), locked_until: timeOrNull() },
    { primaryKey: ['login_key'], indexes: [['last_failure']] },
  ),
  // One-time secrets handed to a person: activation, recovery, session token, set-up link.
  one_time_tokens: table(
    {
      token_hash: text(),
      purpose: text(),
      user_id: textOrNull(),
      data: json<JsonObject>(),
      created: time(),
      expires_at: time(),
      consumed_at: timeOrNull(),
    },
    { primaryKey: ['token_hash'], indexes: [['user_id', 'purpose'], ['expires_at']] },
  ),
  sessions: table(
    {
      id: text(),
      token_hash: text(),
      user_id: text(),
      created: time(),
      authenticated_at: time(),
      last_used: time(),
      idle_expires_at: time(),
      expires_at: time(),
      ended_at: timeOrNull(),
      idle_lifetime: bigint(),
      persistent: bigint(),
      amr: json<string[]>(),
      factor_verified_at: timeOrNull(),
      identity_provider_id: textOrNull(),
      user_agent: text(),
      ip_address: text(),
    },
    { primaryKey: ['id'], unique: [['token_hash']], indexes: [['user_id'], ['expires_at']] },
  ),
  // Further proofs that people enrolled, beside their passwords. last_step: of the newest code that was taken, so that none is twice.
  factors: table(
    {
      id: text(),
      user_id: text(),
      factor_type: text(),
      provider: text(),
      status: text(),
      profile: json<JsonObject>(),
      sealed_secret: textOrNull(),
      answer_hash: textOrNull(),
      last_step: bigint(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], unique: [['user_id', 'factor_type', 'provider']] },
  ),
  // Devices on which somebody wants to be asked for a password alone, for as long as the sign-on policy lets them.
  remembered_devices: table(
    { device_hash: text(), user_id: text(), factor_verified_at: time() },
    { primaryKey: ['device_hash', 'user_id'], indexes: [['user_id'], ['factor_verified_at']] },
  ),
  role_assignments: table(
    {
      id: text(),
      type: text(),
      user_id: textOrNull(),
      group_id: textOrNull(),
      client_id: textOrNull(),
      // 1: it opens its targets alone, also when there are none left.
      limited: bigint(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], indexes: [['user_id'], ['group_id'], ['client_id']] },
  ),
  // What a limited role is limited to. kind: GROUP and APP_INSTANCE with an id, APP with the name of applications.
  role_targets: table(
    { assignment_id: text(), kind: text(), target: text(), created: time() },
    { primaryKey: ['assignment_id', 'kind', 'target'], indexes: [['target']] },
  ),
  custom_roles: table(
    {
      id: text(),
      label: text(),
      label_key: text(),
      description: text(),
      permissions: json<{ label: string; created: number }[]>(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], unique: [['label_key']] },
  ),
  resource_sets: table(
    { id: text(), label: text(), label_key: text(), description: text(), created: time(), last_updated: time() },
    { primaryKey: ['id'], unique: [['label_key']] },
  ),
  resource_set_resources: table(
    { id: text(), resource_set_id: text(), resource: text(), created: time() },
    { primaryKey: ['id'], unique: [['resource_set_id', 'resource']] },
  ),
  // Who holds a custom role over a resource set: a person or a group.
  role_binding_members: table(
    {
      id: text(),
      resource_set_id: text(),
      role_id: text(),
      user_id: textOrNull(),
      group_id: textOrNull(),
      created: time(),
    },
    { primaryKey: ['id'], indexes: [['resource_set_id', 'role_id'], ['role_id'], ['user_id'], ['group_id']] },
  ),

  // Groups.
  groups: table(
    {
      id: text(),
      type: text(),
      name: text(),
      name_key: text(),
      profile: json<JsonObject>(),
      created: time(),
      last_updated: time(),
      last_membership_updated: time(),
    },
    { primaryKey: ['id'], unique: [['name_key']], indexes: [['type'], ['last_updated']] },
  ),
  group_memberships: table(
    { group_id: text(), user_id: text(), source: text(), created: time() },
    { primaryKey: ['group_id', 'user_id'], indexes: [['user_id']] },
  ),
  group_owners: table(
    { group_id: text(), owner_id: text(), owner_type: text(), created: time() },
    { primaryKey: ['group_id', 'owner_id'], indexes: [['owner_id']] },
  ),

  // Rules that put people into groups by what their profiles say, and whom each of them has put where.
  group_rules: table(
    {
      id: text(),
      name: text(),
      name_key: text(),
      status: text(),
      expression: text(),
      excluded_user_ids: json<string[]>(),
      excluded_group_ids: json<string[]>(),
      group_ids: json<string[]>(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], unique: [['name_key']], indexes: [['status']] },
  ),
  group_rule_memberships: table(
    { rule_id: text(), user_id: text(), group_id: text() },
    { primaryKey: ['rule_id', 'user_id', 'group_id'], indexes: [['user_id'], ['group_id']] },
  ),

  // Applications (OAuth clients) and who may use them.
  applications: table(
    {
      id: text(),
      client_id: text(),
      name: text(),
      label: text(),
      label_key: text(),
      status: text(),
      sign_on_mode: text(),
      features: json<string[]>(),
      accessibility: json<JsonObject>(),
      visibility: json<JsonObject>(),
      credentials: json<JsonObject>(),
      settings: json<JsonObject>(),
      profile: jsonOrNull<JsonObject>(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], unique: [['client_id']], indexes: [['label_key'], ['status', 'id']] },
  ),
  client_secrets: table(
    {
      id: text(),
      application_id: text(),
      sealed_secret: text(),
      status: text(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], indexes: [['application_id']] },
  ),
  application_users: table(
    {
      application_id: text(),
      user_id: text(),
      credentials: json<JsonObject>(),
      profile: json<JsonObject>(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['application_id', 'user_id'], indexes: [['user_id']] },
  ),
  application_groups: table(
    {
      application_id: text(),
      group_id: text(),
      priority: bigint(),
      profile: json<JsonObject>(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['application_id', 'group_id'], indexes: [['group_id']] },
  ),
  // Keys with certificates that an application may be known by to others, and requests for certificates that wait for one.
  application_keys: table(
    {
      application_id: text(),
      kid: text(),
      jwk: json<JsonObject>(),
      sealed_private_jwk: text(),
      created: time(),
      last_updated: time(),
      expires_at: time(),
    },
    { primaryKey: ['application_id', 'kid'] },
  ),
  application_csrs: table(
    {
      id: text(),
      application_id: text(),
      csr: text(),
      public_jwk: json<JsonObject>(),
      sealed_private_jwk: text(),
      created: time(),
    },
    { primaryKey: ['id'], indexes: [['application_id']] },
  ),
  // okta.* scopes that an application may use on the management API.
  application_grants: table(
    {
      id: text(),
      application_id: text(),
      scope_id: text(),
      issuer: text(),
      status: text(),
      created_by: json<{ id: string; type: string }>(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], unique: [['application_id', 'scope_id']] },
  ),

  // Hosts by which the org is to be reached. Those that serve it are the operator's to name (config.ts).
  domains: table(
    { id: text(), domain: text(), certificate_source_type: text(), proof: text(), created: time() },
    { primaryKey: ['id'], unique: [['domain']] },
  ),

  // What people see of the org: brands, how each looks, and pictures (content: base64) that were uploaded for them and for applications.
  brands: table(
    {
      id: text(),
      name: text(),
      name_key: text(),
      is_default: bigint(),
      settings: json<JsonObject>(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], unique: [['name_key']] },
  ),
  themes: table(
    {
      id: text(),
      brand_id: text(),
      look: json<JsonObject>(),
      logo_id: textOrNull(),
      favicon_id: textOrNull(),
      background_id: textOrNull(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], unique: [['brand_id']] },
  ),
  // page: sign-in, error or sign-out. stage: customized or preview.
  brand_pages: table(
    { brand_id: text(), page: text(), stage: text(), content: json<JsonObject>(), last_updated: time() },
    { primaryKey: ['brand_id', 'page', 'stage'] },
  ),
  // E-mails of a brand in other words, and who gets those of a template.
  email_customizations: table(
    {
      id: text(),
      brand_id: text(),
      template: text(),
      language: text(),
      is_default: bigint(),
      subject: text(),
      body: text(),
      created: time(),
      last_updated: time(),
    },
    { primaryKey: ['id'], unique: [['brand_id', 'template', 'language']] },
  ),
  email_template_settings: table(
    { brand_id: text(), template: text(), recipients: text() },
    { primaryKey: ['brand_id', 'template'] },
  ),
  images: table({ id: text(), media_type: text(), content: text(), created: time() }, { primaryKey: ['id'] }),

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

export type Tables = DatabaseOf<typeof tables>;
export type TableName = keyof Tables;
/** A row as a select returns it. */
export type Row<T extends TableName> = Selectable<Tables[T]>;
