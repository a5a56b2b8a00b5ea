// Owns how pages read the management API: one object, a whole short list, or a long list by its cursors, remembered by their paths.
import { QueryClient, useInfiniteQuery, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, get, getPage } from './api.ts';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status < 500),
    },
  },
});

export function useGet<T>(path: string | null) {
  return useQuery({ queryKey: [path ?? ''], queryFn: () => get<T>(path ?? ''), enabled: path !== null });
}

/** Each of these, as far as it has been read. */
export function useGetEach<T>(paths: readonly string[]): (T | undefined)[] {
  return useQueries({ queries: paths.map((path) => ({ queryKey: [path], queryFn: () => get<T>(path) })) }).map(
    ({ data }) => data,
  );
}

export function useList<T>(path: string) {
  const query = useInfiniteQuery({
    queryKey: [path, 'pages'],
    queryFn: ({ pageParam }) => getPage<T>(pageParam),
    initialPageParam: path,
    getNextPageParam: (last) => last.next,
  });
  return { ...query, items: query.data?.pages.flatMap((page) => page.items) ?? [] };
}

/** Reads again what begins with any of these paths. Call it after a change. */
export function useRefresh(): (...paths: string[]) => Promise<void> {
  const client = useQueryClient();
  return (...paths) =>
    client.invalidateQueries({
      predicate: ({ queryKey: [path] }) => typeof path === 'string' && paths.some((start) => path.startsWith(start)),
    });
}
