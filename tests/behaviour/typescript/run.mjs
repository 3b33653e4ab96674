#!/usr/bin/env node
// Programs put together from every way to import, to construct and to hold the context; migrated, and then really run.
//
//     node run.mjs --bin PATH --typescript FOLDER [-k SUBSTR] [--keep]
//
// FOLDER is an installed `typescript` package, which turns the programs into JavaScript. All programs lie in one project,
// so that `qmigrate fix` runs once. The stub of `openai` refuses to be constructed; the factory records its calls.
import path from 'node:path';
import { createRequire } from 'node:module';
import { changesAgain, end, fix, init, only, read, root, scan, ts, write } from './project.mjs';

/** Ways to import: the lines, what the class is called, the ending of the file, and whether the class is there later only. */
const imports = {
  default: ["import OpenAI from 'openai';", 'OpenAI', 'ts'],
  named: ["import { OpenAI } from 'openai';", 'OpenAI', 'ts'],
  aliased: ['import { OpenAI as Client, toFile } from "openai"', 'Client', 'ts', 'void toFile;'],
  defaultAs: ["import { default as LLM } from 'openai';", 'LLM', 'ts'],
  both: ["import Whole, { OpenAI } from 'openai';", 'OpenAI', 'ts', 'void (Whole instanceof Object);'],
  namespace: ["import * as sdk from 'openai';", 'sdk.OpenAI', 'ts'],
  namespaceDefault: ["import * as sdk from 'openai';", 'sdk.default', 'ts'],
  equals: ["import sdk = require('openai');", 'sdk.OpenAI', 'cts'],
  requireWhole: ["const OpenAI = require('openai');", 'OpenAI', 'cjs'],
  requireNamed: ["const { OpenAI } = require('openai');", 'OpenAI', 'cjs'],
  requireAliased: ["const { OpenAI: Client } = require('openai')", 'Client', 'cjs'],
  requireMember: ['var OpenAI = require("openai").OpenAI;', 'OpenAI', 'cjs'],
  requireDefault: ["let Client = require('openai').default;", 'Client', 'cjs'],
  requireOnTheSpot: ['', "(require('openai').OpenAI)", 'cjs'],
  barrel: ["import { Renamed } from './barrel';", 'Renamed', 'ts'],
  star: ["import { OpenAI } from './star';", 'OpenAI', 'ts'],
  path: ["import { OpenAI } from '@/star';", 'OpenAI', 'ts'],
  member: ["import OpenAI from 'openai';", 'OpenAI.OpenAI', 'ts'],
  literal: ["import * as sdk from 'openai';", "sdk['OpenAI']", 'ts'],
  index: ["import OpenAI from 'openai/index';", 'OpenAI', 'ts'],
};

/** Ways to construct: text, and what is recorded besides the context. */
const constructions = {
  empty: [(C) => `new ${C}()`, {}],
  bare: [(C) => `new ${C}`, {}, true],
  options: [(C) => `new ${C}({ apiKey: 'k' })`, { apiKey: 'k' }],
  trailing: [(C) => `new ${C}({\n    apiKey: 'k', // the key\n  })`, { apiKey: 'k' }],
  lines: [(C) => `new ${C}({\n    apiKey: 'k'\n  })`, { apiKey: 'k' }],
  spread: [(C) => `new ${C}({ ...{ apiKey: 'k' }, timeout: 3 })`, { apiKey: 'k', timeout: 3 }],
  hollow: [(C) => `new ${C}({})`, {}],
  variable: [(C) => `new ${C}(given)`, { apiKey: 'given' }],
  chosen: [(C) => `new ${C}(given ?? { apiKey: 'k' })`, { apiKey: 'given' }],
  grouped: [(C) => `new (${C})({ apiKey: 'k' })`, { apiKey: 'k' }],
  chained: [(C) => `new ${C}({ apiKey: 'k' }).self`, { apiKey: 'k' }],
  own: [(C) => `new ${C}({ workspaceId: 'own' })`, { workspaceId: 'own' }],
};

