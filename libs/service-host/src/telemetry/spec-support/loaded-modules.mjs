// Prints which OpenTelemetry packages a telemetry without an endpoint has loaded, one a line.
import { registerHooks } from 'node:module';

const loaded = new Set();
registerHooks({
  load: (url, context, nextLoad) => {
    const name = /node_modules\/(@opentelemetry\/[^/]+)/.exec(url)?.[1];
    if (name !== undefined) loaded.add(name);
    return nextLoad(url, context);
  },
});

const { createTelemetry } = await import('../create-telemetry.ts');
const telemetry = await createTelemetry({ processName: 'test', otlpEndpoint: undefined });
await telemetry.inSpan('nothing', {}, async () => telemetry.prometheus());
await telemetry.close();
process.stdout.write([...loaded].join('\n'));
