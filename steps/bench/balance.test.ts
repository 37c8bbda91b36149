import { describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import { done, ok, refuse } from '#hw-models/core/result';
import type { Bench } from './bench';
import type { ScenarioVerdict } from './outcomes';
import { changed, smallDriver, verdictOf } from './small-driver';

/** One domain for one device. */
async function scene(bench: Bench): Promise<void> {
  await bench.does(undefined, 'alloc', 'A', 1, 'paging');
  await bench.does(undefined, 'attach', 1, 'A');
}

async function found(module: Parameters<typeof verdictOf>[0]): Promise<string> {
  const { verdict, by, sanitizer, message = '' } = await verdictOf(module, scene);
  assert.deepEqual([verdict, by, sanitizer], ['kept', 'balance', 'SAN-BALANCE'], message);
  return message;
}

const took = <T>(answer: { readonly ok: true; readonly value: T } | { readonly ok: false }): T => {
  assert(answer.ok);
  return answer.value;
};

describe('SAN-BALANCE: what is taken is given back', () => {
  it('finds an object that a freed domain leaves behind, and says where it was taken', async () => {
    const forgetful = smallDriver((platform) => ({
      domainAlloc: () => platform.objectAlloc('domain'),
      attach: () => done,
      detach: () => done,
      domainFree: () => done,
    }));
    assert.match(
      await found(forgetful),
      /^the same calls a second time leave 1 object:domain more behind; at #\d+ cpu0 object-alloc domain$/,
    );
  });

  it('finds pages of which each round leaves one more', async () => {
    const growing = smallDriver((platform) => ({
      domainAlloc: () => {
        platform.pageAlloc({ order: 0, kind: 'page-table' });
        return ok(1);
      },
      attach: () => done,
      detach: () => done,
      domainFree: () => done,
    }));
    assert.match(await found(growing), /^the same calls a second time leave 1 page:page-table more behind; at #\d+ cpu0 page-alloc/);
  });

  it("finds a domain's pages that are given back only when the device is released", async () => {
    const late = smallDriver((platform) => {
      const pages: bigint[] = [];
      return {
        domainAlloc: () => {
          pages.push(took(platform.pageAlloc({ order: 0, kind: 'page-table' })));
          return ok(1);
        },
        attach: () => done,
        detach: () => done,
        domainFree: () => done,
        releaseDevice: () => {
          for (const page of pages.splice(0)) platform.pageFree(page, 0);
          return done;
        },
      };
    });
    assert.match(await found(late), /^the same calls a second time leave 1 page:page-table more behind; at #\d+ cpu0 page-alloc/);
  });

  it('finds what stop leaves, and a stop that is refused or throws', async () => {
    const quiet = { domainAlloc: () => ok(1), attach: () => done, detach: () => done, domainFree: () => done };
    const kept = smallDriver((platform) => {
      platform.pageAlloc({ order: 1, kind: 'device-table' });
      return quiet;
    });
    assert.match(await found(kept), /^after stop, 2 page:device-table is still held; at #0 cpu0 page-alloc/);
    assert.include(await found(smallDriver(() => ({ ...quiet, stop: () => refuse('EBUSY') }))), 'stop was refused with EBUSY');
    const crash = (): never => {
      throw new TypeError('no table');
    };
    const { verdict, by, message } = await verdictOf(
      smallDriver(() => ({ ...quiet, stop: crash })),
      scene,
    );
    assert.deepEqual([verdict, by], ['broken', 'step'], 'a crash of the driver is no error of the harness');
    assert.include(message, 'stop threw TypeError: no table');
  });

  it('finds a page that is freed twice, freed in part, or used after it was freed', async () => {
    const twice = smallDriver((platform) => ({
      domainAlloc: () => {
        const page = took(platform.pageAlloc({ order: 0, kind: 'page-table' }));
        platform.pageFree(page, 0);
        platform.pageFree(page, 0);
        return ok(1);
      },
    }));
    const of = async (module: typeof twice): Promise<string> => {
      const { by, message = '' } = await verdictOf(module, scene);
      assert.equal(by, 'balance');
      return message;
    };
    assert.match(await of(twice), /^pageFree of 0x1000_0000: it was freed before; at #\d+ cpu0 page-free/);
    const used = smallDriver((platform) => ({
      domainAlloc: () => {
        const page = took(platform.pageAlloc({ order: 0, kind: 'page-table' }));
        platform.pageFree(page, 0);
        platform.write64(page, 1n);
        return ok(1);
      },
    }));
    assert.include(await of(used), 'write at 0x1000_0000: the driver does not own that page');
  });

  it('finds a domain that cannot be freed any more', async () => {
    const held = changed(await connect('toy'), { iommu: () => ({ detach: () => refuse('EBUSY') }) });
    assert.include(await found(held), 'what the scene took cannot be given back: detach(d1, A) was refused with EBUSY');
  });

  it('lets a driver keep something of its own from its first use until stop', async () => {
    const caching = smallDriver((platform) => {
      let cache: number | undefined;
      return {
        domainAlloc: () => {
          cache ??= took(platform.objectAlloc('cache'));
          return ok(1);
        },
        attach: () => done,
        detach: () => done,
        domainFree: () => done,
        stop: () => {
          if (cache !== undefined) platform.objectFree(cache);
          return done;
        },
      };
    });
    assert.equal((await verdictOf(caching, scene)).sanitizer, undefined);
  });

  it('lets a directory be built when it is first needed, and kept until stop', async () => {
    const lazy = smallDriver((platform) => {
      let directory: bigint | undefined;
      return {
        domainAlloc: () => ok(1),
        attach: () => {
          directory ??= took(platform.pageAlloc({ order: 0, kind: 'device-table' }));
          return done;
        },
        detach: () => done,
        domainFree: () => done,
        stop: () => {
          if (directory !== undefined) platform.pageFree(directory, 0);
          return done;
        },
      };
    });
    assert.equal((await verdictOf(lazy, scene)).verdict, 'kept');
  });

  it('says nothing where a call comes out otherwise the second time', async () => {
    // One page each time: the first time for the leaf of domain 255, which is then there, the second time for that of domain 256.
    const short = async (bench: Bench): Promise<void> => {
      bench.configure({ scripted: true });
      await bench.sets('memcache', 0, 1, 'zeros');
      await bench.does(undefined, 'hypAlloc', 0, 255);
      await bench.does('EINVAL', 'hypAlloc', 0, 256);
    };
    assert.equal((await verdictOf(await connect('pkvm'), short)).sanitizer, undefined);
  });

  it('lets something be kept for a device from its first use until it is released, and taken again after that', async () => {
    const perDevice = smallDriver((platform) => {
      let entry: number | undefined;
      return {
        domainAlloc: () => ok(1),
        attach: () => {
          entry ??= took(platform.objectAlloc('entry'));
          return done;
        },
        detach: () => done,
        domainFree: () => done,
        releaseDevice: () => {
          if (entry !== undefined) platform.objectFree(entry);
          entry = undefined;
          return done;
        },
      };
    });
    const { verdict, sanitizer, message } = await verdictOf(perDevice, scene);
    assert.deepEqual([verdict, sanitizer], ['kept', undefined], message);
  });

  it('lets pages stay that the document of the profile never gives back, and no other', async () => {
    const keepsLeaves = async (name: string): Promise<ScenarioVerdict> =>
      verdictOf(changed(await connect(name), { port: () => ({ hypDonateHost: () => done }) }), (bench) =>
        bench.does(undefined, 'hypAlloc', 0, 5),
      );
    assert.deepEqual(await keepsLeaves('pkvm-as-submitted'), { verdict: 'kept' });
    assert.match((await keepsLeaves('pkvm')).message ?? '', /1 page:donated/);
  });
});
