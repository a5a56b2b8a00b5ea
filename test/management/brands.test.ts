// Brands, their themes and pages: by the unmodified SDK, as attackers would use them, and as the people at the sign-in page see them.
import sdk from '@okta/okta-sdk-nodejs';
import { describe, expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { type ApiError, managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const okta = new sdk.Client({ orgUrl: server.url, token: server.apiToken }).customizationApi;

type Brand = { id: string; name: string; isDefault: boolean };
type Theme = { id: string; logo: string; favicon: string; backgroundImage: string | null; primaryColorHex: string };

const BRANDS = '/api/v1/brands';
const variants = {
  signInPageTouchPointVariant: 'BACKGROUND_IMAGE',
  endUserDashboardTouchPointVariant: 'FULL_THEME',
  errorPageTouchPointVariant: 'BACKGROUND_SECONDARY_COLOR',
  emailTemplateTouchPointVariant: 'FULL_THEME',
} as const;
const colours = { primaryColorHex: '#aa1144', secondaryColorHex: '#ffeecc' };

/** A PNG of one colour, as far as its first bytes say. */
const png = (side: number, bytes = 200) => {
  const picture = Buffer.alloc(bytes);
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(picture);
  picture.writeUInt32BE(side, 16);
  picture.writeUInt32BE(side, 20);
  return picture;
};

const defaultBrand = async () => (await api.get<Brand[]>(BRANDS)).find(({ isDefault }) => isDefault) as Brand;
const themeOf = async (brandId: string) => (await api.get<Theme[]>(`${BRANDS}/${brandId}/themes`))[0] as Theme;

async function upload(path: string, content: Uint8Array, type = 'image/png', name = 'x.png') {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(content)], { type }), name);
  const authorization = `SSWS ${server.apiToken}`;
  const answer = await fetch(`${server.url}${path}`, { method: 'POST', body: form, headers: { authorization } });
  return { status: answer.status, body: (await answer.json()) as ApiError & { url: string } };
}

async function refusal(method: string, path: string, body?: unknown): Promise<[number, string, string | undefined]> {
  const answer = await api.request<ApiError>(method, path, body);
  return [answer.status, answer.body.errorCode, answer.body.errorCauses[0]?.errorSummary];
}

const textAt = async (path: string) => (await fetch(`${server.url}${path}`)).text();

test('the SDK makes, reads, replaces and deletes a brand, with its theme and pages', async () => {
  const name = unique('Brand');
  const made = await okta.createBrand({ CreateBrandRequest: { name } });
  const brandId = String(made.id);
  expect(made).toMatchObject({ name, isDefault: false, removePoweredByOkta: false });
  const names: string[] = [];
  await (await okta.listBrands()).each((one) => void names.push(String(one?.name)));
  expect(names).toContain(name);
  const policy = { agreeToCustomPrivacyPolicy: true, customPrivacyPolicyUrl: 'https://example.com/privacy' };
  expect(await okta.replaceBrand({ brandId, brand: { name, locale: 'en', ...policy } })).toMatchObject(policy);
  const themes: string[] = [];
  await (await okta.listBrandThemes({ brandId })).each((one) => void themes.push(String(one?.id)));
  const [themeId = ''] = themes;
  expect(await okta.replaceBrandTheme({ brandId, themeId, theme: { ...variants, ...colours } })).toMatchObject({
    id: themeId,
    ...variants,
    ...colours,
    primaryColorContrastHex: '#ffffff',
    secondaryColorContrastHex: '#000000',
  });
  const signInPage = { widgetVersion: '^7', widgetCustomizations: { helpLabel: 'Ask us', widgetGeneration: 'G3' } };
  expect(await okta.replaceCustomizedSignInPage({ brandId, SignInPage: signInPage as never })).toMatchObject(
    signInPage,
  );
  expect(await okta.getCustomizedSignInPage({ brandId })).toMatchObject(signInPage);
  await okta.deleteCustomizedSignInPage({ brandId });
  await expect(okta.getCustomizedSignInPage({ brandId })).rejects.toMatchObject({ status: 404 });
  const errorPage = { pageContent: '<h1>{{errorSummary}}</h1>' };
  expect(await okta.replacePreviewErrorPage({ brandId, ErrorPage: errorPage })).toMatchObject(errorPage);
  expect(await okta.getErrorPage({ brandId, expand: ['preview'] })).toMatchObject({
    _embedded: { preview: errorPage },
  });
  await okta.deleteBrand({ brandId });
  await expect(okta.getBrand({ brandId })).rejects.toMatchObject({ status: 404, errorCode: 'E0000007' });
});

