import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from './connect';
import { UsageError } from './usage';

const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-'));
after(() => rmSync(folder, { recursive: true }));

describe('a driver that is no program', () => {
  for (const [name, text, place] of [
    ['of TypeScript.ts', 'const one = 1;\nexport const driver = ;\n', 'of TypeScript.ts:2: '],
    ['of JavaScript.js', "'use strict';\nmodule.exports = {\n  driver: ;\n};\n", "of JavaScript.js:3: Unexpected token ';'"],
  ] as const) {
    it(`${name.slice(0, -3)} is refused in one line, with the place of the mistake`, async () => {
      const file = join(folder, name);
      writeFileSync(file, text);
      const refused = await connect(file).then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.instanceOf(refused, UsageError);
      assert.include(refused.message, `${file}: cannot be loaded: `);
      assert.include(refused.message, place);
      assert.notInclude(refused.message, '\n');
    });
  }
});
