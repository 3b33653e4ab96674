#!/usr/bin/env node
// Small programs with what the language has that is odd; migrated, and run before and after.
//
//     node nasty.mjs --bin PATH --typescript FOLDER [-k SUBSTR] [--keep]
//
// `nasty.txt` holds them: `=== NAME.EXT` starts one, and may say `direct=N` (constructions that stay direct, none if not
// said), `found=N` (findings before the fix; as many as are fixed and stay direct, if not said), `context=TEXT` (what the factory is told) and
// `same` (the fix changes nothing). Before and after, `run` must lead to the same calls, but for who is called.
import fs from 'node:fs';
import path from 'node:path';
import { changesAgain, end, fix, init, only, qmigrate, read, run, scan, ts, write } from './project.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);

const programs = fs.readFileSync(path.join(here, 'nasty.txt'), 'utf8').split(/^=== /m).slice(1).map((part) => {
  const [head, ...lines] = part.split('\n');
  const [file, ...words] = head.split(' ');
  const said = Object.fromEntries(words.map((word) => word.split('=')));
  return { file, said, text: lines.join('\n').replace(/\n+$/, '\n') };
}).filter(({ file }) => file.includes(only));

write('package.json', '{ "private": true, "type": "module" }');
write('tsconfig.json', '{ "compilerOptions": { "experimentalDecorators": true, "jsx": "react" } }');
const factory = (name) => `export function get${name}Client(options: any = {}): any {\n  return (globalThis as any).make('${name}', 'factory', [options]);\n}\n`;
write('src/lib/ai/openai-client.ts', ['OpenAI', 'AzureOpenAI'].map(factory).join(''));
for (const { file, text } of programs) write(`src/${file}`, text);
init();

