/** Translations a second of the RISC-V IOMMU model, and how long the replay of the test vectors takes. */
import { join } from 'node:path';
import { Scene, type DcValues } from '#hw-models/riscv-iommu/scene';
import { SceneTables } from '#hw-models/riscv-iommu/scene-tables';
import { modelOf } from '#cli/replay/models';
import { replay } from '#cli/replay/replay';
import { ROOT } from '#cli/root';
import { best } from './row';
import type { Row } from './row';
import { stageRows, type Mapped, type Staged, type Stages } from './stages';

const PAGE = 4096n;
const ID = 1;

function made(stages: Stages, mapped: readonly Mapped[]): Staged {
  const scene = new Scene();
  const first = stages === 'second stage' ? undefined : new SceneTables(scene, 'Sv48');
  const second = stages === 'first stage' ? undefined : new SceneTables(scene, 'Sv48x4');
  for (const { input, output } of mapped) {
    const [iova, pa] = [BigInt(input) * PAGE, BigInt(output) * PAGE];
    first?.map(iova, pa);
    second?.map(first === undefined ? iova : pa, pa);
  }
  for (const table of first?.tables ?? []) second?.map(table, table);
  const dc: DcValues = {
    tc: { SADE: true, GADE: true },
    ...(first && { iosatp: { MODE: 'Sv48', PPN: first.PPN } }),
    ...(second && { iohgatp: { MODE: 'Sv48x4', PPN: second.PPN } }),
  };
  scene.install(ID, dc);
  const { iommu, machine } = scene;
  return {
    machine,
    hardware: iommu,
    id: ID,
    translates: ({ id, iova, access, privileged }, see) =>
      iommu.translate({ deviceId: id, processId: undefined, privileged, iova, access, type: 'untranslated' }, see).kind === 'translated',
  };
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
export const rows = async (): Promise<readonly Row[]> => [...stageRows('RISC-V', 'IOATC', made), await replayRow()];
