/** A device of a guest: its tables lie lower in its own memory. */
import { FsPte } from '#hw-models/vtd/pte';
import type { Inbound } from '#hw-models/vtd/request';
import { TranslateScene, type PasidValues, type SceneOptions } from './translate-scene';
import { FirstTables, SecondTables, type FsValues, type SsValues } from './translate-tables';

/** How many frames lower the memory of the guest begins. */
export const GUEST = 0x80;
/** The page that the device uses: as it names it, as the guest does, and where it is. */
export const PAGE = { input: 7, guest: 0x5000, host: 0x1_2345 } as const;

export interface NestedOptions extends SceneOptions {
  readonly pasid?: PasidValues;
  readonly leaf?: FsValues;
  readonly levels?: 4 | 5;
}

export class Nested extends TranslateScene {
  readonly first: FirstTables;
  readonly second: SecondTables;

  constructor({ pasid = {}, leaf = {}, levels = 4, ...options }: NestedOptions = {}) {
    super(options);
    this.first = new FirstTables(this, levels, GUEST);
    this.second = new SecondTables(this, 4);
    this.first.map(PAGE.input, PAGE.guest, leaf);
    for (const frame of this.first.frames) this.mapTable(frame);
    this.second.map(PAGE.guest, PAGE.host);
    this.pasid({
      ...{ PGTT: 'nested', AW: 48, SSPTPTR: this.second.root, FSPTPTR: this.first.pointer },
      FSPM: levels === 5 ? '5-level' : '4-level',
      ...pasid,
    });
  }

  /** Maps a frame of a table of the guest. @returns The entry's word. */
  mapTable(frame: number, values: SsValues = {}): number {
    return this.second.map(frame - GUEST, frame, values);
  }

  /** The frame that the entry of a level lies in. */
  tableOf(level: number): number {
    return Math.floor(this.first.entryOf(PAGE.input, level) / 512);
  }

  /** Changes fields of the entry of a level. */
  change(level: number, values: FsValues): void {
    const word = this.first.entryOf(PAGE.input, level);
    this.store(word, FsPte.with(this.peek(word), values));
  }

  entry(level: number): FsValues {
    return FsPte.of(this.peek(this.first.entryOf(PAGE.input, level)));
  }

  use(inbound: Partial<Inbound> = {}): string {
    return this.ask(BigInt(PAGE.input) * 4096n + 0x123n, inbound);
  }
}

/** What comes of a use that is not refused. */
export const HOST = 'pa 12345123';