const sdk = `
const of = (name) => {
  const made = class { constructor(...args) { return Object.assign(this, globalThis.make(name, 'direct', args)); } };
  Object.defineProperty(made, 'name', { value: name });
  return made;
};
const OpenAI = of('OpenAI'), AzureOpenAI = of('AzureOpenAI');
Object.assign(OpenAI, { OpenAI, AzureOpenAI, default: OpenAI, APIError: class APIError extends Error {}, toFile() {} });
`;
const names = ['OpenAI', 'AzureOpenAI', 'APIError', 'toFile'];
write('hooks.mjs', `
import fs from 'node:fs';
export async function resolve(specifier, context, next) {
  if (/(^|[/:*])openai(@[^/]*)?([/?].*)?$/.test(specifier) && !specifier.startsWith('.')) return { url: new URL('./sdk.mjs', import.meta.url).href, shortCircuit: true };
  if (specifier.startsWith('.')) {
    for (const end of ['', '.js', '/index.js']) {
      const url = new URL(specifier + end, context.parentURL);
      if (fs.existsSync(url) && fs.statSync(url).isFile()) return { url: url.href, shortCircuit: true };
    }
  }
  return next(specifier, context);
}`);
write('sdk.mjs', `${sdk}export default OpenAI;\n${names.map((name) => (name.endsWith('OpenAI') ? `export { ${name} };` : `export const ${name} = OpenAI.${name};`)).join('\n')}\n`);
write('runner.mjs', `
import { register } from 'node:module';
register('./hooks.mjs', import.meta.url);
const [folder, ...files] = process.argv.slice(2);
const outcomes = {};
process.on('unhandledRejection', () => {});
for (const file of files) {
  const calls = [];
  globalThis.make = (name, how, args) => {
    calls.push([name, how, args.length === 1 && args[0] && typeof args[0] === 'object' ? { ...args[0] } : args.some((arg) => arg !== undefined) ? args.map(String) : {}]);
    return { name, self() { return this; }, chat: { create: async () => 'said' } };
  };
  try {
    const module = await import(new URL(folder + '/' + file, import.meta.url));
    const run = module.run ?? module.default?.run;
    const given = typeof run === 'function' ? await run() : undefined;
    outcomes[file] = { calls, given: typeof given === 'object' ? Object.keys(given ?? {}).length && 'object' : given };
  } catch (error) {
    outcomes[file] = { error: String(error).split('\\n')[0], calls };
  }
}
console.log(JSON.stringify(outcomes));
`);
const output = (file) => file.replace(/\.(m?ts|tsx|jsx|mjs)$/, '.js').replace(/\.cts$/, '.cjs');
function compiled(folder) {
  write(`${folder}/package.json`, '{ "type": "module" }');
  const index = `${sdk}module.exports = OpenAI; module.exports.OpenAI = OpenAI; module.exports.__esModule = true;`;
  write(`${folder}/node_modules/openai/index.js`, index);
  write(`${folder}/node_modules/openai/package.json`, '{ "name": "openai", "main": "index.js" }');
  for (const file of ['lib/ai/openai-client.ts', ...programs.map((program) => program.file)]) {
    const text = read(`src/${file}`);
    const isCommon = /\.c[jt]s$/.test(file);
    const options = {
      module: isCommon ? ts.ModuleKind.CommonJS : ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022,
      esModuleInterop: true, experimentalDecorators: true, jsx: ts.JsxEmit.React, allowJs: true,
    };
    const fileName = file.replace(/\.cts$/, '.ts').replace(/\.c?js$/, '.js').replace(/\.mts$/, '.ts');
    write(`${folder}/${output(file)}`, ts.transpileModule(text, { compilerOptions: options, fileName }).outputText);
  }
  // What is required from a file of CommonJS.
  const text = read('src/lib/ai/openai-client.ts');
  const common = ts.transpileModule(text, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } });
  write(`${folder}/lib/ai/openai-client.cjs`, common.outputText);
  for (const file of programs.map((program) => output(program.file)).filter((file) => file.endsWith('.cjs'))) {
    write(`${folder}/${file}`, read(`${folder}/${file}`).replaceAll(/(["'])\.\/lib\/ai\/openai-client(\.[cm]?[jt]s)?\1/g, '"./lib/ai/openai-client.cjs"'));
  }
  const files = programs.map((program) => output(program.file));
  const ran = run('node', 'runner.mjs', folder, ...files);
  if (ran.status !== 0) console.log(ran.stderr);
  return JSON.parse(ran.stdout.trim().split('\n').at(-1));
}

const texts = () => Object.fromEntries(programs.map(({ file }) => [file, read(`src/${file}`)]));
const before = compiled('before');
const original = texts();
const first = scan();
fix();
const after = compiled('after');
const written = texts();
const left = scan();
const again = changesAgain();
qmigrate('undo');
const undone = texts();

let failures = 0;
const plain = (calls) => calls?.map(([name, , options]) => [name, Object.fromEntries(Object.entries(options).filter(([key]) => key !== 'workspaceId').sort())]);
for (const { file, said } of programs) {
  const problems = [];
  const [was, is] = [before[output(file)], after[output(file)]];
  const own = (result) => result.findings.filter((finding) => finding.path === `src/${file}`);
  if (was.error) problems.push(`does not run before the fix: ${was.error}`);
  if (is.error) problems.push(`does not run after the fix: ${is.error}`);
  const [wanted, got] = [{ ...was, calls: plain(was.calls) }, { ...is, calls: plain(is.calls) }];
  if (JSON.stringify(wanted) !== JSON.stringify(got)) problems.push(`${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
  const direct = is.calls?.filter(([, how]) => how === 'direct').length;
  if (direct !== Number(said.direct ?? 0)) problems.push(`${direct} direct calls are left`);
  const contexts = is.calls?.filter(([, how]) => how === 'factory').map(([, , options]) => options.workspaceId ?? '-').join(',');
  if (said.context !== undefined && contexts !== said.context) problems.push(`the factory is told ${contexts}`);
  const found = own(first).length;
  if (said.found !== undefined && found !== Number(said.found)) problems.push(`${found} findings: ${own(first).map((f) => `${f.rule}:${f.line}`).join(' ')}`);
  if (said.found === undefined && found === 0 && was.calls?.length) problems.push('nothing is found');
  if ('same' in said && original[file] !== written[file]) problems.push('the fix changes it');
  if (undone[file] !== original[file]) problems.push('undo does not give back what was there');
  const broken = [first, left].flatMap((result) => result.problems).filter((problem) => problem.path === `src/${file}`);
  if (broken.length && !('broken' in said)) problems.push(broken[0].message);
  if (problems.length) {
    failures += 1;
    console.log(`--- ${file}\n  ${problems.join('\n  ')}`);
    for (const finding of own(left)) console.log(`  left: ${finding.line}:${finding.column} ${finding.rule} ${finding.held_back ?? 'fixable'}`);
    if (only) console.log(written[file]);
  }
}
end(programs.length, failures, again);
