/** Whether a scenario's rule binds a driver at all. */
import type { DriverModule } from '#drivers/contract/driver';
import type { Manifest } from '#drivers/contract/manifest';
import { contradiction } from './absence';
import type { ScenarioVerdict } from './bench/outcomes';

const values = (tags: readonly string[], family: string): string[] =>
  tags.flatMap((tag) => (tag.startsWith(`@${family}:`) ? [tag.slice(family.length + 2)] : []));

/** The rule ids of a scenario. */
export const rulesOf = (tags: readonly string[]): string[] => values(tags, 'rule');

/** The verdict of a scenario that the driver need not be asked about; undefined when it must be. */
export async function exemption(module: DriverModule, tags: readonly string[]): Promise<ScenarioVerdict | undefined> {
  const { name, profile } = module.manifest;
  const profiles = values(tags, 'profile');
  if (profiles.length > 0 && !profiles.includes(profile))
    return { verdict: 'not-applicable', message: `the rule belongs to ${profiles.join(' or ')}; ${name} claims ${profile}` };
  const lacking = values(tags, 'needs').find((need) => !offers(module.manifest, need));
  if (lacking === undefined) return undefined;
  const message = await contradiction(module, lacking);
  return message === undefined
    ? { verdict: 'not-applicable', message: `${name} does not offer ${lacking}` }
    : { verdict: 'broken', by: 'step', message };
}

function offers({ implements: interfaces, supports }: Manifest, need: string): boolean {
  // A hypervisor is an IommuDriver through its host.
  if (need === 'iommu' && interfaces.includes('hyp')) return true;
  return interfaces.some((offered) => offered === need) || (supports as Readonly<Record<string, boolean>>)[need] === true;
}
