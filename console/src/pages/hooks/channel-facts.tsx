// Owns how a hook's channel is shown.
import type { ReactNode } from 'react';
import { CopyValue } from '../../parts/copy-value.tsx';
import type { HookChannel } from '../../types.ts';

export function channelFacts({ config }: HookChannel): (readonly [name: string, value: ReactNode])[] {
  const { uri, authScheme, headers } = config;
  return [
    ['URL', <CopyValue key="url" label="URL" value={uri} />],
    ['Authentication', authScheme ? `By the header ${authScheme.key}; its secret is not shown` : 'None'],
    ['Further headers', headers.length === 0 ? 'None' : headers.map(({ key, value }) => `${key}: ${value}`).join('; ')],
  ];
}
