// Owns writing a picture of two colours as a PNG file (ISO/IEC 15948): grey, one bit a pixel. Not here: what it shows.
import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Each module as a square of `scale` pixels, with a light border of `border` modules. */
export function png(modules: readonly (readonly boolean[])[], { scale, border }: { scale: number; border: number }) {
  const side = (modules.length + 2 * border) * scale;
  const isDark = (row: number, column: number) =>
    modules[Math.floor(row / scale) - border]?.[Math.floor(column / scale) - border] === true;
  const stride = 1 + Math.ceil(side / 8);
  // Each line begins with the number of its filter: none. A set bit is white.
  const lines = Buffer.alloc(stride * side);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      if (!isDark(row, column)) {
        const at = row * stride + 1 + (column >>> 3);
        lines.writeUInt8(lines.readUInt8(at) | (0x80 >>> (column & 7)), at);
      }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.writeUInt8(1, 8);
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', deflateSync(lines)), chunk('IEND')]);
}

function chunk(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'ascii'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
