// Owns recognizing pictures by their first bytes, and their size where the format says it at once. What is not recognized is no
// picture: above all SVG, which is a document that may hold scripts. Not here: which pictures are taken for what.

export const pictureTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/x-icon'] as const;
export type PictureType = (typeof pictureTypes)[number];

export type Picture = {
  type: PictureType;
  /** Null for JPEG. */
  size: { width: number; height: number } | null;
};

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52];
const JPEG = [0xff, 0xd8, 0xff];
const GIF = [0x47, 0x49, 0x46, 0x38];
const ICON = [0x00, 0x00, 0x01, 0x00];
const SHORTEST = 24;

export function readPicture(bytes: Uint8Array): Picture | null {
  if (bytes.length < SHORTEST) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (begins(bytes, PNG)) return { type: 'image/png', size: { width: view.getUint32(16), height: view.getUint32(20) } };
  if (begins(bytes, GIF))
    return { type: 'image/gif', size: { width: view.getUint16(6, true), height: view.getUint16(8, true) } };
  if (begins(bytes, JPEG)) return { type: 'image/jpeg', size: null };
  // A side of 256 is written as 0.
  if (begins(bytes, ICON))
    return { type: 'image/x-icon', size: { width: view.getUint8(6) || 256, height: view.getUint8(7) || 256 } };
  return null;
}

function begins(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}
