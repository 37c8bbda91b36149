#!/usr/bin/env node
'use strict';
// The published package carries dist/; a checkout runs its TypeScript as it stands.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const built = join(root, 'dist', 'cli', 'main.js');
if (existsSync(built)) {
  require(built);
} else {
  require('./typescript').register(process.env['IOMMU_TCK_DEBUG'] !== undefined);
  require(join(root, 'cli', 'main.ts'));
}
