/**
 * A driver below a /dev/iommu, watched: each call that is made of it is a call as those of scenarios are, with what it grants before and
 * after, and the sanitizer looks at what it left. Its domains get names of their own.
 */
import { NO_PASID, type DomainOrViommu, type DomainSpec, type IommuDriver, type ViommuSpec } from '#drivers/contract/iommu';
import { after, isPromise, type Answer, type Result } from '#hw-models/core/result';
import type { Bench } from './bench';
import { begin, end, leavesNoLock, named, safely } from './call';
import { restIsThere, sameAddresses } from './refusals';
import { act, type Act } from './verbs';

type Method = keyof IommuDriver;
/** A call of a method as a verb has it; undefined where there is none. */
type Acts = { readonly [M in Method]?: (...args: Parameters<IommuDriver[M]>) => Act | undefined };

const NOTHING_SAID = { type: 0, bytes: [] } as const;

const pasidOf = (pasid: number): number | undefined => (pasid === NO_PASID ? undefined : pasid);

class Watch {
  readonly #bench: Bench;
  /** By handle. */
  readonly #names = new Map<number, string>();
  /** The nest parent of each viommu, by handle. */
  readonly #parents = new Map<number, string>();
  #count = 0;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  readonly acts: Acts = {
    domainAlloc: (spec) => (spec.type === 'sva' ? undefined : this.#alloc(spec)),
    domainFree: (domain) => act('free', this.#name(domain)),
    domainInfo: (domain) => act('info', this.#name(domain)),
    attach: (device, domain, pasid) => act('attach', device, this.#name(domain), pasidOf(pasid)),
    detach: (device, domain, pasid) => act('detach', device, this.#name(domain), pasidOf(pasid)),
    replace: (device, domain, pasid) => act('replace', device, this.#name(domain), pasidOf(pasid)),
    map: (domain, { iova, pa, size, prot }) => act('map', this.#name(domain), { iova, size }, pa, prot),
    unmap: (domain, iova, size) => act('unmap', this.#name(domain), { iova, size }),
    iovaToPhys: (domain, iova) => act('phys', this.#name(domain), iova),
    hwInfo: (device, type) => act('hwInfo', device, type),
    cacheInvalidate: (target, { entries, entryLength }) =>
      act('invalidate', this.#nameOf(target), { data: NOTHING_SAID, entries, length: entryLength }),
    setDirtyTracking: (domain, enable) => act('trackDirty', this.#name(domain), enable),
    readAndClearDirty: (domain, { iova, size, clear }) => act('readDirty', this.#name(domain), { iova, size }, clear),
    enforceCoherency: (domain) => act('enforceCoherency', this.#name(domain)),
  };

  /** Remembers the handle that a call gave. */
  took(method: Method, args: readonly unknown[], done: Act | undefined, value: unknown): void {
    if (method === 'domainAlloc' && done !== undefined) {
      const name = done.args[0] as string;
      this.#names.set(value as number, name);
      // Nobody reaches memory as it is through a core: what lets everything pass grants nothing.
      if ((args[0] as DomainSpec).type === 'identity') this.#bench.grants.create(name);
    }
    if (method === 'viommuAlloc') this.#parents.set(value as number, this.#name((args[0] as ViommuSpec).parent));
  }

  /** Names are given in order, so that a scene that is played again has the same. */
  #alloc({ type, device, flags, parent }: DomainSpec): Act {
    const name = `domain ${++this.#count}`;
    return act('alloc', name, device, type as 'paging', flags, parent === undefined ? {} : { parent: this.#nameOf(parent) });
  }

  #nameOf({ kind, handle }: DomainOrViommu): string {
    return kind === 'domain' ? this.#name(handle) : (this.#parents.get(handle) ?? `viommu ${handle}`);
  }

  #name(domain: number): string {
    return this.#names.get(domain) ?? `domain with handle ${domain}`;
  }

  /** One call, from what it grants to what the sanitizer finds. */
  call(method: Method, args: readonly unknown[], run: () => Answer<unknown>): Answer<unknown> {
    const bench = this.#bench;
    const done = (this.acts[method] as ((...given: readonly unknown[]) => Act | undefined) | undefined)?.(...args);
    if (done === undefined) return this.#plain(method, args, run);
    const pending = begin(bench, done);
    return after(safely(bench, named(done), run) as Answer<unknown>, (raw: Result<unknown>) => {
      const result = end(bench, pending, raw);
      if (result.ok) this.took(method, args, done, result.value);
      const more = result.ok ? restIsThere(bench, done) : sameAddresses(bench, done);
      return isPromise(more) ? more.then(() => result) : result;
    });
  }

  /** A call that no scenario makes: it grants nothing. */
  #plain(method: Method, args: readonly unknown[], run: () => Answer<unknown>): Answer<unknown> {
    this.#bench.port.begin();
    return after(safely(this.#bench, method, run) as Answer<unknown>, (result: Result<unknown>) => {
      leavesNoLock(this.#bench, method);
      if (result.ok) this.took(method, args, undefined, result.value);
      return result;
    });
  }
}

/** What a core calls instead of `driver`. */
export function watched(bench: Bench, driver: IommuDriver): IommuDriver {
  const watch = new Watch(bench);
  return new Proxy(driver, {
    get: (on, name) => {
      const method: unknown = Reflect.get(on, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) =>
        watch.call(name as Method, args, () => (method as (...given: unknown[]) => Answer<unknown>).apply(on, args));
    },
  });
}
