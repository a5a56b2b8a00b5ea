// Owns /api/v1/groups/rules: list, create, read, replace, delete, activate, deactivate, and how a rule looks.
// Not here: what rules do (core/group-rule-memberships.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { GroupRule } from '../core/group-rule-validity.ts';
import {
  activateGroupRule,
  createGroupRule,
  deactivateGroupRule,
  deleteGroupRule,
  type GroupRuleInput,
  getGroupRule,
  listGroupRules,
  namesOfRuleGroups,
  replaceGroupRule,
} from '../core/group-rules.ts';
import { pageOf, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import {
  givenGroupRule,
  groupRule,
  groupRuleDeletion,
  groupRuleListQuery,
  groupRuleQuery,
} from './group-rules.schema.ts';

const tags = ['Group'];
const LIMITS = { default: 50, most: 200 };

export const groupRuleRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/groups/rules',
    operationId: 'listGroupRules',
    summary: 'List group rules, all or those with a text in their name',
    tags,
    access: 'okta.groups.read',
    query: groupRuleListQuery,
    responses: { 200: z.array(groupRule) },
    async handle({ env, query, request }) {
      const page = readPage(env, query, 'group rules', LIMITS);
      const { search, expand } = query;
      const rows = await listGroupRules(env, { search, after: page.after, limit: page.limit + 1 });
      const names = await namesOfRuleGroups(env, rows);
      return pageOf(
        env,
        request,
        'group rules',
        page,
        rows,
        ({ id }) => id,
        (row) => showRule(row, names, expand),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/groups/rules',
    operationId: 'createGroupRule',
    summary: 'Create a group rule, inactive',
    tags,
    access: 'okta.groups.manage',
    body: givenGroupRule,
    responses: { 200: groupRule },
    async handle({ env, body }) {
      const rule = await createGroupRule(env, inputOf(body));
      return json(showRule(rule, await namesOfRuleGroups(env, [rule])));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/groups/rules/{ruleId}',
    operationId: 'getGroupRule',
    summary: 'Read a group rule',
    tags,
    access: 'okta.groups.read',
    query: groupRuleQuery,
    responses: { 200: groupRule },
    async handle({ env, params, query }) {
      const rule = await getGroupRule(env, params.ruleId);
      return json(showRule(rule, await namesOfRuleGroups(env, [rule]), query.expand));
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/groups/rules/{ruleId}',
    operationId: 'replaceGroupRule',
    summary: 'Replace the name and conditions of an inactive group rule',
    tags,
    access: 'okta.groups.manage',
    body: givenGroupRule,
    responses: { 200: groupRule },
    async handle({ env, params, body }) {
      const rule = await replaceGroupRule(env, params.ruleId, inputOf(body));
      return json(showRule(rule, await namesOfRuleGroups(env, [rule])));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/groups/rules/{ruleId}',
    operationId: 'deleteGroupRule',
    summary: 'Delete a group rule, with the memberships that it gave or without',
    tags,
    access: 'okta.groups.manage',
    query: groupRuleDeletion,
    responses: { 202: z.object({}) },
    async handle({ env, params, query }) {
      await deleteGroupRule(env, params.ruleId, { removeUsers: query.removeUsers === 'true' });
      return json({}, 202);
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/groups/rules/{ruleId}/lifecycle/activate',
    operationId: 'activateGroupRule',
    summary: 'Put a group rule into effect for all users',
    tags,
    access: 'okta.groups.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await activateGroupRule(env, params.ruleId);
      return noContent();
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/groups/rules/{ruleId}/lifecycle/deactivate',
    operationId: 'deactivateGroupRule',
    summary: 'Suspend a group rule; members stay',
    tags,
    access: 'okta.groups.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deactivateGroupRule(env, params.ruleId);
      return noContent();
    },
  }),
];

function inputOf({ name, conditions, actions }: z.output<typeof givenGroupRule>): GroupRuleInput {
  return {
    name,
    expression: conditions.expression.value,
    excludedUserIds: conditions.people?.users?.exclude ?? [],
    excludedGroupIds: conditions.people?.groups?.exclude ?? [],
    groupIds: actions.assignUserToGroups.groupIds,
  };
}

function showRule(rule: GroupRule, names: ReadonlyMap<string, string>, expand?: string): z.output<typeof groupRule> {
  const ids = [...rule.group_ids, ...rule.excluded_group_ids];
  const known = Object.fromEntries([...names].filter(([id]) => ids.includes(id)));
  return {
    type: 'group_rule',
    id: rule.id,
    status: rule.status,
    name: rule.name,
    created: toIso(rule.created),
    lastUpdated: toIso(rule.last_updated),
    conditions: {
      people: { users: { exclude: rule.excluded_user_ids }, groups: { exclude: rule.excluded_group_ids } },
      expression: { value: rule.expression, type: 'urn:okta:expression:1.0' },
    },
    actions: { assignUserToGroups: { groupIds: rule.group_ids } },
    allGroupsValid: ids.every((id) => names.has(id)),
    ...(expand === 'groupIdToGroupNameMap' ? { _embedded: { groupIdToGroupNameMap: known } } : {}),
  };
}
