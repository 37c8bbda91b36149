/**
 * What each requester may reach: what callers mapped in the domains that it is attached to, and the regions that firmware names for its
 * device. During a call that changes this, old and new count; afterwards the sanitizer is asked whether anything of what ended can still
 * be used.
 */
import type { DeviceDescription, ReservedRegion } from '#drivers/contract/iommu';
import { pageOf, PAGE_SIZE } from '#hw-models/core/address';
import type { Grants as GrantsOfMachine, Machine } from '#hw-models/core/machine';
import type { Requester } from '#hw-models/core/reach/facts';
import { showFrame } from '#hw-models/core/reach/wording';
import { WRITE } from '#hw-models/core/walk';
import { AddressSpace } from './address-space';
import { Aliases } from './aliases';
import { DriverFault } from './outcomes';

/** How a call changed what is granted; `undo` restores what was there before. */
export interface Settle {
  /** The call was carried out, and answered `value`. */
  kept(value?: unknown): void;
  /** The call was refused. */
  undo(): void;
}

export const NOTHING_TO_SETTLE: Settle = { kept: () => undefined, undo: () => undefined };

/** A domain as its users know it. */
export interface GrantedDomain {
  readonly space: AddressSpace;
  /** Everything passes, untranslated. */
  readonly identity: boolean;
  /** The nest parent of a nested domain, which has the same space: what a guest's first stage gives is held in by that. */
  readonly parent: string | undefined;
}

/** What is known of a domain when it is made. */
export interface Creation {
  readonly identity?: boolean;
  readonly parent?: string | undefined;
}

/** Regions that a device reaches as they are, whatever it is attached to. What a caller maps for software MSIs is a mapping like others. */
const AS_THEY_ARE: ReadonlySet<ReservedRegion['kind']> = new Set(['direct', 'direct-relaxable', 'msi']);

/** Any rights: firmware does not say which. */
const ALL_RIGHTS = 7;

