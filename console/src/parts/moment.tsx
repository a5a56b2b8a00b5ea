// Owns how a moment is written: in the reader's words, with the exact time behind it.
const FORM = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function Moment({ at }: { at: string | null | undefined }) {
  if (!at) return '—';
  return (
    <time dateTime={at} title={at} style={{ whiteSpace: 'nowrap' }}>
      {FORM.format(new Date(at))}
    </time>
  );
}
