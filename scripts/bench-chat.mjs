import { runBench } from './lib/run-bench.mjs';

await runBench('test/bench/chat/main.ts');
