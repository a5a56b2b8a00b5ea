// Owns the pieces that the sign-in pages' forms are made of: fields with their label, hint and error, hidden values, the message
// above a form. Each works by keyboard and tells a screen reader what it shows. Not here: any whole page.
import { html } from 'hono/html';
import type { Markup } from '../../http/page.ts';

export type Field = {
  name: string;
  label: string;
  type: 'text' | 'email' | 'password';
  autocomplete:
    | 'username'
    | 'current-password'
    | 'new-password'
    | 'given-name'
    | 'family-name'
    | 'email'
    | 'one-time-code'
    | 'off';
  inputmode?: 'numeric';
  value?: string;
  hint?: string;
  error?: string | undefined;
  /** Where the keyboard begins. */
  focused?: boolean;
};

export function field({ name, label, type, autocomplete, inputmode, value, hint, error, focused }: Field): Markup {
  const notes = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(' ');
  return html`<div class="field">
<label for="${name}">${label}</label>
${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" autocapitalize="none" spellcheck="false" required${attribute('inputmode', inputmode)}${attribute('value', value)}${attribute('aria-describedby', notes)}${error ? html` aria-invalid="true"` : ''}${focused ? html` autofocus` : ''}>
${error && html`<p class="field-alarm" id="${name}-error">${error}</p>`}
</div>`;
}

/** Values that travel with a form; null ones do not. */
export function hidden(values: Record<string, string | null>): Markup {
  const given = Object.entries(values).filter(([, value]) => value !== null);
  return html`${given.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`)}`;
}

/** What went wrong, above the form. */
export function alarm(text: string | undefined): Markup {
  return html`${text && html`<p class="alarm" role="alert">${text}</p>`}`;
}

/** That what was asked has happened. */
export function done(text: string): Markup {
  return html`<p class="done" role="status">${text}</p>`;
}

/** A page that shows an error says so where a screen reader begins: in the title. */
export function titled(title: string, hasError: boolean): string {
  return hasError ? `Error: ${title}` : title;
}

function attribute(name: string, value: string | undefined): Markup {
  return html`${value ? html` ${name}="${value}"` : ''}`;
}
