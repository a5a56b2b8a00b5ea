// Owns writing DER (ITU-T X.690 section 10): a value is its tag, its length, its content. Not here: what is written (x509.ts).

export type Der = Buffer<ArrayBuffer>;

const CONSTRUCTED = 0x20;
const CONTEXT = 0x80;

export function der(tag: number, ...contents: readonly Uint8Array[]): Der {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 + bytes.length, ...bytes];
}

export function sequence(...contents: readonly Uint8Array[]): Der {
  return der(0x30, ...contents);
}

export function setOf(content: Uint8Array): Der {
  return der(0x31, content);
}

/** `[number]`, around other values. */
export function explicit(number: number, ...contents: readonly Uint8Array[]): Der {
  return der(CONTEXT + CONSTRUCTED + number, ...contents);
}

/** `[number] IMPLICIT` of a string. */
export function implicit(number: number, content: Uint8Array): Der {
  return der(CONTEXT + number, content);
}

/** A number that is not negative, in as few bytes as it needs. */
export function integer(bytes: Uint8Array): Der {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Buffer.from([0]) : Buffer.from(bytes.subarray(first));
  return der(0x02, ...((digits[0] ?? 0) >= 0x80 ? [Buffer.from([0])] : []), digits);
}

export function bitString(bytes: Uint8Array): Der {
  return der(0x03, Buffer.from([0]), bytes);
}

export function octetString(bytes: Uint8Array): Der {
  return der(0x04, bytes);
}

export function utf8String(text: string): Der {
  return der(0x0c, Buffer.from(text, 'utf8'));
}

export function printableString(text: string): Der {
  return der(0x13, Buffer.from(text, 'latin1'));
}

export const TRUE: Der = der(0x01, Buffer.from([0xff]));
export const NULL: Der = der(0x05);

export function objectIdentifier(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(number: number): number[] {
  const bytes = [number % 128];
  for (let rest = Math.floor(number / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 + (rest % 128));
  return bytes;
}

/** RFC 5280 section 4.1.2.5: UTCTime up to 2049, GeneralizedTime from then on; whole seconds. */
export function time(epochMilliseconds: number): Der {
  const digits = new Date(epochMilliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return digits < '2050' ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}
