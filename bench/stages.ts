/**
 * Translations a second of a model of an IOMMU, four levels in each stage: with nothing cached, which is the whole procedure from the
 * root of its configuration on, and with everything in its TLB.
 */
import type { Hardware, Request } from '#hw-models/core/hardware';
import type { Machine } from '#hw-models/core/machine';
import { Random } from '#hw-models/core/random';
import type { ConfigurationReader } from '#hw-models/core/reach/facts';
import type { Row } from './row';
import { randomFrames, rate, ROUNDS } from './walks';

const EVERYTHING = { of: 'translations', space: undefined, leafOnly: false } as const;
const OUTPUTS = 2 ** 20;
const FRAMES = 2 ** 35;
const PAGE = 4096n;

export type Stages = 'first stage' | 'second stage' | 'nested';
const STAGES: readonly Stages[] = ['first stage', 'second stage', 'nested'];

/** A device whose pages are spread over tables of as many stages. */
export interface Staged {
  readonly machine: Machine;
  readonly hardware: Hardware;
  /** Source or device id; its requester is 0. */
  readonly id: number;
  /** Translates with configuration as `see` reads it. @returns Whether it was translated. */
  translates(request: Request, see: ConfigurationReader): boolean;
}

/** An input frame and what it leads to. */
export interface Mapped {
  readonly input: number;
  readonly output: number;
}

/** Each request finds every cache empty: configuration is read from memory, and tables. */
function uncached({ machine, translates }: Staged, requests: readonly Request[]): number {
  const { sight } = machine.instance(0);
  const see: ConfigurationReader = { fetch: () => undefined, read: (word) => machine.memory.get(word) };
  for (const request of requests) {
    sight.invalidate(EVERYTHING);
    if (!translates(request, see)) throw new Error('a request is not translated');
  }
  return requests.length;
}

function hits({ hardware }: Staged, requests: readonly Request[]): number {
  for (let round = 0; round < ROUNDS; round++)
    for (const request of requests) if (hardware.access(request).kind !== 'translated') throw new Error('an access is not translated');
  return requests.length * ROUNDS;
}

/** @param name Of the model. @param cache What the architecture calls its TLB. */
export function stageRows(name: string, cache: string, make: (stages: Stages, mapped: readonly Mapped[]) => Staged): Row[] {
  return STAGES.flatMap((stages) => {
    const random = new Random(1);
    const mapped = randomFrames(random).map((frame) => ({ input: frame % FRAMES, output: 2 * OUTPUTS + random.below(OUTPUTS) }));
    const staged = make(stages, mapped);
    // Not by spreading: what is made so is slow to read.
    const requests = mapped.map(({ input }): Request => ({
      requester: 0,
      id: staged.id,
      pasid: undefined,
      iova: BigInt(input) * PAGE,
      access: 'read',
      privileged: false,
    }));
    const row = (what: string, value: number): Row => ({ name: `${name} access, ${stages}, ${what}`, value, unit: 'million/s' });
    return [
      row(
        'nothing cached',
        rate(() => uncached(staged, requests)),
      ),
      row(
        `${cache} hit`,
        rate(() => hits(staged, requests)),
      ),
    ];
  });
}
