// Owns the names of the clients that a policy is for, in a line.
import { useGet } from '../../queries.ts';

export function ClientNames({ ids }: { ids: readonly string[] }) {
  if (ids.includes('ALL_CLIENTS')) return 'all clients';
  return ids.map((id, index) => (
    <span key={id}>
      {index > 0 && ', '}
      <ClientName id={id} />
    </span>
  ));
}

function ClientName({ id }: { id: string }) {
  const { data } = useGet<{ client_name?: string }>(`/oauth2/v1/clients/${id}`);
  return data?.client_name ?? id;
}
