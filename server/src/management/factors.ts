// Owns /api/v1/users/{userId}/factors: what people prove by, beside a password. Not here: factors in the middle of a sign-in
// (authn-factors.ts), which the org has at all (org-factors.ts), and taking all of a person's away (user-lifecycle.ts).
import { encode } from 'uqr';
import { z } from 'zod';
import { png } from '../base/png.ts';
import {
  activationUri,
  enrollFactor,
  findFactorByQrToken,
  getFactor,
  listFactors,
  offeredFactors,
  unenrollFactor,
} from '../core/factors.ts';
import { invalid, notFound, Refusal } from '../core/refusal.ts';
import { securityQuestions } from '../core/security-questions.ts';
import { activateFactor, verifyFactor } from '../core/verify-factor.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { link } from './authorization-servers.ts';
import { activationOf, requireProven, showFactor, showOffered } from './factor-body.ts';
import { factor, givenFactor, givenProof, offeredFactor, securityQuestion, verification } from './factors.schema.ts';
import { userOfPath } from './users.ts';

const tags = ['UserFactor'];

export const factorRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/users/{userId}/factors',
    operationId: 'listFactors',
    summary: 'List the factors that a user has enrolled',
    tags,
    access: 'okta.users.read',
    responses: { 200: z.array(factor) },
    async handle({ env, params }) {
      const { id } = await userOfPath(env, params.userId);
      return json((await listFactors(env, id)).map((one) => showFactor(env, one)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/users/{userId}/factors',
    operationId: 'enrollFactor',
    summary: 'Enrol a factor; the secret of a code app is shown here once',
    tags,
    access: 'okta.users.manage',
    body: givenFactor,
    responses: { 200: factor },
    async handle({ env, params, body }) {
      const enrolled = await enrollFactor(env, await userOfPath(env, params.userId), body);
      return json({ ...showFactor(env, enrolled), ...activationOf(env, enrolled) });
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/users/{userId}/factors/catalog',
    operationId: 'listSupportedFactors',
    summary: 'List the factors that a user may enrol',
    tags,
    access: 'okta.users.read',
    responses: { 200: z.array(offeredFactor) },
    async handle({ env, params }) {
      const { id } = await userOfPath(env, params.userId);
      const url = `${env.request.origin}/api/v1/users/${id}/factors`;
      const linksOf = (factorType: string) => ({
        ...(factorType === 'question' ? { questions: link(`${url}/questions`, 'GET') } : {}),
        enroll: link(url, 'POST'),
      });
      return json((await offeredFactors(env, id)).map((one) => showOffered(one, linksOf(one.kind.factorType))));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/users/{userId}/factors/questions',
    operationId: 'listSupportedSecurityQuestions',
    summary: 'List the questions that a user may answer as a factor',
    tags,
    // Who is asked to set one up in the middle of a sign-in has no token yet, and the list is everybody's.
    access: 'public',
    responses: { 200: z.array(securityQuestion) },
    async handle() {
      return json(Object.entries(securityQuestions).map(([question, questionText]) => ({ question, questionText })));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/users/{userId}/factors/{factorId}',
    operationId: 'getFactor',
    summary: 'Read a factor',
    tags,
    access: 'okta.users.read',
    responses: { 200: factor },
    async handle({ env, params }) {
      const { id } = await userOfPath(env, params.userId);
      return json(showFactor(env, await getFactor(env, id, params.factorId)));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/users/{userId}/factors/{factorId}',
    operationId: 'unenrollFactor',
    summary: 'Take a factor away from a user',
    tags,
    access: 'okta.users.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await unenrollFactor(env, await userOfPath(env, params.userId), params.factorId);
      return noContent();
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/users/{userId}/factors/{factorId}/lifecycle/activate',
    operationId: 'activateFactor',
    summary: 'Complete an enrolment with the first code',
    tags,
    access: 'okta.users.manage',
    body: givenProof,
    responses: { 200: factor },
    async handle({ env, params, body }) {
      const user = await userOfPath(env, params.userId);
      const waiting = await getFactor(env, user.id, params.factorId);
      if (waiting.status === 'ACTIVE') throw invalid('factorId', 'factorId: The factor is active already');
      if (!body.passCode) throw invalid('passCode', 'passCode: The field cannot be left blank');
      requireProven(await activateFactor(env, user, waiting, body), waiting);
      return json(showFactor(env, await getFactor(env, user.id, waiting.id)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/users/{userId}/factors/{factorId}/verify',
    operationId: 'verifyFactor',
    summary: 'Check a code, or the answer to a security question',
    tags,
    access: 'okta.users.manage',
    body: givenProof,
    responses: { 200: verification },
    async handle({ env, params, body }) {
      const user = await userOfPath(env, params.userId);
      const known = await getFactor(env, user.id, params.factorId);
      if (known.status !== 'ACTIVE') throw new Refusal('E0000079');
      const member = known.factor_type === 'question' ? 'answer' : 'passCode';
      if (!body[member]) throw invalid(member, `${member}: The field cannot be left blank`);
      requireProven(await verifyFactor(env, user, known, body), known);
      return json({ factorResult: 'SUCCESS' });
    },
  }),
  // An app scans it from a page of anybody's, so the address itself is the secret; it opens nothing once the factor is active.
  route({
    method: 'GET',
    path: '/api/v1/users/{userId}/factors/{factorId}/qr/{token}',
    operationId: 'showFactorQrCode',
    summary: 'The picture of a code app’s secret, while the factor waits for its first code',
    tags,
    access: 'public',
    responses: { 200: null },
    async handle({ env, params: { userId, factorId, token } }) {
      const waiting = await findFactorByQrToken(env, { userId, id: factorId, token });
      if (!waiting) throw notFound(factorId, 'UserFactor');
      const picture = png(encode(await activationUri(env, waiting), { ecc: 'M', border: 0 }).data, {
        scale: 4,
        border: 4,
      });
      const headers = { 'content-type': 'image/png', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
      return new Response(new Uint8Array(picture), { headers });
    },
  }),
];
