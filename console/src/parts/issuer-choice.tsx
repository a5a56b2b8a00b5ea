// Owns the choice by which URL tokens name their issuer, and its words. The vendor's name for the org's URL is kept, since guides use
// it; the hint says what it means here.
import { Radio, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { IssuerMode } from '../types.ts';

export function issuerWords(mode: IssuerMode): string {
  return {
    ORG_URL: `Okta URL (${location.origin})`,
    CUSTOM_URL: 'Custom URL',
    DYNAMIC: 'Dynamic (based on request domain)',
  }[mode];
}

type Props = { value: IssuerMode; onChange: (mode: IssuerMode) => void; error?: ReactNode; hasCustom: boolean };

export function IssuerChoice({ value, onChange, error, hasCustom }: Props) {
  return (
    <Radio.Group label="Issuer" value={value} onChange={(mode) => onChange(mode as IssuerMode)} error={error}>
      <Stack gap="xs" mt="xs">
        <Radio
          value="ORG_URL"
          label={issuerWords('ORG_URL')}
          description="This organization’s own URL stands where guides say “Okta URL”: tokens always name it."
        />
        {(hasCustom || value === 'CUSTOM_URL') && (
          <Radio
            value="CUSTOM_URL"
            label={issuerWords('CUSTOM_URL')}
            description="Tokens always name the custom domain."
          />
        )}
        <Radio
          value="DYNAMIC"
          label={issuerWords('DYNAMIC')}
          description="Tokens name the registered domain by which the application asked."
        />
      </Stack>
    </Radio.Group>
  );
}
