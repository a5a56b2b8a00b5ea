// Owns adding a public key to a client: one that the application has, or a new pair that is made in this browser. Of such a pair the
// private half is shown this once and sent to nobody.
import { Alert, Button, Code, CopyButton, Group, JsonInput, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { post } from '../../api.ts';
import { useSubmit } from '../../parts/changes.ts';
import { FormButtons, Problem } from '../../parts/form-parts.tsx';
import { useRefresh } from '../../queries.ts';
import { type KeyPair, newKeyPair } from './new-key-pair.ts';

export function ClientKeyDialog({ path, close }: { path: string; close: () => void }) {
  const [made, setMade] = useState<KeyPair | null>(null);
  return (
    <Modal
      opened
      onClose={close}
      title="Add a public key"
      size="lg"
      // A slip beside the dialog must not lose a key that is never shown again.
      closeOnClickOutside={made === null}
      closeOnEscape={made === null}
    >
      {made === null ? <KeyForm path={path} close={close} done={setMade} /> : <PrivateKey pair={made} close={close} />}
    </Modal>
  );
}

type Given = { text: string };

function KeyForm({ path, close, done }: { path: string; close: () => void; done: (pair: KeyPair) => void }) {
  const refresh = useRefresh();
  const [pair, setPair] = useState<KeyPair | null>(null);
  const form = useForm<Given>({
    initialValues: { text: '' },
    validate: {
      text: (text) => (text.trim() === '' ? 'Paste a public key, or have a new one made' : objectionTo(text)),
    },
  });
  const { busy, problem, submit } = useSubmit(
    form,
    async ({ text }) => {
      await post(path, JSON.parse(text));
      await refresh('/api/v1/apps');
      // What was typed over the key that was made here has no private half here.
      if (pair !== null && text === pair.publicKey) done(pair);
      else close();
    },
    { jwks: 'text' },
  );
  const generate = async () => {
    const made = await newKeyPair();
    setPair(made);
    form.setFieldValue('text', made.publicKey);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Problem text={problem} />
      <Stack>
        <JsonInput
          label="Public key"
          description="A JSON Web Key (JWK), of the kind RSA or EC, without its private parameters"
          withAsterisk
          autosize
          minRows={6}
          maxRows={14}
          ff="monospace"
          {...form.getInputProps('text')}
        />
        {/* Elsewhere than over HTTPS and on this machine, browsers make no keys. */}
        {window.isSecureContext && (
          <Group>
            <Button variant="default" size="compact-sm" onClick={() => void generate()}>
              Generate new key
            </Button>
            <Text size="xs" c="dimmed">
              It is made in this browser; only its public half is sent.
            </Text>
          </Group>
        )}
      </Stack>
      <FormButtons busy={busy} cancel={close} />
    </form>
  );
}

function objectionTo(text: string): string | null {
  try {
    const key: unknown = JSON.parse(text);
    return typeof key === 'object' && key !== null && 'kty' in key ? null : 'This is no JSON Web Key: it has no kty';
  } catch {
    return 'This is no JSON';
  }
}

function PrivateKey({ pair, close }: { pair: KeyPair; close: () => void }) {
  const [form, setForm] = useState('pem');
  const value = form === 'pem' ? pair.privatePem : pair.privateJwk;
  return (
    <>
      <Alert color="yellow" title="Copy the private key now" mb="md">
        <Text size="sm" mb="sm">
          It was made in this browser, and nobody else has it: once this window is closed, it is gone. Give it to the
          application as you would a password.
        </Text>
        <SegmentedControl
          aria-label="Form of the key"
          mb="sm"
          value={form}
          onChange={setForm}
          data={[
            { value: 'pem', label: 'PEM' },
            { value: 'jwk', label: 'JWK' },
          ]}
        />
        {/* What scrolls can be scrolled by keyboard too. */}
        <Code block fz="xs" mah={220} style={{ overflow: 'auto' }} tabIndex={0} data-value="Private key">
          {value}
        </Code>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button mt="sm" size="compact-sm" variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy private key'}
            </Button>
          )}
        </CopyButton>
      </Alert>
      <Group justify="flex-end">
        <Button onClick={close}>OK, got it</Button>
      </Group>
    </>
  );
}
