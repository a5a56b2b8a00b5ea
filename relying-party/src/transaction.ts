// Owns: what one visible sign-in must remember until its callback: state, nonce, PKCE verifier, where to return.
// Does not own: tokens, which are never stored.

export type Transaction = {
  state: string;
  nonce: string;
  codeVerifier: string;
  redirectUri: string;
  returnTo: string;
  /** Epoch milliseconds. */
  startedAt: number;
};

export type TabStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export type Transactions = {
  begin: (transaction: Transaction) => void;
  /** Hands out the transaction of this state once. */
  take: (state: string) => Transaction | undefined;
};

const PREFIX = 'gatehouse.sign-in.';
const LIFETIME_MS = 3_600_000;
const LIMIT = 5;

export function createTransactions(storage: TabStorage, now: () => number): Transactions {
  function read(key: string): Transaction | undefined {
    try {
      const value: unknown = JSON.parse(storage.getItem(key) ?? 'null');
      return isTransaction(value) && now() - value.startedAt < LIFETIME_MS ? value : undefined;
    } catch {
      return undefined;
    }
  }

  /** Abandoned sign-ins (the back button, a closed page) do not pile up. */
  function forgetOldest(): void {
    const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i)).filter(
      (key): key is string => key?.startsWith(PREFIX) === true,
    );
    const byAge = keys
      .map((key) => ({ key, startedAt: read(key)?.startedAt ?? 0 }))
      .sort((a, b) => b.startedAt - a.startedAt);
    for (const { key } of byAge.slice(LIMIT - 1)) storage.removeItem(key);
  }

  return {
    begin: (transaction) => {
      forgetOldest();
      storage.setItem(PREFIX + transaction.state, JSON.stringify(transaction));
    },
    take: (state) => {
      const transaction = read(PREFIX + state);
      storage.removeItem(PREFIX + state);
      return transaction?.state === state ? transaction : undefined;
    },
  };
}

function isTransaction(value: unknown): value is Transaction {
  if (typeof value !== 'object' || value === null) return false;
  const { state, nonce, codeVerifier, redirectUri, returnTo, startedAt } = value as Record<string, unknown>;
  return (
    [state, nonce, codeVerifier, redirectUri, returnTo].every((each) => typeof each === 'string') &&
    typeof startedAt === 'number'
  );
}
