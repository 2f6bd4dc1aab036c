// Trunk's hook after a build: puts the page's inline script into a file, shrinks the modules with wasm-opt and their scripts with
// terser, and leaves a brotli copy of each large file for servers that send those. Results are cached by content, since optimising the engine takes minutes.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const dist = process.env.TRUNK_STAGING_DIR ?? 'dist';
const npm = process.env.NORMSCOPE_NPM;

// What starts the page is a file as well: the page's policy allows no inline script. Its module, by far the largest file, is asked for when
// the headline has been painted, so that what is read first does not wait for it; a page that is not seen is never painted.
const page = join(dist, 'index.html');
const html = readFileSync(page, 'utf8');
const [inline, code] = html.match(/<script type="module"[^>]*>(.*?)<\/script>/s) ?? [];
const [preload] = html.match(/<link rel="preload" href="[^"]*app_bg\.wasm"[^>]*>/) ?? [];
if (!inline || !preload) throw new Error(`${page}: Trunk's starting script was not found`);
const painted = "await new Promise((done) => (new PerformanceObserver(done).observe({ type: 'paint', buffered: true }), setTimeout(done, 1000)));\n";
writeFileSync(join(dist, 'start.js'), code.replace(/^(?=const wasm)/m, painted));
// Chats show the picture of a link that they are sent, most of them only by its whole address.
const card = `content="${process.env.NORMSCOPE_URL ?? ''}card.png"`;
writeFileSync(page, html.replace(inline, '<script type="module" src="start.js"></script>').replace(preload, '').replace('content="card.png"', card));

// A quick build is for looking at: it stays as the compiler made it.
if (process.env.NORMSCOPE_BUILD !== 'release' || !npm) process.exit(0);

const FLAGS = [
  '-Os',
  '--strip-debug',
  '--strip-producers',
  '--enable-simd',
  '--enable-bulk-memory',
  '--enable-bulk-memory-opt',
  '--enable-nontrapping-float-to-int',
  '--enable-sign-ext',
  '--enable-mutable-globals',
  '--enable-reference-types',
  '--enable-multivalue',
  '--enable-extended-const',
];
const SHORT = ['--minify-imports-and-exports-and-modules', ...FLAGS.filter((flag) => flag.startsWith('--enable'))];
const cache = join(npm, '..', '..', 'optimised');
mkdirSync(cache, { recursive: true });

/**
 * A module's script with the short names that wasm-opt gave to what both call of each other: their own names carry hashes, which no
 * compression shortens, in both files. Not the workers': their loader uses an export by its own name.
 */
function renamed(script, { imports, exports }) {
  const modules = new Map(imports.map(([module]) => [`"${module}"`, '"a"']));
  const given = new Map(imports.map(([, name, short]) => [name, short]));
  const taken = new Map(exports.map(([name, short]) => [`wasm.${name}`, `wasm.${short}`]));
  const met = new Set();
  const swap = (map) => (name) => (map.has(name) ? (met.add(name), map.get(name)) : name);
  const result = script
    .replace(/"[^"\n]*"(?=: import0)/g, swap(modules))
    .replace(/\bwasm\.\w+/g, swap(taken))
    .replace(/\b__wb\w+(?=: ?(?:async ?)?function|\()/g, swap(given));
  const missing = [...given.keys(), ...modules.keys()].filter((name) => !met.has(name));
  if (missing.length) throw new Error(`the module's script has no ${missing.join(', ')}`);
  return result;
}

for (const module of ['app', 'rooms', 'engine', 'lab']) {
  const name = `${module}_bg.wasm`;
  const file = join(dist, name);
  const before = readFileSync(file);
  // The page is the first thing that a visitor waits for: it is shrunk until nothing more comes of it.
  const flags = module === 'app' ? ['--low-memory-unused', '-Oz', '--flatten', '--rereloop', '-Oz', ...FLAGS.slice(1), '-Oz', '--converge'] : FLAGS;
  const short = ['app', 'rooms'].includes(module);
  const hash = createHash('sha256').update([...flags, ...(short ? SHORT : [])].join(' ')).update(before).digest('hex').slice(0, 32);
  const small = join(cache, `${hash}.wasm`);
  if (!existsSync(small) || !existsSync(`${small}.br`)) {
    const started = Date.now();
    const optimise = (...args) => execFileSync(join(npm, 'node_modules', '.bin', 'wasm-opt'), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    optimise(...flags, file, '-o', `${small}.part`);
    // On its own, as what is repeated until nothing more comes of it would rename again. It says the names.
    if (short) writeFileSync(`${small}.names`, optimise(...SHORT, `${small}.part`, '-o', `${small}.part`));
    renameSync(`${small}.part`, small);
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
    writeFileSync(`${small}.br`, brotliCompressSync(readFileSync(small), { params }));
    console.log(`  ${name}: optimised in ${Math.round((Date.now() - started) / 1000)} s`);
  }
  copyFileSync(small, file);
  copyFileSync(`${small}.br`, `${file}.br`);
  const script = join(dist, `${module}.js`);
  if (short) writeFileSync(script, renamed(readFileSync(script, 'utf8'), JSON.parse(readFileSync(`${small}.names`, 'utf8'))));
  console.log(`  ${name}: ${before.length} -> ${readFileSync(small).length} bytes, ${readFileSync(`${small}.br`).length} with brotli`);
}

// A saved figure has the page's script in itself and starts it by this name (src/export/figure.html).
const { minify } = createRequire(join(npm, 'node_modules', 'x.js'))('terser');
for (const name of ['app.js', 'rooms.js', 'load.js', 'theme.js']) {
  const file = join(dist, name);
  // The last two are plain scripts, whose names are everybody's; so are the workers' engine.js and lab.js, which stay as they are.
  const module = !['load.js', 'theme.js'].includes(name);
  const { code } = await minify(readFileSync(file, 'utf8'), { module, mangle: { reserved: ['__wbg_init'] } });
  writeFileSync(file, code);
}

// Style sheets without comments and indents; and with one space where there is one at least.
for (const name of readdirSync(dist).filter((name) => extname(name) === '.css')) {
  const file = join(dist, name);
  const short = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '').replace(/\s*\n\s*/g, ' ').replace(/([{};]) /g, '$1').replace(/ \{/g, '{').replace(/;\}/g, '}').trim();
  writeFileSync(file, short);
}

// The page without comments and indents.
writeFileSync(page, readFileSync(page, 'utf8').replace(/<!--[\s\S]*?-->/g, '').replace(/\n\s*/g, '\n'));

// Text as well: what a host sends compressed, the local server does too.
for (const name of readdirSync(dist)) {
  if (!['.css', '.html', '.js', '.json', '.svg'].includes(extname(name))) continue;
  const file = join(dist, name);
  writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}
