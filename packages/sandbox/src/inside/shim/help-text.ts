import type { ShimCommand, ShimOption, ShimSpec } from './shim-spec.js';

const RUNTIME_OPTIONS = [
  ['--json', 'print the answer as JSON'],
  ['--wait <seconds>', 'how long to wait for an approval (600)'],
  ['--no-wait', 'do not wait: exit 75 and print the id of the approval'],
  ['--help', 'this text'],
] as const;

export function overviewText(spec: ShimSpec): string {
  const rows = spec.commands.map((command) => [command.name, `${command.description}${mark(command)}`] as const);
  return [
    `${spec.name}: ${spec.description}`,
    '',
    `usage: ${spec.name} <command> [options]`,
    '',
    'commands:',
    ...table(rows),
    '',
    `${spec.name} <command> --help shows its options.`,
  ].join('\n');
}

export function commandText(spec: ShimSpec, command: ShimCommand): string {
  const required = command.options.filter((option) => option.required);
  const synopsis = required.map((option) => ` ${usage(option)}`).join('');
  return [
    `${spec.name} ${command.name}: ${command.description}${mark(command)}`,
    '',
    `usage: ${spec.name} ${command.name}${synopsis} [options]`,
    '',
    'options:',
    ...table([...command.options.map((option) => [usage(option), describe(option)] as const), ...RUNTIME_OPTIONS]),
    '',
    `action: ${command.operation}`,
  ].join('\n');
}

function mark(command: ShimCommand): string {
  if (command.approval === 'ask') return ' [a person approves]';
  return command.approval === 'deny' ? ' [not allowed]' : '';
}

const usage = (option: ShimOption): string =>
  option.type === 'boolean'
    ? `--${option.name}`
    : `--${option.name} <${option.type === 'strings' ? 'string' : option.type}>`;

function describe(option: ShimOption): string {
  const notes = [
    ...(option.required ? ['required'] : []),
    ...(option.type === 'strings' ? ['may be repeated'] : []),
    ...(option.values === undefined ? [] : [`one of ${option.values.join(', ')}`]),
  ];
  return `${option.description}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, text]) => `  ${name.padEnd(width)}${text}`);
}
