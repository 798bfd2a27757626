import type { Command } from 'commander';

/** Columns of a help text that a page has room for. */
const WIDTH = 100;

/** What follows the hand-written beginning of docs/cli.md: the help of every command, as `--help` prints it. */
export function cliPage(program: Command): string {
  return sectionsOf(program, []).join('\n\n');
}

function sectionsOf(command: Command, above: readonly string[]): readonly string[] {
  const path = [...above, command.name()];
  const heading = `${'#'.repeat(above.length === 0 ? 2 : 3)} \`${path.join(' ')}\``;
  const own = `${heading}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``;
  return [own, ...command.commands.flatMap((each) => sectionsOf(each, path))];
}

/** With the examples, which commander only ever writes. */
function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => WIDTH });
  command.outputHelp();
  return help.trimEnd();
}
