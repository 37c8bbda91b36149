/** The names that tags may use. */
import { CAPABILITIES, INTERFACES, PROFILES } from '#drivers/contract/manifest';
import type { Vocabulary } from '#reports/ledger/tags';

export const VOCABULARY: Vocabulary = { capabilities: [...CAPABILITIES, ...INTERFACES], profiles: PROFILES };