/** Where the call stands, and what it may be told: text around it, and the context that must be passed. */
const places = {
  module: [(x) => `export const run = () => ${x};`, undefined],
  parameter: [(x) => `export function run(workspaceId = 'w') {\n  return ${x};\n}`, 'w'],
  destructured: [(x) => `export const run = ({ workspaceId } = { workspaceId: 'w' }) => {\n  return ${x};\n};`, 'w'],
  outer: [(x) => `const workspaceId = 'w';\nexport function run() {\n  return ${x};\n}`, 'w'],
  later: [(x) => `export function run() {\n  return ${x};\n}\nconst workspaceId = 'w';`, undefined, true],
  called: [(x) => `const early = make();\nconst workspaceId = 'w';\nfunction make() {\n  return ${x};\n}\nexport const run = () => early;`, undefined],
  dead: [(x) => `export function run() {\n  let made;\n  { made = ${x}; }\n  const workspaceId = 'w';\n  return [made, workspaceId][0];\n}`, undefined],
  either: [(x) => `export function run(yes = false) {\n  let workspaceId;\n  if (yes) workspaceId = 'w';\n  return ${x};\n}`, undefined],
  both: [(x) => `export function run(yes = true) {\n  let workspaceId;\n  if (yes) workspaceId = 'w';\n  else workspaceId = 'v';\n  return ${x};\n}`, 'w'],
  returned: [(x) => `export function run(yes = true) {\n  let workspaceId;\n  if (!yes) return null;\n  else workspaceId = 'w';\n  return ${x};\n}`, 'w'],
  caught: [(x) => `export function run() {\n  let workspaceId;\n  try {\n    workspaceId = JSON.parse('"w"');\n  } catch {\n    workspaceId = 'v';\n  }\n  return ${x};\n}`, 'w'],
  tried: [(x) => `export function run() {\n  let workspaceId;\n  try {\n    workspaceId = JSON.parse('{');\n  } catch {}\n  return ${x};\n}`, undefined],
  loop: [(x) => `export function run() {\n  for (const workspaceId of ['w']) {\n    return ${x};\n  }\n}`, 'w'],
  after: [(x) => `export function run() {\n  for (const workspaceId of ['v']) void workspaceId;\n  return ${x};\n}`, undefined],
  closure: [(x) => `export function run(workspaceId = 'w') {\n  const make = () => ${x};\n  return make();\n}`, 'w'],
  shadow: [(x) => `function workspaceId() {}\nexport function run() {\n  void workspaceId;\n  return ${x};\n}`, undefined],
  assigned: [(x) => `class A {\n  constructor(id) {\n    this.workspaceId = id;\n  }\n  make() {\n    return ${x};\n  }\n}\nexport const run = () => new A('w').make();`, 'w'],
  field: [(x) => `class A {\n  workspaceId = 'w';\n  client = ${x};\n}\nexport const run = () => new A().client;`, 'w'],
  fieldBefore: [(x) => `class A {\n  client = ${x};\n  workspaceId = 'w';\n}\nexport const run = () => new A().client;`, undefined],
  getter: [(x) => `class A {\n  get workspaceId() {\n    return 'w';\n  }\n  make() {\n    return ${x};\n  }\n}\nexport const run = () => new A().make();`, 'w'],
  sometimes: [(x) => `class A {\n  constructor(yes) {\n    if (yes) this.workspaceId = 'w';\n  }\n  make() {\n    return ${x};\n  }\n}\nexport const run = () => new A(false).make();`, undefined],
  inherited: [(x) => `class A {\n  constructor() {\n    this.workspaceId = 'w';\n  }\n}\nclass B extends A {\n  make() {\n    return ${x};\n  }\n}\nexport const run = () => new B().make();`, 'w'],
  leaked: [(x) => `class A {\n  constructor() {\n    this.client = this.make();\n    this.workspaceId = 'w';\n  }\n  make() {\n    return ${x};\n  }\n}\nexport const run = () => new A().client;`, undefined],
  constructing: [(x) => `class A {\n  constructor() {\n    this.workspaceId = 'w';\n    this.client = ${x};\n  }\n}\nexport const run = () => new A().client;`, 'w'],
  tooEarly: [(x) => `class A {\n  constructor() {\n    this.client = ${x};\n    this.workspaceId = 'w';\n  }\n}\nexport const run = () => new A().client;`, undefined],
  static: [(x) => `class A {\n  workspaceId = 'w';\n  static make() {\n    return ${x};\n  }\n}\nexport const run = () => A.make();`, undefined],
  callback: [(x) => `class A {\n  workspaceId = 'w';\n  make() {\n    return [1].map(() => ${x})[0];\n  }\n}\nexport const run = () => new A().make();`, 'w'],
  plain: [(x) => `class A {\n  workspaceId = 'w';\n  make() {\n    return [1].map(function () {\n      return ${x};\n    })[0];\n  }\n}\nexport const run = () => new A().make();`, undefined],
  switched: [(x) => `export function run(kind = 'a') {\n  let workspaceId;\n  switch (kind) {\n    case 'a':\n      workspaceId = 'w';\n      break;\n    default:\n      throw new Error();\n  }\n  return ${x};\n}`, 'w'],
};

