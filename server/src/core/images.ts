// Owns uploaded pictures: which are taken for what, and keeping them. Whoever points at one deletes it. Not here: reading the upload
// and serving it (http/).
import { idPrefixes, newId } from '../base/id.ts';
import { type PictureType, readPicture } from '../base/picture.ts';
import type { Row } from '../storage/tables.ts';
import type { Env } from './env.ts';
import { invalid } from './refusal.ts';

export type Image = Row<'images'>;

type Rule = {
  types: readonly PictureType[];
  mostBytes: number;
  /** The longest side of a picture that must be square. */
  square: number | null;
};

const KILOBYTE = 1000;
const PICTURES: readonly PictureType[] = ['image/png', 'image/jpeg', 'image/gif'];

export const imageRules = {
  logo: { types: PICTURES, mostBytes: 100 * KILOBYTE, square: null },
  favicon: { types: ['image/png', 'image/x-icon'], mostBytes: 100 * KILOBYTE, square: 512 },
  background: { types: PICTURES, mostBytes: 2000 * KILOBYTE, square: null },
  application: { types: PICTURES, mostBytes: 1000 * KILOBYTE, square: null },
} as const satisfies Record<string, Rule>;

export type ImageUse = keyof typeof imageRules;

/** A picture that may be kept for this use; it is no row yet. Throws E0000001. */
export function takeImage(env: Env, use: ImageUse, bytes: Uint8Array): Image {
  const { types, mostBytes, square }: Rule = imageRules[use];
  if (bytes.length > mostBytes) throw invalid('file', `file: The picture has more than ${mostBytes / KILOBYTE} kB`);
  const picture = readPicture(bytes);
  const names = types.map((type) => type.replace('image/', '').replace('x-icon', 'ico').toUpperCase());
  if (!picture || !types.includes(picture.type)) throw invalid('file', `file: The picture must be ${names.join(', ')}`);
  const { width, height } = picture.size ?? { width: 0, height: 0 };
  if (square !== null && (width !== height || width > square))
    throw invalid('file', `file: The picture must be square, with at most ${square} pixels a side`);
  const content = Buffer.from(bytes).toString('base64');
  return { id: newId(env, idPrefixes.image), media_type: picture.type, content, created: env.now() };
}

export async function keepImage(env: Env, image: Image): Promise<void> {
  await env.db.insertInto('images').values(image).execute();
}

export async function findImage(env: Env, id: string): Promise<Image | null> {
  return (await env.db.selectFrom('images').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

export async function dropImage(env: Env, id: string | null): Promise<void> {
  if (id !== null) await env.db.deleteFrom('images').where('id', '=', id).execute();
}

/** Path of this server where the picture is. */
export function imagePath(id: string): string {
  return `/fs/bco/1/${id}`;
}
