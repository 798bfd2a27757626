import { resolve } from 'node:path';
import { Command } from 'commander';
import type { LoadConfigInput } from '../config/load.ts';
import { parseOverrides } from '../config/overrides.ts';
import { examine } from '../doctor/doctor.ts';
import { exitCodes, printJson, type Cli, type ExitCode } from '../cli.ts';
import { configFrom } from './named-path.ts';
import { forgeNames } from '../config/forge-schema.ts';
import { placeOverrides, withPlaceOptions, type PlaceFlags } from './place-options.ts';

interface Flags extends PlaceFlags {
  readonly landing?: string;
  readonly json?: boolean;
}

/** `millrace doctor`: what this machine has and lacks. */
export function doctorCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  const look = {
    repository: 'look at the forge and the agents of this repository',
    kinds: forgeNames,
  };
  return withPlaceOptions(new Command('doctor'), look)
    .description(
      'Look at git, Node, the Temporal CLI, the server, ports, disk, the forge and agents; each with how to mend.',
    )
    .option('--landing <policy>', 'look whether this policy would work: none, auto-merge, merge or direct')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  millrace doctor\n  millrace doctor -C ../shop --json\n  millrace doctor --forge github --landing auto-merge',
    )
    .action(async (flags: Flags) => {
      parseOverrides({ landing: flags.landing, forge: flags.forge }); // a typing error is not a finding
      const findings = await examine(cli, configOf(cli, flags));
      if (flags.json) printJson(cli, findings);
      else {
        for (const { name, state, words, mend } of findings) {
          const mark = { ok: '✓', warning: '!', broken: '✗' }[state];
          cli.out.write(`${mark} ${name}: ${words}${mend === null ? '' : `\n    try: ${mend}`}\n`);
        }
      }
      exit(findings.some((each) => each.state === 'broken') ? exitCodes.unsuccessful : exitCodes.success);
    });
}

/** The configuration as `start-batch` would read it with the same flags. */
function configOf(cli: Cli, flags: Flags): LoadConfigInput {
  const repositoryPath = resolve(cli.cwd, flags.repository ?? '.');
  return {
    repositoryPath,
    configFile: flags.config === undefined ? null : configFrom(flags.config, { cwd: cli.cwd, repositoryPath }),
    env: cli.env,
    overrides: { ...placeOverrides(flags), landing: flags.landing },
  };
}
