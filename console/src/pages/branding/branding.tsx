// Owns Customizations > Branding: how the pages look that people sign in on, and what they say, seen while it is entered. Not here: the
// picture of the page (preview.tsx) and uploads (pictures.tsx).
import {
  Alert,
  Anchor,
  Button,
  Checkbox,
  ColorInput,
  Grid,
  Group,
  Radio,
  SimpleGrid,
  Stack,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { put, remove } from '../../api.ts';
import { tellDone, useSubmit } from '../../parts/changes.ts';
import { ask } from '../../parts/confirm.tsx';
import { Problem, Section } from '../../parts/form-parts.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loaded } from '../../parts/states.tsx';
import { useChange } from '../../parts/use-change.ts';
import { useGet, useRefresh } from '../../queries.ts';
import {
  type Brand,
  contrast,
  isColour,
  LINKS,
  type SignInPage,
  type Theme,
  toBrand,
  toSignInPage,
  toTheme,
  type Values,
  valuesOf,
  WORDS,
} from './brand.ts';
import { Pictures } from './pictures.tsx';
import { Preview } from './preview.tsx';

const PATH = '/api/v1/brands';

type Page = { _embedded?: { customized?: SignInPage; default?: SignInPage } };

export function Branding() {
  const brands = useGet<Brand[]>(PATH);
  return (
    <>
      <PageHeader
        title="Branding"
        intro="How the pages look on which people sign in, and what they say."
        actions={
          <Anchor href="/" target="_blank" rel="noreferrer" size="sm">
            Open the page that people see
          </Anchor>
        }
      />
      <Loaded query={brands}>
        {(all) => {
          // The others are kept for domains of their own; this is the one that is shown.
          const brand = all.find(({ isDefault }) => isDefault) ?? all[0];
          return brand && <OfBrand brand={brand} />;
        }}
      </Loaded>
    </>
  );
}

function OfBrand({ brand }: { brand: Brand }) {
  const path = `${PATH}/${brand.id}`;
  const themes = useGet<Theme[]>(`${path}/themes`);
  const page = useGet<Page>(`${path}/pages/sign-in?expand=customized,default`);
  return (
    <Loaded query={themes}>
      {([theme]) =>
        theme && (
          <Loaded query={page}>
            {({ _embedded: said }) => (
              <Editor
                // With other words the form begins anew.
                key={`${brand.id} ${said?.customized === undefined}`}
                brand={brand}
                theme={theme}
                page={said?.customized ?? said?.default ?? {}}
                customized={said?.customized !== undefined}
              />
            )}
          </Loaded>
        )
      }
    </Loaded>
  );
}

type EditorProps = { brand: Brand; theme: Theme; page: SignInPage; customized: boolean };

function Editor({ brand, theme, page, customized }: EditorProps) {
  const path = `${PATH}/${brand.id}`;
  const refresh = useRefresh();
  const needsColour = (text: string) => (isColour(text) ? null : 'Give a colour such as #1a665d');
  const form = useForm<Values>({
    initialValues: valuesOf(brand, theme, page),
    validate: {
      name: (name) => (name.trim() === '' ? 'Give the brand a name' : null),
      primaryColorHex: needsColour,
      secondaryColorHex: needsColour,
    },
  });
  const { busy, problem, submit } = useSubmit(form, async (values) => {
    const words = toSignInPage(page, values);
    if (JSON.stringify(words) !== JSON.stringify(toSignInPage(page, valuesOf(brand, theme, page))))
      await put(`${path}/pages/sign-in/customized`, words);
    await put(path, toBrand(brand, values));
    await put(`${path}/themes/${theme.id}`, toTheme(theme, values));
    await refresh(PATH);
    tellDone('Saved: people see it from now on');
    form.resetDirty();
  });
  const { values } = form;
  const themed = values.variant !== 'OKTA_DEFAULT';
  const faint = isColour(values.primaryColorHex) && contrast(values.primaryColorHex, '#ffffff') < 4.5;
  return (
    <Grid gap="xl">
      <Grid.Col span={{ base: 12, lg: 7 }}>
        <form onSubmit={submit} noValidate>
          <Problem text={problem} />
          <Section title="Look">
            <Stack>
              <TextInput
                label="Brand name"
                description="Stands at the head of the page where there is no logo, and in the browser’s tab"
                withAsterisk
                {...form.getInputProps('name')}
              />
              <Radio.Group label="Sign-in and error pages" {...form.getInputProps('variant')}>
                <Stack gap="xs" mt="xs">
                  <Radio value="OKTA_DEFAULT" label="The server’s own look" />
                  <Radio value="BACKGROUND_SECONDARY_COLOR" label="Our colours" />
                  <Radio
                    value="BACKGROUND_IMAGE"
                    label="Our colours, before our picture"
                    description={theme.backgroundImage === null ? 'Choose a background picture below' : undefined}
                  />
                </Stack>
              </Radio.Group>
              <Checkbox
                label="Our colours on people’s home page too"
                {...form.getInputProps('home', { type: 'checkbox' })}
              />
              <SimpleGrid cols={{ base: 1, sm: 2 }}>
                <ColorInput
                  label="Primary colour"
                  description="Buttons and links"
                  eyeDropperButtonProps={{ 'aria-label': 'Pick the primary colour from the screen' }}
                  {...form.getInputProps('primaryColorHex')}
                />
                <ColorInput
                  label="Secondary colour"
                  description="The ground of the page"
                  eyeDropperButtonProps={{ 'aria-label': 'Pick the secondary colour from the screen' }}
                  {...form.getInputProps('secondaryColorHex')}
                />
              </SimpleGrid>
              {themed && faint && (
                <Alert color="yellow" title="This colour is faint">
                  Links in it are hard to read on white for people who see less well. A darker one is better.
                </Alert>
              )}
            </Stack>
          </Section>
          <Section title="Words" actions={customized && <ResetWords path={`${path}/pages/sign-in/customized`} />}>
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <TextInput label="Heading" placeholder={WORDS.signInLabel} {...form.getInputProps('signInLabel')} />
              <span />
              <TextInput
                label="Username label"
                placeholder={WORDS.usernameLabel}
                {...form.getInputProps('usernameLabel')}
              />
              <TextInput label="Username hint" {...form.getInputProps('usernameInfoTip')} />
              <TextInput
                label="Password label"
                placeholder={WORDS.passwordLabel}
                {...form.getInputProps('passwordLabel')}
              />
              <TextInput label="Password hint" {...form.getInputProps('passwordInfoTip')} />
            </SimpleGrid>
          </Section>
          <Section title="Links">
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              {LINKS.map(({ name, label }) => [
                <TextInput
                  key={`${name}Url`}
                  label={`${LINK_WORDS[name]}: address`}
                  placeholder="https://"
                  inputMode="url"
                  {...form.getInputProps(`${name}Url`)}
                />,
                <TextInput
                  key={`${name}Label`}
                  label={`${LINK_WORDS[name]}: words`}
                  placeholder={label}
                  {...form.getInputProps(`${name}Label`)}
                />,
              ])}
              <TextInput
                label="Privacy policy: address"
                placeholder="https://"
                inputMode="url"
                {...form.getInputProps('customPrivacyPolicyUrl')}
              />
            </SimpleGrid>
          </Section>
          <Group justify="flex-end" mb="lg">
            <Button variant="default" disabled={busy || !form.isDirty()} onClick={() => form.reset()}>
              Undo
            </Button>
            <Button type="submit" loading={busy}>
              Save
            </Button>
          </Group>
        </form>
        <Pictures path={`${path}/themes/${theme.id}`} theme={theme} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <div style={{ position: 'sticky', top: 80 }}>
          <Preview values={values} theme={theme} />
        </div>
      </Grid.Col>
    </Grid>
  );
}

const LINK_WORDS = { forgotPassword: 'Forgotten password', help: 'Help', customLink1: 'Another link' } as const;

function ResetWords({ path }: { path: string }) {
  const { change, busy } = useChange(PATH);
  const reset = () => void change(() => remove(path), 'The page says again what it says by default');
  return (
    <Button
      variant="subtle"
      size="compact-sm"
      disabled={busy}
      onClick={() =>
        ask({
          title: 'Take back all words and links?',
          what: 'The sign-in page says again what it says by default. Colours and pictures stay.',
          yes: 'Take back',
          act: reset,
        })
      }
    >
      Take back
    </Button>
  );
}
