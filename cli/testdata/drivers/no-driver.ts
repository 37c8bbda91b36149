/** Exports something else. */
export const driverModule = {};
