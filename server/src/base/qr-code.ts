// Owns drawing a text as a QR code (ISO/IEC 18004): bytes mode, error correction level M, as small as the text allows.
// Not here: the picture file (png.ts).

/** Row by row; true is dark. Without the quiet zone of four modules that belongs around it. */
export type QrCode = readonly (readonly boolean[])[];

/** Error correction bytes of a block and number of blocks at level M, by version from 1 (ISO/IEC 18004 table 9). */
const BLOCKS: readonly (readonly [correction: number, blocks: number])[] = [
  [10, 1],
  [16, 1],
  [26, 1],
  [18, 2],
  [24, 2],
  [16, 4],
  [18, 4],
  [22, 4],
  [22, 5],
  [26, 5],
  [30, 5],
  [22, 8],
  [22, 9],
  [24, 9],
  [24, 10],
  [28, 10],
  [28, 11],
  [26, 13],
  [26, 14],
  [26, 16],
];

/** null: not drawn yet. */
type Grid = (boolean | null)[][];

export function qrCode(text: string): QrCode {
  const bytes = Buffer.from(text, 'utf8');
  const version = BLOCKS.findIndex((_, index) => roomFor(index + 1) >= bytes.length) + 1;
  if (version === 0) throw new Error('The text is too long for a QR code');
  const frame = frameOf(version);
  const message = interleaved(version, dataOf(version, bytes));
  const drawn = MASKS.map((_, mask) => complete(frame, version, message, mask));
  return drawn.reduce((best, next) => (unevenness(next) < unevenness(best) ? next : best));
}

function blocksOf(version: number): readonly [number, number] {
  const found = BLOCKS[version - 1];
  if (!found) throw new Error(`There is no QR code of version ${version} here`);
  return found;
}

/** Bytes of text that fit: what is not correction, less the header of mode and length. */
function roomFor(version: number): number {
  return dataBytes(version) - (version < 10 ? 2 : 3);
}

function dataBytes(version: number): number {
  const [correction, blocks] = blocksOf(version);
  return Math.floor(freeModules(version) / 8) - correction * blocks;
}

function freeModules(version: number): number {
  return frameOf(version)
    .flat()
    .filter((module) => module === null).length;
}

/** Header, text, terminator, and padding to the full length. */
function dataOf(version: number, bytes: Buffer): number[] {
  const capacity = dataBytes(version);
  const header = `0100${bytes.length.toString(2).padStart(version < 10 ? 8 : 16, '0')}`;
  const body = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const bits = header + body + '0'.repeat(Math.min(4, capacity * 8 - header.length - body.length));
  const whole = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0');
  const data = (whole.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  for (let pad = 0; data.length < capacity; pad++) data.push(pad % 2 === 0 ? 0xec : 0x11);
  return data;
}

/** The blocks, shorter ones first, with their correction; then column by column through all blocks. */
function interleaved(version: number, data: readonly number[]): number[] {
  const [correction, count] = blocksOf(version);
  const short = Math.floor(data.length / count);
  const firstLong = count - (data.length % count);
  let taken = 0;
  const blocks = Array.from({ length: count }, (_, index) => {
    const length = short + (index >= firstLong ? 1 : 0);
    taken += length;
    return data.slice(taken - length, taken);
  });
  const corrections = blocks.map((block) => remainder(block, generator(correction)));
  return [...columns(blocks), ...columns(corrections)];
}

function columns(blocks: readonly (readonly number[])[]): number[] {
  const longest = Math.max(...blocks.map(({ length }) => length));
  return Array.from({ length: longest }, (_, column) => column).flatMap((column) =>
    blocks.flatMap((block) => block[column] ?? []),
  );
}

/** Multiplication in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(left: number, right: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    if ((right >>> bit) & 1) product ^= left;
  }
  return product;
}

/** The coefficients of (x + 1)(x + 2)(x + 4) … of this degree, without the leading one. */
function generator(degree: number): number[] {
  let polynomial = [...Array<number>(degree - 1).fill(0), 1];
  let root = 1;
  for (let factor = 0; factor < degree; factor++) {
    polynomial = polynomial.map((own, index) => times(own, root) ^ (polynomial[index + 1] ?? 0));
    root = times(root, 2);
  }
  return polynomial;
}

function remainder(data: readonly number[], divisor: readonly number[]): number[] {
  let rest = divisor.map(() => 0);
  for (const byte of data) {
    const factor = byte ^ (rest[0] ?? 0);
    rest = divisor.map((own, index) => (rest[index + 1] ?? 0) ^ times(own, factor));
  }
  return rest;
}

const sizeOf = (version: number): number => version * 4 + 17;

/** What every code of this version shows: finders, timing, alignment, version; and light where the format will stand. */
function frameOf(version: number): Grid {
  const size = sizeOf(version);
  const grid: Grid = Array.from({ length: size }, () => Array<boolean | null>(size).fill(null));
  for (let index = 0; index < size; index++) {
    set(grid, 6, index, index % 2 === 0);
    set(grid, index, 6, index % 2 === 0);
  }
  for (const [row, column] of [
    [3, 3],
    [3, size - 4],
    [size - 4, 3],
  ] as const)
    square(grid, row, column, 4, [0, 1, 3]);
  const centres = alignmentCentres(version);
  const last = centres.at(-1);
  for (const row of centres)
    for (const column of centres) {
      const meetsFinder =
        (row === 6 && column === 6) || (row === 6 && column === last) || (row === last && column === 6);
      if (!meetsFinder) square(grid, row, column, 2, [0, 2]);
    }
  drawVersion(grid, version);
  drawFormat(grid, null);
  return grid;
}

/** Rings around a centre; `dark`: which of them. */
function square(grid: Grid, row: number, column: number, radius: number, dark: readonly number[]): void {
  for (let down = -radius; down <= radius; down++)
    for (let across = -radius; across <= radius; across++)
      set(grid, row + down, column + across, dark.includes(Math.max(Math.abs(down), Math.abs(across))));
}

function set(grid: Grid, row: number, column: number, dark: boolean): void {
  const line = grid[row];
  if (line && column >= 0 && column < line.length) line[column] = dark;
}

/** Annex E: evenly spaced from the last, by an even number, the first always at 6. */
function alignmentCentres(version: number): number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const last = sizeOf(version) - 7;
  const step = Math.ceil((last - 6) / (count - 1) / 2) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, index) => last - step * (count - 2 - index))];
}

