import { Command, Help } from 'commander';
import { refusingBriefly, type Cli, type ExitCode } from './cli.ts';
import { cancelCommand } from './commands/cancel.ts';
import { cleanupCommand } from './commands/cleanup.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { issuesCommand } from './commands/issues.ts';
import { reportCommand } from './commands/report.ts';
import { resumeCommand } from './commands/resume.ts';
import { retryCommand } from './commands/retry.ts';
import { showCommand } from './commands/show.ts';
import { startBatchCommand } from './commands/start-batch.ts';
import { statusCommand } from './commands/status.ts';
import { steerCommand } from './commands/steer.ts';
import { upCommand } from './commands/up.ts';
import { workerCommand } from './commands/worker.ts';
import { packageVersion } from './state/version.ts';

/** The whole command line; `exit` is told the exit code by the command that was run. */
export function createProgram(cli: Cli, exit: (code: ExitCode) => void): Command {
  const program = new Command('millrace')
    .description('Issues in, reviewed pull requests out, and nothing lost on the way.')
    .version(packageVersion(), '-V, --version', 'print the version of millrace')
    .exitOverride()
    .showHelpAfterError('(millrace --help shows what there is)');
  for (const command of [
    startBatchCommand,
    statusCommand,
    showCommand,
    resumeCommand,
    retryCommand,
    cancelCommand,
    steerCommand,
    reportCommand,
    issuesCommand,
    cleanupCommand,
    upCommand,
    workerCommand,
    doctorCommand,
    demoCommand,
  ]) {
    program.addCommand(withoutEmpty(refusingBriefly(command(cli, exit))));
  }
  return program;
}

/** An option that may be given several times begins with an empty list, which is no news to anybody. */
function withoutEmpty(command: Command): Command {
  const plain = new Help();
  command.configureHelp({
    optionDescription: (option) => plain.optionDescription(option).replace(' (default: [])', ''),
  });
  command.commands.forEach(withoutEmpty);
  return command;
}
