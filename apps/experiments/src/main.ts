// Entry of the `stint` command (bin/stint.cjs).
import { main } from './cli/index.ts';

// `stint ... | head`: nobody reads on. Children see their parent go, and save.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(1);
  throw error;
});

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
