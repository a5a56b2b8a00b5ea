// Owns the choice of an application's grant types: which a type of application can have, how they are called, and what they take with
// them (refresh token behaviour, implicit's two tokens).
import { Checkbox, Fieldset, NumberInput, Radio, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ApplicationType, OAuthClientSettings } from '../../types.ts';

export type Grants = {
  grantTypes: string[];
  allowIdToken: boolean;
  allowAccessToken: boolean;
  rotation: 'ROTATE' | 'STATIC';
  leeway: number;
};

type Grant = { value: string; label: string; types: readonly ApplicationType[] };

const USER_TYPES = ['web', 'browser', 'native'] as const;

const GRANTS: readonly Grant[] = [
  { value: 'client_credentials', label: 'Client Credentials', types: ['service', 'web'] },
  { value: 'authorization_code', label: 'Authorization Code', types: USER_TYPES },
  { value: 'refresh_token', label: 'Refresh Token', types: USER_TYPES },
  { value: 'implicit', label: 'Implicit (hybrid)', types: USER_TYPES },
  { value: 'urn:ietf:params:oauth:grant-type:device_code', label: 'Device Authorization', types: ['native', 'web'] },
  {
    value: 'urn:ietf:params:oauth:grant-type:token-exchange',
    label: 'Token Exchange',
    types: ['service', 'web', 'native'],
  },
  { value: 'password', label: 'Resource Owner Password', types: ['native', 'web'] },
];

export const firstGrants = (type: ApplicationType): Grants => ({
  grantTypes: type === 'service' ? ['client_credentials'] : ['authorization_code'],
  allowIdToken: false,
  allowAccessToken: false,
  rotation: type === 'browser' ? 'ROTATE' : 'STATIC',
  leeway: 30,
});

export const grantsOf = (
  settings: Pick<OAuthClientSettings, 'grant_types' | 'response_types' | 'refresh_token'>,
): Grants => ({
  grantTypes: settings.grant_types,
  allowIdToken: settings.response_types.includes('id_token'),
  allowAccessToken: settings.response_types.includes('token'),
  rotation: settings.refresh_token?.rotation_type ?? 'STATIC',
  leeway: settings.refresh_token?.leeway ?? 30,
});

/** As the API's settings. */
export function grantSettings(grants: Grants) {
  const has = (grant: string) => grants.grantTypes.includes(grant);
  const responses = [
    ...(has('authorization_code') ? ['code'] : []),
    ...(has('implicit') && grants.allowIdToken ? ['id_token'] : []),
    ...(has('implicit') && grants.allowAccessToken ? ['token'] : []),
  ];
  const refresh = {
    rotation_type: grants.rotation,
    ...(grants.rotation === 'ROTATE' ? { leeway: grants.leeway } : {}),
  };
  return {
    grant_types: grants.grantTypes,
    response_types: responses,
    ...(has('refresh_token') ? { refresh_token: refresh } : {}),
  };
}

/** What cannot be sent as it is. */
export function objectionToGrants({ grantTypes, allowIdToken, allowAccessToken }: Grants): string | null {
  if (grantTypes.length === 0) return 'Choose at least one grant type';
  if (grantTypes.includes('implicit') && !allowIdToken && !allowAccessToken)
    return 'Implicit (hybrid) needs at least one of the two tokens';
  return null;
}

export function grantLabels(settings: OAuthClientSettings): string[] {
  return settings.grant_types.map((value) => GRANTS.find((grant) => grant.value === value)?.label ?? value);
}

type Props = { type: ApplicationType; value: Grants; onChange: (grants: Grants) => void; error?: ReactNode };

export function GrantFields({ type, value, onChange, error }: Props) {
  const set = (part: Partial<Grants>) => onChange({ ...value, ...part });
  const choose = (grant: string, chosen: boolean) =>
    set({ grantTypes: [...value.grantTypes.filter((one) => one !== grant), ...(chosen ? [grant] : [])] });
  const offered = GRANTS.filter((grant) => grant.types.includes(type) || value.grantTypes.includes(grant.value));
  return (
    // Not the library's group of checkboxes: it would take those of the two tokens for grants.
    <Fieldset legend="Grant type" variant="unstyled">
      <Text size="xs" c="dimmed">
        The ways in which this application may get tokens
      </Text>
      <Stack gap="xs" mt="xs">
        {offered.map((grant) => (
          <div key={grant.value}>
            <Checkbox
              label={grant.label}
              checked={value.grantTypes.includes(grant.value)}
              onChange={(event) => choose(grant.value, event.currentTarget.checked)}
              // A single-page application signs people in by code, always.
              disabled={type === 'browser' && grant.value === 'authorization_code'}
            />
            {grant.value === 'refresh_token' && value.grantTypes.includes(grant.value) && (
              <RefreshFields value={value} set={set} />
            )}
            {grant.value === 'implicit' && value.grantTypes.includes(grant.value) && (
              <Stack gap={6} ml={32} mt={6}>
                <Checkbox
                  label="Allow ID Token with implicit grant type"
                  checked={value.allowIdToken}
                  onChange={(event) => set({ allowIdToken: event.currentTarget.checked })}
                />
                <Checkbox
                  label="Allow Access Token with implicit grant type"
                  checked={value.allowAccessToken}
                  onChange={(event) => set({ allowAccessToken: event.currentTarget.checked })}
                />
              </Stack>
            )}
          </div>
        ))}
      </Stack>
      <Text size="xs" c="error" role="alert" mt={4}>
        {error}
      </Text>
    </Fieldset>
  );
}

function RefreshFields({ value, set }: { value: Grants; set: (part: Partial<Grants>) => void }) {
  return (
    <Stack gap="xs" ml={32} mt={6}>
      <Radio.Group
        label="Refresh token behavior"
        value={value.rotation}
        onChange={(rotation) => set({ rotation: rotation === 'ROTATE' ? 'ROTATE' : 'STATIC' })}
      >
        <Stack gap={6} mt={4}>
          <Radio value="ROTATE" label="Rotate token after every use" />
          <Radio value="STATIC" label="Use persistent token" />
        </Stack>
      </Radio.Group>
      {value.rotation === 'ROTATE' && (
        <NumberInput
          label="Grace period for token rotation"
          description="For how many seconds a used token still works, 0 to 60: for answers that got lost on the way"
          value={value.leeway}
          onChange={(leeway) => set({ leeway: Number(leeway) })}
          min={0}
          max={60}
          suffix=" seconds"
          maw={280}
        />
      )}
      {value.rotation === 'STATIC' && (
        <Text size="xs" c="dimmed">
          One token for the whole life of the sign-in. For a browser, rotation is the safer choice.
        </Text>
      )}
    </Stack>
  );
}
