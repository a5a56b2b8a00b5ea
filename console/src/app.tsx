// Owns which address shows which page. Each page's code is loaded when it is first visited. Not here: the pages.
import { useState } from 'react';
import { createBrowserRouter, type RouteObject } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { Layout } from './layout.tsx';
import { LoadingPage, NotFound, RouteFailed } from './parts/page-states.tsx';

const page = (path: string, lazy: RouteObject['lazy']): RouteObject => ({ path, ...(lazy ? { lazy } : {}) });

const routes: RouteObject[] = [
  {
    path: '/',
    element: <Layout />,
    errorElement: <RouteFailed />,
    hydrateFallbackElement: <LoadingPage />,
    children: [
      { index: true, lazy: async () => ({ Component: (await import('./pages/getting-started.tsx')).GettingStarted }) },
      page('applications', async () => ({ Component: (await import('./pages/applications.tsx')).Applications })),
      page('applications/new/:type', async () => ({
        Component: (await import('./pages/new-application.tsx')).NewApplication,
      })),
      page('applications/:appId/:tab?', async () => ({
        Component: (await import('./pages/application/application.tsx')).ApplicationPage,
      })),
      page('people', async () => ({ Component: (await import('./pages/people.tsx')).People })),
      page('people/:userId', async () => ({ Component: (await import('./pages/person.tsx')).PersonPage })),
      page('groups', async () => ({ Component: (await import('./pages/groups.tsx')).Groups })),
      page('groups/rules/:ruleId?', async () => ({ Component: (await import('./pages/group-rules.tsx')).GroupRules })),
      page('groups/:groupId', async () => ({ Component: (await import('./pages/group.tsx')).GroupPage })),
      page('identity-providers', async () => ({
        Component: (await import('./pages/identity-providers.tsx')).IdentityProviders,
      })),
      page('identity-providers/new/:type', async () => ({
        Component: (await import('./pages/new-identity-provider.tsx')).NewIdentityProvider,
      })),
      page('identity-providers/:idpId', async () => ({
        Component: (await import('./pages/identity-provider.tsx')).IdentityProviderPage,
      })),
      page('administrators', async () => ({ Component: (await import('./pages/administrators.tsx')).Administrators })),
      page('api/:tab?', async () => ({ Component: (await import('./pages/security-api.tsx')).SecurityApi })),
      page('authorization-servers/:serverId/:tab?', async () => ({
        Component: (await import('./pages/authorization-server/authorization-server.tsx')).AuthorizationServerPage,
      })),
      page('event-hooks', async () => ({ Component: (await import('./pages/hooks/event-hooks.tsx')).EventHooks })),
      page('event-hooks/:hookId', async () => ({
        Component: (await import('./pages/hooks/event-hook.tsx')).EventHookPage,
      })),
      page('inline-hooks', async () => ({ Component: (await import('./pages/hooks/inline-hooks.tsx')).InlineHooks })),
      page('inline-hooks/:hookId', async () => ({
        Component: (await import('./pages/hooks/inline-hook.tsx')).InlineHookPage,
      })),
      page('branding', async () => ({ Component: (await import('./pages/branding/branding.tsx')).Branding })),
      page('organization', async () => ({ Component: (await import('./pages/organization.tsx')).Organization })),
      page('system-log', async () => ({ Component: (await import('./pages/system-log.tsx')).SystemLog })),
      { path: '*', element: <NotFound /> },
    ],
  },
];

export function App() {
  // Not before: until somebody is signed in, the address may be the sign-in's own.
  const [router] = useState(() => createBrowserRouter(routes, { basename: '/admin' }));
  return <RouterProvider router={router} />;
}
