import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { assert } from 'chai';
import { filled, main, PAGES, render } from '#cli/registers';
import type { Page } from '#cli/registers';
import { bit, oneOf, reserved, ro, uint, word } from '#hw-models/core/bits';
import type { AnyLayout } from '#hw-models/core/bits';
import * as hyp from '#hw-models/hyp/layouts';
import * as riscvCommands from '#hw-models/riscv-iommu/commands';
import * as riscvContexts from '#hw-models/riscv-iommu/contexts';
import * as riscvRecords from '#hw-models/riscv-iommu/fault-record';
import * as riscv from '#hw-models/riscv-iommu/registers';
import * as riscvRequests from '#hw-models/riscv-iommu/page-request-queue';
import * as riscvTables from '#hw-models/riscv-iommu/tables';
import * as commands from '#hw-models/smmu-v3/commands';
import * as events from '#hw-models/smmu-v3/events';
import * as identification from '#hw-models/smmu-v3/id-registers';
import * as control from '#hw-models/smmu-v3/registers';
import * as streams from '#hw-models/smmu-v3/ste';
import * as tables from '#hw-models/smmu-v3/tables';
import * as toy from '#hw-models/toy/layouts';

const Mode = word(8, 'MODE', { rsv: reserved(7, 3), on: ro(bit(2)), speed: oneOf(1, 0, { slow: 0, fast: 2 }) });
const Count = word(8, 'COUNT', { count: uint(7, 0) });
const register = { layout: Mode, of: ['MODE at 0x0000'], isRegister: true };
const inMemory = { layout: Count, of: [], isRegister: false };
const EMPTY = '# Head\n\n<!-- layouts: a -->\n<!-- end of layouts -->\n\nBetween\n\n<!-- layouts: b c -->\n<!-- end of layouts -->\n';

describe('pages of layouts', () => {
  it('have a row for each field, and the columns that say something', () => {
    assert.deepEqual(render([register, inMemory]).split('\n'), [
      '### `MODE`',
      '',
      '8 bits; MODE at 0x0000',
      '',
      '| Bits | Field | Access | Encodings |',
      '| --- | --- | --- | --- |',
      '| 7:3 | reserved |  |  |',
      '| 2 | `on` | ro |  |',
      '| 1:0 | `speed` | rw | 0 `slow`, 2 `fast` |',
      '',
      '### `COUNT`',
      '',
      '8 bits',
      '',
      '| Bits | Field |',
      '| --- | --- |',
      '| 7:0 | `count` |',
    ]);
  });

  it('keep what stands outside the markers, and are the same when filled again', () => {
    const page: Page = { a: [register], 'b c': [inMemory] };
    const text = filled(EMPTY, page);
    const end = '<!-- end of layouts -->';
    const whole = [
      '# Head',
      '<!-- layouts: a -->',
      render([register]),
      end,
      'Between',
      '<!-- layouts: b c -->',
      render([inMemory]),
      `${end}\n`,
    ];
    assert.strictEqual(text, whole.join('\n\n'));
    assert.strictEqual(filled(text, page), text);
  });

  it('have markers for each section, and no others', () => {
    assert.throws(() => filled(EMPTY, { a: [register] }), RangeError, 'markers are for a, b c, and layouts are for a');
    assert.throws(() => filled('# Head\n', { a: [register] }), RangeError, 'markers are for , and layouts are for a');
  });

  it('are stale until they are written', () => {
    const folder = mkdtempSync(join(tmpdir(), 'registers-'));
    const said: string[] = [];
    const run = (page: Page, check: boolean): 0 | 1 => main(folder, { one: page }, check, (line) => said.push(line));
    try {
      writeFileSync(join(folder, 'one.md'), EMPTY);
      const page: Page = { a: [register], 'b c': [inMemory] };
      assert.strictEqual(run(page, true), 1);
      assert.strictEqual(readFileSync(join(folder, 'one.md'), 'utf8'), EMPTY, 'a check writes nothing');
      assert.strictEqual(run(page, false), 0);
      assert.strictEqual(run(page, true), 0);
      const moved = word(8, 'COUNT', { rsv: reserved(7), count: uint(6, 0) });
      assert.strictEqual(run({ ...page, 'b c': [{ ...inMemory, layout: moved }] }, true), 1);
      const stale = 'docs/registers/one.md is not what the layouts say: npm run docs:registers';
      assert.deepEqual(said, [stale, 'wrote docs/registers/one.md', stale]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('show every layout of the models', () => {
    const shown = new Set(
      Object.values(PAGES).flatMap((page) => Object.values(page).flatMap((section) => section.map(({ layout }) => layout))),
    );
    const smmu = [identification, control, streams, commands, events, tables];
    const declared = [hyp, toy, ...smmu, riscv, riscvContexts, riscvCommands, riscvRecords, riscvRequests, riscvTables].flatMap(layoutsOf);
    assert.isAbove(declared.length, 100);
    assert.deepEqual(
      declared.filter((layout) => !shown.has(layout)).map(({ name }) => name),
      [],
    );
  });
});

/** The layouts among what a module exports, and in its tables. */
function layoutsOf(value: object): AnyLayout[] {
  if ('reservedMask' in value) return [value as AnyLayout];
  return Object.values(value).flatMap((part: unknown) => (typeof part === 'object' && part !== null ? layoutsOf(part) : []));
}
