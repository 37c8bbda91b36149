import { describe, it } from 'node:test';
import { assert } from 'chai';
import * as fc from 'fast-check';
import { DriverFailure } from '#drivers/contract/failure';
import { Lines, LONGEST_LINE, quote } from './lines';

const MEBIBYTE = 2 ** 20;

/** Well-formed text in one line, a byte order mark among it. */
const oneLine = fc
  .oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('a', 'é', '€', '𝄞', '\r', '\0', '\ufeff') }))
  .map((text) => text.replaceAll('\n', ' '));

/** `bytes` in pieces; one that is empty is a piece too. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const ends = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1]!, end));
}

const linesOf = (chunks: readonly Buffer[], lines = new Lines()): readonly string[] => chunks.flatMap((chunk) => [...lines.add(chunk)]);

/** The lines that came, and what was wrong after them. */
function heard(chunks: readonly Buffer[]): { readonly lines: readonly string[]; readonly failure: unknown } {
  const lines: string[] = [];
  const cutter = new Lines();
  try {
    for (const chunk of chunks) for (const line of cutter.add(chunk)) lines.push(line);
  } catch (failure) {
    return { lines, failure };
  }
  return { lines, failure: undefined };
}

function assertFailed(failure: unknown, message: string): void {
  assert.instanceOf(failure, DriverFailure);
  assert.strictEqual(failure.message, message);
}

describe('lines', () => {
  it('are the same however their bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(oneLine), oneLine, fc.array(fc.nat(1000)), (whole, begun, places) => {
        const bytes = Buffer.from([...whole, begun].join('\n'));
        const lines = new Lines();
        assert.deepEqual(linesOf(cut(bytes, places), lines), whole);
        assert.strictEqual(lines.isOpen, begun !== '');
        assert.deepEqual(linesOf([Buffer.from('\n')], lines), [begun]);
        assert.isFalse(lines.isOpen);
      }),
    );
  });

  it('come byte by byte, in characters of several bytes too', () => {
    const bytes = Buffer.from('é€𝄞\n𝄞\n');
    const chunks = Array.from(bytes, (byte) => Buffer.from([byte]));
    assert.deepEqual(linesOf(chunks), ['é€𝄞', '𝄞']);
  });

  it('that are empty are lines', () => {
    assert.deepEqual(linesOf([Buffer.from('\n\na\n')]), ['', '', 'a']);
    assert.deepEqual(linesOf([Buffer.alloc(0)]), []);
  });

  it('keep what is not their line feed', () => {
    assert.deepEqual(linesOf([Buffer.from('\ufeffa\r\nb\0\n')]), ['\ufeffa\r', 'b\0']);
  });

  it('come before what is wrong after them', () => {
    const { lines, failure } = heard([Buffer.from('a\n\xff\n', 'latin1')]);
    assert.deepEqual(lines, ['a']);
    assertFailed(failure, 'sent a line that is no UTF-8: "ÿ"');
  });

  it('that end in the middle of a character are refused', () => {
    const { failure } = heard([Buffer.from('€').subarray(0, 2), Buffer.from('\n')]);
    assertFailed(failure, 'sent a line that is no UTF-8: "â\x82"');
  });
});

describe('the longest line', () => {
  const part = Buffer.alloc(MEBIBYTE, 'a');
  const longest = Array.from({ length: LONGEST_LINE / MEBIBYTE }, () => part);

  it('is taken', () => {
    const [line, ...more] = linesOf([...longest, Buffer.from('\nb\n')]);
    assert.strictEqual(line?.length, LONGEST_LINE);
    assert.deepEqual(more, ['b']);
  });

  it('is not exceeded, with its end or without it', () => {
    for (const rest of ['a', 'a\n']) {
      const { lines, failure } = heard([Buffer.from('b\n'), ...longest, Buffer.from(rest)]);
      assert.deepEqual(lines, ['b']);
      assertFailed(failure, 'sent a line of more than 1 MiB');
    }
  });

  it('begins anew after each line', () => {
    const whole = Buffer.concat([...longest, Buffer.from('\n')]);
    assert.deepEqual(
      linesOf([Buffer.concat([whole, whole])]).map(({ length }) => length),
      [LONGEST_LINE, LONGEST_LINE],
    );
  });
});

describe('a quotation', () => {
  it('is cut after what a person wants to see, and is one line', () => {
    assert.strictEqual(quote('a\n"b"'), '"a\\n\\"b\\""');
    assert.strictEqual(quote('a'.repeat(60)), `"${'a'.repeat(60)}"`);
    assert.strictEqual(quote('a'.repeat(61)), `"${'a'.repeat(60)}…"`);
  });
});
