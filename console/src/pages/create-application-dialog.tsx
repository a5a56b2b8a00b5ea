// Owns the question which kind of application is to be made.
import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';

const METHODS = [
  {
    value: 'oidc',
    label: 'OIDC - OpenID Connect',
    description: 'People sign in, and the application gets tokens. For everything that is new.',
  },
  {
    value: 'service',
    label: 'API Services',
    description: 'A program signs in as itself, with no person there.',
  },
];

const TYPES = [
  { value: 'web', label: 'Web Application', description: 'Runs on a server that can keep a secret.' },
  {
    value: 'browser',
    label: 'Single-Page Application',
    description: 'Runs in the browser: React, Angular, Vue and the like.',
  },
  { value: 'native', label: 'Native Application', description: 'Runs on a phone, a computer or a device.' },
];

export function CreateApplicationDialog({ opened, close }: { opened: boolean; close: () => void }) {
  const navigate = useNavigate();
  const [method, setMethod] = useState<string | null>(null);
  const [type, setType] = useState<string | null>(null);
  const chosen = method === 'service' ? 'service' : method === 'oidc' ? type : null;
  return (
    <Modal opened={opened} onClose={close} title="Create a new app integration" size="lg">
      <Stack>
        <Radio.Group label="Sign-in method" value={method} onChange={setMethod}>
          <Choices choices={METHODS} />
        </Radio.Group>
        {method === 'oidc' && (
          <Radio.Group label="Application type" value={type} onChange={setType}>
            <Choices choices={TYPES} />
          </Radio.Group>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button disabled={chosen === null} onClick={() => void navigate(`/applications/new/${chosen}`)}>
            Next
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Choices({ choices }: { choices: readonly { value: string; label: string; description: string }[] }) {
  return (
    <Stack gap="xs" mt="xs">
      {choices.map(({ value, label, description }) => (
        <Radio
          key={value}
          value={value}
          label={label}
          description={
            <Text span size="xs">
              {description}
            </Text>
          }
        />
      ))}
    </Stack>
  );
}
