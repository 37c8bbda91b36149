/** Whole scenes under the sanitizer: calls that run out of something, calls that wait in vain, and calls at once. */
import { suite, test } from 'node:test';
import { HWPT_DATA, HwptRiscv } from '#drivers/contract/uapi';
import { Iosatp, Tc } from '#hw-models/riscv-iommu/contexts';
import { Bench } from '#steps/bench/bench';
import { nestParentWithGuest } from '#steps/bench/guest';
import { race, sweep } from '#steps/bench/replays';
import { act, say, type Act } from '#steps/bench/verbs';
import { bytesOf, PA, RW } from './boot.test';
import { driver } from './driver';

const PAGE = 4096n;
const LARGE = 1n << 21n;

const guestBytes = (fsc: bigint): number[] => [...bytesOf(HwptRiscv.encode({ tc: Tc.encode({ V: true }), fsc }), 4)];
const nested = (name: string, fsc = 0n): Act =>
  act('alloc', name, 1, 'nested', 0, { parent: 'S', data: { type: HWPT_DATA.RISCV_IOMMU, bytes: guestBytes(fsc) } });

/** Domains of each kind, with `size` bytes mapped where that can be, and a device with two ids in one of them. */
async function scene(attached: string, size: bigint): Promise<Bench> {
  const bench = new Bench(driver, 'eager');
  bench.configure({ iommus: 2 });
  await bench.device(1, { ids: [1, 0x12_3456], ats: true });
  await bench.device(2);
  await bench.device(3, { iommu: 1 });
  for (const [name, flags] of Object.entries({ A: 0, B: 0, S: 1, T: 1 })) {
    await bench.does(undefined, 'alloc', name, 1, 'paging', flags);
    await bench.does(undefined, 'map', name, { iova: 0n, size }, PA, RW);
  }
  await bench.does(undefined, 'alloc', 'I', 1, 'identity');
  for (const allocation of [nested('N'), nested('M', Iosatp.encode({ MODE: 'Sv39', PPN: 8 }))]) await bench.perform(allocation);
  if (attached !== '') await bench.does(undefined, 'attach', 1, attached);
  if (attached !== '' && attached !== 'M') await bench.accesses({ device: 1 }, 'read', 0n);
  return bench;
}

/** In the order in which they can be done without. */
async function end(bench: Bench): Promise<void> {
  for (const name of ['N', 'M']) {
    for (const device of bench.devices)
      if (bench.grants.domainsOf(bench.machine.requestersOf(device)[0]!).includes(name))
        await bench.does(undefined, 'detach', device, name);
    await bench.does(undefined, 'free', name);
  }
  await bench.end();
}

const TRANSITIONS = ['A B', 'A S', 'S T', 'S N', 'N S', 'N M', 'M S', 'I A', 'A I', 'I S', 'M I'].map(
  (row) => row.split(' ') as [string, string],
);

suite('a replacement that lacks something', () => {
  for (const [from, to] of TRANSITIONS) {
    for (const shortage of ['allocation fails', 'wait times out'] as const) {
      test(`from ${from} to ${to}: ${shortage}`, async () => {
        const bench = await scene(from, LARGE);
        await sweep(bench, act('replace', 1, to), shortage);
        await end(bench);
      });
    }
  }
});

suite('another call that lacks something', () => {
  const rows: readonly (readonly [attached: string, done: Act])[] = [
    ['', act('attach', 1, 'A')],
    ['', act('attach', 1, 'M')],
    ['A', act('detach', 1, 'A')],
    ['M', act('detach', 1, 'M')],
    ['A', act('unmap', 'A', { iova: PAGE, size: LARGE })],
    ['A', act('unmap', 'A', { iova: 0n, size: 2n * LARGE })],
    ['M', act('unmap', 'S', { iova: PAGE, size: PAGE })],
    ['A', act('map', 'A', { iova: 8n * LARGE - PAGE, size: LARGE + 2n * PAGE }, PA - PAGE, RW)],
    ['', act('alloc', 'C', 1, 'paging', 1)],
    ['', nested('C')],
  ];
  for (const [attached, done] of rows) {
    for (const shortage of ['allocation fails', 'wait times out'] as const) {
      test(`${say(done)}${attached === '' ? '' : ` while d1 is attached to ${attached}`}: ${shortage}`, async () => {
        const bench = await scene(attached, 2n * LARGE);
        await sweep(bench, done, shortage);
        await end(bench);
      });
    }
  }
});

suite('two calls at once', () => {
  const rows: readonly (readonly [attached: string, one: Act, two: Act])[] = [
    ['', act('attach', 1, 'A'), act('attach', 2, 'A')],
    ['', act('attach', 1, 'A'), act('attach', 3, 'A')],
    ['', act('attach', 1, 'A'), act('unmap', 'A', { iova: 0n, size: PAGE })],
    ['A', act('replace', 1, 'B'), act('unmap', 'A', { iova: 0n, size: PAGE })],
    ['A', act('replace', 1, 'B'), act('unmap', 'B', { iova: 0n, size: PAGE })],
    ['S', act('replace', 1, 'M'), act('unmap', 'S', { iova: 0n, size: PAGE })],
    ['A', act('unmap', 'A', { iova: 0n, size: PAGE }), act('unmap', 'A', { iova: PAGE, size: PAGE })],
    ['A', act('unmap', 'A', { iova: 0n, size: PAGE }), act('map', 'A', { iova: 8n * LARGE, size: PAGE }, PA, RW)],
    ['A', act('map', 'A', { iova: 8n * LARGE, size: PAGE }, PA, RW), act('map', 'A', { iova: 8n * LARGE + PAGE, size: PAGE }, PA, RW)],
    ['A', act('detach', 1, 'A'), act('attach', 2, 'A')],
    ['', act('alloc', 'C', 1, 'paging'), act('alloc', 'D', 2, 'paging')],
  ];
  for (const [attached, one, two] of rows) {
    test(`${say(one)} and ${say(two)}`, async () => {
      const bench = await scene(attached, 4n * PAGE);
      await race(bench, one, two, { accepted: 2 });
      await end(bench);
    });
  }
});

suite('the end of a scene', () => {
  test('that released a device and has a guest: it cannot be made a second time', async () => {
    const bench = new Bench(driver, 'eager');
    await nestParentWithGuest(bench, 'A', 1);
    await bench.does(undefined, 'attach', 1, 'A');
    await bench.does(undefined, 'release', 1);
    await bench.end();
  });
});
