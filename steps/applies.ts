/** Whether a scenario's rule binds a driver at all. */
import type { Manifest } from '#drivers/contract/manifest';

const values = (tags: readonly string[], family: string): string[] => tags.flatMap((tag) => (tag.startsWith(`@${family}:`) ? [tag.slice(family.length + 2)] : []));

/** Why the rule does not apply to the driver, or undefined when it does. */
export function notApplicable(manifest: Manifest, tags: readonly string[]): string | undefined {
  const profiles = values(tags, 'profile');
  if (profiles.length > 0 && !profiles.includes(manifest.profile)) return `the rule belongs to ${profiles.join(' or ')}; ${manifest.name} claims ${manifest.profile}`;
  for (const need of values(tags, 'needs')) {
    // A hypervisor is an IommuDriver through its host.
    const interfaces = manifest.implements.includes('hyp') ? [...manifest.implements, 'iommu'] : manifest.implements;
    const offered: Readonly<Record<string, boolean>> = { ...manifest.supports, ...Object.fromEntries(interfaces.map((name) => [name, true])) };
    if (offered[need] !== true) return `${manifest.name} does not offer ${need}`;
  }
  return undefined;
}

/** The rule ids of a scenario. */
export const rulesOf = (tags: readonly string[]): string[] => values(tags, 'rule');
