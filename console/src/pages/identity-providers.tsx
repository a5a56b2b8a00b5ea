// Owns Security > Identity Providers: who else vouches for people here, and the choice of the kind of another one.
import { Anchor, Button, Group, Modal, Radio, Select, SimpleGrid, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { PagedEntries } from '../parts/entries.tsx';
import { Lifecycle } from '../parts/lifecycle.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { SearchBox } from '../parts/search-box.tsx';
import { Empty } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { PROVIDER_WORDS, providerWords } from '../provider-words.ts';
import { useList } from '../queries.ts';
import type { IdentityProvider } from '../types.ts';
import { ENDS_WITH_ACTIVITY, ENDS_WITH_IT } from './identity-provider-ends.ts';

const PATH = '/api/v1/idps';

export function IdentityProviders() {
  const [q, setQ] = useState('');
  const [opened, { open, close }] = useDisclosure();
  const query = useList<IdentityProvider>(`${PATH}?limit=50${q === '' ? '' : `&q=${encodeURIComponent(q)}`}`);
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      Add identity provider
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Identity Providers"
        intro="Let people sign in here by an account that they have elsewhere: at Google, Microsoft or GitHub, or at any OpenID Connect provider."
        actions={add}
      />
      {opened && <KindDialog close={close} />}
      <SearchBox label="Search identity providers" onSearch={setQ} />
      <PagedEntries
        query={query}
        label="Identity providers"
        keyOf={({ id }) => id}
        columns={[
          [
            'Name',
            ({ id, name }) => (
              <Anchor component={Link} to={`/identity-providers/${id}`} fw={600} size="sm">
                {name}
              </Anchor>
            ),
          ],
          ['Type', ({ type }) => providerWords(type).label],
          ['Status', ({ status }) => <StatusBadge status={status} />],
          [
            'Actions',
            ({ id, name, status }) => (
              <Lifecycle
                path={`${PATH}/${id}`}
                list={PATH}
                status={status}
                name={name}
                noun="identity provider"
                onDeactivate={ENDS_WITH_ACTIVITY}
                onDelete={ENDS_WITH_IT}
              />
            ),
          ],
        ]}
        empty={
          q === '' ? (
            <Empty title="No identity provider yet" action={add}>
              Register this server at the provider, as one more application that signs people in by it, and enter here
              the client ID and secret that it gives out.
            </Empty>
          ) : (
            <Empty title="No identity provider of that name">Search by any part of the name.</Empty>
          )
        }
      />
    </>
  );
}

const FIRST = ['GOOGLE', 'MICROSOFT', 'GITHUB', 'OIDC'];

function KindDialog({ close }: { close: () => void }) {
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { type: 'GOOGLE' },
    validate: { type: (type) => (type === '' ? 'Choose a provider' : null) },
  });
  const submit = form.onSubmit(({ type }) => void navigate(`/identity-providers/new/${type.toLowerCase()}`));
  const { type } = form.values;
  const others = PROVIDER_WORDS.filter((one) => !FIRST.includes(one.type));
  return (
    <Modal opened onClose={close} title="Add identity provider">
      <form onSubmit={submit}>
        <Stack>
          <Radio.Group
            label="Provider"
            value={FIRST.includes(type) ? type : 'other'}
            onChange={(to) => form.setFieldValue('type', to === 'other' ? '' : to)}
          >
            <SimpleGrid cols={{ base: 1, xs: 2 }} mt="xs">
              {FIRST.map((one) => (
                <Radio key={one} value={one} label={providerWords(one).label} />
              ))}
              <Radio value="other" label="Another" />
            </SimpleGrid>
          </Radio.Group>
          {!FIRST.includes(type) && (
            <Select
              label="Which"
              searchable
              data={others.map(({ type: value, label }) => ({ value, label }))}
              {...form.getInputProps('type')}
              onChange={(to) => form.setFieldValue('type', to ?? '')}
            />
          )}
        </Stack>
        <Group mt="lg" justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit">Next</Button>
        </Group>
      </form>
    </Modal>
  );
}
