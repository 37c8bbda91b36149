/** `iommu-tck run`: one driver against its rules. */
import { DEFAULT_MODE, jobsOf } from '#cli/conformance/drivers';
import type { ExitCode } from '#cli/exit-code';
import { conformance } from './conformance';
import type { ConformanceOptions } from './conformance';

export interface RunOptions extends ConformanceOptions {
  readonly driver: string;
}

/** Throws `UsageError` and `FeatureError`. */
export async function run(options: RunOptions): Promise<ExitCode> {
  const jobs = jobsOf(options.driver, options.mode ?? [DEFAULT_MODE]);
  return conformance(options, { jobs, formats: [], isMatrix: false });
}
