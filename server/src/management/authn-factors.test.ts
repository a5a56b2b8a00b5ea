import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY, MINUTE } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import { listFactors } from '../core/factors.ts';
import { redeemSessionToken } from '../core/session-tokens.ts';
import {
  codeNow,
  enrolledApp,
  makePolicy,
  requireEnrollment,
  requireFactor,
  withFactors,
} from '../core/test-factors.ts';
import { forgotPassword } from '../core/user-credentials.ts';
import { createUser, getUser, type User } from '../core/users.ts';
import { authnRoutes } from './authn.ts';
import { orgFactorRoutes } from './org-factors.ts';
import { type Answer, createTestApi, ORG, type TestApi } from './test-api.ts';

const PASSWORD = 'Correct-Horse-7';
const WRONG = '000000';

let api: TestApi;
let env: Env;
let ada: User;

beforeEach(async () => {
  api = await createTestApi([...authnRoutes, ...orgFactorRoutes]);
  env = api.world.env;
  await withFactors(env);
  ada = await makeUser('ada');
});
afterEach(() => api.world.close());

function makeUser(name: string, more: object = {}): Promise<User> {
  const profile = {
    login: `${name}@example.com`,
    email: `${name}@example.com`,
    firstName: 'Ada',
    lastName: 'Lovelace',
  };
  return createUser(env, { profile, password: PASSWORD, ...more });
}

const post = (path: string, body: object) => api.call('POST', `/authn${path}`, body);
const signIn = (more: object = {}) => post('', { username: ada.login, password: PASSWORD, ...more });
const outcome = ({ status, body }: Answer) => [status, body.errorCode ?? body.status];
const tokenOf = ({ body }: Answer) => String(body.stateToken);
const embedded = ({ body }: Answer) => body._embedded as Record<string, unknown>;
const linksOf = ({ body }: Answer) => body._links as Record<string, { href: string }>;
const verify = (id: string, stateToken: string, passCode: string, query = '') =>
  post(`/factors/${id}/verify${query}`, { stateToken, passCode });
const proofOf = async ({ body }: Answer) => redeemSessionToken(env, String(body.sessionToken));

