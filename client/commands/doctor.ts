import { Command } from 'commander';
import { examine } from '../examine.ts';
import { exitCodes, printJson, type Cli, type ExitCode } from '../cli.ts';

/** `millrace doctor`: what this machine has and lacks. */
export function doctorCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('doctor')
    .description(
      'Look at git, Node, the Temporal CLI, the server, ports, disk, the forge and agents; each with how to mend.',
    )
    .option('-C, --repository <path>', 'look at the forge and the agents of this repository (default: where you are)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  millrace doctor\n  millrace doctor -C ../shop --json')
    .action(async (flags: { readonly repository?: string; readonly json?: boolean }) => {
      const findings = await examine(cli, flags.repository);
      if (flags.json) printJson(cli, findings);
      else {
        for (const { name, state, words, mend } of findings) {
          const mark = { ok: '✓', warning: '!', broken: '✗' }[state];
          cli.out.write(`${mark} ${name}: ${words}${mend === null ? '' : `\n    mend: ${mend}`}\n`);
        }
      }
      exit(findings.some((each) => each.state === 'broken') ? exitCodes.unsuccessful : exitCodes.success);
    });
}
