// Owns the tie between a form and those of our own fields that hold something other than text.
import type { ReactNode } from 'react';

type FormOf<V> = {
  values: V;
  errors: Readonly<Record<string, ReactNode>>;
  // biome-ignore lint/suspicious/noExplicitAny: the library types the value by the path, which generic code cannot name
  setFieldValue: (name: any, value: any) => void;
};

export function field<V, K extends keyof V & string>(form: FormOf<V>, name: K) {
  return {
    value: form.values[name],
    onChange: (value: V[K]) => form.setFieldValue(name, value),
    error: form.errors[name],
  };
}
