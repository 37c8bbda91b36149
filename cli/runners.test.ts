/** The conformance record is Cucumber's, and mutants are tried in the plain loop: both must say the same of every scenario. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import { compiler, play } from '#steps/loop';
import type { ScenarioVerdict } from '#steps/bench/outcomes';
import { conform } from '#cli/conformance/conformance';
import { select } from '#cli/conformance/select';

const DRIVERS = ['toy', 'toy!unmap-without-invalidation', 'toy!errno-flattened', 'toy+promised'];

const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-'));
after(() => rmSync(folder, { recursive: true }));

const said = (scenario: string, { verdict, by, sanitizer, message }: ScenarioVerdict): string =>
  [scenario, verdict, by ?? '', sanitizer ?? '', message ?? ''].join(' | ');

describe('Cucumber and the plain loop', () => {
  it('give every scenario the same verdict, for the same reason', async () => {
    const selected = select({ features: 'features/common' });
    const { run } = await conform({
      jobs: DRIVERS.map((driver) => ({ driver, mode: 'eager', trust: 'ours' })),
      selected,
      out: folder,
      limits: { answerMs: 60_000 },
      signal: new AbortController().signal,
      on: { tick: () => undefined, ended: () => undefined },
    });
    const compile = compiler();
    const verdicts = new Set<string>();
    for (const driver of DRIVERS) {
      const module = await connect(driver);
      const inLoop: string[] = [];
      for (const pickle of selected.pickles) {
        const played = await play(compile(pickle), module, 'eager');
        verdicts.add(played.verdict);
        inLoop.push(said(pickle.name, played));
      }
      const inCucumber = (run?.records ?? []).filter((record) => record.driver === driver).map((record) => said(record.scenario, record));
      assert.deepEqual(inCucumber, inLoop, driver);
    }
    assert.includeMembers([...verdicts], ['kept', 'broken']);
  });
});
