// Owns the form of one group rule: whom it fits, by an attribute or by an expression, and which groups they join. What an active
// rule says can only be read; its groups never change, since its members are there by them.
import {
  Alert,
  Button,
  Group,
  Modal,
  Radio,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { post, put } from '../api.ts';
import { tellDone, useSubmit } from '../parts/changes.ts';
import { field } from '../parts/field.ts';
import { FormButtons, Problem } from '../parts/form-parts.tsx';
import { PickGroups, PickPeople } from '../parts/pick.tsx';
import { useChange } from '../parts/use-change.ts';
import { useGet, useRefresh } from '../queries.ts';
import type { GroupRule } from '../types.ts';
import { type Comparison, comparisons, expressionOf, plainConditionOf } from './group-condition.ts';

const PATH = '/api/v1/groups/rules';

type Values = {
  name: string;
  how: 'attribute' | 'expression';
  attribute: string;
  comparison: Comparison;
  value: string;
  expression: string;
  groupIds: string[];
  users: string[];
};

export function GroupRuleDialog({ rule, close }: { rule: GroupRule | null; close: () => void }) {
  const refresh = useRefresh();
  const fixed = rule !== null && rule.status !== 'INACTIVE';
  const expression = rule?.conditions.expression.value ?? '';
  const plain =
    rule === null ? { attribute: '', comparison: 'equals' as const, value: '' } : plainConditionOf(expression);
  const form = useForm<Values>({
    initialValues: {
      name: rule?.name ?? '',
      how: plain === null ? 'expression' : 'attribute',
      attribute: plain?.attribute ?? '',
      comparison: plain?.comparison ?? 'equals',
      value: plain?.value ?? '',
      expression,
      groupIds: rule?.actions.assignUserToGroups.groupIds ?? [],
      users: rule?.conditions.people.users.exclude ?? [],
    },
    validate: {
      name: (name) => (name.trim() === '' ? 'Give the rule a name' : null),
      attribute: (attribute, { how }) => (how === 'attribute' && !attribute ? 'Choose an attribute' : null),
      value: (value, { how }) =>
        how === 'attribute' && value === '' ? 'Say what the attribute is compared with' : null,
      expression: (text, { how }) => (how === 'expression' && text.trim() === '' ? 'Write an expression' : null),
      groupIds: (ids) => (ids.length === 0 ? 'Choose at least one group' : null),
    },
  });
  const { busy, problem, submit } = useSubmit(
    form,
    async (values) => {
      const body = {
        type: 'group_rule',
        name: values.name.trim(),
        conditions: {
          people: {
            users: { exclude: values.users },
            groups: { exclude: rule?.conditions.people.groups.exclude ?? [] },
          },
          expression: { type: 'urn:okta:expression:1.0', value: writtenBy(values) },
        },
        actions: { assignUserToGroups: { groupIds: values.groupIds } },
      };
      await (rule ? put(`${PATH}/${rule.id}`, body) : post(PATH, body));
      await refresh(PATH);
      tellDone(rule ? 'Saved' : 'The rule was made: activate it to put it into effect');
      close();
    },
    { value: 'expression' },
  );
  const { how } = form.values;
  return (
    <Modal opened onClose={close} title={rule === null ? 'Add Rule' : rule.name} size="lg">
      <form onSubmit={submit} noValidate>
        {fixed && <InEffect rule={rule} />}
        <Problem text={problem} />
        <Stack>
          <TextInput label="Name" withAsterisk data-autofocus disabled={fixed} {...form.getInputProps('name')} />
          <Radio.Group label="If" value={how} onChange={(to) => form.setFieldValue('how', to as Values['how'])}>
            <Group mt="xs">
              <Radio value="attribute" label="A user attribute" disabled={fixed} />
              <Radio value="expression" label="An expression" disabled={fixed} />
            </Group>
          </Radio.Group>
          {how === 'attribute' ? (
            <SimpleGrid cols={{ base: 1, sm: 3 }}>
              <PickAttribute disabled={fixed} {...field(form, 'attribute')} />
              <Select
                label="Comparison"
                disabled={fixed}
                allowDeselect={false}
                data={Object.entries(comparisons).map(([value, label]) => ({ value, label }))}
                {...form.getInputProps('comparison')}
              />
              <TextInput label="Value" disabled={fixed} {...form.getInputProps('value')} />
              {form.errors.expression && (
                <Text size="sm" c="var(--mantine-color-error)" role="alert">
                  {form.errors.expression}
                </Text>
              )}
            </SimpleGrid>
          ) : (
            <Textarea
              label="Expression"
              description={
                'True for whom the rule is meant, such as user.department=="Sales" AND user.countryCode=="DE"'
              }
              disabled={fixed}
              autosize
              minRows={2}
              ff="monospace"
              {...form.getInputProps('expression')}
            />
          )}
          <PickGroups
            label="Then assign to"
            withAsterisk
            disabled={rule !== null}
            description={rule === null ? '' : 'Which groups a rule fills is settled when it is made'}
            {...field(form, 'groupIds')}
          />
          <PickPeople label="Except these people" disabled={fixed} {...field(form, 'users')} />
        </Stack>
        {fixed ? (
          <Group mt="lg" justify="flex-end">
            <Button variant="default" onClick={close}>
              Close
            </Button>
          </Group>
        ) : (
          <FormButtons busy={busy} cancel={close} />
        )}
      </form>
    </Modal>
  );
}

function writtenBy({ how, attribute, comparison, value, expression }: Values): string {
  return how === 'expression' ? expression.trim() : expressionOf({ attribute, comparison, value });
}

function InEffect({ rule }: { rule: GroupRule }) {
  const { change, busy } = useChange(PATH);
  const invalid = rule.status === 'INVALID';
  return (
    <Alert
      mb="md"
      color={invalid ? 'red' : 'blue'}
      title={invalid ? 'This rule no longer works' : 'This rule is in effect'}
    >
      <Text size="sm" mb="sm">
        {invalid
          ? 'Its expression failed, or a group that it fills was deleted. It moves nobody until it is put right: deactivate it to change it.'
          : 'Deactivate it to change it. Who is a member by it stays one meanwhile.'}
      </Text>
      <Button
        size="xs"
        variant="default"
        loading={busy}
        onClick={() => void change(() => post(`${PATH}/${rule.id}/lifecycle/deactivate`), 'The rule was deactivated')}
      >
        Deactivate
      </Button>
    </Alert>
  );
}

type Schema = {
  definitions: Record<'base' | 'custom', { properties: Record<string, { title: string; type: string }> }>;
};

function PickAttribute(props: {
  value: string;
  onChange: (name: string) => void;
  error: React.ReactNode;
  disabled: boolean;
}) {
  const { data } = useGet<Schema>('/api/v1/meta/schemas/user/default');
  const attributes = data
    ? Object.entries({ ...data.definitions.base.properties, ...data.definitions.custom.properties })
        .filter(([, { type }]) => type === 'string')
        .map(([value, { title }]) => ({ value, label: title === value ? value : `${title} (${value})` }))
    : [];
  // One that was since removed from the schema still has a name.
  const known = attributes.some(({ value }) => value === props.value);
  const choices =
    known || props.value === '' ? attributes : [{ value: props.value, label: props.value }, ...attributes];
  return (
    <Select
      label="User attribute"
      searchable
      nothingFoundMessage="No such attribute"
      {...props}
      onChange={(name) => props.onChange(name ?? '')}
      data={choices}
    />
  );
}
