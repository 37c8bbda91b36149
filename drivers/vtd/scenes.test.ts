/** Whole scenes under the sanitizer: calls that run out of something, calls that wait in vain, and calls at once. */
import { suite, test } from 'node:test';
import { HWPT_DATA, HwptVtdS1 } from '#drivers/contract/uapi';
import { LEGACY, type Capabilities } from '#hw-models/vtd/capabilities';
import { Bench } from '#steps/bench/bench';
import { race, sweep } from '#steps/bench/replays';
import { act, say, type Act } from '#steps/bench/verbs';
import { bytesOf, PA, RW } from './boot.test';
import { driver } from './driver';

const PAGE = 4096n;
const LARGE = 1n << 21n;
const PASID = 5;

const guestBytes = (pgtbl_addr: bigint): number[] => [...bytesOf(HwptVtdS1.encode({ pgtbl_addr, addr_width: 48 }), 3)];
const nested = (name: string, tables = 0x8000n): Act =>
  act('alloc', name, 1, 'nested', 0, { parent: 'S', data: { type: HWPT_DATA.VTD_S1, bytes: guestBytes(tables) } });

/** By name, the flags of each paging domain: A and B are first stages, D notes what is dirty, S and T are nest parents. */
const PAGING = { A: 0, B: 8, D: 2, S: 1, T: 3 } as const;

/** Those that are named. */
const within = (text: string): readonly (keyof typeof PAGING)[] => {
  const names: readonly string[] = text.match(/\b[A-Z]\b/g) ?? [];
  return (Object.keys(PAGING) as (keyof typeof PAGING)[]).filter((name) => names.includes(name) || (name === 'S' && /\b[NM]\b/.test(text)));
};

/** Domains of each kind, with `size` bytes mapped where that can be, and a device with two ids in one of them, as well as its PASID 5. */
async function scene(attached: string, size: bigint, part: Partial<Capabilities> = {}, paging = within('A B D S T')): Promise<Bench> {
  const bench = new Bench(driver, 'eager');
  bench.configure({ iommus: 2, parts: [part, part] });
  await bench.device(1, { ids: [1, 0x1f8], ats: true, pasidBits: 16 });
  await bench.device(2);
  await bench.device(3, { iommu: 1, ats: true, pasidBits: 20 });
  for (const name of paging) {
    await bench.does(undefined, 'alloc', name, 1, 'paging', PAGING[name]);
    await bench.does(undefined, 'map', name, { iova: 0n, size }, PA, RW);
  }
  await bench.does(undefined, 'alloc', 'I', 1, 'identity');
  for (const allocation of paging.includes('S') ? [nested('N'), nested('M', 0x9000n)] : []) await bench.perform(allocation);
  if (attached === '') return bench;
  for (const pasid of pasidsWith(part)) {
    await bench.does(undefined, 'attach', 1, attached, pasid);
    if (!'NM'.includes(attached)) await bench.accesses({ device: 1, ...(pasid !== undefined && { pasid }) }, 'read', 0n);
  }
  return bench;
}

/** Requests with and without one, where there are any. */
const pasidsWith = ({ SMTS = true }: Partial<Capabilities>): readonly (number | undefined)[] => (SMTS ? [undefined, PASID] : [undefined]);

/** In the order in which they can be done without. */
async function end(bench: Bench): Promise<void> {
  for (const name of ['N', 'M']) {
    for (const device of bench.devices)
      for (const pasid of [undefined, PASID])
        if (bench.grants.domainsOf(bench.machine.requestersWith(device, pasid)[0]!).includes(name))
          await bench.does(undefined, 'detach', device, name, pasid);
    if (bench.handles.has(name)) await bench.does(undefined, 'free', name);
  }
  await bench.end();
}

const PARTS: Readonly<Record<string, Partial<Capabilities>>> = { '': {}, ' with CM': { CM: true }, ' with RWBF': { RWBF: true } };

/** All of them for a plain part; where what is not present may be cached, those that differ. */
const TRANSITIONS = ['A B', 'A S', 'D T', 'S N', 'N S', 'N M', 'M A', 'I A', 'A I', 'I S', 'M I'].map(
  (row) => row.split(' ') as [string, string],
);

