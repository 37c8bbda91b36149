/** Whether a scenario's rule binds a driver at all. */
import type { DriverModule } from '#drivers/contract/driver';
import { contradiction, offers } from './claims';
import type { ScenarioVerdict } from './bench/outcomes';

const values = (tags: readonly string[], family: string): string[] =>
  tags.flatMap((tag) => (tag.startsWith(`@${family}:`) ? [tag.slice(family.length + 2)] : []));

/** The rule ids of a scenario. */
export const rulesOf = (tags: readonly string[]): string[] => values(tags, 'rule');

/**
 * The verdict of a scenario that the driver need not be asked about; undefined when it must be. What the driver truly lacks comes first:
 * then the rule does not bind it, whatever else it says of itself.
 */
export async function exemption(module: DriverModule, tags: readonly string[]): Promise<ScenarioVerdict | undefined> {
  const { name, profile } = module.manifest;
  const profiles = values(tags, 'profile');
  if (profiles.length > 0 && !profiles.includes(profile))
    return { verdict: 'not-applicable', message: `the rule belongs to ${profiles.join(' or ')}; ${name} claims ${profile}` };
  const needs = await Promise.all(
    values(tags, 'needs').map(async (need) => ({
      need,
      isOffered: offers(module.manifest, need),
      message: await contradiction(module, need),
    })),
  );
  const lacking = needs.find(({ isOffered, message }) => !isOffered && message === undefined);
  if (lacking !== undefined) return { verdict: 'not-applicable', message: `${name} does not offer ${lacking.need}` };
  const contradicted = needs.find(({ message }) => message !== undefined);
  return contradicted === undefined ? undefined : { verdict: 'broken', by: 'step', message: contradicted.message! };
}
