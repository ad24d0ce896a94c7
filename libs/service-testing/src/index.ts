export { quietTelemetry } from './quiet-telemetry.ts';
export { RequestStory, type StoryOptions } from './request-story.ts';
export { World, type UseCaseContext } from './world.ts';
