// Owns the second factors of one person, on their own page: what they have enrolled, and taking it away when a device is lost.
import { Button, Group, Stack, Text } from '@mantine/core';
import { post, remove } from '../api.ts';
import { ask } from '../parts/confirm.tsx';
import { Section } from '../parts/form-parts.tsx';
import { Moment } from '../parts/moment.tsx';
import { Loaded } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { useChange } from '../parts/use-change.ts';
import { useGet } from '../queries.ts';

type Factor = {
  id: string;
  factorType: string;
  provider: string;
  status: string;
  created: string;
  profile: { questionText?: string };
};

const WORDS: Readonly<Record<string, string>> = {
  'token:software:totp OKTA': 'Code app',
  'token:software:totp GOOGLE': 'Google Authenticator, or an app like it',
  'question OKTA': 'Security question',
  'webauthn FIDO': 'Security key or passkey',
};

function factorWords({ factorType, provider }: Factor): string {
  return WORDS[`${factorType} ${provider}`] ?? `${factorType} (${provider})`;
}

export function FactorsOf({ path, who }: { path: string; who: string }) {
  const query = useGet<Factor[]>(`${path}/factors`);
  const { change, busy } = useChange(`${path}/factors`);
  const take = (factor: Factor) =>
    ask({
      title: `Remove this factor of ${who}?`,
      what: `${factorWords(factor)}: they cannot use it any more. Where a policy asks for a second factor, they enrol one anew as they sign in next.`,
      yes: 'Remove',
      act: () => void change(() => remove(`${path}/factors/${factor.id}`), 'The factor was removed'),
    });
  const takeAll = () =>
    ask({
      title: `Remove all second factors of ${who}?`,
      what: 'For a lost or stolen device. Be sure that it is they who ask: whoever has the password alone could enrol a device of their own next.',
      yes: 'Remove all',
      act: () => void change(() => post(`${path}/lifecycle/reset_factors`), 'All factors were removed'),
    });
  return (
    <Section
      title="Second factors"
      actions={
        (query.data?.length ?? 0) > 1 && (
          <Button variant="subtle" size="compact-sm" disabled={busy} onClick={takeAll}>
            Remove all
          </Button>
        )
      }
    >
      <Loaded query={query}>
        {(factors) =>
          factors.length === 0 ? (
            <Text size="sm">None enrolled: they sign in by password alone, unless a policy asks for more.</Text>
          ) : (
            <Stack gap="sm">
              {factors.map((factor) => (
                <Group key={factor.id} justify="space-between" wrap="nowrap">
                  <div>
                    <Group gap="xs">
                      <Text size="sm" fw={600}>
                        {factorWords(factor)}
                      </Text>
                      <StatusBadge status={factor.status} />
                    </Group>
                    <Text size="sm" c="dimmed">
                      {factor.profile.questionText && `${factor.profile.questionText} · `}
                      Since <Moment at={factor.created} />
                    </Text>
                  </div>
                  <Button
                    variant="default"
                    size="compact-xs"
                    disabled={busy}
                    aria-label={`Remove ${factorWords(factor)}`}
                    onClick={() => take(factor)}
                  >
                    Remove
                  </Button>
                </Group>
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Section>
  );
}
