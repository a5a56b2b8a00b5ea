// Owns the tables of the organization, its people, how they prove who they are, and who administers. Not here: the others (tables.ts names all).
import { bigint, json, table, text, textOrNull, time, timeOrNull } from '../schema.ts';

type JsonObject = Record<string, unknown>;

export const peopleTables = {
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
};
