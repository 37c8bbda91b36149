import { describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import type { DriverModule } from '#drivers/contract/driver';
import { changed, verdictOf } from './small-driver';

const PAGE = 4096n;

/** The reference driver, whose mappings of the hypervisor's own are made with other bounds. */
async function mapping(bounds: (from: bigint, to: bigint) => readonly [from: bigint, to: bigint]): Promise<DriverModule> {
  return changed(await connect('pkvm'), {
    port: (platform) => ({
      createMappings: (from, to, protection) => {
        const [first, end] = protection === 'owned' ? bounds(from, to) : [from, to];
        return platform.createMappings(first, end, protection);
      },
    }),
  });
}

/** What the suite says of it when 2048 bytes are expected. */
const found = async (module: DriverModule): Promise<string> =>
  (
    await verdictOf(module, async (bench) => {
      await bench.start();
      bench.expects('bytes mapped of the root of SMMU', [0], '2048');
    })
  ).message ?? 'as expected';

describe('bytes mapped of a root table', () => {
  it('are the same when the mapping is rounded to whole pages', async () => {
    assert.equal(await found(await mapping((from, to) => [from, to])), 'as expected');
    assert.equal(await found(await mapping((from) => [from, from + PAGE])), 'as expected');
  });

  it('are not all when the mapping is too short, and not only the root when it is too long', async () => {
    assert.include(await found(await mapping((from) => [from, from + 256n])), ': 256, expected 2048');
    assert.include(await found(await mapping((from, to) => [from - PAGE, to])), ': 2048, and pages beside it, expected 2048');
  });
});