export class Grants implements GrantsOfMachine {
  readonly #machine: Machine;
  readonly #aliases: Aliases;
  readonly #domains = new Map<string, GrantedDomain>();
  readonly #attached = new Map<Requester, Set<string>>();
  /** By device. */
  readonly #regions = new Map<number, AddressSpace>();

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#aliases = new Aliases(machine.requesters);
    machine.grants = this;
  }

  /** What firmware says of a device that is about to appear. */
  describe({ device, group, reserved }: DeviceDescription): void {
    this.#aliases.describe(device, group);
    const regions = new AddressSpace();
    for (const { start, length, kind } of reserved) {
      const first = pageOf(start);
      if (AS_THEY_ARE.has(kind) && length > 0n) regions.add(first, pageOf(start + length + PAGE_SIZE - 1n) - first, first, ALL_RIGHTS);
    }
    this.#regions.set(device, regions);
  }

  granted = (requester: Requester, input: number, page: number, frames: number, prot: number): boolean => {
    for (const domain of this.#domainsFor(requester))
      if (domain.identity ? input === page : domain.space.covers(input, page, frames, prot)) return true;
    for (const alike of this.#aliases.of(requester))
      if (this.#regions.get(this.#machine.requesters[alike]!.device)?.covers(input, page, frames, prot) === true) return true;
    return false;
  };

  mayPass = (requester: Requester): boolean => {
    for (const { identity } of this.#domainsFor(requester)) if (identity) return true;
    return false;
  };

  /** Devices that the hardware cannot tell apart share what each is granted. */
  *#domainsFor(requester: Requester): Iterable<GrantedDomain> {
    for (const alias of this.#aliases.of(requester)) {
      for (const name of this.#attached.get(alias) ?? []) {
        const domain = this.#domains.get(name);
        if (domain !== undefined) yield domain;
      }
    }
  }

  /** Whether the frame lies in a region that some device reaches as it is. */
  isRegion(page: number): boolean {
    return [...this.#regions.values()].some((regions) => regions.at(page) !== undefined);
  }

  create(name: string, { identity = false, parent }: Creation = {}): void {
    const above = parent === undefined ? undefined : this.#domains.get(parent);
    this.#domains.set(name, { space: above?.space ?? new AddressSpace(), identity, parent });
  }

  domain(name: string): GrantedDomain | undefined {
    return this.#domains.get(name);
  }

  /** A domain was freed: nobody is attached to it any more, whatever was said of that before. */
  destroy(name: string): void {
    const users = this.usersOf(name);
    this.#domains.delete(name);
    for (const requester of users) this.#names(requester).delete(name);
    this.#narrowed(users);
  }

  domainsOf(requester: Requester): readonly string[] {
    return [...(this.#attached.get(requester) ?? [])];
  }

  /** Requesters attached to a domain or to one nested in it, and those that the hardware takes for them. */
  usersOf(name: string): readonly Requester[] {
    const isOf = (other: string): boolean => other === name || this.#domains.get(other)?.parent === name;
    return [...new Set([...this.#attached].flatMap(([requester, names]) => ([...names].some(isOf) ? this.#aliases.of(requester) : [])))];
  }

  /** The requesters change from what they had to `name`; until it is settled both count. Relative, so that two calls may overlap. */
  attach(requesters: readonly Requester[], name: string): Settle {
    const before = requesters.map((requester) => [requester, this.domainsOf(requester)] as const);
    for (const requester of requesters) this.#names(requester).add(name);
    return {
      kept: () => {
        for (const [requester, had] of before) for (const old of had) this.#names(requester).delete(old);
        for (const requester of requesters) this.#names(requester).add(name);
        this.#narrowed(requesters);
        this.#settled(
          before.flatMap(([requester, had]) => (had.some((old) => old !== name) ? [requester] : [])),
          true,
        );
      },
      undo: () => {
        for (const [requester, had] of before) if (!had.includes(name)) this.#names(requester).delete(name);
        this.#narrowed(requesters);
      },
    };
  }

  /** As `attach`, and the way there is watched where the driver declares it hitless. */
  replace(requesters: readonly Requester[], name: string, hitless: boolean): Settle {
    // A domain may be replaced by itself: then the device has nowhere to arrive.
    const leaving = requesters.filter((requester) => !this.domainsOf(requester).includes(name));
    const settle = this.attach(requesters, name);
    if (!hitless) return settle;
    const end = (kept: boolean): void => {
      for (const requester of requesters) this.#machine.reachOf(requester).endHitless(requester, kept && leaving.includes(requester));
    };
    for (const requester of requesters) this.#machine.reachOf(requester).beginHitless(requester);
    return {
      kept: () => {
        end(true);
        settle.kept();
      },
      undo: () => {
        end(false);
        settle.undo();
      },
    };
  }

  /** The requesters lose what they have now. */
  detach(requesters: readonly Requester[]): Settle {
    const before = requesters.map((requester) => [requester, this.domainsOf(requester)] as const);
    return {
      kept: () => {
        for (const [requester, had] of before) for (const old of had) this.#names(requester).delete(old);
        this.#narrowed(requesters);
        this.#settled(
          before.flatMap(([requester, had]) => (had.length > 0 ? [requester] : [])),
          true,
        );
      },
      undo: () => undefined,
    };
  }

  /**
   * What is mapped already keeps what it has; the rest may be mapped from now on, and stays so when the call is carried out: as far as the
   * driver says that it was, where it answers with a number of bytes. `kept` throws `DriverFault` when that is no part of the range.
   */
  map(name: string, input: number, frames: number, page: number, prot: number): Settle {
    const space = this.#domains.get(name)?.space;
    const gaps = space?.gaps(input, frames) ?? [];
    for (const gap of gaps) space?.add(gap.input, gap.frames, page + gap.input - input, prot);
    const endFrom = (first: number): void => {
      for (const gap of gaps) {
        const left = Math.max(first, gap.input);
        this.#end(name, left, gap.input + gap.frames - left);
      }
    };
    return {
      kept: (bytes) => {
        if (typeof bytes === 'bigint') endFrom(input + partOf('map', frames, bytes));
      },
      undo: () => endFrom(input),
    };
  }

  /**
   * A caller unmapped `[input, input + frames)` and the driver says that it did so for `bytes`: the rest is still granted.
   * Throws `DriverFault` when that is no part of what it was asked for.
   */
  unmapped(name: string, input: number, frames: number, bytes: bigint): void {
    const said = partOf('unmap', frames, bytes);
    let left = said;
    for (const range of [...(this.#domains.get(name)?.space.ranges ?? [])]) {
      const first = Math.max(range.input, input);
      const ended = Math.min(range.input + range.frames - first, input + frames - first, left);
      if (ended <= 0) continue;
      left -= ended;
      this.#end(name, first, ended);
      this.#settled(this.usersOf(name), (range.prot & WRITE) !== 0);
    }
    if (left > 0)
      this.#machine.violate(
        'all-or-nothing',
        `unmap in ${name} answered that it unmapped ${said} frames, of which ${said - left} were mapped`,
      );
  }

  #end(name: string, input: number, frames: number): void {
    if (frames <= 0) return;
    this.#domains.get(name)?.space.remove(input, frames);
    for (const requester of this.usersOf(name)) this.#ended(requester, input, frames);
  }

  /** Part of what the requester had has ended: neither the hardware nor the device itself may know of it. */
  #ended(requester: Requester, input: number, frames: number): void {
    this.#machine.reachOf(requester).checkRange(requester, input, frames);
    if (!this.#machine.armed) return;
    const { hardware } = this.#machine.instance(this.#machine.requesters[requester]!.iommu);
    for (const told of hardware.told?.(requester) ?? []) {
      if (told.input >= input + frames || input >= told.input + told.frames) continue;
      if (this.granted(requester, told.input, told.page, told.frames, told.prot)) continue;
      const who = this.#machine.nameOf(requester);
      this.#machine.violate(
        'staleness',
        `${who} itself keeps a translation of frame ${showFrame(told.input)} to PA ${showFrame(told.page)}, which it is not granted any more: no invalidation has reached its own TLB`,
      );
    }
  }

  #narrowed(requesters: readonly Requester[]): void {
    for (const requester of new Set(requesters.flatMap((one) => this.#aliases.of(one)))) this.#ended(requester, 0, Infinity);
  }

  /** What requesters did with what they have lost has ended. @param written Whether they could write there. */
  #settled(requesters: Iterable<Requester>, written: boolean): void {
    if (!this.#machine.armed) return;
    for (const requester of requesters) {
      const { hardware } = this.#machine.instance(this.#machine.requesters[requester]!.iommu);
      const how = (['read', 'write'] as const).find((one) => (one === 'read' || written) && hardware.mayBeAccessing?.(one) === true);
      if (how === undefined) continue;
      this.#machine.violate(
        'staleness',
        `${how}s of ${this.#machine.nameOf(requester)} that ${hardware.name} let through before the invalidation may still be on their way: no fence since then waits for ${how}s`,
      );
    }
  }

  #names(requester: Requester): Set<string> {
    let names = this.#attached.get(requester);
    if (names === undefined) this.#attached.set(requester, (names = new Set()));
    return names;
  }
}

/** Frames that a driver says were done of those that it was asked for. */
function partOf(what: string, frames: number, bytes: bigint): number {
  if (bytes < 0n || bytes > BigInt(frames) * PAGE_SIZE || bytes % PAGE_SIZE !== 0n)
    throw new DriverFault(`${what} of ${frames} frames answered that it was done for ${bytes} bytes`);
  return pageOf(bytes);
}
