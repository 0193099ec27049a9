// `stint completion SHELL`: a script that completes commands, options and experiments, made from the program itself. Experiments are those that
// there are when it is made: it asks nothing while one types.
import type { Command, Option } from 'commander';
import { experimentNames, UsageError, type Workspace } from '../config/catalog.ts';
import { hint } from '../config/nearest.ts';
import { resolveExperiment } from '../config/resolve.ts';
import { isLatency } from '../latency/resolve.ts';
import type { Io } from './io.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** One command as shells see it. */
interface Completed {
  /** Words, e.g. `evaluate coco`. */
  name: string;
  about: string;
  options: { flag: string; about: string; takesValue: boolean }[];
  /** What its first argument is. */
  argument: 'experiment' | 'file' | 'shell' | 'none';
}

export function completionCommand(shell: string, { io, workspace, program }: { io: Io; workspace: Workspace; program: Command }): number {
  const commands = commandsOf(program);
  const targets = targetsOf(workspace);
  if (shell === 'bash') io.out(bash(commands, targets));
  else if (shell === 'zsh') io.out(zsh(commands, targets));
  else if (shell === 'fish') io.out(fish(commands, targets));
  else throw new UsageError(`no completion for ${shell}${hint(shell, SHELLS)}`);
  return 0;
}

function commandsOf(program: Command): Completed[] {
  const own = (command: Command, prefix: string): Completed[] => {
    const name = prefix + command.name();
    const inner = command.commands.flatMap((each) => own(each, `${name} `));
    const visible = command.options.filter((option: Option) => !option.hidden && option.long);
    const options = [
      ...visible.map((option) => ({ flag: option.long!, about: option.description, takesValue: option.required || option.optional })),
    ];
    const first = command.registeredArguments[0]?.name();
    const argument = first === undefined ? 'none' : first.startsWith('experiment') ? 'experiment' : first === 'shell' ? 'shell' : 'file';
    return [
      {
        name,
        about: command.description(),
        options: [...options, { flag: '--help', about: 'how it is used', takesValue: false }],
        argument,
      },
      ...inner,
    ];
  };
  return program.commands.filter((command) => !command.name().endsWith('-run')).flatMap((command) => own(command, ''));
}

/** `name` and `name:profile` of every experiment that can be read. */
function targetsOf(workspace: Workspace): string[] {
  return experimentNames(workspace).flatMap((name) => {
    try {
      return [
        name,
        ...(isLatency(name, workspace) ? [] : resolveExperiment(name, workspace).profiles.map((profile) => `${name}:${profile}`)),
      ];
    } catch {
      return [name];
    }
  });
}

/** bash counts ':' as the end of a word; what it has typed of `name:profile` is then cut off what it is offered. */
function bash(commands: readonly Completed[], targets: readonly string[]): string {
  const top = commands.filter(({ name }) => !name.includes(' '));
  const cases = commands.map(({ name, options, argument }) => {
    const inner = commands.filter((each) => each.name.startsWith(`${name} `)).map((each) => each.name.slice(name.length + 1));
    const words = { experiment: '$targets', shell: SHELLS.join(' '), file: '', none: inner.join(' ') }[argument];
    const valued = options.filter(({ takesValue }) => takesValue).map(({ flag }) => flag);
    return `    '${name}') options='${options.map(({ flag }) => flag).join(' ')}'; valued=' ${valued.join(' ')} '; words="${words}";;`;
  });
  return `# stint completion for bash: source <(npx stint completion bash)
_stint() {
  local line="\${COMP_LINE:0:COMP_POINT}" word previous command options='' valued=' ' words='' targets='${targets.join(' ')}'
  local -a typed
  read -ra typed <<< "$line"
  [[ "$line" == *' ' ]] && typed+=('')
  while [[ \${#typed[@]} -gt 0 && "\${typed[0]##*/}" != stint ]]; do typed=("\${typed[@]:1}"); done
  word="\${typed[-1]}"
  previous="\${typed[-2]-}"
  COMPREPLY=()
  if [[ \${#typed[@]} -le 2 ]]; then
    COMPREPLY=($(compgen -W '${top.map(({ name }) => name).join(' ')} --help' -- "$word"))
    return
  fi
  command="\${typed[1]}"
  [[ "$command" == evaluate && \${#typed[@]} -gt 3 ]] && command="evaluate \${typed[2]}"
  case "$command" in
${cases.join('\n')}
  esac
  if [[ "$valued" == *" $previous "* ]]; then
    compopt -o default 2>/dev/null
    return
  fi
  if [[ "$word" == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif [[ -n "$words" ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    if [[ "$word" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then COMPREPLY=("\${COMPREPLY[@]#"\${word%:*}":}"); fi
  else compopt -o default 2>/dev/null
  fi
}
complete -F _stint stint`;
}

function zsh(commands: readonly Completed[], targets: readonly string[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const described = (name: string, about: string): string => quoted(`${name.replaceAll(':', '\\:')}:${about}`);
  const top = commands.filter(({ name }) => !name.includes(' '));
  const cases = commands.map(({ name, options, argument }) => {
    const inner = commands.filter((each) => each.name.startsWith(`${name} `)).map((each) => each.name.slice(name.length + 1));
    const words = { experiment: '$targets', shell: SHELLS.join(' '), file: '', none: inner.join(' ') }[argument];
    const valued = options.filter(({ takesValue }) => takesValue).map(({ flag }) => flag);
    return `    ${quoted(name)}) options=(${options.map(({ flag, about }) => described(flag, about)).join(' ')}); valued=(${valued.join(' ')}); offered=(${words});;`;
  });
  return `#compdef stint
# stint completion for zsh: npx stint completion zsh > a folder of $fpath, as _stint; or: source <(npx stint completion zsh)
_stint() {
  local command="\${words[2]}"
  local -a commands options valued offered targets
  targets=(${targets.map(quoted).join(' ')})
  commands=(${top.map(({ name, about }) => described(name, about)).join(' ')})
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  [[ "$command" == evaluate ]] && (( CURRENT > 3 )) && command="evaluate \${words[3]}"
  case "$command" in
${cases.join('\n')}
  esac
  if (( \${valued[(Ie)\${words[CURRENT-1]}]} )); then _files
  elif [[ "\${words[CURRENT]}" == -* ]]; then _describe option options
  elif (( \${#offered} )); then compadd -a offered
  else _files
  fi
}
compdef _stint stint`;
}

function fish(commands: readonly Completed[], targets: readonly string[]): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap(({ name, about, options, argument }) => {
    const [first, second] = name.split(' ');
    const when = second
      ? `__fish_seen_subcommand_from ${first}; and __fish_seen_subcommand_from ${second}`
      : `__fish_seen_subcommand_from ${first}`;
    const shown = second
      ? `complete -c stint -f -n ${quoted(`__fish_seen_subcommand_from ${first}`)} -a ${second} -d ${quoted(about)}`
      : `complete -c stint -f -n __fish_use_subcommand -a ${first} -d ${quoted(about)}`;
    const words = argument === 'experiment' ? targets.join(' ') : argument === 'shell' ? SHELLS.join(' ') : undefined;
    return [
      shown,
      ...options.map(
        ({ flag, about, takesValue }) =>
          `complete -c stint -n ${quoted(when)} -l ${flag.slice(2)}${takesValue ? ' -r' : ''} -d ${quoted(about)}`,
      ),
      ...(words ? [`complete -c stint -f -n ${quoted(when)} -a ${quoted(words)}`] : []),
    ];
  });
  return ['# stint completion for fish: npx stint completion fish > ~/.config/fish/completions/stint.fish', ...lines].join('\n');
}
