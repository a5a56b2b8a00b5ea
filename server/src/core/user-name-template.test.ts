import { describe, expect, it } from 'vitest';
import { checkUserNameTemplate, userNameOf } from './user-name-template.ts';

const person = { login: 'Jo.Doe@example.com', profile: { email: 'jo@mail.example', firstName: 'Jo' } };

describe('the name that an application gives a person', () => {
  it.each([
    ['$', '{source.login}', 'Jo.Doe@example.com'],
    ['$', '{source.email}', 'jo@mail.example'],
    ['$', '{user.firstName}', 'Jo'],
    ['$', '{fn:substringBefore(source.login, "@")}', 'Jo.Doe'],
    ['$', "{fn:substringAfter(source.email, '@')}", 'mail.example'],
    ['$', '{fn:toLowerCase(source.login)}', 'jo.doe@example.com'],
    ['corp\\$', '{source.firstName}', 'corp\\Jo'],
  ])('is made by the template %s%s', (before, rest, name) => {
    checkUserNameTemplate(before + rest);
    expect(userNameOf(before + rest, person)).toBe(name);
  });

  it('is none when the profile has nothing for it', () => {
    expect(userNameOf(`$${'{source.nickName}'}`, person)).toBe(null);
    expect(userNameOf(`$${'{fn:substringBefore(source.firstName, "@")}'}`, person)).toBe(null);
  });

  it.each([
    '{source.login.constructor}',
    '{process.exit()}',
    '{fn:constructor(source.login)}',
    '{}',
    '{fn:toLowerCase(source.login, "@")}',
  ])('is never made by a template that cannot be evaluated: %s', (rest) => {
    expect(() => checkUserNameTemplate(`$${rest}`)).toThrow('userNameTemplate');
  });

  it('reads nothing but the profile', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'password_hash'])
      expect(userNameOf(`$${`{source.${name}}`}`, person)).toBe(null);
  });
});
