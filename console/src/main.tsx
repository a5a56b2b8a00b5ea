// Owns the start: a session first, then the pages. Nobody who is not signed in sees more than a moment's blank.
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './console.css';
import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { SignInFailed } from './pages/sign-in-failed.tsx';
import { queryClient } from './queries.ts';
import { beginSession, session } from './session.ts';
import { cssVariables, theme } from './theme.ts';

declare global {
  /** Where libraries that make style elements look for the nonce. */
  var __webpack_nonce__: string | undefined;
}

const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';
globalThis.__webpack_nonce__ = nonce;

void start();

async function start(): Promise<void> {
  try {
    if (!(await beginSession())) return;
    session().on('expired', () => void session().signIn());
    show(<App />);
  } catch (error) {
    show(<SignInFailed error={error} />);
  }
}

function show(page: ReactNode): void {
  const root = document.querySelector('#root');
  if (root === null) throw new Error('The document has no root');
  createRoot(root).render(
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queryClient}>
        <ModalsProvider>
          {/* Over the navigation's empty end: nothing that a page has lies under it. */}
          <Notifications position="bottom-left" containerWidth={300} />
          {page}
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
}
