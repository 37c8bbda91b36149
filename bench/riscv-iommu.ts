/**
 * Translations a second of the RISC-V IOMMU model, four levels in each stage: with nothing cached, which is the whole procedure from the
 * device context on, and with everything in the IOATC. Then how long the replay of the test vectors takes.
 */
import { join } from 'node:path';
import type { Request } from '#hw-models/core/hardware';
import type { ConfigurationReader } from '#hw-models/core/reach/facts';
import { Random } from '#hw-models/core/random';
import { Scene, type DcValues } from '#hw-models/riscv-iommu/scene';
import { SceneTables } from '#hw-models/riscv-iommu/scene-tables';
import { modelOf } from '#cli/replay/models';
import { replay } from '#cli/replay/replay';
import { ROOT } from '#cli/root';
import { best } from './row';
import type { Row } from './row';
import { randomFrames, rate, ROUNDS } from './walks';

const PAGE = 4096n;
const EVERYTHING = { of: 'translations', space: undefined, leafOnly: false } as const;
const OUTPUTS = 2 ** 20;

type Stages = 'first stage' | 'second stage' | 'nested';
const STAGES: readonly Stages[] = ['first stage', 'second stage', 'nested'];

/** A device whose pages are spread over tables of as many stages, and a request for each page. */
function made(stages: Stages): { readonly scene: Scene; readonly requests: readonly Request[] } {
  const random = new Random(1);
  const scene = new Scene();
  const first = stages === 'second stage' ? undefined : new SceneTables(scene, 'Sv48');
  const second = stages === 'first stage' ? undefined : new SceneTables(scene, 'Sv48x4');
  const inputs = randomFrames(random).map((frame) => BigInt(frame % 2 ** 35) * PAGE);
  for (const input of inputs) {
    const output = BigInt(2 * OUTPUTS + random.below(OUTPUTS)) * PAGE;
    first?.map(input, output);
    second?.map(first === undefined ? input : output, output);
  }
  for (const table of first?.tables ?? []) second?.map(table, table);
  const dc: DcValues = {
    tc: { SADE: true, GADE: true },
    ...(first && { iosatp: { MODE: 'Sv48', PPN: first.PPN } }),
    ...(second && { iohgatp: { MODE: 'Sv48x4', PPN: second.PPN } }),
  };
  scene.install(1, dc);
  // Not by spreading: what is made so is slow to read.
  return { scene, requests: inputs.map((iova) => ({ requester: 0, id: 1, pasid: undefined, iova, access: 'read', privileged: false })) };
}

/** Each request finds every cache empty: its device context is read from memory, and its tables. */
function uncached({ iommu, machine }: Scene, requests: readonly Request[]): number {
  const { sight } = machine.instance(0);
  const see: ConfigurationReader = { fetch: () => undefined, read: (word) => machine.memory.get(word) };
  for (const { id, iova, access, privileged } of requests) {
    sight.invalidate(EVERYTHING);
    const answer = iommu.translate({ deviceId: id, processId: undefined, privileged, iova, access, type: 'untranslated' }, see);
    if (answer.kind !== 'translated') throw new Error('a request is not translated');
  }
  return requests.length;
}

function hits({ iommu }: Scene, requests: readonly Request[]): number {
  for (let round = 0; round < ROUNDS; round++)
    for (const request of requests) if (iommu.access(request).kind !== 'translated') throw new Error('an access is not translated');
  return requests.length * ROUNDS;
}

function stageRows(stages: Stages): Row[] {
  const { scene, requests } = made(stages);
  const row = (name: string, value: number): Row => ({ name: `RISC-V access, ${stages}, ${name}`, value, unit: 'million/s' });
  return [
    row(
      'nothing cached',
      rate(() => uncached(scene, requests)),
    ),
    row(
      'IOATC hit',
      rate(() => hits(scene, requests)),
    ),
  ];
}

const VECTORS = join(ROOT, 'hw-models', 'riscv-iommu', 'testdata', 'public.jsonl.gz');
const REPEATS = 3;

/** All that software and devices do in every configuration of the file. */
async function replayRow(): Promise<Row> {
  let configurations = 0;
  const ms = await best(REPEATS, async () => {
    ({ configurations } = await replay(VECTORS, modelOf('riscv-iommu'), () => undefined));
  });
  return { name: `RISC-V replay of ${configurations} configurations`, value: ms / 1000, unit: 's' };
}

/** The rows, measured now. */
export const rows = async (): Promise<readonly Row[]> => [...STAGES.flatMap(stageRows), await replayRow()];