test('the default brand stays, and a name is taken once', async () => {
  const { id } = await defaultBrand();
  expect((await refusal('DELETE', `${BRANDS}/${id}`)).slice(0, 2)).toEqual([409, 'E0000200']);
  const name = unique('Brand');
  await api.post(BRANDS, { name });
  expect((await refusal('POST', BRANDS, { name: ` ${name.toUpperCase()} ` })).slice(0, 2)).toEqual([409, 'E0000202']);
});

describe('an attack through the theme', () => {
  test.each([
    '#fff;}body{background:url(https://evil.example)}',
    'red',
    '#12345g',
    '#ffffff\n}',
    'expression(alert(1))',
  ])('by the colour %j is refused', async (colour) => {
    const { id } = await defaultBrand();
    const theme = await themeOf(id);
    for (const name of ['primaryColorHex', 'secondaryColorHex', 'primaryColorContrastHex'])
      expect(
        await refusal('PUT', `${BRANDS}/${id}/themes/${theme.id}`, { ...variants, ...colours, [name]: colour }),
      ).toEqual([400, 'E0000001', `${name}: The value must be a colour such as #1662dd`]);
  });

  test.each<[string, string, Buffer, string]>([
    [
      'a script in SVG',
      'logo',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>'),
      'must be',
    ],
    ['a page', 'logo', Buffer.from('<!doctype html><script>alert(1)</script>'), 'must be'],
    ['an icon for a logo', 'logo', Buffer.concat([Buffer.from('00000100', 'hex'), Buffer.alloc(40)]), 'must be'],
    ['a GIF for a favicon', 'favicon', Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(40)]), 'must be'],
    ['a favicon of 1024 pixels', 'favicon', png(1024), 'square'],
    ['too large a logo', 'logo', png(10, 100_001), 'more than'],
    ['nothing', 'background-image', Buffer.alloc(0), 'must be'],
  ])('by %s as the %s is refused', async (_, part, content, why) => {
    const { id } = await defaultBrand();
    const path = `${BRANDS}/${id}/themes/${(await themeOf(id)).id}/${part}`;
    const { status, body } = await upload(path, content);
    expect([status, body.errorCode]).toEqual([400, 'E0000001']);
    expect(body.errorCauses[0]?.errorSummary).toContain(why);
  });

  test('by a body that is no form is refused', async () => {
    const { id } = await defaultBrand();
    const path = `${BRANDS}/${id}/themes/${(await themeOf(id)).id}/background-image`;
    expect((await refusal('POST', path, { file: 'x' })).slice(0, 2)).toEqual([400, 'E0000021']);
  });

  test('by links in the words of a page is refused, and by markup in them has no effect', async () => {
    const { id } = await defaultBrand();
    const page = `${BRANDS}/${id}/pages/sign-in/customized`;
    for (const helpUrl of ['javascript:alert(1)', 'data:text/html,x', '//evil.example', 'https://a b'])
      expect((await refusal('PUT', page, { widgetCustomizations: { helpUrl } })).slice(0, 2)).toEqual([
        400,
        'E0000001',
      ]);
    const attack = '"><script>alert(1)</script><img src=x onerror=alert(2)>';
    await api.put(page, {
      pageContent: attack,
      widgetCustomizations: {
        signInLabel: attack,
        usernameLabel: attack,
        passwordInfoTip: attack,
        helpLabel: attack,
        helpUrl: 'https://help.example.com/?"><script>',
      },
    });
    expect(await refusal('PUT', `${BRANDS}/${id}`, { name: attack, customPrivacyPolicyUrl: 'javascript:1' })).toEqual([
      400,
      'E0000001',
      'customPrivacyPolicyUrl: The value must be an address on the web',
    ]);
    await api.put(`${BRANDS}/${id}`, { name: attack });
    const html = await textAt('/signin');
    expect(html).not.toMatch(/<script|<img src=x/);
    expect(html).toContain('&lt;script&gt;');
    await api.delete(page);
    await api.put(`${BRANDS}/${id}`, { name: 'Acme' });
  });

  test('by what the sign-out page says leads nowhere but to a place on the web', async () => {
    const { id } = await defaultBrand();
    const page = `${BRANDS}/${id}/pages/sign-out/customized`;
    for (const url of ['javascript:alert(1)', '', undefined])
      expect((await refusal('PUT', page, { type: 'EXTERNALLY_HOSTED', url })).slice(0, 2)).toEqual([400, 'E0000001']);
    await api.put(page, { type: 'EXTERNALLY_HOSTED', url: 'https://www.example.com/bye' });
    const answer = await fetch(`${server.url}/login/signout`, { redirect: 'manual' });
    expect(answer.headers.get('location')).toBe('https://www.example.com/bye');
    await api.put(page, { type: 'OKTA_DEFAULT' });
  });
});