/** Annex D: six bits of the version and twelve that correct them, beside two of the finders. */
function drawVersion(grid: Grid, version: number): void {
  if (version < 7) return;
  const bits = withCheck(version, 12, 0x1f25);
  for (let bit = 0; bit < 18; bit++) {
    const dark = ((bits >>> bit) & 1) === 1;
    const [near, far] = [Math.floor(bit / 3), grid.length - 11 + (bit % 3)];
    set(grid, near, far, dark);
    set(grid, far, near, dark);
  }
}

/** Annex C: level M (00) and the mask, ten bits that correct them, masked; twice. Null keeps the places free. */
function drawFormat(grid: Grid, mask: number | null): void {
  const bits = mask === null ? 0 : withCheck(mask, 10, 0x537) ^ 0x5412;
  const size = grid.length;
  for (let bit = 0; bit < 15; bit++) {
    const dark = ((bits >>> bit) & 1) === 1;
    // Around the first finder, stepping over the timing lines; and split between the other two.
    if (bit < 8) set(grid, bit < 6 ? bit : bit + 1, 8, dark);
    else set(grid, 8, bit === 8 ? 7 : 14 - bit, dark);
    if (bit < 8) set(grid, 8, size - 1 - bit, dark);
    else set(grid, size - 15 + bit, 8, dark);
  }
  set(grid, size - 8, 8, true);
}

function withCheck(value: number, length: number, divisor: number): number {
  let rest = value;
  for (let bit = 0; bit < length; bit++) rest = (rest << 1) ^ ((rest >>> (length - 1)) * divisor);
  return (value << length) | rest;
}

const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
];

function complete(frame: Grid, version: number, message: readonly number[], mask: number): boolean[][] {
  const inverts = MASKS[mask];
  const grid = frame.map((line) => [...line]);
  let bit = 0;
  for (const [row, column] of path(sizeOf(version))) {
    if (frame[row]?.[column] !== null) continue;
    const dark = (((message[bit >>> 3] ?? 0) >>> (7 - (bit & 7))) & 1) === 1;
    set(grid, row, column, dark !== (inverts?.(row, column) ?? false));
    bit++;
  }
  drawFormat(grid, mask);
  return grid.map((line) => line.map((dark) => dark === true));
}

/** Two columns at a time from the right, up and down in turn, without the column of the timing line. */
function* path(size: number): Generator<readonly [row: number, column: number]> {
  let upwards = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right--;
    for (let step = 0; step < size; step++) {
      const row = upwards ? size - 1 - step : step;
      yield [row, right];
      yield [row, right - 1];
    }
    upwards = !upwards;
  }
}

/** How hard a reader would find it (section 7.8.3): long runs, blocks of one colour, and how far from half it is dark. */
function unevenness(grid: readonly (readonly boolean[])[]): number {
  const turned = grid.map((_, column) => grid.map((line) => line[column] === true));
  let points = 0;
  for (const line of [...grid, ...turned]) {
    const text = line.map((dark) => (dark ? '#' : '.')).join('');
    for (const [run] of text.matchAll(/#{5,}|\.{5,}/g)) points += run.length - 2;
    points += 40 * [...text.matchAll(/(?=#\.###\.#\.{4}|\.{4}#\.###\.#)/g)].length;
  }
  grid.forEach((line, row) => {
    line.forEach((dark, column) => {
      const [below, beside] = [grid[row + 1], line[column + 1]];
      if (below && beside === dark && below[column] === dark && below[column + 1] === dark) points += 3;
    });
  });
  const dark = grid.flat().filter(Boolean).length / grid.length ** 2;
  return points + Math.floor(Math.abs(dark - 0.5) * 20) * 10;
}
