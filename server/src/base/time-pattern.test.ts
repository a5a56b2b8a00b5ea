// Time by patterns, in zones, there and back.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIso, formatTime, parseTime } from './time-pattern.ts';

const moment = Date.UTC(2015, 6, 5, 7, 8, 9, 45);

describe('a moment in a pattern', () => {
  test.each([
    ['yyyy-MM-dd HH:mm:ss', 'UTC', '2015-07-05 07:08:09'],
    ['yy M d H:m:s.SSS', 'UTC', '15 7 5 7:8:9.045'],
    ['EEE, dd MMM yyyy', 'UTC', 'Sun, 05 Jul 2015'],
    ['EEEE MMMM', 'UTC', 'Sunday July'],
    ['h:mm a', 'Asia/Tokyo', '4:08 PM'],
    ["yyyy-MM-dd'T'HH:mm:ssZ", 'America/New_York', '2015-07-05T03:08:09-0400'],
    ["yyyy-MM-dd'T'HH:mm:ss.SSSZZ", 'Asia/Kolkata', '2015-07-05T12:38:09.045+05:30'],
    ["hh 'o''clock' z", 'UTC', "07 o'clock UTC"],
    ['D', 'UTC', '186'],
    ['k K e', 'America/Los_Angeles', '24 0 7'],
  ])('%s in %s', (pattern, zone, text) => expect(formatTime(moment, pattern, zone)).toBe(text));

  test('is nothing for a letter, a zone or a time that means nothing', () => {
    expect(formatTime(moment, 'qq', 'UTC')).toBeNull();
    expect(formatTime(moment, "HH 'open", 'UTC')).toBeNull();
    expect(formatTime(moment, 'HH', 'Middle/Earth')).toBeNull();
    expect(formatTime(Number.NaN, 'HH', 'UTC')).toBeNull();
    expect(formatIso(9e15, 'UTC')).toBeNull();
  });
});

test('a moment in ISO 8601 names the offset', () => {
  expect(formatIso(moment, 'UTC')).toBe('2015-07-05T07:08:09.045Z');
  expect(formatIso(moment, 'America/St_Johns')).toBe('2015-07-05T04:38:09.045-02:30');
});

describe('a text in a pattern', () => {
  test.each([
    ['2015-07-05 07:08:09', 'yyyy-MM-dd HH:mm:ss', Date.UTC(2015, 6, 5, 7, 8, 9)],
    ['20150705', 'yyyyMMdd', Date.UTC(2015, 6, 5)],
    ['5 jul 15', 'd MMM yy', Date.UTC(2015, 6, 5)],
    ['12:30 AM', 'h:mm a', 30 * 60_000],
    ['2015-07-05T07:08:09+02:00', "yyyy-MM-dd'T'HH:mm:ssZ", Date.UTC(2015, 6, 5, 5, 8, 9)],
  ])('%s', (text, pattern, time) => expect(parseTime(text, pattern)).toBe(time));

  test.each([
    ['2015-02-30', 'yyyy-MM-dd'],
    ['2015-13-01', 'yyyy-MM-dd'],
    ['25:00', 'HH:mm'],
    ['2015-07-05x', 'yyyy-MM-dd'],
    ['', 'yyyy'],
    ['2015', 'yyyy-MM'],
  ])('that does not fit is no time: %s', (text, pattern) => expect(parseTime(text, pattern)).toBeNull());

  test('comes back as it went, in every zone', () => {
    const pattern = "yyyy-MM-dd'T'HH:mm:ss.SSSZZ";
    const times = fc.integer({ min: Date.UTC(1950, 0, 1), max: Date.UTC(2100, 0, 1) });
    fc.assert(
      fc.property(
        times,
        fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/Sao_Paulo', 'Europe/Berlin'),
        (time, zone) => {
          expect(parseTime(formatTime(time, pattern, zone) ?? '', pattern)).toBe(time);
        },
      ),
    );
  });
});
