import { describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import type { IommuDriver } from '#drivers/contract/iommu';
import { after, done, refuse, type Answer } from '#hw-models/core/result';
import type { Bench } from './bench';
import { sweep } from './replays';
import { changed, READ_WRITE, smallDriver, verdictOf, type Changes } from './small-driver';
import { act } from './verbs';

const WHERE = { iova: 0x1000n, size: 0x1000n };
const PA = 0x8000_0000n;

/** A domain with a device and one page. */
async function prepared(bench: Bench): Promise<void> {
  await bench.does(undefined, 'alloc', 'A', 1, 'paging');
  await bench.does(undefined, 'attach', 1, 'A');
  await bench.does(undefined, 'map', 'A', WHERE, PA, READ_WRITE);
}

async function found(changes: Changes, scene: (bench: Bench) => Promise<void>): Promise<string> {
  const { verdict, by, sanitizer, message = '' } = await verdictOf(changed(await connect('toy'), changes), scene);
  assert.deepEqual([verdict, by, sanitizer], ['broken', 'all-or-nothing', 'SAN-ALL-OR-NOTHING'], message);
  return message;
}

/** The second call of a method is carried out and refused all the same. */
function lies<A extends readonly unknown[]>(method: (...args: A) => unknown, times = 2): (...args: A) => never {
  let left = times;
  return ((...args: A) => after(method(...args), (answer) => (--left > 0 ? answer : refuse('ENOMEM')))) as (...args: A) => never;
}

describe('SAN-ALL-OR-NOTHING: a refused call has changed nothing', () => {
  it('finds a mapping that stays, and names the store and the table', async () => {
    const message = await found({ iommu: (toy) => ({ map: lies(toy.map) }) }, async (bench) => {
      await prepared(bench);
      await bench.does('ENOMEM', 'map', 'A', { iova: 0x3000n, size: 0x1000n }, 0x9000_0000n, READ_WRITE);
    });
    assert.match(
      message,
      /^map\(A, 0x3000 \+ 0x1000 to 0x90000000\) was refused, but PA 0x9000_0000 \(rw-, 4 KiB\) at IOVA 0x3000 is reached through entry 3 of the toy level 2 table at 0x1000_2000, stored at #\d+, and was not before/,
    );
  });

  it('finds a mapping that is gone', async () => {
    const message = await found({ iommu: (toy) => ({ unmap: lies(toy.unmap, 1) }) }, async (bench) => {
      await prepared(bench);
      await bench.does('ENOMEM', 'unmap', 'A', WHERE);
    });
    assert.match(
      message,
      /was refused, but PA 0x8000_0000 .* was reached through entry 1 .*, stored at #\d+ and overwritten at #\d+, and is not now/,
    );
  });

  it('finds a device that is attached', async () => {
    const attached = await found({ iommu: (toy) => ({ attach: lies(toy.attach, 1) }) }, async (bench) => {
      await bench.does(undefined, 'alloc', 'A', 1, 'paging');
      await bench.does('ENOMEM', 'attach', 1, 'A');
    });
    assert.include(attached, 'attach(d1, A) was refused, but d1 was sent to nothing and is now sent to space 1 root');
  });

  it('lets a device be blocked by a detach that is refused, and made again', async () => {
    let blocked = false;
    const careful = (toy: IommuDriver): Partial<IommuDriver> => ({
      detach: (...args) => {
        if (blocked) return done;
        blocked = true;
        return after(toy.detach(...args), (answer) => (answer.ok ? refuse('EIO') : answer));
      },
    });
    const verdict = await verdictOf(changed(await connect('toy'), { iommu: careful }), async (bench) => {
      await prepared(bench);
      await bench.does('EIO', 'detach', 1, 'A');
      await bench.expectAccess({ device: 1 }, 'read', WHERE.iova, 'faults');
      await bench.does(undefined, 'detach', 1, 'A');
    });
    assert.equal(verdict.verdict, 'kept', verdict.message);
  });

  it('finds what iova_to_phys tells, where no device can tell', async () => {
    const message = await found({ iommu: (toy) => ({ map: lies(toy.map, 1) }) }, async (bench) => {
      await bench.does(undefined, 'alloc', 'A', 1, 'paging');
      await bench.does('ENOMEM', 'map', 'A', WHERE, PA, READ_WRITE);
    });
    assert.include(message, 'was refused, but iova_to_phys of 0x1000 in A is PA 0x8000_0000, not nothing');
  });

  it('finds a page in the middle of a refused mapping', async () => {
    const message = await found(
      {
        iommu: (toy) => ({
          map: (domain, all) =>
            after(toy.map(domain, { ...all, size: 0x2000n }), () => toy.unmap(domain, all.iova, 0x1000n) && refuse('ENOMEM')),
        }),
      },
      async (bench) => {
        await bench.does(undefined, 'alloc', 'A', 1, 'paging');
        await bench.does('ENOMEM', 'map', 'A', { iova: 0x1000n, size: 0x3000n }, PA, READ_WRITE);
      },
    );
    assert.include(message, 'was refused, but iova_to_phys of 0x2000 in A is PA 0x8000_1000, not nothing');
  });

  it('finds what a refused alloc, attach or replace makes of the addresses of domains', async () => {
    let forgotten = false;
    const forgets =
      <A extends readonly unknown[], T>(method: (...args: A) => Answer<T>) =>
      (...args: A): Answer<T> =>
        after(method(...args), (answer) => {
          forgotten = !answer.ok;
          return answer;
        });
    const changes: Changes = {
      iommu: (toy) => ({
        domainAlloc: forgets(toy.domainAlloc),
        attach: forgets(toy.attach),
        replace: forgets(toy.replace),
        iovaToPhys: (domain, iova) => (forgotten ? refuse('ENOENT') : toy.iovaToPhys(domain, iova)),
      }),
    };
    for (const refused of [
      (bench: Bench) => bench.does('EOPNOTSUPP', 'alloc', 'B', 1, 'identity'),
      (bench: Bench) => bench.does('EBUSY', 'attach', 1, 'A'),
      (bench: Bench) => bench.does('ENOENT', 'replace', 1, 'B'),
    ]) {
      const message = await found(changes, async (bench) => {
        await prepared(bench);
        await refused(bench);
      });
      assert.include(message, 'was refused, but iova_to_phys of 0x1000 in A is nothing, not PA 0x8000_0000');
    }
  });

  it('finds an object or identifier that is kept, and one that is gone', async () => {
    const kept = smallDriver((platform) => ({
      domainAlloc: () => {
        platform.idAlloc('space', 1, 9);
        return refuse('ENOMEM');
      },
    }));
    const { by, message } = await verdictOf(kept, (bench) => bench.does('ENOMEM', 'alloc', 'A', 1, 'paging'));
    assert.equal(by, 'all-or-nothing');
    assert.match(message ?? '', /^domainAlloc\(A: paging, for d1\) was refused, but 1 id:space more is held; at #\d+ cpu0 id-alloc/);
    const gone = smallDriver((platform) => {
      const taken = platform.objectAlloc('pool');
      assert(taken.ok);
      return {
        domainAlloc: () => {
          platform.objectFree(taken.value);
          return refuse('ENOMEM');
        },
      };
    });
    const second = await verdictOf(gone, (bench) => bench.does('ENOMEM', 'alloc', 'A', 1, 'paging'));
    assert.include(second.message, '1 object:pool that was held before is gone');
  });

  it('lets an empty table stay after a call that was refused for want of another', async () => {
    const verdict = await verdictOf(await connect('toy'), async (bench) => {
      await prepared(bench);
      // Two tables are needed, in two sections.
      await sweep(bench, act('map', 'A', { iova: 0x5f_f000n, size: 0x2000n }, PA, READ_WRITE), 'allocation fails');
    });
    assert.equal(verdict.verdict, 'kept', verdict.message);
  });

  it('lets a call be refused that has touched nothing', async () => {
    const verdict = await verdictOf(await connect('toy'), async (bench) => {
      await prepared(bench);
      await bench.does('EEXIST', 'map', 'A', WHERE, 0x9000_0000n, READ_WRITE);
      await bench.does('EBUSY', 'attach', 1, 'A');
    });
    assert.equal(verdict.verdict, 'kept', verdict.message);
  });
});
