// Owns the page of a person's own profile: fields for what they may change, facts for the rest.
import { html } from 'hono/html';
import type { OwnAttribute } from '../../core/own-profile.ts';
import type { Markup } from '../../http/page.ts';
import { alarm, done, hidden, titled } from './form-parts.ts';

export type ProfileErrors = { form: readonly string[]; fields: ReadonlyMap<string, string> };

/** `text`: as it was typed, where it was refused. */
type ProfileField = OwnAttribute & { field: string; text: string | undefined };

export type OwnProfileParts = {
  action: string;
  csrf: string;
  fields: readonly ProfileField[];
  changed: boolean;
  errors: ProfileErrors;
};

const AUTOCOMPLETE: Readonly<Record<string, string>> = {
  firstName: 'given-name',
  lastName: 'family-name',
  middleName: 'additional-name',
  nickName: 'nickname',
  mobilePhone: 'tel',
  primaryPhone: 'tel',
  streetAddress: 'street-address',
  zipCode: 'postal-code',
  title: 'organization-title',
};

export function ownProfileBody({ action, csrf, fields, changed, errors }: OwnProfileParts): {
  title: string;
  body: Markup;
} {
  const title = 'Profile';
  const editable = fields.filter((one) => one.editable && one.attribute.type !== 'array');
  const facts = fields.filter((one) => !editable.includes(one) && one.value !== null);
  return {
    title: titled(title, errors.form.length + errors.fields.size > 0),
    body: html`<h1>${title}</h1>
${changed && done('Your profile is saved.')}
${alarm(errors.form.join(' ') || undefined)}
${
  editable.length > 0
    ? html`<form method="post" action="${action}" class="narrow">
${hidden({ csrf })}
${editable.map((one) => fieldOf(one, errors.fields.get(one.name)))}
<button type="submit">Save</button>
</form>`
    : ''
}
<h2>What your administrator keeps</h2>
<dl class="facts">
${facts.map(({ attribute, value }) => html`<div><dt>${attribute.title}</dt><dd>${told(value)}</dd></div>`)}
</dl>`,
  };
}

function fieldOf(one: ProfileField, error: string | undefined): Markup {
  const { attribute, field, name, value, text } = one;
  const id = field.replace('.', '-');
  const shown = text ?? (value === null ? '' : String(value));
  const describedBy = [attribute.description && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  const common = html`id="${id}" name="${field}"${describedBy ? html` aria-describedby="${describedBy}"` : ''}${error ? html` aria-invalid="true"` : ''}${attribute.required ? html` required` : ''}`;
  return html`<div class="field">
<label for="${id}">${attribute.title}</label>
${attribute.description && html`<p class="hint" id="${id}-hint">${attribute.description}</p>`}
${control(one, common, shown, AUTOCOMPLETE[name] ?? 'off')}
${error && html`<p class="field-alarm" id="${id}-error">${error}</p>`}
</div>`;
}

function control({ attribute }: ProfileField, common: Markup, shown: string, autocomplete: string): Markup {
  const { type, format, oneOf, enum: values } = attribute;
  const choices =
    type === 'boolean'
      ? [
          ['true', 'Yes'],
          ['false', 'No'],
        ]
      : (oneOf?.map((choice) => [String(choice.const), choice.title]) ??
        values?.map((one) => [String(one), String(one)]));
  if (choices)
    return html`<select ${common}>
<option value=""${shown === '' ? html` selected` : ''}>—</option>
${choices.map(([value = '', label]) => html`<option value="${value}"${value === shown ? html` selected` : ''}>${label}</option>`)}
</select>`;
  const kind = type === 'string' ? (format === 'email' ? 'email' : 'text') : 'number';
  return html`<input ${common} type="${kind}" value="${shown}" autocomplete="${autocomplete}"${type === 'number' ? html` step="any"` : ''}>`;
}

function told(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
