export { quietTelemetry } from './quiet-telemetry.ts';
export { World, type UseCaseContext } from './world.ts';
