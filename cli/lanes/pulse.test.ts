import { assert } from 'chai';
import { test } from 'node:test';

import { readPickles } from '#reports/ledger/ledger';
import { FEATURES } from '#cli/root';
import { Lane } from './lane';
import { BEATS, DOING, PULSE_BYTES, RESTING, type Report } from './protocol';
import { Pulse } from './pulse';

test('another call of the same doing is a sign of life, and none while nothing runs', () => {
  const buffer = new SharedArrayBuffer(PULSE_BYTES);
  const cells = new Int32Array(buffer);
  const pulse = new Pulse(buffer);
  pulse.again();
  assert.equal(cells[BEATS], RESTING);
  pulse.beat(3);
  const before = cells[BEATS];
  pulse.again();
  assert.equal(cells[DOING], 3);
  assert.notEqual(cells[BEATS], before);
});

test('the limit is for one call, however many a step makes', async () => {
  const lane = new Lane({ answerMs: 1500 });
  const scenario = readPickles(FEATURES).findIndex(({ name }) => name === 'whichever allocation of a mapping fails');
  const heard: Report[] = [];
  const started = performance.now();
  const ending = await lane.run(
    { kind: 'loop', driver: './cli/testdata/drivers/slow.ts', mode: 'eager', features: FEATURES, scenarios: [scenario] },
    (report) => heard.push(report),
  );
  lane.stop();
  assert.equal(ending.kind, 'done', JSON.stringify(ending));
  assert.isAbove(performance.now() - started, 1500);
  const last = heard.find(({ kind }) => kind === 'finished');
  assert.equal(last?.kind === 'finished' && last.verdict?.verdict, 'kept');
});
