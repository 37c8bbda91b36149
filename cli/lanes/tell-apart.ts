/** Which scenarios are played at all: the others are told by their tags and the driver's manifest, without Cucumber. */
import type { DriverModule } from '#drivers/contract/driver';
import type { Exempt } from '#reports/exemptions';
import { exemption, rulesOf } from '#steps/applies';
import type { Asked } from './protocol';

export interface ToldApart {
  readonly played: readonly Asked[];
  readonly exempt: readonly Exempt[];
}

/**
 * Asks the driver, where its manifest makes a claim that calls can show. Throws what `exemption` throws.
 * @param around Called before and after each scenario, since the driver's code may run in between.
 */
export async function tellApart(
  module: DriverModule,
  scenarios: readonly Asked[],
  around: { readonly before: () => void; readonly after: () => void },
): Promise<ToldApart> {
  const played: Asked[] = [];
  const exempt: Exempt[] = [];
  for (const [at, scenario] of scenarios.entries()) {
    const { name, uri, line, tags } = scenario;
    around.before();
    const verdict = await exemption(module, tags);
    around.after();
    if (verdict === undefined) played.push(scenario);
    else exempt.push({ at, rules: rulesOf(tags), scenario: name, uri, line, ...verdict });
  }
  return { played, exempt };
}
