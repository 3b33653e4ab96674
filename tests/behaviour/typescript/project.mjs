// What the suites beside this file share: what they are told, and a project of their own in a temporary folder.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execFileSync, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const flag = (name, fallback) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : process.argv[at + 1];
};
const bin = path.resolve(flag('--bin', 'target/debug/qmigrate'));
const compiler = path.resolve(flag('--typescript', 'node_modules/typescript'));
if (!fs.existsSync(bin) || !fs.existsSync(compiler)) {
  console.error(`${fs.existsSync(bin) ? compiler : bin} is not there: name qmigrate by --bin, and an installed \`typescript\` package by --typescript`);
  process.exit(2);
}

/** A part of the names of the programs that are run; empty for all. */
export const only = flag('-k', '');
/** The package `typescript`. */
export const ts = createRequire(import.meta.url)(compiler);

/** The folder of the project, which is gone at the end unless `--keep` is given. */
export const root = fs.mkdtempSync(path.join(os.tmpdir(), 'qmigrate-ts-'));

/** Writes a file of the project. */
export const write = (file, text) => {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), text);
};

/** Reads a file of the project. */
export const read = (file) => fs.readFileSync(path.join(root, file), 'utf8');

/** Runs a program in the project. */
export const run = (program, ...args) => spawnSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });

/** Runs qmigrate in the project. */
export const qmigrate = (...args) => run(bin, ...args);

/** Scans the project. */
export const scan = () => JSON.parse(qmigrate('scan', '--format', 'json', '--exit-zero').stdout);

/** Makes a repository of the project. */
export const init = () => execFileSync('git', ['init', '-q'], { cwd: root });

/** Fixes the project; complains if that fails. */
export function fix() {
  const fixed = qmigrate('fix', '--allow-dirty', '--format', 'json');
  if (fixed.status !== 0) console.log(`fix: exit ${fixed.status}\n${fixed.stderr.slice(0, 2000)}`);
}

/** Whether a second fix would change something; complains if so. */
export function changesAgain() {
  const again = qmigrate('fix', '--allow-dirty', '--dry-run').stdout;
  if (again) console.log(`a second fix changes something:\n${again.slice(0, 1500)}`);
  return again !== '';
}

/** Says how it went, and ends. */
export function end(programs, failures, again) {
  console.log(`${programs} programs, ${failures} failures`);
  if (process.argv.includes('--keep')) console.log(root);
  else fs.rmSync(root, { recursive: true });
  process.exit(failures > 0 || again ? 1 : 0);
}
