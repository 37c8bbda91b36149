import { describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import { after, done, ok, refuse, type DriverModule, type Platform } from '#drivers/contract/driver';
import type { Capability } from '#drivers/contract/manifest';
import type { Bench } from './bench';
import type { ScenarioVerdict } from './outcomes';
import { race, sweep, type Winners } from './replays';
import { changed, READ_WRITE, smallDriver, verdictOf, type Changes, type Methods } from './small-driver';
import { act } from './verbs';

const PA = 0x8000_0000n;
/** Two pages of two sections: two tables are needed. */
const MAPPING = act('map', 'A', { iova: 0x5f_f000n, size: 0x2000n }, PA, READ_WRITE);

describe('a call with each allocation failing', () => {
  const swept = async (changes: Changes): Promise<ScenarioVerdict> =>
    verdictOf(changed(await connect('toy'), changes), async (bench) => {
      await bench.does(undefined, 'alloc', 'A', 1, 'paging');
      await bench.does(undefined, 'attach', 1, 'A');
      await sweep(bench, MAPPING, 'allocation fails');
    });

  it('may be refused, or carried out in another way', async () => {
    assert.equal((await swept({})).verdict, 'kept');
    const { verdict, message } = await swept({
      port: (platform) => ({
        pageAlloc: (request) => {
          const page = platform.pageAlloc(request);
          return page.ok ? page : platform.pageAlloc(request);
        },
      }),
    });
    assert.equal(verdict, 'kept', message);
  });

  it('is found when it is accepted and was not carried out', async () => {
    const { by, message } = await swept({
      iommu: (toy) => ({ map: (...args) => after(toy.map(...args), (answer) => (answer.ok || answer.errno !== 'ENOMEM' ? answer : done)) }),
    });
    assert.equal(by, 'all-or-nothing');
    assert.match(
      message ?? '',
      /with allocation 1 failing was accepted, but iova_to_phys of 0x5f_f000 in A is nothing, not PA 0x8000_0000/,
    );
  });

  it('is found when it is accepted and devices see less than if nothing had failed', async () => {
    const { by, message } = await swept({
      iommu: (toy) => ({
        map: (...args) => after(toy.map(...args), (answer) => (answer.ok || answer.errno !== 'ENOMEM' ? answer : done)),
        iovaToPhys: () => refuse('EOPNOTSUPP'),
      }),
    });
    assert.equal(by, 'step');
    assert.match(
      message ?? '',
      /with allocation 1 failing, what devices reach: , expected d1: PA 0x8000_0000 \(rw-, 4 KiB\) at IOVA 0x5f_f000, d1: PA/,
    );
  });

  it('is found when each failure leaves a table more, before stop has to give them back', async () => {
    const { by, message } = await swept({
      port: (platform) => ({
        pageAlloc: (request) => {
          const page = platform.pageAlloc(request);
          if (!page.ok) platform.pageAlloc(request);
          return page;
        },
      }),
    });
    assert.equal(by, 'all-or-nothing');
    assert.match(message ?? '', /with allocation 1 failing, and then made again: 1 page:page-table more is held/);
  });

  it('is found when it is refused for another reason, or again when nothing fails', async () => {
    const flattened = await swept({
      iommu: (toy) => ({ map: (...args) => after(toy.map(...args), (answer) => (answer.ok ? answer : refuse('EINVAL'))) }),
    });
    assert.include(flattened.message, 'with allocation 1 failing: refused with EINVAL, expected ENOMEM or ENOSPC');
    const { message } = await swept({ iommu: () => ({ map: () => refuse('ENOMEM') }) });
    assert.include(message, 'was refused with ENOMEM, though nothing ran out');
  });
});

describe('two calls at once', () => {
  const CALLS = [act('attach', 1, 'A'), act('attach', 1, 'B')] as const;

  /** A driver that counts attached devices in a word of memory; `attach` takes and gives back what it likes. */
  function counting(attach: (platform: Platform, word: bigint, domain: number) => boolean): DriverModule {
    return smallDriver(
      (platform) => {
        const page = platform.pageAlloc({ order: 0, kind: 'object' });
        assert(page.ok);
        let domains = 0;
        return {
          domainAlloc: () => ok(++domains),
          attach: (_device, domain) => (attach(platform, page.value, domain) ? done : refuse('EBUSY')),
          detach: () => {
            platform.write64(page.value, 0n);
            return done;
          },
          domainFree: () => done,
          stop: () => {
            platform.pageFree(page.value, 0);
            return done;
          },
        };
      },
      { supports: ['paging', 'two-cpus'] },
    );
  }
  /** Reads, and later writes. */
  const take = (platform: Platform, word: bigint): boolean => {
    const taken = platform.read64(word) !== 0n;
    if (!taken) platform.write64(word, 1n);
    return !taken;
  };
  const raced = (module: DriverModule, winners: Winners = { accepted: 1 }): Promise<ScenarioVerdict> =>
    verdictOf(module, async (bench: Bench) => {
      await bench.does(undefined, 'alloc', 'A', 1, 'paging');
      await bench.does(undefined, 'alloc', 'B', 1, 'paging');
      await race(bench, ...CALLS, winners);
    });

  it('is found where the other call comes between a look and a store', async () => {
    const { by, message } = await raced(counting(take));
    assert.equal(by, 'step');
    assert.equal(message, 'accepted of attach(d1, A) and, at its port event 1, attach(d1, B): 2, expected 1');
  });

  it('comes before each platform call of the first, and after the last; then the other way round', async () => {
    const seen: string[] = [];
    let made = 0;
    const watched = counting((platform, _word, domain) => {
      if (domain === 2) {
        seen.push(`B after ${made}`);
        made = 0;
      } else for (made = 0; made < 3; made++) platform.barrier();
      return true;
    });
    const { verdict, message } = await raced(watched, { accepted: 2 });
    assert.equal(verdict, 'kept', message);
    assert.deepEqual(seen, ['B after 0', 'B after 1', 'B after 2', 'B after 3', 'B after 0']);
  });

  it('is found when the other is refused for another reason', async () => {
    const atomic = counting((platform, word) => platform.cmpxchg64(word, 0n, 1n) === 0n);
    assert.equal((await raced(atomic, { accepted: 1, refused: 'EBUSY' })).verdict, 'kept');
    const { verdict, message } = await raced(atomic, { accepted: 1, refused: 'EINVAL' });
    assert.equal(verdict, 'broken');
    assert.match(message ?? '', /^the other of attach\(d1, A\) .* was refused with: EBUSY, expected EINVAL$/);
  });

  it('lets a lock be waited for: the point is that after the unlock', async () => {
    const points: number[] = [];
    const locked = counting((platform, word) => {
      platform.lock('devices');
      const taken = take(platform, word);
      platform.unlock('devices');
      points.push(platform.cpu());
      return taken;
    });
    assert.equal((await raced(locked)).verdict, 'kept');
    assert.lengthOf(
      points.filter((cpu) => cpu === 1),
      4,
      'before the lock and after the unlock, both ways round',
    );
  });

  it('lets an atomic operation do without a lock', async () => {
    assert.equal((await raced(counting((platform, word) => platform.cmpxchg64(word, 0n, 1n) === 0n))).verdict, 'kept');
  });

  it('finds a look before the lock', async () => {
    const early = counting((platform, word) => {
      const taken = platform.read64(word) !== 0n;
      platform.lock('devices');
      if (!taken) platform.write64(word, 1n);
      platform.unlock('devices');
      return !taken;
    });
    assert.include((await raced(early)).message, ', expected 1');
  });

  it('is found the other way round as well: a step may name the calls in either order', async () => {
    const atomic = (platform: Platform, word: bigint): boolean => platform.cmpxchg64(word, 0n, 1n) === 0n;
    const { message } = await raced(counting((platform, word, domain) => (domain === 2 ? take : atomic)(platform, word)));
    assert.equal(message, 'accepted of attach(d1, B) and, at its port event 1, attach(d1, A): 2, expected 1');
  });

  it('is the fault of the driver when the call that comes between crashes, though the other swallows it', async () => {
    let inside = false;
    const crashing = counting((platform, word) => {
      if (inside) throw new TypeError('no device');
      inside = true;
      try {
        return take(platform, word);
      } catch {
        return true;
      } finally {
        inside = false;
      }
    });
    const { verdict, by, message } = await raced(crashing);
    assert.deepEqual([verdict, by], ['broken', 'step']);
    assert.equal(message, 'attach(d1, B) threw TypeError: no device');
  });
});

/** One device, one domain at a time; nothing happens to hardware that is off. */
function exclusive(platform: Platform): Methods {
  let next = 1;
  let attached = 0;
  const locked = <T>(body: () => T): T => {
    platform.lock('l');
    const answer = body();
    platform.unlock('l');
    return answer;
  };
  return {
    domainAlloc: () => ok(next++),
    domainFree: () => done,
    attach: (_device, domain) => locked(() => (attached === 0 ? ((attached = domain), done) : refuse('EBUSY'))),
    detach: () => ((attached = 0), done),
  };
}

const later = (methods: Methods): Methods => ({
  ...methods,
  domainAlloc: async (spec) => methods.domainAlloc!(spec),
  attach: async (...given) => methods.attach!(...given),
});

const driver = (methods: (platform: Platform) => Methods, ...supports: Capability[]): DriverModule =>
  smallDriver(methods, { supports: ['paging', ...supports] });

const raced = async (bench: Bench): Promise<void> => {
  await bench.does(undefined, 'alloc', 'A', 1, 'paging');
  await bench.does(undefined, 'alloc', 'B', 1, 'paging');
  await race(bench, act('attach', 1, 'A'), act('attach', 1, 'B'), { accepted: 1 });
};

describe('a race, by what the driver says of processors', () => {
  it('is run where the driver says that it can be, and answers at once', async () => {
    assert.deepEqual(await verdictOf(driver(exclusive, 'two-cpus'), raced), { verdict: 'kept' });
  });

  it('does not apply to a driver in another process', async () => {
    const far = { ...driver((platform) => later(exclusive(platform))), isRemote: true } as const;
    const { verdict, message } = await verdictOf(far, raced);
    assert.deepEqual(
      [verdict, message],
      ['not-applicable', 'two-cpus: small lives in another process, where no call can come inside another'],
    );
  });

  it('is not tested where the driver says that it cannot be, and answers later', async () => {
    const { verdict, message } = await verdictOf(
      driver((platform) => later(exclusive(platform))),
      raced,
    );
    assert.deepEqual([verdict, message], ['not-tested', 'two-cpus: this form of driver cannot be interrupted inside a call']);
  });

  it('is not escaped by saying that it cannot be, and answering at once', async () => {
    const { verdict, message } = await verdictOf(driver(exclusive), raced);
    assert.deepEqual([verdict, message], ['broken', 'small says that it does not offer two-cpus, but it answers at once']);
  });

  it('is not claimed by a driver that answers later', async () => {
    const { verdict, message } = await verdictOf(
      driver((platform) => later(exclusive(platform)), 'two-cpus'),
      raced,
    );
    assert.equal(verdict, 'broken');
    assert.match(message ?? '', /^small says that it offers two-cpus, but attach\(d1, B\) inside another call is answered later/);
  });
});

describe('sweep: a call once for each thing that it has to do without', () => {
  it('does not test waits where the hardware always answers', async () => {
    const { verdict, message } = await verdictOf(await connect('toy'), async (bench) => {
      await bench.does(undefined, 'alloc', 'A', 1, 'paging');
      await sweep(bench, act('attach', 1, 'A'), 'wait times out');
    });
    assert.equal(verdict, 'not-tested');
    assert.include(message, 'stop in the middle of its work');
  });

  it('waits for each answer of an SMMU in vain, once', async () => {
    const refusals: string[] = [];
    const { verdict, message } = await verdictOf(await connect('pkvm'), async (bench) => {
      await bench.does(undefined, 'hypAlloc', 0, 5);
      const twin = bench.twin.bind(bench);
      bench.twin = async () => {
        const fresh = await twin();
        const perform = fresh.perform.bind(fresh);
        fresh.perform = async (done, record) => {
          const answer = await perform(done, record);
          if (record === false && done.verb === 'hypAttach') refusals.push(answer.ok ? 'accepted' : answer.errno);
          return answer;
        };
        return fresh;
      };
      await sweep(bench, act('hypAttach', 0, 5, 1), 'wait times out');
    });
    assert.equal(verdict, 'kept', message);
    // Words 1 to 7, then word 0; a third wait would be one too many.
    assert.deepEqual(refusals, ['ETIMEDOUT', 'ETIMEDOUT', 'accepted']);
  });
});
