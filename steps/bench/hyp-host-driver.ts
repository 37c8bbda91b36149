/**
 * The host's own driver above a hypervisor: `IommuDriver` in terms of `HypIommuDriver`, so that common rules hold the hypervisor to
 * what its host promises to others. It tops up the memcache when it is asked to, as a host does, and knows what it has attached itself.
 */
import { HYP_READ, HYP_WRITE, type HypIommuDriver } from '#drivers/contract/hyp';
import {
  NO_PASID,
  type Device,
  type DeviceDescription,
  type Domain,
  type DomainSpec,
  type IommuDriver,
  type Mapping,
} from '#drivers/contract/iommu';
import { done, isPromise, ok, refuse, type Answer, type Result } from '#hw-models/core/result';
import type { HypScene } from './hyp-scene';

/** Pages that the host gives for one request. */
const TOP_UP = 4;
/** Times that one call is made again before the host gives up. */
const MOST_RETRIES = 16;

interface HostDomain {
  readonly smmu: number;
  readonly id: number;
  readonly devices: Set<Device>;
}

type Steps<T> = Generator<Answer<unknown>, Result<T>, Result<unknown>>;

/** Runs to the end at once while every answer is there at once, and with promises from the first one that is not. */
function run<T>(steps: Steps<T>): Answer<T> {
  let step = steps.next();
  while (!step.done) {
    const answer = step.value;
    if (isPromise(answer)) return answer.then((result) => resume(steps, steps.next(result)));
    step = steps.next(answer);
  }
  return step.value;
}

async function resume<T>(steps: Steps<T>, first: IteratorResult<Answer<unknown>, Result<T>>): Promise<Result<T>> {
  let step = first;
  while (!step.done) step = steps.next(await step.value);
  return step.value;
}

export class HostDriver implements Partial<IommuDriver> {
  readonly #hyp: HypIommuDriver;
  readonly #scene: HypScene;
  readonly #places = new Map<Device, DeviceDescription>();
  readonly #domains = new Map<Domain, HostDomain>();
  #next = 1;

  constructor(hyp: HypIommuDriver, scene: HypScene) {
    this.#hyp = hyp;
    this.#scene = scene;
  }

  probeDevice(description: DeviceDescription): Result<null> {
    this.#places.set(description.device, description);
    return done;
  }

  releaseDevice(device: Device): Result<null> {
    return this.#places.delete(device) ? done : refuse('ENODEV');
  }

