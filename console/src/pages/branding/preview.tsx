// Owns the picture of the sign-in page as it would be with what is entered, before anything is saved. Not here: the page itself, which
// the server makes.
import { SegmentedControl, Text } from '@mantine/core';
import { type CSSProperties, useState } from 'react';
import { contrast, isColour, LINKS, pathOf, type Theme, type Values, WORDS } from './brand.ts';

type Scheme = 'light' | 'dark';

/** The server's own look, for either scheme. */
const PLAIN = {
  light: { ground: '#eef2f1', surface: '#ffffff', edge: '#d5dedc', ink: '#17211f', soft: '#52605d', field: '#76857f' },
  dark: { ground: '#101615', surface: '#18211f', edge: '#2b3836', ink: '#e8efed', soft: '#a3b3af', field: '#7b8d88' },
} as const;
const PLAIN_ACCENT = { light: ['#1a665d', '#ffffff'], dark: ['#5cc0b1', '#0b1f1b'] } as const;
const MARK = '/assets/mark.svg';

export function Preview({ values, theme }: { values: Values; theme: Theme }) {
  const [scheme, setScheme] = useState<Scheme>('light');
  const { ground, surface, edge, ink, soft, field } = PLAIN[scheme];
  const themed = values.variant !== 'OKTA_DEFAULT';
  const [accent, onAccent] = accentOf(values, themed, scheme);
  const hasLogo = themed && pathOf(theme.logo) !== MARK;
  const secondary = isColour(values.secondaryColorHex) ? values.secondaryColorHex : ground;
  const picture = values.variant === 'BACKGROUND_IMAGE' && theme.backgroundImage !== null;
  const background = picture
    ? `url("${pathOf(theme.backgroundImage ?? '')}") center / cover`
    : values.variant === 'BACKGROUND_SECONDARY_COLOR'
      ? secondary
      : ground;
  const input: CSSProperties = {
    border: `1px solid ${field}`,
    borderRadius: 8,
    height: 42,
    margin: '6px 0 16px',
    background: surface,
  };
  const links = LINKS.filter(({ name }) => values[`${name}Url`].trim() !== '');
  const said = (name: keyof typeof WORDS) => values[name].trim() || WORDS[name];
  const hint = (name: 'usernameInfoTip' | 'passwordInfoTip') =>
    said(name) && <div style={{ color: soft, fontSize: 13 }}>{said(name)}</div>;
  return (
    <section aria-label="Preview of the sign-in page">
      <SegmentedControl
        mb="xs"
        size="xs"
        aria-label="Colours of the preview"
        value={scheme}
        onChange={(to) => setScheme(to as Scheme)}
        data={[
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
      />
      <div
        data-preview
        style={{ background, padding: 28, borderRadius: 10, border: `1px solid ${edge}`, colorScheme: scheme }}
      >
        <div
          style={{
            background: surface,
            color: ink,
            border: `1px solid ${edge}`,
            borderRadius: 12,
            padding: 24,
            maxWidth: 360,
            margin: '0 auto',
            overflowWrap: 'anywhere',
          }}
        >
          <div style={{ display: 'flex', gap: 10, alignItems: 'center', color: soft, fontWeight: 600 }}>
            <img
              src={themed ? pathOf(theme.logo) : MARK}
              alt=""
              style={hasLogo ? { maxWidth: '100%', maxHeight: 56 } : { width: 28, height: 28 }}
            />
            {!hasLogo && <span>{values.name}</span>}
          </div>
          <div style={{ fontSize: 24, fontWeight: 650, margin: '20px 0' }}>{said('signInLabel')}</div>
          <div style={{ fontWeight: 550 }}>{said('usernameLabel')}</div>
          {hint('usernameInfoTip')}
          <div style={input} />
          <div style={{ fontWeight: 550 }}>{said('passwordLabel')}</div>
          {hint('passwordInfoTip')}
          <div style={input} />
          <div
            data-preview-button
            style={{
              background: accent,
              color: onAccent,
              borderRadius: 8,
              padding: '10px 16px',
              textAlign: 'center',
              fontWeight: 600,
            }}
          >
            Sign in
          </div>
          {links.map(({ name, label }) => (
            <div key={name} style={{ color: accent, textDecoration: 'underline', marginTop: 12 }}>
              {values[`${name}Label`].trim() || label}
            </div>
          ))}
          {values.customPrivacyPolicyUrl.trim() !== '' && (
            <div style={{ color: accent, textDecoration: 'underline', marginTop: 12 }}>Privacy policy</div>
          )}
          {links.length === 0 && values.customPrivacyPolicyUrl.trim() === '' && (
            <div style={{ color: soft, fontSize: 14, marginTop: 16 }}>
              Can’t sign in? Ask your administrator for a link to set a new password.
            </div>
          )}
        </div>
      </div>
      <Text size="xs" c="dimmed" mt="xs">
        People see it in the colours of their own device, light or dark.
      </Text>
    </section>
  );
}

/** As the server mixes them: what was chosen for a light ground is lightened on a dark one. */
function accentOf({ primaryColorHex }: Values, themed: boolean, scheme: Scheme): readonly [string, string] {
  if (!themed || !isColour(primaryColorHex)) return PLAIN_ACCENT[scheme];
  if (scheme === 'dark') return [`color-mix(in srgb, ${primaryColorHex} 45%, white)`, '#000000'];
  const white = contrast(primaryColorHex, '#ffffff') >= contrast(primaryColorHex, '#000000');
  return [primaryColorHex, white ? '#ffffff' : '#000000'];
}
