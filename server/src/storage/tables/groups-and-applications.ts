// Owns the tables of groups, applications, and what people see of the org. Not here: the others (tables.ts names all).
import { bigint, json, jsonOrNull, table, text, textOrNull, time } from '../schema.ts';

type JsonObject = Record<string, unknown>;

export const groupAndApplicationTables = {
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
};
