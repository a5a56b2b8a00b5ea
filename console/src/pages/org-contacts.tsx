// Owns the contacts of the organization: who is turned to about what.
import { Anchor, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { Link } from 'react-router';
import { put } from '../api.ts';
import { tellDone, useSubmit } from '../parts/changes.ts';
import { field } from '../parts/field.ts';
import { Facts, FormButtons, Problem, Section } from '../parts/form-parts.tsx';
import { nameOf, PickPeople } from '../parts/pick.tsx';
import { useGet, useRefresh } from '../queries.ts';
import type { User } from '../types.ts';

const PATH = '/api/v1/org/contacts';
const KINDS = { technical: 'Technical contact', billing: 'Billing contact' } as const;
type Kind = keyof typeof KINDS;

export function OrgContacts() {
  const [editing, { open, close }] = useDisclosure();
  const technical = useContact('technical');
  const billing = useContact('billing');
  return (
    <Section title="Contacts" onEdit={editing ? undefined : open}>
      {editing ? (
        <ContactsForm technical={technical} billing={billing} close={close} />
      ) : (
        <Facts
          facts={[
            [KINDS.technical, <Contact key="technical" id={technical} />],
            [KINDS.billing, <Contact key="billing" id={billing} />],
          ]}
        />
      )}
    </Section>
  );
}

/** Null while there is none. */
function useContact(kind: Kind): string | null {
  return useGet<{ userId: string }>(`${PATH}/${kind}`).data?.userId ?? null;
}

function Contact({ id }: { id: string | null }) {
  const { data } = useGet<User>(id === null ? null : `/api/v1/users/${id}`);
  if (id === null) return '—';
  return (
    <Anchor component={Link} to={`/people/${id}`} size="sm">
      {data ? nameOf(data) : id}
    </Anchor>
  );
}

type Props = { technical: string | null; billing: string | null; close: () => void };

function ContactsForm({ technical, billing, close }: Props) {
  const refresh = useRefresh();
  const listed = (id: string | null) => (id === null ? [] : [id]);
  const one = (ids: string[]) => (ids.length > 1 ? 'Choose one person' : null);
  const form = useForm({
    initialValues: { technical: listed(technical), billing: listed(billing) },
    validate: { technical: one, billing: one },
  });
  const { busy, problem, submit } = useSubmit(form, async (values) => {
    for (const kind of Object.keys(KINDS) as Kind[]) {
      const [userId] = values[kind];
      if (userId !== undefined) await put(`${PATH}/${kind}`, { userId });
    }
    await refresh(PATH);
    tellDone('Saved');
    close();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Problem text={problem} />
      <Stack>
        <PickPeople label={KINDS.technical} {...field(form, 'technical')} />
        <PickPeople label={KINDS.billing} {...field(form, 'billing')} />
      </Stack>
      <FormButtons busy={busy} cancel={close} />
    </form>
  );
}
