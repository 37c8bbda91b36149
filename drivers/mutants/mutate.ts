/** A mutant made real. */
import { after, ok, type DriverModule, type Started, type Surroundings } from '#drivers/contract/driver';
import type { Platform } from '#drivers/contract/platform';
import { override } from '#drivers/parts/override';
import { loadEdited } from './edited';
import type { Mutant } from './mutant';
import { sourceOf } from '../bundled';
import { checkModule } from '../module';

export { override } from '#drivers/parts/override';

/** @param module The driver without the defect. */
export function mutate(module: DriverModule, mutant: Mutant): DriverModule {
  const base =
    mutant.edits === undefined ? module : checkModule(`${mutant.of}!${mutant.id}`, loadEdited(sourceOf(mutant.of), mutant.edits));
  const { port, contract } = mutant;
  return {
    ...base,
    start: (platform, surroundings) =>
      after(base.start(portOf(platform, port), surroundingsOf(surroundings, contract)), (started) =>
        started.ok ? ok(startedOf(started.value, contract)) : started,
      ),
  };
}

const portOf = (platform: Platform, port: Mutant['port']): Platform => (port === undefined ? platform : override(platform, port(platform)));

function surroundingsOf(surroundings: Surroundings, contract: Mutant['contract']): Surroundings {
  if (surroundings.backEnd === undefined || contract?.backEnd === undefined) return surroundings;
  return { ...surroundings, backEnd: override(surroundings.backEnd, contract.backEnd(surroundings.backEnd)) };
}

function startedOf(started: Started, contract: Mutant['contract']): Started {
  return {
    ...started,
    ...(started.iommu !== undefined && contract?.iommu !== undefined && { iommu: override(started.iommu, contract.iommu(started.iommu)) }),
    ...(started.hyp !== undefined && contract?.hyp !== undefined && { hyp: override(started.hyp, contract.hyp(started.hyp)) }),
  };
}