  domainAlloc({ type, device, flags }: DomainSpec): Answer<Domain> {
    const place = this.#places.get(device);
    if (type !== 'paging' || flags !== 0) return refuse('EOPNOTSUPP');
    if (place === undefined) return refuse('ENODEV');
    return run(this.#alloc(place.iommu, this.#next));
  }

  domainFree(domain: Domain): Answer<null> {
    const known = this.#domains.get(domain);
    if (known === undefined) return refuse('ENOENT');
    return run(this.#free(domain, known));
  }

  attach(device: Device, domain: Domain, pasid: number): Answer<null> {
    const known = this.#domains.get(domain);
    const endpoint = this.#places.get(device)?.ids[0];
    if (pasid !== NO_PASID) return refuse('EOPNOTSUPP');
    if (known === undefined) return refuse('ENOENT');
    if (endpoint === undefined) return refuse('ENODEV');
    return run(this.#attach(known, device, endpoint));
  }

  detach(device: Device, domain: Domain, pasid: number): Answer<null> {
    const known = this.#domains.get(domain);
    const endpoint = this.#places.get(device)?.ids[0];
    if (known === undefined || endpoint === undefined || pasid !== NO_PASID) return refuse('EINVAL');
    return run(this.#detach(known, device, endpoint));
  }

  map(domain: Domain, mapping: Mapping): Answer<null> {
    const known = this.#domains.get(domain);
    const page = known && this.#scene.granuleOf(known.smmu);
    if (known === undefined || page === undefined) return refuse('ENOENT');
    if (mapping.size === 0n || [mapping.iova, mapping.pa, mapping.size].some((value) => value % page !== 0n)) return refuse('EINVAL');
    return run(this.#map(known, mapping, page));
  }

  unmap(domain: Domain, iova: bigint, size: bigint): Answer<bigint> {
    const known = this.#domains.get(domain);
    const page = known && this.#scene.granuleOf(known.smmu);
    if (known === undefined || page === undefined) return refuse('ENOENT');
    return size === 0n || iova % page !== 0n || size % page !== 0n
      ? refuse('EINVAL')
      : this.#hyp.unmapPages(known.smmu, known.id, iova, page, size / page);
  }

  iovaToPhys(domain: Domain, iova: bigint): Answer<bigint> {
    const known = this.#domains.get(domain);
    return known === undefined ? refuse('ENOENT') : this.#hyp.iovaToPhys(known.smmu, known.id, iova);
  }

  *#alloc(smmu: number, id: number): Steps<Domain> {
    const pgd = this.#scene.takeRoot(smmu, id);
    const answer = yield* this.#supplied(() => this.#hyp.allocDomain(smmu, id, pgd));
    if (!answer.ok) return answer;
    this.#domains.set(id, { smmu, id, devices: new Set() });
    return ok(this.#next++);
  }

  *#free(domain: Domain, { smmu, id, devices }: HostDomain): Steps<null> {
    const answer = yield this.#hyp.freeDomain(smmu, id);
    // The hypervisor has one errno for every reason; the host knows which one it is.
    if (!answer.ok) return devices.size > 0 ? refuse('EBUSY') : answer;
    this.#domains.delete(domain);
    return done;
  }

  *#attach({ smmu, id, devices }: HostDomain, device: Device, endpoint: number): Steps<null> {
    const answer = yield* this.#supplied(() => this.#hyp.attachDev(smmu, id, endpoint));
    if (!answer.ok) return answer;
    devices.add(device);
    return done;
  }

  *#detach({ smmu, id, devices }: HostDomain, device: Device, endpoint: number): Steps<null> {
    const answer = yield this.#hyp.detachDev(smmu, id, endpoint);
    if (!answer.ok) return answer;
    devices.delete(device);
    return done;
  }

  *#map({ smmu, id }: HostDomain, { iova, pa, size, prot }: Mapping, page: bigint): Steps<null> {
    const bits = (prot.read ? HYP_READ : 0) + (prot.write ? HYP_WRITE : 0);
    let mapped = 0n;
    for (let retry = 0; mapped < size && retry < MOST_RETRIES; retry++) {
      const answer = yield this.#hyp.mapPages(smmu, id, iova + mapped, pa + mapped, page, (size - mapped) / page, bits);
      if (!answer.ok) break;
      mapped += answer.value as bigint;
      if (mapped < size && !this.#topUp()) break;
    }
    if (mapped === size) return done;
    const missing = this.#needsPage();
    if (mapped > 0n) yield this.#hyp.unmapPages(smmu, id, iova, page, mapped / page);
    if (missing) return refuse('ENOMEM');
    for (let at = iova; at < iova + size; at += page) if ((yield this.#hyp.iovaToPhys(smmu, id, at)).ok) return refuse('EEXIST');
    return refuse('EINVAL');
  }

  /** Makes a call again when a page was missing. A refusal for want of a page is `ENOMEM`. */
  *#supplied(call: () => Answer<null>): Steps<null> {
    for (let retry = 0; ; retry++) {
      const answer = (yield call()) as Result<null>;
      if (answer.ok || !this.#needsPage()) return answer;
      if (retry === MOST_RETRIES || !this.#topUp()) return refuse('ENOMEM');
    }
  }

  #needsPage(): boolean {
    return this.#scene.host.memcache(this.#scene.machine.cpu).needsPage;
  }

  /** @returns Whether pages were asked for and given. */
  #topUp(): boolean {
    if (!this.#scene.topsUp || !this.#needsPage()) return false;
    return this.#scene.host.topUp(this.#scene.machine.cpu, TOP_UP).length > 0;
  }
}
