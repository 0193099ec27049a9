// The commands that say whether results can be trusted: verify, compare, reproduce.
import type { Command } from 'commander';
import type { Workspace } from '../config/catalog.ts';
import { parsePositive } from './arguments.ts';
import { examples, json } from './help.ts';
import type { Io } from './io.ts';

interface Context {
  io: Io;
  workspace: Workspace;
  onExit(code: number): void;
}

export function addTrustCommands(program: Command, { io, workspace, onExit }: Context): void {
}
