// What the visitor downloads, compressed with brotli, against the limits. Fails when one is passed.
//
//   node scripts/sizes.mjs dist
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const LIMITS = [
  // All that is fetched before the first interaction: the page and the recorded run that it opens with.
  { name: 'page', files: ['index.html', 'theme.js', 'load.js', 'start.js', 'style.css', 'icon.svg', 'app.js', 'app_bg.wasm', 'traces/norm-trap.trace'], limit: 300_000 },
  { name: 'rooms', files: ['rooms.js', 'rooms.css', 'rooms_bg.wasm'], limit: 380_000 },
  { name: 'engine', files: ['worker.js', 'engine.js', 'engine_bg.wasm'], limit: 1_200_000 },
  { name: 'lab', files: ['lab.js', 'lab_bg.wasm'], limit: 520_000 },
];

const dist = process.argv[2] ?? 'dist';
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } };
let failed = false;
for (const { name, files, limit } of LIMITS) {
  let sum = 0;
  for (const file of files) {
    const path = join(dist, file);
    if (!existsSync(path)) {
      console.error(`error: ${path} is missing`);
      failed = true;
      continue;
    }
    // The build leaves .br files of the large ones beside them.
    sum += existsSync(`${path}.br`) ? readFileSync(`${path}.br`).length : brotliCompressSync(readFileSync(path), quality).length;
  }
  const good = sum <= limit;
  failed ||= !good;
  console.log(`  ${name}: ${sum.toLocaleString('en')} bytes (brotli), ${good ? 'within' : 'OVER'} the limit of ${limit.toLocaleString('en')}`);
}
process.exit(failed ? 1 : 0);
