// Owns what would break with a scope: the rules that name it, and for which applications. Not here: the question (scopes.tsx).
import { get } from '../../api.ts';
import type { Policy, Rule, Scope } from '../../types.ts';
import { ClientNames } from './client-names.tsx';

type Use = { rule: string; policy: string; clients: readonly string[] };

/** `server`: its path in the management API. A rule for every scope names none. */
export async function usesOfScope(server: string, { name }: Pick<Scope, 'name'>): Promise<Use[]> {
  const policies = await get<Policy[]>(`${server}/policies`);
  const uses = await Promise.all(
    policies.map(async (policy) => {
      const rules = await get<Rule[]>(`${server}/policies/${policy.id}/rules`);
      const naming = rules.filter(({ conditions }) => conditions.scopes.include.includes(name));
      const clients = policy.conditions.clients.include;
      return naming.map((rule) => ({ rule: rule.name, policy: policy.name, clients }));
    }),
  );
  return uses.flat();
}

export function UsesOfScope({ uses }: { uses: readonly Use[] }) {
  if (uses.length === 0) return <span>No rule names it; rules for every scope may still give it. </span>;
  return (
    <>
      {uses.map(({ rule, policy, clients }) => (
        <span key={`${policy} ${rule}`}>
          The rule “{rule}” of the policy “{policy}” names it, for <ClientNames ids={clients} />.{' '}
        </span>
      ))}
    </>
  );
}
