// Owns /api/v1/zones: network zones. Not here: who asks for them (core/policies/session-policy.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import {
  createZone,
  deleteZone,
  getZone,
  listZones,
  type NetworkZone,
  type NetworkZoneInput,
  type Place,
  replaceZone,
  setZoneStatus,
  type ZoneSettings,
} from '../core/network-zones.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { lifecycleLink, link } from './authorization-servers.ts';
import { givenZone, zone as zoneShape } from './zones.schema.ts';

const tags = ['NetworkZone'];
const LIMITS = { default: 200, most: 200 };

export const zoneRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/zones',
    operationId: 'listNetworkZones',
    summary: 'List network zones',
    tags,
    access: 'okta.networkZones.read',
    query: pagingQuery,
    responses: { 200: z.array(zoneShape) },
    async handle({ env, query, request }) {
      const page = readPage(env, query, 'zones', LIMITS);
      const rows = await listZones(env, page.after, page.limit + 1);
      return pageOf(
        env,
        request,
        'zones',
        page,
        rows,
        ({ id }) => id,
        (row) => showZone(env, row),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/zones',
    operationId: 'createNetworkZone',
    summary: 'Create a network zone',
    tags,
    access: 'okta.networkZones.manage',
    body: givenZone,
    responses: { 200: zoneShape },
    handle: async ({ env, body }) => json(showZone(env, await createZone(env, inputOf(body)))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/zones/{zoneId}',
    operationId: 'getNetworkZone',
    summary: 'Read a network zone',
    tags,
    access: 'okta.networkZones.read',
    responses: { 200: zoneShape },
    handle: async ({ env, params }) => json(showZone(env, await getZone(env, params.zoneId))),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/zones/{zoneId}',
    operationId: 'replaceNetworkZone',
    summary: 'Replace a network zone',
    tags,
    access: 'okta.networkZones.manage',
    body: givenZone,
    responses: { 200: zoneShape },
    handle: async ({ env, params, body }) => json(showZone(env, await replaceZone(env, params.zoneId, inputOf(body)))),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/zones/{zoneId}',
    operationId: 'deleteNetworkZone',
    summary: 'Delete a network zone',
    tags,
    access: 'okta.networkZones.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteZone(env, params.zoneId);
      return noContent();
    },
  }),
  ...(['activate', 'deactivate'] as const).map((change) =>
    route({
      method: 'POST',
      path: `/api/v1/zones/{zoneId}/lifecycle/${change}`,
      operationId: `${change}NetworkZone`,
      summary: change === 'activate' ? 'Activate a network zone' : 'Deactivate a network zone',
      tags,
      access: 'okta.networkZones.manage',
      responses: { 200: zoneShape },
      handle: async ({ env, params }) =>
        json(showZone(env, await setZoneStatus(env, params.zoneId, change === 'activate' ? 'ACTIVE' : 'INACTIVE'))),
    }),
  ),
];

function inputOf(body: z.output<typeof givenZone>): NetworkZoneInput {
  return {
    name: body.name,
    type: body.type,
    usage: body.usage ?? 'POLICY',
    status: body.status ?? undefined,
    settings: settingsOf(body),
  };
}

function settingsOf(body: z.output<typeof givenZone>): ZoneSettings {
  if (body.type === 'IP') {
    const exempt = typeof body.useAsExemptList === 'boolean' ? { useAsExemptList: body.useAsExemptList } : {};
    return { ...exempt, gateways: body.gateways ?? null, proxies: body.proxies ?? null };
  }
  if (body.type === 'DYNAMIC') {
    return {
      locations: body.locations?.length ? inOrder(body.locations) : null,
      ...(typeof body.proxyType === 'string' ? { proxyType: body.proxyType } : {}),
      ...(body.asns?.length ? { asns: body.asns } : {}),
    };
  }
  const { locations, ipServiceCategories, asns } = body;
  return {
    locations: { include: inOrder(locations?.include ?? []), exclude: inOrder(locations?.exclude ?? []) },
    ipServiceCategories: {
      include: ipServiceCategories?.include ?? [],
      exclude: ipServiceCategories?.exclude ?? [],
    },
    asns: { include: asns?.include ?? [], exclude: asns?.exclude ?? [] },
  };
}

function inOrder(places: readonly Place[]): Place[] {
  return places
    .map(({ country, region }) => ({ country: country ?? null, region: region ?? null }))
    .toSorted((one, other) => ((one.country ?? '') < (other.country ?? '') ? -1 : 1));
}

function showZone(env: Env, zone: NetworkZone) {
  const url = `${env.request.origin}/api/v1/zones/${zone.id}`;
  const self = link(url, 'GET', 'PUT', 'DELETE');
  const lifecycle = lifecycleLink(url, zone.status);
  return {
    type: zone.type,
    id: zone.id,
    name: zone.name,
    status: zone.status,
    usage: zone.usage,
    created: toIso(zone.created),
    lastUpdated: toIso(zone.last_updated),
    system: zone.system === 1,
    ...zone.settings,
    _links: zone.status === 'ACTIVE' ? { self, ...lifecycle } : { ...lifecycle, self },
  };
}