describe('a sign-in whose policy wants a further factor', () => {
  it('asks who has one for it, and gives a session token that says so', async () => {
    await requireFactor(env);
    const app = await enrolledApp(env, ada);
    const asked = await signIn({ relayState: '/deep' });
    expect(outcome(asked)).toEqual([200, 'MFA_REQUIRED']);
    expect(asked.body.sessionToken).toBeUndefined();
    expect(embedded(asked)).toMatchObject({
      user: { id: ada.id },
      factors: [
        {
          id: app.id,
          factorType: 'token:software:totp',
          provider: 'GOOGLE',
          vendorName: 'GOOGLE',
          profile: { credentialId: ada.login },
          _links: { verify: { href: `${ORG}/api/v1/authn/factors/${app.id}/verify`, hints: { allow: ['POST'] } } },
        },
      ],
      policy: { allowRememberDevice: false },
    });
    const done = await verify(app.id, tokenOf(asked), app.code());
    expect(outcome(done)).toEqual([200, 'SUCCESS']);
    expect(done.body.relayState).toBe('/deep');
    const proof = await proofOf(done);
    expect(proof).toMatchObject({ userId: ada.id, amr: ['pwd', 'otp', 'mfa'], factorVerifiedAt: env.now() });
  });

  it('goes to a chosen factor and back', async () => {
    await requireFactor(env);
    const [app, other] = [await enrolledApp(env, ada), await enrolledApp(env, ada, 'OKTA')];
    const stateToken = tokenOf(await signIn());
    const chosen = await post(`/factors/${app.id}/verify`, { stateToken });
    expect(outcome(chosen)).toEqual([200, 'MFA_CHALLENGE']);
    expect(Object.keys(linksOf(chosen))).toEqual(['next', 'prev', 'cancel']);
    expect(linksOf(chosen).next).toMatchObject({ name: 'verify' });
    expect(outcome(await post('', { stateToken }))).toEqual([200, 'MFA_CHALLENGE']);
    expect(outcome(await post('/previous', { stateToken }))).toEqual([200, 'MFA_REQUIRED']);
    expect(outcome(await post('/previous', { stateToken }))).toEqual([403, 'E0000079']);
    expect(outcome(await verify(other.id, stateToken, other.code()))).toEqual([200, 'SUCCESS']);
  });

  it('lets nobody else pass: not a wrong code, a used one, another’s factor, or the token of another', async () => {
    await requireFactor(env);
    const app = await enrolledApp(env, ada);
    const bob = await makeUser('bob');
    const bobs = await enrolledApp(env, bob);
    const stateToken = tokenOf(await signIn());
    const bobsToken = tokenOf(await post('', { username: bob.login, password: PASSWORD }));
    expect(outcome(await verify(app.id, stateToken, WRONG))).toEqual([403, 'E0000068']);
    expect(outcome(await verify(bobs.id, stateToken, bobs.code()))).toEqual([404, 'E0000007']);
    expect(outcome(await verify(app.id, bobsToken, app.code()))).toEqual([404, 'E0000007']);
    expect(outcome(await verify(app.id, 'made-up', app.code()))).toEqual([401, 'E0000011']);
    expect(outcome(await verify(app.id, stateToken, app.code()))).toEqual([200, 'SUCCESS']);
    // The state is over, and its code is used.
    expect(outcome(await verify(app.id, stateToken, app.code(1)))).toEqual([401, 'E0000011']);
    expect(outcome(await verify(app.id, tokenOf(await signIn()), app.code()))).toEqual([403, 'E0000082']);
  });

  it('gives one session token to any number of codes at once', async () => {
    await requireFactor(env);
    const app = await enrolledApp(env, ada);
    const stateToken = tokenOf(await signIn());
    const answers = await Promise.all([0, 1, -1, 0, 1].map((step) => verify(app.id, stateToken, app.code(step))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('shuts the account when codes are guessed, and no state of it goes on', async () => {
    await requireFactor(env);
    const app = await enrolledApp(env, ada);
    const [first, second] = [tokenOf(await signIn()), tokenOf(await signIn())];
    for (let guess = 0; guess < 10; guess++) await verify(app.id, guess % 2 ? first : second, WRONG);
    expect((await getUser(env, ada.id)).status).toBe('LOCKED_OUT');
    for (const token of [first, second])
      expect(outcome(await verify(app.id, token, app.code()))).toEqual([401, 'E0000011']);
    expect(outcome(await signIn())).toEqual([401, 'E0000004']);
  });

  it('offers no set-up to who has a factor, and no other way round it', async () => {
    await requireFactor(env);
    await enrolledApp(env, ada);
    const stateToken = tokenOf(await signIn());
    const enroll = { stateToken, factorType: 'token:software:totp', provider: 'OKTA' };
    expect(outcome(await post('/factors', enroll))).toEqual([403, 'E0000079']);
    for (const path of ['/skip', '/credentials/change_password'])
      expect(
        outcome(await post(path, { stateToken, oldPassword: PASSWORD, newPassword: 'Different-Horse-8' })),
      ).toEqual([403, 'E0000079']);
    expect(outcome(await post('/credentials/reset_password', { stateToken, newPassword: 'x' }))).toEqual([
      401,
      'E0000011',
    ]);
    expect(await listFactors(env, ada.id)).toHaveLength(1);
  });

  it('is worth nothing once the password that began it has been replaced', async () => {
    await requireFactor(env);
    const app = await enrolledApp(env, ada);
    const stateToken = tokenOf(await signIn());
    await env.db
      .updateTable('users')
      .set({ password_changed: env.now() + 1 })
      .where('id', '=', ada.id)
      .execute();
    expect(outcome(await verify(app.id, stateToken, app.code()))).toEqual([401, 'E0000011']);
  });

  it('ends by itself, five minutes after its last step', async () => {
    await requireFactor(env);
    const app = await enrolledApp(env, ada);
    const stateToken = tokenOf(await signIn());
    api.world.advance(4 * MINUTE);
    await post(`/factors/${app.id}/verify`, { stateToken });
    api.world.advance(4 * MINUTE);
    expect(outcome(await post('', { stateToken }))).toEqual([200, 'MFA_CHALLENGE']);
    api.world.advance(MINUTE);
    expect(outcome(await verify(app.id, stateToken, app.code()))).toEqual([401, 'E0000011']);
  });

  it('asks for a factor after an expired password too', async () => {
    await requireFactor(env);
    await enrolledApp(env, ada);
    await env.db.updateTable('users').set({ status: 'PASSWORD_EXPIRED' }).where('id', '=', ada.id).execute();
    const expired = await signIn();
    expect(outcome(expired)).toEqual([200, 'PASSWORD_EXPIRED']);
    const body = { stateToken: tokenOf(expired), oldPassword: PASSWORD, newPassword: 'Different-Horse-8' };
    expect(outcome(await post('/credentials/change_password', body))).toEqual([200, 'MFA_REQUIRED']);
  });
});

describe('a device that is remembered', () => {
  const deviceToken = 'a-device-of-the-app-0123456789';
  const context = { deviceToken };

  it('is asked for the password alone, by whom and for how long the rule says', async () => {
    await requireFactor(env, { factorPromptMode: 'DEVICE', factorLifetime: 60 });
    const app = await enrolledApp(env, ada);
    const asked = await signIn({ context });
    expect(embedded(asked).policy).toEqual({
      allowRememberDevice: true,
      rememberDeviceLifetimeInMinutes: 60,
      rememberDeviceByDefault: false,
    });
    expect(outcome(await verify(app.id, tokenOf(asked), app.code(), '?rememberDevice=true'))).toEqual([200, 'SUCCESS']);
    const again = await signIn({ context });
    expect(outcome(again)).toEqual([200, 'SUCCESS']);
    // What was not proven is not said.
    expect((await proofOf(again))?.amr).toEqual(['pwd']);
    for (const other of [{}, { context: { deviceToken: `${deviceToken}x` } }])
      expect(outcome(await signIn(other))).toEqual([200, 'MFA_REQUIRED']);
    const bob = await makeUser('bob');
    await enrolledApp(env, bob);
    expect(outcome(await post('', { username: bob.login, password: PASSWORD, context }))[1]).toBe('MFA_REQUIRED');
    api.world.advance(60 * MINUTE);
    expect(outcome(await signIn({ context }))).toEqual([200, 'MFA_REQUIRED']);
  });

  it('is none where the person did not want it, the rule asks always, or its name could be guessed', async () => {
    const policy = await requireFactor(env, { factorPromptMode: 'SESSION', factorLifetime: 60 });
    const app = await enrolledApp(env, ada);
    await verify(app.id, tokenOf(await signIn({ context })), app.code(-1));
    expect(outcome(await signIn({ context }))[1]).toBe('MFA_REQUIRED');
    const short = { context: { deviceToken: 'phone-1' } };
    await verify(app.id, tokenOf(await signIn(short)), app.code(), '?rememberDevice=true');
    expect(outcome(await signIn(short))[1]).toBe('MFA_REQUIRED');
    await verify(app.id, tokenOf(await signIn({ context })), app.code(1), '?rememberDevice=true');
    expect(outcome(await signIn({ context }))[1]).toBe('SUCCESS');
    await env.db.deleteFrom('policies').where('id', '=', policy.id).execute();
    await env.db.deleteFrom('policy_rules').where('policy_id', '=', policy.id).execute();
    await requireFactor(env, { factorPromptMode: 'ALWAYS' });
    expect(outcome(await signIn({ context }))[1]).toBe('MFA_REQUIRED');
  });
});

describe('who has no factor yet', () => {
  type Activation = { activation: { sharedSecret: string } };
  const app = { factorType: 'token:software:totp', provider: 'GOOGLE' };

  it('sets one up, whose first code is the proof', async () => {
    await requireFactor(env);
    const asked = await signIn();
    expect(outcome(asked)).toEqual([200, 'MFA_ENROLL']);
    expect(embedded(asked).factors).toMatchObject([
      { factorType: 'token:software:totp', provider: 'OKTA', enrollment: 'OPTIONAL', status: 'NOT_SETUP' },
      {
        factorType: 'token:software:totp',
        provider: 'GOOGLE',
        _links: { enroll: { href: `${ORG}/api/v1/authn/factors` } },
      },
    ]);
    const stateToken = tokenOf(asked);
    const begun = await post('/factors', { stateToken, ...app });
    expect(outcome(begun)).toEqual([200, 'MFA_ENROLL_ACTIVATE']);
    const factor = embedded(begun).factor as { id: string; _embedded: Activation };
    const { sharedSecret } = factor._embedded.activation;
    const activate = (passCode: string, id = factor.id) =>
      post(`/factors/${id}/lifecycle/activate`, { stateToken, passCode });
    expect(outcome(await activate(WRONG))).toEqual([403, 'E0000068']);
    expect(outcome(await activate(codeNow(env, sharedSecret), 'uft00000000000000000'))).toEqual([403, 'E0000079']);
    expect(outcome(await post('/previous', { stateToken }))).toEqual([200, 'MFA_ENROLL']);
    // Gone back, the factor that was begun is no longer what the state is about.
    expect(outcome(await activate(codeNow(env, sharedSecret)))).toEqual([403, 'E0000079']);
    const anew = embedded(await post('/factors', { stateToken, ...app })).factor as typeof factor;
    const secret = anew._embedded.activation.sharedSecret;
    expect(secret).not.toBe(sharedSecret);
    const done = await activate(codeNow(env, secret), anew.id);
    expect(outcome(done)).toEqual([200, 'SUCCESS']);
    expect((await proofOf(done))?.amr).toEqual(['pwd', 'otp', 'mfa']);
  });

  it('may answer a question where the org lets it, and is signed in by that', async () => {
    await requireFactor(env);
    const question = {
      factorType: 'question',
      provider: 'OKTA',
      profile: { question: 'first_award', answer: 'chess' },
    };
    expect((await post('/factors', { stateToken: tokenOf(await signIn()), ...question })).status).toBe(400);
    await api.call('POST', '/org/factors/okta_question/lifecycle/activate');
    const done = await post('/factors', { stateToken: tokenOf(await signIn()), ...question });
    expect(outcome(done)).toEqual([200, 'SUCCESS']);
    expect((await proofOf(done))?.amr).toEqual(['pwd', 'kba', 'mfa']);
    const [enrolled] = await listFactors(env, ada.id);
    const answer = { stateToken: tokenOf(await signIn()), answer: 'Chess' };
    expect(outcome(await post(`/factors/${enrolled?.id}/verify`, answer))).toEqual([200, 'SUCCESS']);
  });

  it('stays outside where none may be set up', async () => {
    await requireFactor(env);
    await requireEnrollment(env, { google_otp: 'OPTIONAL' }, 'NEVER');
    expect(outcome(await signIn())).toEqual([401, 'E0000004']);
  });

  it('is let in where nothing is asked', async () => {
    expect(outcome(await signIn())).toEqual([200, 'SUCCESS']);
  });
});

describe('a factor that a policy requires of everybody', () => {
  it('is set up at the sign-in, after one that the person has', async () => {
    await requireEnrollment(env, { google_otp: 'REQUIRED', okta_verify: 'OPTIONAL' }, 'LOGIN');
    expect(outcome(await signIn())).toEqual([200, 'MFA_ENROLL']);
    // With the password alone nobody adds a factor beside another's.
    const other = await enrolledApp(env, ada, 'OKTA');
    const stateToken = tokenOf(await signIn());
    expect(outcome(await post('', { stateToken }))).toEqual([200, 'MFA_REQUIRED']);
    expect(outcome(await verify(other.id, stateToken, other.code()))).toEqual([200, 'MFA_ENROLL']);
    const begun = await post('/factors', { stateToken, factorType: 'token:software:totp', provider: 'GOOGLE' });
    const factor = embedded(begun).factor as { id: string; _embedded: { activation: { sharedSecret: string } } };
    const passCode = codeNow(env, factor._embedded.activation.sharedSecret);
    const done = await post(`/factors/${factor.id}/lifecycle/activate`, { stateToken, passCode });
    expect(outcome(done)).toEqual([200, 'SUCCESS']);
  });
});

describe('a password that will soon be too old', () => {
  const age = { password: { age: { maxAgeDays: 30, expireWarnDays: 5 } } };
  const options = { warnBeforePasswordExpired: true };

  it('is said to who asks to be told, and can be kept or replaced', async () => {
    await makePolicy(env, 'PASSWORD', age, null);
    expect(outcome(await signIn({ options }))).toEqual([200, 'SUCCESS']);
    api.world.advance(26 * DAY);
    expect(outcome(await signIn())).toEqual([200, 'SUCCESS']);
    const warned = await signIn({ options });
    expect(outcome(warned)).toEqual([200, 'PASSWORD_WARN']);
    expect(embedded(warned).policy).toMatchObject({ expiration: { passwordExpireDays: 4 } });
    expect(Object.keys(linksOf(warned))).toEqual(['next', 'skip', 'cancel']);
    expect(outcome(await post('/skip', { stateToken: tokenOf(warned) }))).toEqual([200, 'SUCCESS']);
    const stateToken = tokenOf(await signIn({ options }));
    const change = { stateToken, oldPassword: PASSWORD, newPassword: 'Different-Horse-8' };
    expect(outcome(await post('/credentials/change_password', change))).toEqual([200, 'SUCCESS']);
  });

  it('comes after the factor, so that no password is replaced by who has only the old one', async () => {
    await makePolicy(env, 'PASSWORD', age, null);
    await requireFactor(env);
    const app = await enrolledApp(env, ada);
    api.world.advance(26 * DAY);
    const asked = await signIn({ options });
    expect(outcome(asked)).toEqual([200, 'MFA_REQUIRED']);
    expect(outcome(await verify(app.id, tokenOf(asked), app.code()))).toEqual([200, 'PASSWORD_WARN']);
  });
});

describe('a locked account', () => {
  it('is told where the policy wants it told', async () => {
    await env.db.updateTable('users').set({ status: 'LOCKED_OUT' }).where('id', '=', ada.id).execute();
    expect(outcome(await signIn())).toEqual([401, 'E0000004']);
    await makePolicy(env, 'PASSWORD', { password: { lockout: { showLockoutFailures: true } } }, null);
    expect(outcome(await signIn())).toEqual([200, 'LOCKED_OUT']);
  });
});

describe('a recovery', () => {
  const recover = async (recoveryToken: string) => post('/recovery/token', { recoveryToken });

  it('asks the question, then a new password, then the factor', async () => {
    await requireFactor(env);
    const question = { question: 'Whose horse?', answer: 'Stapler' };
    ada = await makeUser('bea', { recoveryQuestion: question });
    const app = await enrolledApp(env, ada);
    const token = await forgotPassword(env, ada.id);
    const begun = await recover(token);
    expect(outcome(begun)).toEqual([200, 'RECOVERY']);
    expect(embedded(begun)).toMatchObject({ user: { id: ada.id, recovery_question: { question: 'Whose horse?' } } });
    expect(outcome(await recover(token))).toEqual([401, 'E0000011']);
    const stateToken = tokenOf(begun);
    const reset = (newPassword: string) => post('/credentials/reset_password', { stateToken, newPassword });
    expect(outcome(await reset('Different-Horse-8'))).toEqual([403, 'E0000079']);
    // It is no sign-in: nothing has been proven yet.
    expect(outcome(await verify(app.id, stateToken, app.code()))).toEqual([401, 'E0000011']);
    const answer = (text: string) => post('/recovery/answer', { stateToken, answer: text });
    expect(outcome(await answer('Battery'))).toEqual([403, 'E0000087']);
    expect(outcome(await answer('stapler'))).toEqual([200, 'PASSWORD_RESET']);
    expect(outcome(await reset('short'))).toEqual([403, 'E0000080']);
    const next = await reset('Different-Horse-8');
    expect(outcome(next)).toEqual([200, 'MFA_REQUIRED']);
    expect(outcome(await reset('Other-Horse-99'))).toEqual([401, 'E0000011']);
    expect(outcome(await verify(app.id, tokenOf(next), app.code()))).toEqual([200, 'SUCCESS']);
    expect(outcome(await signIn({ password: 'Different-Horse-8' }))[1]).toBe('MFA_REQUIRED');
  });

  it('goes straight to the password of who has no question', async () => {
    const begun = await recover(await forgotPassword(env, ada.id));
    expect(outcome(begun)).toEqual([200, 'PASSWORD_RESET']);
    expect(outcome(await post('', { stateToken: tokenOf(begun) }))).toEqual([200, 'PASSWORD_RESET']);
    expect(outcome(await post('/cancel', { stateToken: tokenOf(begun) }))[0]).toBe(200);
    expect(outcome(await post('', { stateToken: tokenOf(begun) }))).toEqual([401, 'E0000011']);
  });

  it('counts guesses at the answer, whichever token they come by', async () => {
    ada = await makeUser('bea', { recoveryQuestion: { question: 'Whose horse?', answer: 'Stapler' } });
    for (let guess = 0; guess < 10; guess++) {
      const stateToken = tokenOf(await recover(await forgotPassword(env, ada.id)));
      await post('/recovery/answer', { stateToken, answer: `guess ${guess}` });
    }
    expect((await getUser(env, ada.id)).status).toBe('LOCKED_OUT');
  });
});
