// Owns RFC 9562 version 4 identifiers, for what the protocol wants a UUID for (System Log events, device codes).

/** A version 4 UUID, lower case. */
export function newUuid(random: (bytes: number) => Uint8Array): string {
  const hex = Buffer.from(random(16)).toString('hex');
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) & 3);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