suite('a replacement that lacks something', () => {
  for (const [said, part] of Object.entries(PARTS)) {
    for (const [from, to] of said === '' ? TRANSITIONS : TRANSITIONS.slice(0, 1)) {
      for (const shortage of ['allocation fails', 'wait times out'] as const) {
        test(`from ${from} to ${to}${said}: ${shortage}`, async () => {
          for (const pasid of [undefined, PASID]) {
            const bench = await scene(from, LARGE, part);
            await sweep(bench, act('replace', 1, to, pasid), shortage);
            await end(bench);
          }
        });
      }
    }
  }
});

suite('another call that lacks something', () => {
  const rows: readonly (readonly [attached: string, done: Act])[] = [
    ['', act('attach', 1, 'A')],
    ['', act('attach', 1, 'M')],
    ['', act('attach', 1, 'M', PASID)],
    ['A', act('detach', 1, 'A')],
    ['M', act('detach', 1, 'M')],
    ['M', act('detach', 1, 'M', PASID)],
    ['A', act('release', 1)],
    ['A', act('unmap', 'A', { iova: PAGE, size: LARGE })],
    ['A', act('unmap', 'A', { iova: 0n, size: 2n * LARGE })],
    ['M', act('unmap', 'S', { iova: PAGE, size: PAGE })],
    ['A', act('map', 'A', { iova: 8n * LARGE - PAGE, size: LARGE + 2n * PAGE }, PA - PAGE, RW)],
    ['M', act('map', 'S', { iova: 8n * LARGE - PAGE, size: LARGE + 2n * PAGE }, PA - PAGE, RW)],
    ['', act('alloc', 'C', 1, 'paging', 1)],
    ['', nested('C')],
    ['D', act('trackDirty', 'D', true)],
    ['A', act('enforceCoherency', 'A')],
  ];
  for (const [said, part] of Object.entries(PARTS)) {
    for (const [attached, done] of said === '' ? rows : rows.filter(([, { verb }]) => verb === 'attach' || verb === 'map')) {
      for (const shortage of ['allocation fails', 'wait times out'] as const) {
        test(`${say(done)}${attached === '' ? '' : ` while d1 is attached to ${attached}`}${said}: ${shortage}`, async () => {
          const bench = await scene(attached, 2n * LARGE, part);
          await sweep(bench, done, shortage);
          await end(bench);
        });
      }
    }
  }
});

suite('a call in legacy mode that lacks something', () => {
  const rows: readonly (readonly [attached: string, done: Act])[] = [
    ['', act('attach', 1, 'A')],
    ['A', act('replace', 1, 'B')],
    ['A', act('replace', 1, 'I')],
    ['A', act('release', 1)],
    ['A', act('unmap', 'A', { iova: PAGE, size: LARGE })],
  ];
  for (const [attached, done] of rows) {
    for (const shortage of ['allocation fails', 'wait times out'] as const) {
      test(`${say(done)}${attached === '' ? '' : ` while d1 is attached to ${attached}`}: ${shortage}`, async () => {
        const bench = await scene(attached, 2n * LARGE, LEGACY, within('A B'));
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
    ['', act('attach', 1, 'M', PASID), act('attach', 3, 'M')],
    ['A', act('replace', 1, 'B'), act('unmap', 'A', { iova: 0n, size: PAGE })],
    ['A', act('replace', 1, 'B'), act('unmap', 'B', { iova: 0n, size: PAGE })],
    ['S', act('replace', 1, 'M'), act('unmap', 'S', { iova: 0n, size: PAGE })],
    ['A', act('unmap', 'A', { iova: 0n, size: PAGE }), act('unmap', 'A', { iova: PAGE, size: PAGE })],
    ['A', act('unmap', 'A', { iova: 0n, size: PAGE }), act('map', 'A', { iova: 8n * LARGE, size: PAGE }, PA, RW)],
    ['A', act('map', 'A', { iova: 8n * LARGE, size: PAGE }, PA, RW), act('map', 'A', { iova: 8n * LARGE + PAGE, size: PAGE }, PA, RW)],
    ['A', act('detach', 1, 'A'), act('attach', 2, 'A')],
    ['D', act('trackDirty', 'D', true), act('attach', 3, 'D')],
    ['', act('alloc', 'C', 1, 'paging'), act('alloc', 'E', 2, 'paging')],
  ];
  for (const [attached, one, two] of rows) {
    test(`${say(one)} and ${say(two)}`, async () => {
      const bench = await scene(attached, 4n * PAGE, {}, within([attached, say(one), say(two)].join(' ')));
      await race(bench, one, two, { accepted: 2 });
      await end(bench);
    });
  }
});
