export { quietTelemetry } from './quiet-telemetry.ts';
export { RequestStory, type StoryOptions } from './request-story.ts';
export {
  ServiceOverHttp,
  type HttpAnswer,
  type ServiceOverHttpOptions,
  type Surroundings,
} from './service-over-http.ts';
export { World, type UseCaseContext } from './world.ts';
