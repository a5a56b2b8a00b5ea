// Owns Settings > Organization: what it is called, where people turn for help, and where it is. Not here: what a person sees of it.
import { Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { post } from '../api.ts';
import { tellDone, useSubmit } from '../parts/changes.ts';
import { CopyValue } from '../parts/copy-value.tsx';
import { Facts, FormButtons, Problem, Section } from '../parts/form-parts.tsx';
import { Moment } from '../parts/moment.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { Loaded } from '../parts/states.tsx';
import { useGet, useRefresh } from '../queries.ts';
import { OrgContacts } from './org-contacts.tsx';

const PATH = '/api/v1/org';

/** What may be said of an organization: by parts of the page, with what each is called. */
const PARTS = [
  {
    title: 'Organization',
    fields: { companyName: 'Name', website: 'Website', phoneNumber: 'Phone number' },
  },
  {
    title: 'Help for people who sign in',
    fields: { endUserSupportHelpURL: 'Help page', supportPhoneNumber: 'Support phone number' },
  },
  {
    title: 'Address',
    fields: {
      address1: 'Address',
      address2: 'Address, second line',
      city: 'City',
      state: 'State or region',
      postalCode: 'Postal code',
      country: 'Country',
    },
  },
] as const;

type Part = { title: string; fields: Readonly<Record<string, string>> };
type Org = Record<string, string | null> & { id: string; subdomain: string; created: string };

const URLS = ['website', 'endUserSupportHelpURL'];
const HINTS: Readonly<Record<string, string>> = {
  companyName: 'People read it on the sign-in page, and at the head of this console',
  endUserSupportHelpURL: 'Where people are sent who cannot sign in',
};

export function Organization() {
  const query = useGet<Org>(PATH);
  return (
    <>
      <PageHeader title="Organization" intro="What this organization is called, and how its people reach it." />
      <Loaded query={query}>
        {(org) => (
          <Stack gap={0} maw={860}>
            {PARTS.map((part) => (
              <PartSection key={part.title} part={part} org={org} />
            ))}
            <OrgContacts />
            <Section title="About this server">
              <Facts
                facts={[
                  ['Organization URL', <CopyValue key="url" label="Organization URL" value={location.origin} />],
                  ['Organization ID', <CopyValue key="id" label="Organization ID" value={org.id} />],
                  ['Subdomain', org.subdomain],
                  ['Created', <Moment key="created" at={org.created} />],
                ]}
              />
            </Section>
          </Stack>
        )}
      </Loaded>
    </>
  );
}

function PartSection({ part, org }: { part: Part; org: Org }) {
  const [editing, { open, close }] = useDisclosure();
  return (
    <Section title={part.title} onEdit={editing ? undefined : open}>
      {editing ? (
        <PartForm part={part} org={org} close={close} />
      ) : (
        <Facts
          facts={Object.entries(part.fields).map(([name, label]) => [
            label,
            (name === 'country' && org[name] && countryName(org[name])) || org[name],
          ])}
        />
      )}
    </Section>
  );
}

function PartForm({ part, org, close }: { part: Part; org: Org; close: () => void }) {
  const refresh = useRefresh();
  const names = Object.keys(part.fields);
  const form = useForm<Record<string, string>>({
    initialValues: Object.fromEntries(names.map((name) => [name, org[name] ?? ''])),
    validate: Object.fromEntries(names.map((name) => [name, (text: string) => objectionTo(name, text)])),
  });
  const { busy, problem, submit } = useSubmit(form, async (values) => {
    await post(PATH, Object.fromEntries(Object.entries(values).map(([name, text]) => [name, text.trim() || null])));
    await refresh(PATH);
    tellDone('Saved');
    close();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Problem text={problem} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {Object.entries(part.fields).map(([name, label]) =>
          name === 'country' ? (
            <Select
              key={name}
              label={label}
              searchable
              clearable
              data={COUNTRIES}
              {...form.getInputProps(name)}
              value={form.values[name] || null}
              onChange={(code) => form.setFieldValue(name, code ?? '')}
            />
          ) : (
            <TextInput
              key={name}
              label={label}
              description={HINTS[name]}
              withAsterisk={name === 'companyName'}
              {...(URLS.includes(name) ? { inputMode: 'url' as const, placeholder: 'https://' } : {})}
              {...form.getInputProps(name)}
            />
          ),
        )}
      </SimpleGrid>
      <FormButtons busy={busy} cancel={close} />
    </form>
  );
}

function objectionTo(name: string, text: string): string | null {
  if (name === 'companyName' && text.trim() === '') return 'Give the organization a name';
  if (!URLS.includes(name) || text.trim() === '') return null;
  return /^https?:$/.test(URL.parse(text.trim())?.protocol ?? '')
    ? null
    : 'Enter a web address, such as https://example.com';
}

const NAMES = new Intl.DisplayNames('en', { type: 'region' });

function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (NAMES.of(code) ?? code) : code;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Every pair of letters that the browser knows as a country. */
const COUNTRIES = [...LETTERS]
  .flatMap((one) => [...LETTERS].map((other) => one + other))
  .filter((code) => NAMES.of(code) !== code && !['EU', 'EZ', 'UN', 'ZZ', 'XA', 'XB', 'QO'].includes(code))
  .map((value) => ({ value, label: countryName(value) }))
  .sort((one, other) => one.label.localeCompare(other.label));
