// Owns how a change goes to the server: one at a time, said when done, each problem at its field or, where no field has it, above.
import { notifications } from '@mantine/notifications';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError } from '../api.ts';

/** Goes by itself, and never stands between the pointer and what lies under it. */
export function tellDone(message: string): void {
  notifications.show({ message, color: 'gate', withCloseButton: false, style: { pointerEvents: 'none' } });
}

export function tellFailed(error: unknown): void {
  const problems = error instanceof ApiError ? error.problems.map(({ text }) => text).join(' ') : '';
  const message = problems || (error instanceof Error ? error.message : String(error));
  notifications.show({ title: 'That did not work', message, color: 'red', autoClose: 10_000 });
}

/** For buttons: runs the change, and says how it went. */
export function useAct() {
  const [busy, setBusy] = useState(false);
  const act = async (change: () => Promise<unknown>, done?: string): Promise<boolean> => {
    setBusy(true);
    try {
      await change();
      if (done !== undefined) tellDone(done);
      return true;
    } catch (error) {
      tellFailed(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, act };
}

/** What of a form is needed here, whatever it validates by. */
export type FormOf<V> = {
  onSubmit: (handle: (values: V) => void) => (event?: FormEvent<HTMLFormElement>) => void;
  getValues: () => V;
  // biome-ignore lint/suspicious/noExplicitAny: the library types the path, which generic code cannot name
  setFieldError: (name: any, error: ReactNode) => void;
};

/** For forms. `fields`: the form's name of a field where the API has another, by its last name there or by its whole path. */
export function useSubmit<V extends Record<string, unknown>>(
  form: FormOf<V>,
  send: (values: V) => Promise<unknown>,
  fields: Readonly<Record<string, keyof V & string>> = {},
) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = form.onSubmit(async (values) => {
    setBusy(true);
    setProblem(null);
    try {
      await send(values);
    } catch (error) {
      setProblem(showProblems(form, error, fields));
    } finally {
      setBusy(false);
    }
  });
  return { busy, problem, submit };
}

function showProblems<V extends Record<string, unknown>>(
  form: FormOf<V>,
  error: unknown,
  fields: Readonly<Record<string, keyof V & string>>,
): string | null {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  const names = Object.keys(form.getValues());
  const homeless: string[] = [];
  for (const { path, field, text } of error.problems) {
    const name = fields[path] ?? fields[field] ?? field;
    if (names.includes(name)) form.setFieldError(name, text);
    else homeless.push(field ? `${field}: ${text}` : text);
  }
  if (error.problems.length === 0) return error.message;
  return homeless.length > 0 ? homeless.join(' ') : null;
}