const cases = [];
for (const [i, [lines, name, ending, use]] of Object.entries(imports)) {
  for (const [c, [construct, recorded, isBare]] of Object.entries(constructions)) {
    if (isBare && name.startsWith('(')) continue;
    for (const [p, [place, context, isLate]] of Object.entries(places)) {
      // Every import and construction with a few places, and every place with a few of them.
      const few = i === 'default' || i === 'requireNamed' || ['module', 'parameter', 'assigned'].includes(p);
      if (!few || (c !== 'options' && c !== 'empty' && p !== 'parameter' && i !== 'default')) continue;
      const key = `${i}.${c}.${p}`;
      if (!key.includes(only)) continue;
      let body = place(construct(name));
      if (/js$/.test(ending)) body = body.replace(/export (const|function) run/, '$1 run') + '\nmodule.exports = { run };';
      const given = "const given = { apiKey: 'given' };\n";
      const text = `${lines}\n\n${construct === constructions.variable[0] || c === 'chosen' ? given : ''}${body}\n${use ? `export const used = () => { ${use} };\n` : ''}`;
      const expected = { ...recorded };
      if (context !== undefined && c !== 'own') expected.workspaceId = context;
      cases.push({ key, file: `${key.replaceAll('.', '_')}.${ending}`, text, expected, isLate });
    }
  }
}

write('package.json', '{ "private": true }');
write('tsconfig.json', '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }');
write('src/barrel.ts', "export { OpenAI as Renamed } from 'openai';\n");
write('src/star.ts', "export * from './barrel2';\n");
write('src/barrel2.ts', "import { OpenAI } from 'openai';\nexport { OpenAI };\n");
const record = "const made = (name: string) => (options: any = {}): any => {\n  (globalThis as any).calls.push([name, options]);\n  return { self: 1 };\n};\n";
write('src/lib/ai/openai-client.ts', `${record}export function getOpenAIClient(options: any = {}): any {\n  return made('getOpenAIClient')(options);\n}\n`);
for (const { file, text } of cases) write(`src/${file}`, text);
init();
fix();
const again = changesAgain();
const left = scan();

// Every program becomes CommonJS.
const stub = `class OpenAI { constructor() { throw new Error('bypassed the factory'); } }
OpenAI.OpenAI = OpenAI; OpenAI.default = OpenAI; OpenAI.__esModule = true; OpenAI.toFile = () => {};
module.exports = OpenAI;`;
write('out/node_modules/openai/index.js', stub);
const compile = (file) => {
  const text = read(`src/${file}`);
  const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true };
  let js = /js$/.test(file) ? text : ts.transpileModule(text, { compilerOptions: options, fileName: file, reportDiagnostics: true }).outputText;
  js = js.replaceAll("'@/", "'./").replaceAll('"@/', '"./');
  write(`out/${file.replace(/\.c?[jt]s$/, '')}.js`, js);
  return text;
};
['barrel.ts', 'star.ts', 'barrel2.ts', 'lib/ai/openai-client.ts'].forEach(compile);
const load = createRequire(path.join(root, 'out/main.js'));
let failures = 0;
for (const { key, file, expected, isLate } of cases) {
  const text = compile(file);
  globalThis.calls = [];
  let outcome;
  try {
    load(`./${file.replace(/\.c?[jt]s$/, '')}.js`).run();
    outcome = JSON.stringify(globalThis.calls);
  } catch (error) {
    outcome = String(error);
  }
  const sorted = (object) => Object.fromEntries(Object.entries(object).sort());
  globalThis.calls = globalThis.calls.map(([name, options]) => [name, sorted(options)]);
  const wanted = JSON.stringify([['getOpenAIClient', sorted(expected)]]);
  const lenient = JSON.stringify([['getOpenAIClient', sorted({ ...expected, workspaceId: 'w' })]]);
  const found = outcome.startsWith('[') ? JSON.stringify(globalThis.calls) : outcome;
  if (found !== wanted && !(isLate && found === lenient)) {
    failures += 1;
    if (failures <= 40) {
      const finding = left.findings.find((finding) => finding.path.endsWith(file));
      console.log(`--- ${key}: ${found}, not ${wanted}; ${finding ? finding.held_back ?? 'fixable' : 'not found'}`);
      if (only) console.log(text);
    }
  }
}
end(cases.length, failures, again);
