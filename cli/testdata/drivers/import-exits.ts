/** Ends the process when it is loaded. */
process.exit(0);
