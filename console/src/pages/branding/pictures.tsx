// Owns the pictures of a theme: logo, favicon and background, each put in its place at once when it is chosen, and taken away.
import { Button, FileButton, Group, Stack, Text } from '@mantine/core';
import { remove, upload } from '../../api.ts';
import { ask } from '../../parts/confirm.tsx';
import { Section } from '../../parts/form-parts.tsx';
import { useChange } from '../../parts/use-change.ts';
import { pathOf, type Theme } from './brand.ts';

type Picture = { part: string; label: string; hint: string; accept: string; address: string | null };

export function Pictures({ path, theme }: { path: string; theme: Theme }) {
  const own = (address: string | null) => (address !== null && pathOf(address).startsWith('/fs/') ? address : null);
  const pictures: Picture[] = [
    {
      part: 'logo',
      label: 'Logo',
      hint: 'PNG, JPEG or GIF, up to 100 kB; it stands at the head of the page',
      accept: 'image/png,image/jpeg,image/gif',
      address: own(theme.logo),
    },
    {
      part: 'favicon',
      label: 'Favicon',
      hint: 'PNG or ICO, square, up to 512 pixels; it stands in the browser’s tab',
      accept: 'image/png,image/x-icon',
      address: own(theme.favicon),
    },
    {
      part: 'background-image',
      label: 'Background picture',
      hint: 'PNG, JPEG or GIF, up to 2 MB',
      accept: 'image/png,image/jpeg,image/gif',
      address: own(theme.backgroundImage),
    },
  ];
  return (
    <Section title="Pictures">
      <Text size="sm" c="dimmed" mb="md">
        A picture is in its place as soon as it is chosen, on the pages that show our colours.
      </Text>
      <Stack>
        {pictures.map((picture) => (
          <PictureLine key={picture.part} path={`${path}/${picture.part}`} picture={picture} />
        ))}
      </Stack>
    </Section>
  );
}

function PictureLine({ path, picture: { label, hint, accept, address } }: { path: string; picture: Picture }) {
  const { change, busy } = useChange('/api/v1/brands');
  const put = (file: File | null) => {
    if (file) void change(() => upload(path, file), `${label}: put in its place`);
  };
  return (
    <Group justify="space-between" align="flex-start">
      <div style={{ flex: '1 1 14rem' }}>
        <Text size="sm" fw={600}>
          {label}
        </Text>
        <Text size="xs" c="dimmed">
          {hint}
        </Text>
        {address && (
          <img src={pathOf(address)} alt={`${label} in use`} style={{ maxWidth: 160, maxHeight: 56, marginTop: 8 }} />
        )}
      </div>
      <Group gap="xs">
        <FileButton accept={accept} onChange={put} inputProps={{ 'aria-label': `File of ${label}` }}>
          {(props) => (
            <Button {...props} variant="default" size="compact-sm" loading={busy} aria-label={`Choose ${label}`}>
              Choose…
            </Button>
          )}
        </FileButton>
        {address && (
          <Button
            variant="default"
            size="compact-sm"
            disabled={busy}
            aria-label={`Remove ${label}`}
            onClick={() =>
              ask({
                title: `${label}: remove it?`,
                what: 'The server’s own takes its place, on every page that shows it.',
                yes: 'Remove',
                act: () => void change(() => remove(path), `${label}: removed`),
              })
            }
          >
            Remove
          </Button>
        )}
      </Group>
    </Group>
  );
}
