'use strict';
// Begins a worker thread of the command (cli/lanes/).
const { workerData } = require('node:worker_threads');

require('./typescript').register(process.env['IOMMU_TCK_DEBUG'] !== undefined);

/** @type {{ readonly entry: string }} */
const { entry } = workerData;
require(entry);
