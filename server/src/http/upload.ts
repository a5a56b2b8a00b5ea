// Owns reading a file that was uploaded in a form (`multipart/form-data`), within a limit. Not here: what the file may be.
import { invalid, Refusal } from '../core/refusal.ts';
import { readBytes } from './read-body.ts';

const FORM_BYTES = 4096;

/** The content of the form's field `file`. Throws E0000021 for another media type, E0000001 where there is none. */
export async function readUpload(request: Request, mostBytes: number): Promise<Uint8Array> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\b/i.test(type)) throw new Refusal('E0000021');
  const file = fileOf(await formOf(await readBytes(request, mostBytes + FORM_BYTES), type));
  if (!file) throw invalid('file', 'file: The field cannot be left blank');
  return new Uint8Array(await file.arrayBuffer());
}

async function formOf(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<FormData> {
  try {
    return await new Response(bytes, { headers: { 'content-type': type } }).formData();
  } catch {
    throw new Refusal('E0000003');
  }
}

function fileOf(form: FormData): File | null {
  const value = form.get('file');
  return value instanceof File ? value : null;
}