test('what the theme of the default brand says shows on the sign-in page', async () => {
  const { id } = await defaultBrand();
  const theme = await themeOf(id);
  const path = `${BRANDS}/${id}/themes/${theme.id}`;
  expect(await textAt('/brand/sign-in/theme.css')).toBe('');
  const logo = await upload(`${path}/logo`, png(30));
  expect(logo.status).toBe(200);
  const background = await upload(`${path}/background-image`, png(40));
  expect((await upload(`${path}/favicon`, png(64))).status).toBe(201);
  await api.put(path, { ...variants, ...colours });

  const page = await fetch(`${server.url}/signin`);
  const html = await page.text();
  expect(page.headers.get('content-security-policy')).toMatch(/style-src 'self'; img-src 'self'; form-action 'self'/);
  expect(html).toContain('<link rel="stylesheet" href="/brand/sign-in/theme.css">');
  expect(html).toContain('<img src="/brand/sign-in/logo" alt=""');
  expect(html).toContain('<link rel="icon" href="/brand/sign-in/favicon">');
  const css = await textAt('/brand/sign-in/theme.css');
  expect(css).toContain('--accent: #aa1144;');
  expect(css).toContain(`url("${new URL(background.body.url).pathname}")`);
  expect(await textAt('/brand/error/theme.css')).toContain('--ground: #ffeecc;');
  const shown = await fetch(`${server.url}/brand/sign-in/logo`);
  expect([...new Uint8Array(await shown.arrayBuffer())]).toEqual([...png(30)]);
  const picture = await fetch(logo.body.url);
  expect(picture.headers.get('content-type')).toBe('image/png');
  expect(picture.headers.get('x-content-type-options')).toBe('nosniff');
  expect(picture.headers.get('content-security-policy')).toContain('sandbox');

  await api.put(`${BRANDS}/${id}/pages/sign-in/customized`, {
    widgetCustomizations: { signInLabel: 'Welcome', helpLabel: 'Ask us', helpUrl: 'https://help.example.com/' },
  });
  await expect.poll(() => textAt('/signin')).toContain('<h1>Welcome</h1>');
  expect(await textAt('/signin')).toContain('<a href="https://help.example.com/" rel="noreferrer">Ask us</a>');

  await api.delete(`${path}/logo`);
  expect((await fetch(logo.body.url)).status).toBe(404);
  expect((await fetch(`${server.url}/brand/sign-in/logo`)).headers.get('content-type')).toBe('image/svg+xml');
});

test('the SDK puts e-mails into other words: one language of a template is its default', async () => {
  const brandId = String((await okta.createBrand({ CreateBrandRequest: { name: unique('Mail') } })).id);
  const place = { brandId, templateName: 'ForgotPassword' };
  const text = (language: string, isDefault: boolean) => ({
    language,
    isDefault,
    subject: 'Password',
    body: '<b>Hi</b>',
  });
  const make = (language: string, isDefault: boolean) =>
    okta.createEmailCustomization({ ...place, instance: text(language, isDefault) });
  const [first, second] = [await make('en', true), await make('es', false)];
  expect([first.isDefault, second.isDefault]).toEqual([true, false]);
  await expect(make('es', false)).rejects.toMatchObject({ status: 409, errorCode: 'E0000182' });
  await expect(make('fr', true)).rejects.toMatchObject({ status: 409, errorCode: 'E0000183' });
  const one = (customizationId: string | undefined) => ({ ...place, customizationId: String(customizationId) });
  await expect(okta.deleteEmailCustomization(one(first.id))).rejects.toMatchObject({ errorCode: 'E0000185' });
  await expect(okta.replaceEmailCustomization({ ...one(first.id), instance: text('en', false) })).rejects.toMatchObject(
    { errorCode: 'E0000184' },
  );
  await okta.replaceEmailCustomization({ ...one(second.id), instance: text('es', true) });
  expect(await okta.getEmailCustomization(one(first.id))).toMatchObject({ isDefault: false, language: 'en' });
  await okta.deleteEmailCustomization(one(first.id));
  const attack = { ...text('de', false), body: '<img src=x onerror=alert(1)>' };
  await expect(okta.createEmailCustomization({ ...place, instance: attack })).rejects.toMatchObject({
    errorCode: 'E0000001',
  });
  await okta.replaceEmailSettings({ ...place, EmailSettings: { recipients: 'NO_USERS' } });
  expect(await okta.getEmailSettings(place)).toMatchObject({ recipients: 'NO_USERS' });
  await okta.deleteAllCustomizations(place);
  const names: string[] = [];
  await (await okta.listEmailTemplates({ brandId, limit: 20 })).each(
    (template) => void names.push(String(template?.name)),
  );
  expect(new Set(names).size).toBeGreaterThan(20);
  await expect(okta.getEmailTemplate({ brandId, templateName: 'None' })).rejects.toMatchObject({ status: 404 });
  await okta.deleteBrand({ brandId });
});

