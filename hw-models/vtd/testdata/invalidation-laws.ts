/** What holds of every mode of the model, for random mappings, a change to one of them, and the descriptors that cover it. */
import { assert } from 'chai';
import * as fc from 'fast-check';

import type { Mode } from '#hw-models/core/sight';
import { Scene, type PasidValues } from '#hw-models/vtd/scene';
import { iotlbInv, pIotlbInv } from '#hw-models/vtd/software';
import { FirstTables, SecondTables } from './translate-tables';

const MODES: readonly Mode[] = ['lazy', 'eager', 'seeded:5'];
const ID = 8;
const PASID = 5;
const DID = 9;
/** Pages that a first stage maps, to as many frames of the guest; and where frames of the host begin. */
const PAGES = 8;
const HOST = 0x5_0000;

/** Which stages there are. */
export type Kind = 'first' | 'second' | 'nested';

/** What each page leads to. */
type Mapping = readonly (number | undefined)[];

/** A change of one page of a stage, and the descriptor that is sent for it. */
interface Change {
  readonly stage: 'first' | 'second';
  readonly page: number;
  readonly to: number | undefined;
  readonly how: 'page' | 'pages' | 'whole' | 'all';
}

interface Case {
  readonly first: Mapping;
  readonly second: Mapping;
  readonly change: Change;
}

/** Told of every answer. */
export type Count = (answer: string) => void;

const target = fc.option(fc.nat({ max: PAGES - 1 }), { nil: undefined });
const mapping = fc.array(target, { minLength: PAGES, maxLength: PAGES });

const casesOf = (kind: Kind): fc.Arbitrary<Case> =>
  fc.record({
    first: mapping,
    second: mapping,
    change: fc.record({
      stage: kind === 'nested' ? fc.constantFrom('first' as const, 'second' as const) : fc.constant(kind),
      page: fc.nat({ max: PAGES - 1 }),
      to: target,
      how: fc.constantFrom('page', 'pages', 'whole', 'all'),
    }),
  });

/** Where a page of a device leads, by what software means. */
function meant(kind: Kind, { first, second }: Pick<Case, 'first' | 'second'>, page: number): string {
  const through = kind === 'second' ? page : first[page];
  const frame = through === undefined || kind === 'first' ? through : second[through];
  return frame === undefined ? 'refused' : (HOST + frame).toString(16);
}

/** Tables that say so, and how one entry of them is changed. */
class Furnished {
  readonly scene: Scene;
  readonly requester: number;
  readonly #kind: Kind;
  readonly #first: FirstTables | undefined;
  readonly #second: SecondTables | undefined;

  constructor(kind: Kind, { first, second }: Case, mode: Mode) {
    const scene = new Scene({ mode });
    this.scene = scene;
    this.#kind = kind;
    this.requester = scene.addProcess(0, PASID);
    this.#first = kind === 'second' ? undefined : new FirstTables(scene.tableMemory, 4);
    this.#second = kind === 'first' ? undefined : new SecondTables(scene.tableMemory, 3);
    first.forEach((to, page) => {
      this.set('first', page, to);
    });
    second.forEach((to, page) => {
      this.set('second', page, to);
    });
    // Tables of the guest are where it thinks that they are.
    if (kind === 'nested') for (const frame of this.#first!.frames) this.#second!.map(frame, frame);
    scene.install(ID, this.#entry(), PASID);
  }

  #entry(): PasidValues {
    const PGTT = ({ first: 'first-stage', second: 'second-stage', nested: 'nested' } as const)[this.#kind];
    const second = this.#second === undefined ? {} : { AW: 39, SSPTPTR: this.#second.root } as const;
    return { PGTT, DID, PWSNP: true, ...second, ...(this.#first && { FSPTPTR: this.#first.root }) };
  }

  set(stage: 'first' | 'second', page: number, to: number | undefined): void {
    const tables = stage === 'first' ? this.#first : this.#second;
    // A first stage under a second one gives frames of the guest.
    const base = stage === 'first' && this.#second !== undefined ? 0 : HOST;
    if (to === undefined) tables?.set(page, 0n);
    else tables?.map(page, base + to);
  }

  ask(page: number): string {
    const outcome = this.scene.access(this.requester, BigInt(page) * 0x1000n);
    return outcome.kind === 'translated' ? (outcome.pa / 0x1000n).toString(16) : 'refused';
  }
}

/** A descriptor that covers the change. */
function covering({ stage, page, how }: Change): bigint {
  if (how === 'all') return iotlbInv({ G: 'global' });
  const AM = how === 'pages' ? 2 : 0;
  if (stage === 'first') {
    if (how === 'whole') return pIotlbInv({ G: 'pasid', DID, PASID });
    return pIotlbInv({ G: 'page', DID, PASID, ADDR: BigInt(page), AM, IH: true });
  }
  return how === 'whole' ? iotlbInv({ G: 'domain', DID }) : iotlbInv({ G: 'page', DID, ADDR: BigInt(page), AM, IH: true });
}

/**
 * Until its invalidation a change is seen or not, and afterwards it is.
 * @param stale Told of every answer that is not the new one.
 */
export const invalidated = (kind: Kind, count: Count = () => undefined, stale: Count = () => undefined): fc.IProperty<[unknown]> =>
  fc.property(casesOf(kind), (one) => {
    const { stage, page, to } = one.change;
    const changed = { ...one, [stage]: one[stage].with(page, to) };
    for (const mode of MODES) {
      const furnished = new Furnished(kind, one, mode);
      const pages = Array.from({ length: PAGES }, (_, at) => at);
      for (const at of pages) assert.strictEqual(furnished.ask(at), meant(kind, one, at), mode);
      furnished.set(stage, page, to);
      for (const at of pages) {
        const answer = furnished.ask(at);
        assert.include([meant(kind, one, at), meant(kind, changed, at)], answer, mode);
        if (answer !== meant(kind, changed, at)) stale(answer);
      }
      furnished.scene.complete(covering(one.change));
      for (const at of pages) {
        const answer = furnished.ask(at);
        assert.strictEqual(answer, meant(kind, changed, at), mode);
        count(answer);
      }
    }
  });
