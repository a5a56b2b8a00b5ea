// Owns /api/v1/features: parts of the product that an administrator may turn on for an org alone. This server has none: whatever it
// does, it does for everybody.
import { z } from 'zod';
import { notFound } from '../core/refusal.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

const tags = ['Feature'];
const feature = z.object({ id: z.string(), name: z.string(), status: z.string() });

export const featureRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/features',
    operationId: 'listFeatures',
    summary: 'List the features that can be turned on: none',
    tags,
    access: 'okta.features.read',
    responses: { 200: z.array(feature) },
    handle: async () => json([]),
  }),
  route({
    method: 'GET',
    path: '/api/v1/features/{featureId}',
    operationId: 'getFeature',
    summary: 'Read a feature: there is none',
    tags,
    access: 'okta.features.read',
    responses: { 200: feature },
    async handle({ params }) {
      throw notFound(params.featureId, 'Feature');
    },
  }),
];