test('an application and the organization have logos of their own', async () => {
  const settings = { app: { url: 'https://wiki.example.com' } };
  const app = await api.post<{ id: string }>('/api/v1/apps', {
    label: unique('Logo'),
    signOnMode: 'BOOKMARK',
    settings,
  });
  const post = async (path: string, content: Buffer) => {
    const body = new FormData();
    body.append('file', new Blob([new Uint8Array(content)]), 'x.png');
    const authorization = `SSWS ${server.apiToken}`;
    return fetch(`${server.url}${path}`, { method: 'POST', body, headers: { authorization } });
  };
  const first = await post(`/api/v1/apps/${app.id}/logo`, png(20));
  expect(first.status).toBe(201);
  const second = await post(`/api/v1/apps/${app.id}/logo`, png(21));
  const href = second.headers.get('location') ?? '';
  const shown = await api.get<{ settings: object; _links: { logo: object[] } }>(`/api/v1/apps/${app.id}`);
  expect(shown._links.logo).toEqual([{ name: 'medium', href, type: 'image/png' }]);
  expect(shown.settings).not.toHaveProperty('logoId');
  expect((await fetch(first.headers.get('location') ?? '')).status).toBe(404);
  expect(
    (await post(`/api/v1/apps/${app.id}/logo`, Buffer.from('<svg onload="alert(1)"></svg>          '))).status,
  ).toBe(400);
  await api.put(`/api/v1/apps/${app.id}`, { label: unique('Logo'), signOnMode: 'BOOKMARK', settings });
  expect((await fetch(href)).status).toBe(200);
  await api.post(`/api/v1/apps/${app.id}/lifecycle/deactivate`);
  await api.delete(`/api/v1/apps/${app.id}`);
  expect((await fetch(href)).status).toBe(404);
  const logo = await post('/api/v1/org/logo', png(22));
  expect(logo.status).toBe(201);
  expect(await api.get('/api/v1/org')).toMatchObject({ _links: { logo: { href: logo.headers.get('location') } } });
});

test('a host is kept, and is not complete before the operator has named it', async () => {
  type Domain = { id: string; domain: string; validationStatus: string };
  const name = `${unique('sso').replace(/\W+/g, '-')}.example.com`;
  const made = await api.request<Domain>('POST', '/api/v1/domains', { domain: name, certificateSourceType: 'MANUAL' });
  expect([made.status, made.body.domain, made.body.validationStatus]).toEqual([201, name.toLowerCase(), 'NOT_STARTED']);
  const { domains } = await api.get<{ domains: Domain[] }>('/api/v1/domains');
  expect(domains.map(({ id }) => id)).toEqual([made.body.id, 'default']);
  for (const domain of [name, 'localhost', 'https://a.example.com', 'a b.example.com', '-a.example.com'])
    expect((await refusal('POST', '/api/v1/domains', { domain, certificateSourceType: 'MANUAL' })).slice(0, 2)).toEqual(
      [400, 'E0000001'],
    );
  expect((await refusal('POST', `/api/v1/domains/${made.body.id}/verify`)).slice(0, 2)).toEqual([501, 'E0000060']);
  await api.delete(`/api/v1/domains/${made.body.id}`);
  expect((await refusal('GET', `/api/v1/domains/${made.body.id}`)).slice(0, 2)).toEqual([404, 'E0000007']);
});
