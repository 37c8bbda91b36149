/** Version 4 of the series, of 24 July 2023, without what is wrong in it: `as-submitted.ts` has that too. */
import type { DriverModule } from '#drivers/contract/driver';
import { edited, V4 } from './series';

export const driver: DriverModule = edited('vtd-v4', 'vtd-v4', V4);
