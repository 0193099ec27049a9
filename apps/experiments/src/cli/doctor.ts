// `stint doctor`: what the engine found, and what is wrong.
import { type Diagnosis, diagnose, formatDiagnosis } from '@stint/engine';
import { type Io, printJson } from './io.ts';

/** Exit code 1 when anything is wrong. */
export async function doctorCommand(
  { json }: { json?: boolean },
  { io }: { io: Io },
  look: () => Promise<Diagnosis> = () => diagnose(),
): Promise<number> {
  const diagnosis = await look();
  const ok = diagnosis.problems.length === 0;
  if (json) printJson(io, { ok, ...diagnosis });
  else io.out(formatDiagnosis(diagnosis));
  return ok ? 0 : 1;
}
