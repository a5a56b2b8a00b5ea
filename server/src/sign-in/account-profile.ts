// Owns a person's own profile: seeing it, and changing what the schema leaves to them. Not here: what that is (core/own-profile.ts).
import { changeOwnProfile, type OwnAttribute, ownAttributes } from '../core/own-profile.ts';
import { Refusal } from '../core/refusal.ts';
import { ownPage } from '../http/own-page.ts';
import { type Route, route } from '../http/route.ts';
import { backTo, type OwnAccount, wasDone, withOwnAccount, withOwnForm } from './own-account.ts';
import { single } from './own-form.ts';
import { ownProfileBody, type ProfileErrors } from './pages/own-profile-page.ts';

const PATH = '/account/profile';
const PURPOSE = 'profile';
const tags = ['Account'];

export const accountProfileRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    operationId: 'showOwnProfile',
    summary: 'A person’s own profile',
    tags,
    access: 'public',
    responses: { 200: null, 303: null },
    handle: ({ env, request }) =>
      withOwnAccount(env, request, async (account) =>
        show(account, await ownAttributes(env, account.user), { changed: wasDone(PATH, account, request) }),
      ),
  }),
  route({
    method: 'POST',
    path: PATH,
    operationId: 'changeOwnProfile',
    summary: 'Change what people may change of their own profile',
    tags,
    access: 'public',
    responses: { 200: null, 303: null },
    handle: ({ env, request }) =>
      withOwnForm(
        env,
        request,
        () => PURPOSE,
        async (account, form) => {
          const attributes = await ownAttributes(account.env, account.user);
          const typed = new Map(
            attributes.flatMap(({ name, editable }) => {
              const text = editable ? single(form, nameOfField(name)) : null;
              return text === null ? [] : [[name, text]];
            }),
          );
          const changes = attributes
            .filter(({ name }) => typed.has(name))
            .map((one) => [one.name, typedValue(one, typed.get(one.name) ?? '')] as const);
          try {
            await changeOwnProfile(account.env, account.user, Object.fromEntries(changes));
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            return show(account, attributes, { typed, errors: errorsOf(error, typed) });
          }
          return backTo(PATH, account);
        },
      ),
  }),
];

/** An attribute may have any name, such as one of the form's own. */
export function nameOfField(attribute: string): string {
  return `profile.${attribute}`;
}

function show(
  { env, browser, user, formToken }: OwnAccount,
  attributes: readonly OwnAttribute[],
  further: { changed?: boolean; typed?: ReadonlyMap<string, string>; errors?: ProfileErrors },
): Response {
  const { title, body } = ownProfileBody({
    action: PATH,
    csrf: formToken(PURPOSE),
    fields: attributes.map((one) => ({ ...one, field: nameOfField(one.name), text: further.typed?.get(one.name) })),
    changed: further.changed ?? false,
    errors: further.errors ?? { form: [], fields: new Map() },
  });
  return ownPage(env, browser, { here: PATH, title, body, login: user.login });
}

/** What was typed, in the attribute's type; what is not of it goes on as it is, and is refused by the attribute's own rule. */
function typedValue({ attribute, value }: OwnAttribute, text: string): unknown {
  const trimmed = text.trim();
  switch (attribute.type) {
    case 'array':
      return value;
    case 'boolean':
      return trimmed === '' ? null : trimmed === 'true' ? true : trimmed === 'false' ? false : trimmed;
    case 'number':
    case 'integer':
      return trimmed === '' ? null : Number.isNaN(Number(trimmed)) ? trimmed : Number(trimmed);
    case 'string':
      return trimmed === '' ? null : trimmed;
  }
}

function errorsOf({ causes }: Refusal, typed: ReadonlyMap<string, string>): ProfileErrors {
  const fields = new Map<string, string>();
  const form: string[] = [];
  for (const cause of causes) {
    const [, name = '', text = cause] = /^(\w+): (.*)$/s.exec(cause) ?? [];
    if (typed.has(name)) fields.set(name, `${text}.`);
    else form.push(`${text}.`);
  }
  if (causes.length === 0) form.push('This cannot be changed here. Ask your administrator.');
  return { form, fields };
}
